"""Assets: with their owner, on the shelf of their status, and in the partition of their place."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from pydantic import TypeAdapter

from roster.adapters.dynamodb import counts, first_places, keys, record_keys
from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.adapters.dynamodb.records import DynamoRecords, activity_item
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.asset import Asset, AssetChange
from roster.domain.errors import StaleVersion
from roster.usecases.asset_ports import AssetStep, Relation
from roster.usecases.narrowing import narrowed
from roster.usecases.ports import Page

_CHANGE = TypeAdapter(AssetChange)


class DynamoAssets(DynamoRecords[Asset]):
    """Assets in the business table; implements `asset_ports.Assets`."""

    def __init__(self, table: Table, customers: DynamoCustomers) -> None:
        super().__init__(table, Asset, row_omits=("notes",))
        self._customers = customers

    def placed(self, tenant: str, owners: Sequence[str], asset_id: str) -> Asset | None:
        """See `asset_ports.Assets.placed`; the row says whose it is."""
        rows = self._table.get_many(
            record_keys.placed_asset(tenant, one, asset_id) for one in owners
        )
        row = next(rows, None)
        return self.get(tenant, [row["owner"]], asset_id) if row else None

    def related(
        self,
        tenant: str,
        owners: Sequence[str],
        relation: Relation,
        *,
        limit: int,
        after: str | None,
        keeps: Callable[[Asset], bool],
    ) -> Page[Asset]:
        """One query a partition and relation, again where rows were left out, 500 at most."""
        return narrowed(
            lambda size, start: self._next(tenant, owners, relation, limit=size, after=start),
            keeps,
            lambda asset: asset.id,
            limit=limit,
            after=after,
            at_once=limit,
        )

    def _next(
        self,
        tenant: str,
        owners: Sequence[str],
        relation: Relation,
        *,
        limit: int,
        after: str | None,
    ) -> Page[Asset]:
        """The next assets, each once."""
        own = record_keys.records_prefix(self._family)
        prefixes = {
            Relation.OWNED: (own,),
            Relation.ON_LOCATION: (record_keys.PLACED_PREFIX,),
            Relation.ALL: (own, record_keys.PLACED_PREFIX),
        }[relation]
        found: dict[str, Asset] = {}
        ends: list[str] = []
        for owner in owners:
            for prefix in prefixes:
                rows, last = self._table.query(
                    keys.customer_partition(tenant, owner),
                    prefix=prefix,
                    after=prefix + after if after else None,
                    limit=limit,
                    forward=False,
                )
                read = map(self._record if prefix == own else self._from_row, rows)
                found |= {asset.id: asset for asset in read}
                if last is not None:
                    ends.append(last.removeprefix(prefix))
        newest_first = sorted(found.values(), key=lambda asset: asset.id, reverse=True)
        # What lies beyond the first of the ends was not read everywhere.
        edge = max(ends, default="")
        return Page([asset for asset in newest_first if asset.id >= edge], edge or None)

    def commit(self, step: AssetStep, *, request_key: str | None = None) -> Asset:
        """See `asset_ports.Assets.commit`."""
        asset = step.asset
        put = self._table.put_action
        actions = self.change_actions(step.before, step.after)
        placed = ((place.customer_id, place.location_id) for place in step.places)
        first_places.stand_alone(self._table, asset.tenant, placed)
        for head in step.heads:
            self._customers.write_ahead(head.before, head.after)
            actions += self._customers.change_actions(head.before, head.after, head.event)
        actions += [self.living_check(customer) for customer in step.living]
        actions += [counts.put_action(self._table, asset.tenant, one) for one in step.counts]
        actions += [
            self._table.update_action(
                keys.location(asset.tenant, place.customer_id, place.location_id),
                "ADD #assets :by",
                condition="attribute_exists(pk) AND attribute_not_exists(gone)",
                names={"#assets": "assets"},
                by=place.by,
            )
            for place in step.places
        ]
        actions.append(put(_change_item(asset, step.entry)))
        actions += [put(activity_item(told)) for told in step.told]
        if request_key:
            actions.append(self.request_action(asset, request_key))
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if request_key and refused.reasons[-1] == "ConditionalCheckFailed":
                first = self._first(asset.tenant, refused.items[-1] or {})
                if first is not None:
                    return first
            if "ConditionalCheckFailed" in refused.reasons or refused.is_conflict:
                detail = f"{asset.id} or one of its customers was changed by someone else"
                raise StaleVersion(detail) from refused
            raise
        for head in step.heads:
            self._customers.settle_rows(head.before, head.after)
        return asset

    def _first(self, tenant: str, mark: Item) -> Asset | None:
        """What an earlier attempt of the same request made, wherever it has moved to since."""
        entries = self.changes(tenant, mark["customer"], limit=1, after=None).items
        return self.get(tenant, [one.owner_id for one in entries], mark["customer"])

    def changes(
        self, tenant: str, asset_id: str, *, limit: int, after: str | None
    ) -> Page[AssetChange]:
        """One query, newest first."""
        rows, last = self._table.query(
            record_keys.asset_history_partition(tenant, asset_id),
            after=after,
            limit=limit,
            forward=False,
        )
        found = [_CHANGE.validate_python(orjson.loads(row["doc"])) for row in rows]
        return Page(found, last)

    def _items(self, record: Asset | None) -> dict[tuple[str, str], Item]:
        found = super()._items(record)
        if record is None or record.location_customer_id is None:
            return found
        row = next(item for (pk, _), item in found.items() if "#R#" in pk)
        key = record_keys.placed_asset(record.tenant, record.location_customer_id, record.id)
        return found | {(key["pk"], key["sk"]): {**row, **key}}


def _change_item(asset: Asset, entry: AssetChange) -> Item:
    values: dict[str, Any] = _CHANGE.dump_python(entry, mode="json", exclude_defaults=True)
    key = record_keys.asset_change(asset.tenant, asset.id, entry.version)
    return {**key, "doc": orjson.dumps(values).decode()}
