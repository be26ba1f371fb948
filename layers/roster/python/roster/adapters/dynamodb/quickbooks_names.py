"""Who has which name in QuickBooks: customers, vendors and employees share one list of them."""

from collections.abc import Iterable, Mapping, Sequence

from roster.adapters.dynamodb import keys, quickbooks_keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.sync.books import TheirName
from roster.domain.sync.steps import NameHolder
from roster.domain.text import fold

# As much of a name as goes into a key.
_IN_KEY = 100


class DynamoNames:
    """Implements `quickbooks.ports.Names`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def save(self, tenant: str, realm: str, names: Iterable[TheirName]) -> None:
        """See `quickbooks.ports.Names.save`."""
        self._table.write_batch(_item(tenant, realm, name) for name in names)

    def list_again(self, tenant: str, realm: str, kind: str, names: Sequence[TheirName]) -> None:
        """See `quickbooks.ports.Names.list_again`: only what moved is written."""
        known = {_listed(tenant, realm, o)["sk"]: o for o in self.listed(tenant, realm, kind)}
        now = {_listed(tenant, realm, name)["sk"]: name for name in names}
        moved = [name for sk, name in now.items() if known.get(sk) != name]
        old = [name for sk, name in known.items() if now.get(sk) != name]
        gone = [name for sk, name in known.items() if sk not in now]
        puts = [_item(tenant, realm, name) for name in moved]
        written = {item["sk"] for item in puts}
        deletes = [key for name in old if (key := _key(tenant, realm, name))["sk"] not in written]
        # Names before the list: what dies in between is done again.
        self._table.write_batch(puts, deletes)
        self._table.write_batch(
            [{**_listed(tenant, realm, name), **_values(name)} for name in moved],
            [_listed(tenant, realm, name) for name in gone],
        )

    def listed(self, tenant: str, realm: str, kind: str) -> Sequence[TheirName]:
        """See `quickbooks.ports.Names.listed`."""
        pk = quickbooks_keys.listed(tenant, realm, kind, "")["pk"]
        return [_name(item) for item in self._table.query_all(pk, prefix=f"{kind}#")]

    def want(self, tenant: str, realm: str, wanted: Mapping[str, str]) -> None:
        """See `quickbooks.ports.Names.want`."""
        self._table.write_batch(
            {**_wanted(tenant, realm, name, i), "customer": i, "name": name}
            for i, name in wanted.items()
        )

    def wanting(self, tenant: str, realm: str, names: Iterable[str]) -> Mapping[str, str]:
        """See `quickbooks.ports.Names.wanting`: one query a name."""
        pk = quickbooks_keys.wanted(tenant, realm, "", "")["pk"]
        prefixes = {f"{fold(name)[:_IN_KEY]}#" for name in names}
        found = (i for p in sorted(prefixes) for i in self._table.query_all(pk, prefix=p))
        return {item["customer"]: item["name"] for item in found}

    def forget_wanted(self, tenant: str, realm: str, wanted: Mapping[str, str]) -> None:
        """See `quickbooks.ports.Names.forget_wanted`."""
        marks = [_wanted(tenant, realm, name, i) for i, name in wanted.items()]
        self._table.write_batch(deletes=marks)

    def holders(
        self, tenant: str, realm: str, names: Iterable[str]
    ) -> Mapping[str, tuple[NameHolder, ...]]:
        """See `quickbooks.ports.Names.holders`: one query a name."""
        found: dict[str, tuple[NameHolder, ...]] = {}
        for folded in sorted({fold(name) for name in names}):
            prefix = f"{folded[:_IN_KEY]}#"
            pk = quickbooks_keys.name(tenant, realm, "", "", "")["pk"]
            those = map(_name, self._table.query_all(pk, prefix=prefix))
            holders = [
                NameHolder(kind=one.entity, id=one.id, name=one.name, active=one.active)
                for one in those
                if fold(one.name) == folded
            ]
            if holders:
                found[folded] = tuple(holders)
        return found

    def forget(self, tenant: str, realm: str, names: Iterable[TheirName]) -> None:
        """See `quickbooks.ports.Names.forget`."""
        self._table.write_batch(deletes=[_key(tenant, realm, name) for name in names])


def _key(tenant: str, realm: str, name: TheirName) -> keys.Key:
    folded = fold(name.name)[:_IN_KEY]
    return quickbooks_keys.name(tenant, realm, folded, name.entity, name.id)


def _wanted(tenant: str, realm: str, name: str, customer_id: str) -> keys.Key:
    return quickbooks_keys.wanted(tenant, realm, fold(name)[:_IN_KEY], customer_id)


def _listed(tenant: str, realm: str, name: TheirName) -> keys.Key:
    return quickbooks_keys.listed(tenant, realm, name.entity, name.id)


def _values(name: TheirName) -> Item:
    return {"id": name.id, "kind": name.entity, "name": name.name, "active": name.active}


def _item(tenant: str, realm: str, name: TheirName) -> Item:
    return {**_key(tenant, realm, name), **_values(name)}


def _name(item: Item) -> TheirName:
    return TheirName(
        id=item["id"], entity=item["kind"], name=item["name"], active=bool(item["active"])
    )
