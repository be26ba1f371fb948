"""Standings of customers, one item each, and their places in the orders by money.

A place in an order is the living customer's, by the sums of all that were merged into it. Its
standing remembers which places stand, and every change below it moves its version: so the sums of
several standings are never taken from different moments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from pydantic import TypeAdapter

from roster.adapters.dynamodb import keys, record_keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status
from roster.domain.standing import Standing
from roster.usecases.joining import owners

_ABSENT = "attribute_not_exists(pk)"
_LIVING = (Status.ACTIVE, Status.INACTIVE)
_STANDING = TypeAdapter(Standing)
# Wide enough for any sum that a standing may come to.
_DIGITS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A standing as stored; `places` are the sums under which its customer stands in the orders."""

    version: int = 0
    standing: Standing = field(default_factory=Standing)
    places: Mapping[str, int] = field(default_factory=dict)


class DynamoStandings:
    """Standings in the business table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, tenant: str, ids: Iterable[str]) -> dict[str, Held]:
        """Those that exist, by owner: a request unit each."""
        wanted = [record_keys.standing(tenant, owner) for owner in ids]
        if len(wanted) == 1:
            one = self._table.get(wanted[0])
            found = [one] if one else []
        else:
            found = list(self._table.get_many(wanted))
        return {keys.customer_of(item["pk"]): held_from(item) for item in found}

    def moves(
        self, customer: Customer, held: Mapping[str, Held], after: Mapping[str, Standing]
    ) -> list[Item]:
        """Parts of a transaction: the owners' standings that moved, and the customer's places."""
        ids = owners(customer)
        changed = [i for i in ids if i in after and after[i] != _of(held, i).standing]
        if not changed:
            return []
        sums = [after[i] if i in after else _of(held, i).standing for i in ids]
        places = _places(sums) if customer.status in _LIVING else {}
        actions = [
            self._put(customer.tenant, owner, _of(held, owner), after[owner], {})
            for owner in changed
            if owner != customer.id
        ]
        own = _of(held, customer.id)
        standing = after.get(customer.id, own.standing)
        actions.append(self._put(customer.tenant, customer.id, own, standing, places))
        return actions + self._reordered(customer, own.places, places)

    def regrouped(self, customers: Sequence[Customer]) -> list[Item]:
        """Parts of a transaction that merges, parts or deletes `customers`, given as they will be.

        It holds only if no money moved meanwhile.
        """
        tenant = customers[0].tenant
        held = self.read(tenant, {i for customer in customers for i in owners(customer)})
        actions: list[Item] = []
        for customer in customers:
            own = _of(held, customer.id)
            living = customer.status in _LIVING
            sums = [_of(held, i).standing for i in owners(customer)] if living else []
            places = _places(sums)
            if places == own.places:
                key = record_keys.standing(tenant, customer.id)
                if own.version:
                    actions.append(self._table.check_action(key, "v = :v", v=own.version))
                else:
                    actions.append(self._table.check_action(key, _ABSENT))
                continue
            actions.append(self._put(tenant, customer.id, own, own.standing, places))
            actions += self._reordered(customer, own.places, places)
        return actions

    def _put(
        self, tenant: str, owner: str, held: Held, standing: Standing, places: Mapping[str, int]
    ) -> Item:
        doc = _STANDING.dump_python(standing, mode="json", exclude_defaults=True)
        item = {
            **record_keys.standing(tenant, owner),
            "v": held.version + 1,
            "places": dict(places),
            "doc": orjson.dumps(doc).decode(),
        }
        if not held.version:
            return self._table.put_action(item, condition=_ABSENT)
        return self._table.put_action(item, condition="v = :v", v=held.version)

    def _reordered(
        self, customer: Customer, old: Mapping[str, int], new: Mapping[str, int]
    ) -> list[Item]:
        gone = [_place(customer, *place) for place in old.items() - new.items()]
        come = [_place(customer, *place) for place in new.items() - old.items()]
        return [
            *(self._table.delete_action(key) for key in gone),
            *(self._table.put_action({**key}) for key in come),
        ]


def _of(held: Mapping[str, Held], owner: str) -> Held:
    return held.get(owner) or Held()


def _places(sums: Sequence[Standing]) -> dict[str, int]:
    """The sums by which a customer is ordered; one who owes nothing has no place among debtors."""
    amounts = {
        keys.OUTSTANDING_ORDER: sum(standing.outstanding for standing in sums),
        keys.REVENUE_ORDER: sum(standing.received for standing in sums),
    }
    return {order: amount for order, amount in amounts.items() if amount > 0}


def _place(customer: Customer, order: str, amount: int) -> keys.Key:
    return keys.order_entry(customer.tenant, order, f"{amount:0{_DIGITS}d}", customer.id)


def held_from(item: Item) -> Held:
    """A standing back from its item."""
    standing = _STANDING.validate_python(orjson.loads(item["doc"]))
    return Held(version=item["v"], standing=standing, places=item["places"])
