"""The conflict inbox: what was edited on both sides, who won and why, and the last word on it."""

from datetime import datetime
from typing import Annotated, Any, Self

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field

from roster.bootstrap import quickbooks
from roster.domain.customer_fields import MAX_ADDRESS_PART, MAX_LENGTH
from roster.domain.errors import FieldError, Invalid, NotFound
from roster.domain.location import ADDRESS_FIELDS, check_part
from roster.domain.sync.policy import Primary
from roster.domain.sync.records import ACTIVE, COMPARED
from roster.runtime import cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases.quickbooks import conflicts as usecases
from roster.usecases.quickbooks.conflicts import ConflictState, Entry, ResolvedMany, Take, Wanted

router = APIGatewayHttpRouter()
_TAGS = ["quickbooks"]
_PATH = "/v1/quickbooks/conflicts"
_SCOPE = "quickbooks-conflicts"
_AT_ONCE = 50


class ResolutionIn(BaseModel):
    """Whose value is to count on both sides, or which `value`: one of the two."""

    model_config = ConfigDict(extra="forbid")

    take: Take | None = None
    value: Any = None


class ResolveManyIn(BaseModel):
    """Which side is to count in all open conflicts of a `field` or with a `winner`."""

    model_config = ConfigDict(extra="forbid")

    take: Take
    field: Annotated[str | None, Field(max_length=60)] = None
    winner: Primary | None = None


class ResolutionOut(BaseModel):
    """What somebody chose; `take` is null where the value was typed."""

    take: Take | None
    value: Any
    by: str
    at: datetime


