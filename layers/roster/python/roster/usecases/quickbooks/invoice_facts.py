"""What an invoice is put into QuickBooks' terms by: looked up once in a run."""

from functools import cached_property

from roster.domain.customer import Customer
from roster.domain.invoice import Invoice
from roster.domain.sync.books import TheirItemType
from roster.domain.sync.invoices import Facts
from roster.domain.sync.items import services, why_no_service
from roster.domain.sync.others import ITEM, OtherLink
from roster.domain.sync.policy import SERVICE_ITEM, Policy
from roster.domain.sync.records import LinkKind, LinkStatus, fingerprint
from roster.domain.terms import Term, TermKind
from roster.usecases.joining import owners
from roster.usecases.quickbooks.money_calls import MoneyCall

_SERVICE = "ServiceItem"
_NOTHING = "0"


class FactFinder:
    """Facts for the invoices of one run."""

    def __init__(self, call: MoneyCall, policy: Policy) -> None:
        self._call, self._policy = call, policy
        self._items: dict[str, tuple[str | None, bool]] = {}

    def of(self, invoice: Invoice, there: str | None) -> Facts:
        """What is known of one invoice's items, taxes and terms; `there` is whom it is for."""
        for item_id in {line.item_id for line in invoice.lines if line.item_id}:
            if item_id not in self._items:
                self._items[item_id] = self._item(item_id)
        known = {item_id: their_id for item_id, (their_id, _) in self._items.items() if their_id}
        codes = {term.id: term.quickbooks for term in self._rates if term.quickbooks}
        nothing = (t.quickbooks for t in self._rates if t.quickbooks and t.value == _NOTHING)
        return Facts(
            customer_id=there,
            company=self._call.company,
            numbers=self._policy.invoice_numbers,
            service_id=self._service[0],
            no_service=self._service[1],
            items=known,
            untaxable=frozenset(i for i, (_, taxable) in self._items.items() if not taxable),
            codes=codes,
            no_tax_code=next(nothing, None),
            term_id=self._terms.get(invoice.payment_term_id or ""),
        )

    @cached_property
    def _rates(self) -> list[Term]:
        settings, tenant = self._call.ports.books.settings, self._call.run.tenant
        return sorted(settings.terms(tenant, TermKind.TAX_RATE), key=lambda term: term.id)

    @cached_property
    def _terms(self) -> dict[str, str]:
        settings, tenant = self._call.ports.books.settings, self._call.run.tenant
        terms = settings.terms(tenant, TermKind.PAYMENT_TERM)
        return {term.id: term.quickbooks for term in terms if term.quickbooks}

    def _item(self, item_id: str) -> tuple[str | None, bool]:
        ports, run = self._call.ports, self._call.run
        link = ports.links.by_ours(run.tenant, run.realm, ITEM, [item_id]).get(item_id)
        item = ports.books.items.get(run.tenant, item_id)
        # An item that is inactive there takes no new lines.
        usable = item is not None and item.active and link is not None and not link.gone
        there = link.quickbooks_id if usable and link else None
        return there, item.taxable if item else True

    def there(self, invoice: Invoice, customer: Customer) -> str | None:
        """QuickBooks' id of the job the work was for, else of the customer (S4.108)."""
        return self._job(invoice, customer) or self._linked(customer.quickbooks, customer, None)

    def _job(self, invoice: Invoice, customer: Customer) -> str | None:
        ports, run = self._call.ports, self._call.run
        if not invoice.project_id:
            return None
        group = owners(customer)
        project = ports.books.projects.get(run.tenant, group, invoice.project_id)
        if project is None or not project.location_id:
            return None
        place = ports.locations.get(run.tenant, group, project.location_id)
        return self._linked(place.quickbooks_id if place else None, customer, LinkKind.JOB)

    def _linked(
        self, quickbooks_id: str | None, customer: Customer, kind: LinkKind | None
    ) -> str | None:
        """The id if it is linked with the customer, or what it was merged into there."""
        ports, run = self._call.ports, self._call.run
        if not quickbooks_id:
            return None
        link = ports.customer_links.links(run.tenant, run.realm, [quickbooks_id]).get(quickbooks_id)
        if link is None or (kind is not None and link.kind is not kind):
            return None
        if link.status is LinkStatus.MERGED:
            return link.merged_into
        if link.status is not LinkStatus.LINKED or link.customer_id not in owners(customer):
            return None
        return link.quickbooks_id

    @cached_property
    def _service(self) -> tuple[str | None, str | None]:
        """QuickBooks' id of the item for what is none of ours, or why there is none."""
        call, name = self._call, self._policy.service_item
        ports, run = call.ports, call.run
        known = ports.links.by_ours(run.tenant, run.realm, _SERVICE, [name])
        link = known.get(name)
        if link is not None and link.quickbooks_id:
            return link.quickbooks_id, None
        found = [ports.wire.read_item(row) for row in call.matching(ITEM, "Name", name)]
        usable = services(found)
        if name != SERVICE_ITEM:
            # One that somebody named is never made up.
            if why := why_no_service(found, name):
                return None, why
            usable = [one for one in usable if one.income_account_id]
        theirs = usable[0].id if usable else self._new_service_item(taken=bool(found))
        if theirs is not None and not run.dry:
            link = OtherLink(entity=_SERVICE, our_id=name, quickbooks_id=theirs)
            ports.links.save(run.tenant, run.realm, link)
        return theirs, None

    def _new_service_item(self, *, taken: bool) -> str | None:
        call = self._call
        account = call.chart().first_income
        if account is None:
            return None
        name = f"{SERVICE_ITEM} (Roster)" if taken else SERVICE_ITEM
        if call.run.dry:
            return name
        body = call.ports.wire.new_item(
            {"name": name, "type": str(TheirItemType.SERVICE), "income_account": account}
        )
        request = fingerprint({"of": (call.run.tenant, call.run.realm, _SERVICE, name, account)})
        return call.ports.wire.read_item(call.write(ITEM, body, request_id=request)).id

    def forget_service_item(self) -> None:
        """QuickBooks knows something no more that an invoice named: look for the item anew."""
        run = self._call.run
        link = OtherLink(entity=_SERVICE, our_id=self._policy.service_item)
        self._call.ports.links.save(run.tenant, run.realm, link)
        self.__dict__.pop("_service", None)
