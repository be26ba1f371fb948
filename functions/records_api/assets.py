"""Equipment that customers own or have at their locations."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.records_api.asset_schemas import (
    AssetEntry,
    AssetHistory,
    AssetIn,
    AssetOut,
    AssetPage,
    AssetPatch,
    AssetRow,
)
from roster import bootstrap
from roster.bootstrap import parts, records
from roster.domain.asset import Asset, AssetStatus
from roster.domain.customer import Customer
from roster.runtime import conditional, cursors, idempotency
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases import assets as usecases
from roster.usecases import record_keeping as keeping
from roster.usecases.asset_ports import Relation

router = APIGatewayHttpRouter()
_ALL = "/v1/customers/<customer_id>/assets"
_ONE = f"{_ALL}/<asset_id>"


def _call(customer_id: str) -> usecases.Call:
    who = caller(router)
    return usecases.Call(
        tenant=who.tenant,
        customer_id=customer_id,
        actor=who.actor,
        customers=bootstrap.customers(),
        assets=records.assets(),
        locations=parts.locations(),
        clock=bootstrap.clock,
    )


def _living(assets: Iterable[Asset]) -> dict[str, Customer]:
    ids = {i for asset in assets for i in (asset.customer_id, asset.location_customer_id) if i}
    return keeping.living(caller(router).tenant, ids, bootstrap.customers())


def _answer(asset: Asset, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response[AssetOut]:
    body = AssetOut.shown(asset, _living([asset]))
    return conditional.tagged(body, asset.version, status, **headers)


def _keeps(
    type: str | None, status: AssetStatus | None, location_id: str | None
) -> Callable[[Asset], bool]:
    return lambda asset: (
        (type is None or (asset.type or "").casefold() == type.casefold())
        and status in (None, asset.status)
        and location_id in (None, asset.location_id)
    )


@router.get("/v1/assets", middlewares=VIEWER, tags=["assets"])
def all_assets(
    customer_id: Annotated[str | None, Query()] = None,
    type: Annotated[str | None, Query(max_length=60)] = None,
    status: Annotated[AssetStatus | None, Query()] = None,
    location_id: Annotated[str | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> AssetPage:
    """The company's assets, newest first; `customer_id` is their owner."""
    tenant = caller(router).tenant
    scope = ("assets", customer_id, type, status, location_id)
    page = keeping.across(
        tenant,
        [status] if status else list(AssetStatus),
        customer_id=customer_id,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        customers=bootstrap.customers(),
        records=records.assets(),
        keeps=_keeps(type, None, location_id),
    )
    living = _living(listed.record for listed in page.items)
    return AssetPage(
        data=[AssetRow.shown(listed.record, living) for listed in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.get(_ALL, middlewares=VIEWER, tags=["assets"])
def list_assets(
    customer_id: str,
    relation: Annotated[Relation, Query()] = Relation.ALL,
    type: Annotated[str | None, Query(max_length=60)] = None,
    status: Annotated[AssetStatus | None, Query()] = None,
    location_id: Annotated[str | None, Query()] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> AssetPage:
    """The assets a customer owns, those at its locations whoever owns them, or all; newest first.

    A page may be short, as at most 500 assets are looked at, and still carry `next_cursor`.
    """
    scope = ("assets", customer_id, relation, type, status, location_id)
    page = usecases.list_assets(
        _call(customer_id),
        relation,
        limit=limit,
        after=cursors.decode(cursor, *scope),
        keeps=_keeps(type, status, location_id),
    )
    living = _living(page.items)
    return AssetPage(
        data=[AssetRow.shown(asset, living) for asset in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=OFFICE, tags=["assets"], status_code=201)
def add_asset(customer_id: str, body: AssetIn) -> Response[AssetOut]:
    """Add an asset, owned by the customer unless `owner_id` names another."""
    call = _call(customer_id)
    key = idempotency.of_request(router, call.tenant)
    asset = usecases.add_asset(call, body.values(), request_key=key)
    path = f"/v1/customers/{asset.customer_id}/assets/{asset.id}"
    return _answer(asset, HTTPStatus.CREATED, Location=path)


@router.get(_ONE, middlewares=VIEWER, tags=["assets"])
def read_asset(customer_id: str, asset_id: str) -> Response[AssetOut]:
    """Read an asset that the customer owns or has at a location."""
    return _answer(usecases.read_asset(_call(customer_id), asset_id))


@router.patch(_ONE, middlewares=OFFICE, tags=["assets"])
def edit_asset(customer_id: str, asset_id: str, body: AssetPatch) -> Response[AssetOut]:
    """Edit or move an asset by merge patch. Needs If-Match.

    Another `owner_id` hands it over; another `location_id` moves it, null takes it from its place.
    """
    version = conditional.if_match(router)
    return _answer(
        usecases.change_asset(_call(customer_id), asset_id, body.values(), if_version=version)
    )


@router.delete(_ONE, middlewares=OFFICE, tags=["assets"], status_code=204)
def remove_asset(customer_id: str, asset_id: str) -> Response[Any]:
    """Remove an asset. Needs If-Match."""
    version = conditional.if_match(router)
    usecases.remove_asset(_call(customer_id), asset_id, if_version=version)
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)


@router.get(f"{_ONE}/history", middlewares=VIEWER, tags=["assets"])
def asset_history(
    customer_id: str,
    asset_id: str,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> AssetHistory:
    """What became of an asset: every change with old and new, who and when; newest first."""
    scope = ("asset history", asset_id)
    page = usecases.asset_changes(
        _call(customer_id), asset_id, limit=limit, after=cursors.decode(cursor, *scope)
    )
    return AssetHistory(
        data=[AssetEntry.of(change) for change in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )
