"""Products and services, which lines of quotes and invoices are filled from."""

from http import HTTPStatus
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from functions.settings_api.terms import TermFilter
from roster import bootstrap
from roster.bootstrap import sales
from roster.domain.item import Item, ItemKind, check_item
from roster.runtime import cursors, idempotency
from roster.runtime.callers import ADMIN, VIEWER, caller
from roster.usecases import items as usecases

router = APIGatewayHttpRouter()
_ALL = "/v1/items"
_ONE = f"{_ALL}/<item_id>"
_ACTIVE = {TermFilter.ACTIVE: True, TermFilter.ALL: None}

type Flag = Annotated[bool | None, Field(strict=True)]


class ItemPatch(BaseModel):
    """What may be set of a product or service; in a merge patch an absent field keeps.

    `unit_price` is in minor units of the company's currency.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: str | None = None
    sku: str | None = None
    description: str | None = None
    kind: ItemKind | None = None
    unit_price: Annotated[int | None, Field(strict=True)] = None
    taxable: Flag = None
    tax_rate_id: str | None = None
    income_account: str | None = None
    expense_account: str | None = None
    active: Flag = None

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name == "name" and not value:
            raise PydanticCustomError("required", "name cannot be empty")
        if value is not None and info.field_name:
            for error in check_item({info.field_name: value}):
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class ItemIn(ItemPatch):
    """A new product or service; a name is enough."""

    name: str


class ItemOut(BaseModel):
    """A product or service; an inactive one is not to be chosen any more."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    sku: str | None
    description: str | None
    kind: ItemKind
    unit_price: int
    taxable: bool
    tax_rate_id: str | None
    income_account: str | None
    expense_account: str | None
    active: bool

    @classmethod
    def of(cls, item: Item) -> Self:
        """The wire form of an item."""
        return cls.model_validate(item)


class ItemPage(BaseModel):
    """A page of items by name; `next_cursor` is null at the end."""

    data: list[ItemOut]
    next_cursor: str | None


@router.get(_ALL, middlewares=VIEWER, tags=["settings"])
def list_items(
    status: Annotated[TermFilter, Query()] = TermFilter.ACTIVE,
    q: Annotated[str | None, Query(max_length=100)] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ItemPage:
    """Products and services by name, those whose name begins as `q`; `status=all` for all."""
    scope = ("items", status, q)
    page = usecases.list_items(
        caller(router).tenant,
        active=_ACTIVE[status],
        name=q or "",
        limit=limit,
        after=cursors.decode(cursor, *scope),
        items=sales.items(),
    )
    return ItemPage(
        data=[ItemOut.of(item) for item in page.items],
        next_cursor=cursors.encode(page.next, *scope),
    )


@router.post(_ALL, middlewares=ADMIN, tags=["settings"], status_code=201)
def define_item(body: ItemIn) -> Response[ItemOut]:
    """Define a product or service; for administrators."""
    tenant = caller(router).tenant
    item = usecases.define_item(
        tenant,
        body.values(),
        items=sales.items(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
        request_key=idempotency.of_request(router, tenant),
    )
    return Response(
        status_code=int(HTTPStatus.CREATED),
        content_type="application/json",
        body=ItemOut.of(item),
        headers={"Location": f"{_ALL}/{item.id}"},
    )


@router.get(_ONE, middlewares=VIEWER, tags=["settings"])
def read_item(item_id: str) -> ItemOut:
    """Read a product or service, inactive or not."""
    return ItemOut.of(usecases.read_item(caller(router).tenant, item_id, items=sales.items()))


@router.patch(_ONE, middlewares=ADMIN, tags=["settings"])
def edit_item(item_id: str, body: ItemPatch) -> ItemOut:
    """Edit a product or service by merge patch; for administrators."""
    item = usecases.edit_item(
        caller(router).tenant,
        item_id,
        body.values(),
        items=sales.items(),
        settings=bootstrap.company_settings(),
    )
    return ItemOut.of(item)


@router.delete(_ONE, middlewares=ADMIN, tags=["settings"], status_code=204)
def delete_item(item_id: str) -> Response[Any]:
    """Delete a product or service. One that a quote or an invoice has named stays, as inactive."""
    usecases.delete_item(caller(router).tenant, item_id, items=sales.items())
    return Response(status_code=int(HTTPStatus.NO_CONTENT), body=None)
