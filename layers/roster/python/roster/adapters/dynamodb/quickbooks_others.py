"""Items, invoices and payments of QuickBooks and ours: each link found by either side's id."""

from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter

from roster.adapters.dynamodb import quickbooks_keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.sync.others import OtherLink

_LINK = TypeAdapter(OtherLink)
_OURS, _THEIRS = "ours", "theirs"


class DynamoOtherLinks:
    """Implements `quickbooks.money_ports.OtherLinks`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def by_ours(
        self, tenant: str, realm: str, entity: str, ids: Iterable[str]
    ) -> dict[str, OtherLink]:
        """Links by our id, strongly consistent."""
        return self._found(tenant, realm, entity, _OURS, ids)

    def by_theirs(
        self, tenant: str, realm: str, entity: str, ids: Iterable[str]
    ) -> dict[str, OtherLink]:
        """Links by QuickBooks id, strongly consistent."""
        return self._found(tenant, realm, entity, _THEIRS, ids)

    def _found(
        self, tenant: str, realm: str, entity: str, side: str, ids: Iterable[str]
    ) -> dict[str, OtherLink]:
        wanted = [quickbooks_keys.other(tenant, realm, entity, side, i) for i in dict.fromkeys(ids)]
        found = self._table.get_many(wanted)
        return {
            str(item["sk"]).partition("#")[2]: _LINK.validate_json(item["doc"]) for item in found
        }

    def all(
        self, tenant: str, realm: str, entity: str, *, by_theirs: bool = False
    ) -> Sequence[OtherLink]:
        """Every link of an entity that has an id of ours, or of theirs."""
        side = _THEIRS if by_theirs else _OURS
        key = quickbooks_keys.other(tenant, realm, entity, side, "")
        found = self._table.query_all(key["pk"], prefix=key["sk"])
        return [_LINK.validate_json(item["doc"]) for item in found]

    def save(self, tenant: str, realm: str, link: OtherLink) -> None:
        """Write a link under both its ids at once; the same link twice is one."""
        doc = _LINK.dump_json(link, exclude_defaults=True).decode()
        items: list[Item] = [
            {**quickbooks_keys.other(tenant, realm, link.entity, side, one), "doc": doc}
            for side, one in ((_OURS, link.our_id), (_THEIRS, link.quickbooks_id))
            if one
        ]
        self._table.transact([self._table.put_action(item) for item in items])

    def forget(self, tenant: str, realm: str, link: OtherLink) -> None:
        """Remove a link from under both its ids; gone already is gone."""
        sides = ((_OURS, link.our_id), (_THEIRS, link.quickbooks_id))
        self._table.write_batch(
            deletes=[
                quickbooks_keys.other(tenant, realm, link.entity, side, one)
                for side, one in sides
                if one
            ]
        )
