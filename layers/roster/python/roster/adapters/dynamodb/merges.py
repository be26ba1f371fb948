"""Merges: one item each, written in the transaction that changes both customers."""

import orjson

from roster.adapters.dynamodb import encoding, keys
from roster.adapters.dynamodb.backoff import pause
from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.adapters.dynamodb.standings import DynamoStandings
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.customer import Customer
from roster.domain.errors import StaleVersion
from roster.domain.merge import Merge
from roster.usecases.merging import Step

_ATTEMPTS = 8


class DynamoMerges:
    """Merges in the business table; implements `merging.Merges`."""

    def __init__(self, table: Table, customers: DynamoCustomers) -> None:
        self._table, self._customers = table, customers
        self._standings = DynamoStandings(table)

    def get(self, tenant: str, merge_id: str) -> Merge | None:
        """The merge, strongly consistent."""
        found = self._table.get(keys.merge(tenant, merge_id))
        if found is None:
            return None
        doc = orjson.loads(found["doc"])
        at = encoding.moment(doc.pop("at"))
        return Merge(id=merge_id, tenant=tenant, at=at, is_undone=found["undone"], **doc)

    def save(self, merge: Merge, steps: tuple[Step, Step]) -> None:
        """Write a merge that is new, or mark one that is not as undone; see `merging.Merges`."""
        key = keys.merge(merge.tenant, merge.id)
        undoes = steps[1].after.merged_into is None
        doc = {
            "survivor_id": merge.survivor_id,
            "loser_id": merge.loser_id,
            "survivor_event": merge.survivor_event,
            "loser_event": merge.loser_event,
            "at": encoding.milliseconds(merge.at),
        }
        item = {**key, "undone": undoes, "doc": encoding.dump(doc)}
        condition = "undone = :no" if undoes else "attribute_not_exists(pk)"
        values = {"no": False} if undoes else {}
        actions = [self._table.put_action(item, condition=condition, **values)]
        for step in steps:
            self._customers.write_ahead(step.before, step.after)
            actions += self._customers.change_actions(step.before, step.after, step.event)
        self._transact(actions, [step.after for step in steps])
        for step in steps:
            self._customers.settle_rows(step.before, step.after)

    def _transact(self, actions: list[Item], after: list[Customer]) -> None:
        """Write it with the two's places in the orders by money, which may move meanwhile."""
        for attempt in range(_ATTEMPTS):
            try:
                self._table.transact([*actions, *self._standings.regrouped(after)])
            except TransactionRefused as refused:
                failed = "ConditionalCheckFailed"
                own, money = refused.reasons[: len(actions)], refused.reasons[len(actions) :]
                if failed in money and failed not in own and attempt < _ATTEMPTS - 1:
                    pause(attempt)
                elif failed in refused.reasons or refused.is_conflict:
                    raise StaleVersion("one of the two was changed by someone else") from refused
                else:
                    raise
            else:
                return
