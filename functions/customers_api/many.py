"""Many customers in one request: each item has its own result, and none waits for the others."""

from http import HTTPStatus
from typing import Annotated, Any

import orjson
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from functions.customers_api import new_customers
from functions.customers_api.schemas import CustomerIn, Strict, Tag
from roster import bootstrap
from roster.bootstrap import quickbooks, records
from roster.domain.customer_fields import check_fields
from roster.domain.errors import RosterError
from roster.runtime import idempotency, observability, problems
from roster.runtime.callers import OFFICE, Caller, caller
from roster.runtime.problems import Where
from roster.usecases import customers as usecases
from roster.usecases import many
from roster.usecases.many import BulkAction

router = APIGatewayHttpRouter()
MAX_ITEMS = 100
_MULTI_STATUS = int(HTTPStatus.MULTI_STATUS)
# Undone by the other of the two, so no confirmation is asked for.
_HARMLESS = (BulkAction.TAG, BulkAction.UNTAG)


class BatchIn(Strict):
    """Customers to create, each as `POST /v1/customers` takes it; each is judged by itself."""

    customers: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_ITEMS)]


class BulkIn(Strict):
    """What to do to which customers; all but tag and untag need `confirm`.

    A customer with open invoices, jobs or other open work is deleted with `confirm_open_work` only.
    """

    action: BulkAction
    ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(min_length=1, max_length=MAX_ITEMS),
    ]
    confirm: Annotated[bool, Field(validate_default=True)] = False
    confirm_open_work: bool = False
    tags: Annotated[list[Tag] | None, Field(validate_default=True)] = None

    @field_validator("ids", mode="after")
    @classmethod
    def _names_each_once(cls, ids: list[str]) -> list[str]:
        if len(set(ids)) < len(ids):
            raise PydanticCustomError("repeated", "each customer once")
        return ids

    @field_validator("confirm", "confirm_open_work", mode="before")
    @classmethod
    def _is_a_truth_value_itself(cls, value: Any) -> Any:
        """Python takes 1 for True; a confirmation is no place to guess."""
        if not isinstance(value, bool):
            raise PydanticCustomError("bool_type", "Input should be true or false")
        return value

    @field_validator("confirm", mode="after")
    @classmethod
    def _is_asked_for(cls, confirm: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic calls it
        if not confirm and info.data.get("action") not in _HARMLESS:
            raise PydanticCustomError("required", "this needs confirm: true")
        return confirm

    @field_validator("tags", mode="after")
    @classmethod
    def _fit_the_action(cls, tags: list[str] | None, info: ValidationInfo) -> list[str] | None:
        harmless = info.data.get("action") in _HARMLESS
        if harmless and not tags:
            raise PydanticCustomError("required", "tag and untag need tags")
        if not harmless and tags is not None:
            raise PydanticCustomError("unexpected", "only tag and untag take tags")
        for error in check_fields({"tags": tags}):
            raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return tags


class ItemResult(BaseModel):
    """What became of one item: a status as a request of its own would have got."""

    index: int
    status: int
    id: str | None = None
    problem: dict[str, Any] | None = None


class Results(BaseModel):
    """The results, one for each item and in its order."""

    results: list[ItemResult]


def _where() -> Where:
    event = router.current_event
    return Where(event.raw_path, event.request_context.request_id)


def _refused(index: int, refusal: Response[str], customer_id: str | None = None) -> ItemResult:
    return ItemResult(
        index=index,
        status=refusal.status_code,
        id=customer_id,
        problem=orjson.loads(refusal.body or "{}"),
    )


def _answer(results: list[ItemResult]) -> Response[Results]:
    return Response(
        status_code=_MULTI_STATUS, content_type="application/json", body=Results(results=results)
    )


@router.post(
    "/v1/customers/batch", middlewares=OFFICE, tags=["many at once"], status_code=_MULTI_STATUS
)
def create_customers(body: BatchIn) -> Response[Results]:
    """Create up to 100 customers. What is wrong with one does not keep the others out."""
    who = caller(router)
    results = [_created(who, i, values) for i, values in enumerate(body.customers)]
    made = sum(one.problem is None for one in results)
    if made:
        observability.count("CustomersCreated", made, source="manual")
    return _answer(results)


def _created(who: Caller, index: int, values: dict[str, Any]) -> ItemResult:
    try:
        given = CustomerIn.model_validate(values)
        customer = usecases.create_customer(
            who.tenant,
            given.values(),
            actor=who.actor,
            customers=bootstrap.customers(),
            settings=bootstrap.company_settings(),
            clock=bootstrap.clock,
            request_key=_request_key(who.tenant, index),
        )
    except ValidationError as broken:
        found = [{**e, "loc": ("body", *e["loc"])} for e in broken.errors()]
        also = new_customers.also_wrong(who, values, found)
        return _refused(index, problems.of_validation(found, where=_where(), also=also))
    except RosterError as refusal:
        return _refused(index, problems.of_refusal(refusal, where=_where()))
    return ItemResult(index=index, status=int(HTTPStatus.CREATED), id=customer.id)


def _request_key(tenant: str, index: int) -> str | None:
    """Each item's own key: a request that died half-way goes on where it was when sent again."""
    key = router.current_event.headers.get("idempotency-key")
    route = f"POST /v1/customers/batch {index}"
    return idempotency.request_key(tenant, route, key) if key else None


@router.post(
    "/v1/customers/bulk", middlewares=OFFICE, tags=["many at once"], status_code=_MULTI_STATUS
)
def change_customers(body: BulkIn) -> Response[Results]:
    """Deactivate, activate, delete, tag or untag up to 100 customers. A delete is for good."""
    who = caller(router)
    done = many.change_many(
        who.tenant,
        body.action,
        body.ids,
        tags=body.tags or (),
        leaves_open_work=body.confirm_open_work,
        actor=who.actor,
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        work=records.open_work(),
        tell_sync=quickbooks.tell_of_deletion,
        clock=bootstrap.clock,
    )
    return _answer([_changed(i, body.action, *one) for i, one in enumerate(done)])


def _changed(
    index: int, action: BulkAction, customer_id: str, refusal: RosterError | None
) -> ItemResult:
    if refusal is not None:
        return _refused(index, problems.of_refusal(refusal, where=_where()), customer_id)
    status = HTTPStatus.NO_CONTENT if action is BulkAction.DELETE else HTTPStatus.OK
    return ItemResult(index=index, status=int(status), id=customer_id)
