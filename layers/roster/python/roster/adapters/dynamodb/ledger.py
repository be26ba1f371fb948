"""The ledger: every movement of money is one transaction, standings and orders included."""

from collections.abc import Mapping, Sequence

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.backoff import pause
from roster.adapters.dynamodb.records import DynamoRecords, activity_item
from roster.adapters.dynamodb.standings import DynamoStandings
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain import standing as rules
from roster.domain.customer import Customer
from roster.domain.errors import StaleVersion
from roster.domain.invoice import Invoice
from roster.domain.payment import Payment
from roster.domain.quote import Quote
from roster.domain.standing import Standing
from roster.usecases.joining import owners
from roster.usecases.ledger_ports import Earlier, Posting

_LIVING = "v = :v AND #status IN (:active, :inactive)"


class DynamoLedger:
    """Money in the business table; implements `ledger_ports.Ledger`."""

    def __init__(
        self,
        table: Table,
        invoices: DynamoRecords[Invoice],
        payments: DynamoRecords[Payment],
        quotes: DynamoRecords[Quote],
    ) -> None:
        self._table, self._invoices, self._payments = table, invoices, payments
        self._quotes = quotes
        self._standings = DynamoStandings(table)

    def standings(self, tenant: str, owners: Sequence[str]) -> Mapping[str, Standing]:
        """See `ledger_ports.Ledger.standings`."""
        return {i: held.standing for i, held in self._standings.read(tenant, owners).items()}

    def post(self, posting: Posting, *, request_key: str | None = None) -> Earlier | None:
        """See `ledger_ports.Ledger.post`.

        Customers are checked by version: whoever edits or merges one meanwhile makes this try
        again, so that no place in an order is worked out for a group that has changed.
        """
        groups = (posting.customer, *posting.others)
        tenant = posting.customer.tenant
        held = self._standings.read(tenant, dict.fromkeys(i for g in groups for i in owners(g)))
        after = {i: one.standing for i, one in held.items()}
        actions: list[Item] = []
        for was, now in posting.payments:
            actions += self._payments.change_actions(was, now)
            own = after.get(now.customer_id, Standing())
            after[now.customer_id] = rules.after_payment(own, was, now)
        for before, invoice in posting.invoices:
            actions += self._invoices.change_actions(before, invoice)
            own = after.get(invoice.customer_id, Standing())
            after[invoice.customer_id] = rules.after_invoice(own, before, invoice, posting.today)
        for quote, converted in posting.quotes:
            actions += self._quotes.change_actions(quote, converted)
        for group in groups:
            actions += self._standings.moves(group, held, after)
        actions.append(self._check(posting.customer, _LIVING, active="active", inactive="inactive"))
        actions += [self._check(other, "v = :v") for other in posting.others]
        actions += [self._table.put_action(activity_item(told)) for told in posting.activities]
        if request_key:
            actions.append(self._mark(posting, request_key))
        return self._written(actions, marked=request_key is not None)

    def _check(self, customer: Customer, condition: str, **values: str) -> Item:
        return self._table.check_action(
            keys.customer(customer.tenant, customer.id),
            condition,
            names={"#status": "status"} if "#status" in condition else None,
            v=customer.version,
            **values,
        )

    def _mark(self, posting: Posting, request_key: str) -> Item:
        """The mark of the record that the request makes: the payment's, else the invoice's."""
        if posting.payments:
            return self._payments.request_action(posting.payments[0][1], request_key)
        return self._invoices.request_action(posting.invoices[0][1], request_key)

    def _written(self, actions: list[Item], *, marked: bool) -> Earlier | None:
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if marked and refused.reasons[-1] == "ConditionalCheckFailed":
                mark = refused.items[-1] or {}
                return Earlier(mark["owner"], mark["customer"])
            if "ConditionalCheckFailed" in refused.reasons or refused.is_conflict:
                # Whoever was refused is about to try again; not all of them at once.
                pause(0)
                raise StaleVersion("money of this customer moved meanwhile") from refused
            raise
        return None
