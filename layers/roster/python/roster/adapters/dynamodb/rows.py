"""A customer's list rows: one in the list of its status, the same one on each shelf it stands on.

Rows come into being in the transaction of the change, and go with it where the customer leaves
every list that is shown. Rows that it only moved away from are removed right after, and rows that
stay are brought up to date then: all of these are guarded by version, so that a late write undoes
nothing newer. The stream function finishes what a crash left undone.
"""

from roster.adapters.dynamodb import customer_items as items
from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer

type _Rows = dict[tuple[str, str], Item]


class ListRows:
    """The rows of customers, as one of them changes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def moves(self, before: Customer, after: Customer) -> list[Item]:
        """What of a change of rows belongs into its transaction."""
        old, new = _rows(before), _rows(after)
        moves = [self._table.put_action(row) for at, row in new.items() if at not in old]
        if after.status in items.UNLISTED:
            left = (row for at, row in old.items() if at not in new)
            moves += [self._table.delete_action(keys.of(row)) for row in left]
        return moves

    def settle(self, before: Customer, after: Customer) -> None:
        """What comes after the transaction: the rows that stay are refreshed, those left go."""
        old, new = _rows(before), _rows(after)
        for at, row in old.items():
            if at in new:
                self._refresh(new[at])
            elif after.status not in items.UNLISTED:
                self._remove(row, after.version)

    def refresh(self, customer: Customer) -> None:
        """Bring the rows up to this version; an older version never overwrites a newer."""
        for row in items.list_rows(customer):
            self._refresh(row)

    def mend(self, before: Customer, after: Customer, now: Customer) -> None:
        """Finish what `settle` may have left undone, some time after that change."""
        wanted = _rows(now)
        for at, row in (_rows(before) | _rows(after)).items():
            if at not in wanted:
                self._remove(row, now.version)
        for found in self._table.get_many(keys.of(row) for row in wanted.values()):
            if found["v"] < now.version:
                self._refresh(wanted[found["pk"], found["sk"]])

    def _refresh(self, row: Item) -> None:
        self._table.put(row, condition="attribute_exists(pk) AND v < :v", v=row["v"])

    def _remove(self, row: Item, version: int) -> None:
        # Somebody may have moved the customer back meanwhile: that row is newer.
        self._table.delete(keys.of(row), condition="v < :v", v=version)


def _rows(customer: Customer) -> _Rows:
    return {(row["pk"], row["sk"]): row for row in items.list_rows(customer)}