class ConflictOut(BaseModel):
    """A field that was edited on both sides: what was agreed on, what each had, who won and why."""

    id: str
    quickbooks_id: str
    customer_id: str | None
    name: str
    field: str
    base: Any
    ours: Any
    theirs: Any
    winner: Primary
    why: str
    run_id: str
    at: datetime
    state: ConflictState
    resolution: ResolutionOut | None

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The wire form of an entry."""
        conflict, found = entry.conflict, entry.resolution
        resolution = (
            ResolutionOut(take=found.take, value=found.value, by=found.by, at=found.at)
            if found
            else None
        )
        return cls(
            id=_id(entry),
            quickbooks_id=entry.quickbooks_id,
            customer_id=entry.customer_id,
            name=entry.name,
            field=entry.field,
            base=conflict.base,
            ours=conflict.ours,
            theirs=conflict.theirs,
            winner=conflict.winner,
            why=conflict.why,
            run_id=entry.run,
            at=entry.at,
            state=entry.state,
            resolution=resolution,
        )


class ConflictPage(BaseModel):
    """A page of conflicts, by QuickBooks id and field."""

    data: list[ConflictOut]
    next_cursor: str | None


class LeftOpenOut(BaseModel):
    """A conflict that could not be resolved, and why."""

    id: str
    reason: str


class ResolvedManyOut(BaseModel):
    """How many were resolved; with a `next_cursor` there is more: ask again with it."""

    resolved: int
    left: list[LeftOpenOut]
    next_cursor: str | None

    @classmethod
    def of(cls, done: ResolvedMany) -> Self:
        """The wire form."""
        left = [LeftOpenOut(id=_id(entry), reason=reason) for entry, reason in done.left]
        next_cursor = cursors.encode(done.next, _SCOPE)
        return cls(resolved=done.resolved, left=left, next_cursor=next_cursor)


def _id(entry: Entry) -> str:
    return f"{entry.quickbooks_id}.{entry.field}"


def _parts(conflict_id: str) -> tuple[str, str]:
    quickbooks_id, _, field = conflict_id.rpartition(".")
    if not quickbooks_id or field not in COMPARED:
        raise NotFound(f"there is no conflict {conflict_id}")
    return quickbooks_id, field


def _known(field: str | None, pointer: str) -> str | None:
    """`field` where conflicts can be of it, or None; raises Invalid."""
    if field is not None and field not in COMPARED:
        raise Invalid([FieldError(pointer, "enum", f"one of {', '.join(COMPARED)}")])
    return field


def _checked(field: str, body: ResolutionIn) -> None:
    """Raise Invalid where it is not one of the two, or a value of the wrong kind."""
    typed = "value" in body.model_fields_set
    errors = []
    if (body.take is None) != typed:
        detail = "choose a side or give a value, one of the two"
        errors.append(FieldError("/take", "one_of", detail))
    elif typed and field == ACTIVE and not isinstance(body.value, bool):
        errors.append(FieldError("/value", "type", "true for active, false for inactive"))
    elif typed and field == "billing_address" and body.value is not None:
        errors += _address_errors(body.value)
    elif typed and field not in (ACTIVE, "billing_address"):
        if body.value is not None and not isinstance(body.value, str):
            errors.append(FieldError("/value", "type", f"{field} is a text, or null"))
        elif body.value and len(body.value) > MAX_LENGTH[field]:
            detail = f"at most {MAX_LENGTH[field]} characters"
            errors.append(FieldError("/value", "too_long", detail))
    if errors:
        raise Invalid(errors)


def _address_errors(value: Any) -> list[FieldError]:
    if not isinstance(value, dict):
        return [FieldError("/value", "type", "an address is an object of its parts, or null")]
    errors = [
        FieldError(f"/value/{name}", "unknown_field", "an address has no such part")
        for name in value
        if name not in ADDRESS_FIELDS
    ]
    for name in ADDRESS_FIELDS:
        part = value.get(name)
        if part is not None and not isinstance(part, str):
            errors.append(FieldError(f"/value/{name}", "type", "a text, or null"))
        elif part and len(part) > MAX_ADDRESS_PART:
            detail = f"at most {MAX_ADDRESS_PART} characters"
            errors.append(FieldError(f"/value/{name}", "too_long", detail))
        elif part:
            broken = check_part(name, part)
            errors += [FieldError(f"/value/{name}", e.code, e.detail) for e in broken]
    return errors


@router.get(_PATH, middlewares=VIEWER, tags=_TAGS)
def list_conflicts(
    state: Annotated[ConflictState | None, Query()] = None,
    field: Annotated[str | None, Query(max_length=60)] = None,
    customer_id: Annotated[str | None, Query(max_length=60)] = None,
    limit: cursors.PageSize = 25,
    cursor: cursors.Cursor = None,
) -> ConflictPage:
    """What was edited on both sides; a page may be short and still have a next one."""
    page = usecases.conflicts_page(
        caller(router).tenant,
        Wanted(state=state, field=_known(field, "?field"), customer_id=customer_id),
        limit=limit,
        after=cursors.decode(cursor, _SCOPE),
        conflicts=quickbooks.conflicts(),
        ports=quickbooks.ports(),
    )
    return ConflictPage(
        data=[ConflictOut.of(entry) for entry in page.items],
        next_cursor=cursors.encode(page.next, _SCOPE),
    )


@router.post(f"{_PATH}/<conflict_id>/resolve", middlewares=OFFICE, tags=_TAGS)
def resolve(conflict_id: str, body: ResolutionIn) -> ConflictOut:
    """Set the field here, under the rules of any edit; it goes to QuickBooks with the next run.

    412 with the present values where the field was edited since the conflict.
    """
    quickbooks_id, field = _parts(conflict_id)
    _checked(field, body)
    who = caller(router)
    entry = usecases.resolve_conflict(
        who.tenant,
        quickbooks_id,
        field,
        take=body.take,
        value=body.value,
        actor=who.actor,
        conflicts=quickbooks.conflicts(),
        ports=quickbooks.ports(),
    )
    return ConflictOut.of(entry)


@router.post(f"{_PATH}/<conflict_id>/reopen", middlewares=OFFICE, tags=_TAGS)
def reopen(conflict_id: str) -> ConflictOut:
    """Have a resolved conflict looked at again; what was set stays."""
    quickbooks_id, field = _parts(conflict_id)
    entry = usecases.reopen_conflict(
        caller(router).tenant,
        quickbooks_id,
        field,
        conflicts=quickbooks.conflicts(),
        ports=quickbooks.ports(),
    )
    return ConflictOut.of(entry)


@router.post(f"{_PATH}/resolve", middlewares=OFFICE, tags=_TAGS)
def resolve_many(body: ResolveManyIn, cursor: cursors.Cursor = None) -> ResolvedManyOut:
    """Let one side count in every open conflict that fits, some at a time."""
    who = caller(router)
    done = usecases.resolve_many(
        who.tenant,
        body.take,
        Wanted(field=_known(body.field, "/field"), winner=body.winner),
        limit=_AT_ONCE,
        after=cursors.decode(cursor, _SCOPE),
        actor=who.actor,
        conflicts=quickbooks.conflicts(),
        ports=quickbooks.ports(),
    )
    return ResolvedManyOut.of(done)
