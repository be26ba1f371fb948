"""The mapping: which QuickBooks customer is which of ours, and what becomes of the others."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal, Self

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, ConfigDict, Field

from roster.bootstrap import quickbooks
from roster.domain.customer import Customer
from roster.domain.sync.policy import MappingOption
from roster.domain.sync.records import LinkKind
from roster.domain.sync.steps import Candidate
from roster.runtime import cursors
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases.quickbooks import mapping as usecases
from roster.usecases.quickbooks.decisions import Choice, Defaults
from roster.usecases.quickbooks.mapping import MappingPage, MappingRow, RowStatus, SavedMapping

router = APIGatewayHttpRouter()
_TAGS = ["quickbooks"]
_SCOPE = "quickbooks-mappings"
_CHOICES = tuple(MappingOption)


class ChoiceIn(BaseModel):
    """What is to become of a QuickBooks customer.

    `existing` takes the `customer_id`, `create` a `name` to be had here where it is not its own.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    option: MappingOption
    customer_id: Annotated[str | None, Field(min_length=1, max_length=60)] = None
    name: Annotated[str | None, Field(min_length=1, max_length=500)] = None


class DefaultIn(BaseModel):
    """What is to become of every QuickBooks customer that has no relationship."""

    model_config = ConfigDict(extra="forbid")

    option: MappingOption


class ChoiceOut(BaseModel):
    """A choice, and whose it is."""

    option: MappingOption
    customer_id: str | None
    name: str | None
    by: str
    at: datetime

    @classmethod
    def of(cls, choice: Choice) -> Self:
        """The wire form of a choice."""
        return cls(
            option=choice.option,
            customer_id=choice.customer_id,
            name=choice.name,
            by=choice.by,
            at=choice.at,
        )


class CandidateOut(BaseModel):
    """A customer that may be the record; `score` is in bits, the higher the surer."""

    customer_id: str
    closeness: str
    score: float
    reasons: list[str]

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        """The wire form of a candidate."""
        return cls(
            customer_id=candidate.customer_id,
            closeness=candidate.closeness,
            score=round(candidate.score, 1),
            reasons=list(candidate.reasons),
        )


class MappedOut(BaseModel):
    """The customer that the record is, or belongs to."""

    id: str
    display_name: str
    status: str

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """The wire form of a customer in the mapping."""
        return cls(id=customer.id, display_name=customer.display_name, status=customer.status)


class MappingRowOut(BaseModel):
    """One QuickBooks customer, job or project.

    `kind` is what it is there; a job goes with its parent's customer unless one is chosen for it.
    `option` is what saving would make of it, null where it keeps its customer or goes with its
    parent; `overrides` are the fields edited here that QuickBooks does not have.
    """

    quickbooks_id: str
    kind: Literal["customer", "job", "project"]
    status: RowStatus
    name: str
    full_name: str
    email: str | None
    phone: str | None
    active: bool
    parent_id: str | None
    merged_into: str | None
    customer: MappedOut | None
    options: list[MappingOption]
    option: MappingOption | None
    draft: ChoiceOut | None
    saved: ChoiceOut | None
    candidates: list[CandidateOut]
    overrides: list[str]
    reason: str | None

    @classmethod
    def of(cls, row: MappingRow) -> Self:
        """The wire form of a row."""
        link = row.link
        is_job = link.kind is LinkKind.JOB or link.parent_id is not None
        kind: Literal["customer", "job", "project"] = "job" if is_job else "customer"
        status = usecases.state_of(link)
        return cls(
            quickbooks_id=link.quickbooks_id,
            kind="project" if is_job and link.is_project else kind,
            status=status,
            name=link.name,
            full_name=link.full_name,
            email=link.base_theirs.get("email"),
            phone=link.base_theirs.get("phone"),
            active=link.active,
            parent_id=link.parent_id,
            merged_into=link.merged_into,
            customer=MappedOut.of(row.customer) if row.customer else None,
            options=_options(row),
            option=row.option,
            draft=ChoiceOut.of(row.draft) if row.draft else None,
            saved=ChoiceOut.of(row.saved) if row.saved else None,
            candidates=[CandidateOut.of(c) for c in row.candidates],
            overrides=list(row.overrides),
            reason=link.reason,
        )


def _options(row: MappingRow) -> list[MappingOption]:
    if usecases.state_of(row.link) == "merged":
        return []
    if row.link.kind is LinkKind.JOB:
        # Its customer is its parent's: it can get one of its own.
        return [one for one in _CHOICES if one is not MappingOption.DONT_IMPORT]
    return list(_CHOICES)


class MappingsPage(BaseModel):
    """A page of the mapping; `read_at` is when QuickBooks was last read, null before that."""

    data: list[MappingRowOut]
    next_cursor: str | None
    default_option: MappingOption
    default_draft: MappingOption | None
    read_at: datetime | None

    @classmethod
    def of(cls, found: MappingPage) -> Self:
        """The wire form of a page."""
        return cls(
            data=[MappingRowOut.of(row) for row in found.page.items],
            next_cursor=cursors.encode(found.page.next, _SCOPE),
            default_option=found.default,
            default_draft=found.default_draft,
            read_at=found.read_at,
        )


class DefaultOut(BaseModel):
    """The default that is not saved yet."""

    default_draft: MappingOption | None

    @classmethod
    def of(cls, defaults: Defaults) -> Self:
        """The wire form of the default."""
        return cls(default_draft=defaults.draft)


class SavedMappingOut(BaseModel):
    """How many rows' choices were saved, the default if it was, and the run that carries them out.

    Without a run there was nothing to do, or the run under way or the next one does it. While
    drafts are `left`, save again: one request saves so many as it has the time for, and with the
    last of them the default is saved and the run begins.
    """

    saved: int
    left: int
    default_option: MappingOption | None
    run_id: str | None

    @classmethod
    def of(cls, saved: SavedMapping) -> Self:
        """The wire form of what was saved."""
        run_id = saved.run.id if saved.run else None
        return cls(
            saved=saved.choices, left=saved.left, default_option=saved.default, run_id=run_id
        )


@router.get("/v1/quickbooks/mappings", middlewares=VIEWER, tags=_TAGS)
def list_mappings(
    status: Annotated[RowStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 25,
    cursor: cursors.Cursor = None,
) -> MappingsPage:
    """Every QuickBooks customer that a run has read, with its relationship and its choices.

    The first run reads them; while the settings' default_option is not `create`, it creates none.
    A page may be short and still have a next one. 409 before QuickBooks is connected.
    """
    found = usecases.mappings(
        caller(router).tenant,
        status=status,
        limit=limit,
        after=cursors.decode(cursor, _SCOPE),
        ports=quickbooks.ports(),
    )
    return MappingsPage.of(found)


@router.put("/v1/quickbooks/mappings/<qb_id>", middlewares=OFFICE, tags=_TAGS)
def choose(qb_id: str, body: ChoiceIn) -> MappingRowOut:
    """Draft what is to become of one; nothing happens before the mapping is saved.

    409 names the QuickBooks customer that the chosen one belongs to.
    """
    who = caller(router)
    row = usecases.choose(
        who.tenant,
        qb_id,
        option=body.option,
        customer_id=body.customer_id,
        name=body.name,
        by=who.user,
        ports=quickbooks.ports(),
    )
    return MappingRowOut.of(row)


@router.post("/v1/quickbooks/mappings/default", middlewares=OFFICE, tags=_TAGS)
def choose_default(body: DefaultIn) -> DefaultOut:
    """Draft one option for every row that has no relationship, in the place of its own draft.

    With `existing`, a row is linked where one customer alone has its name, and else left alone.
    """
    ports = quickbooks.ports()
    return DefaultOut.of(usecases.choose_default(caller(router).tenant, body.option, ports=ports))


@router.post("/v1/quickbooks/mappings/save", middlewares=OFFICE, tags=_TAGS)
def save() -> Response[SavedMappingOut]:
    """Save every draft, or none; a run creates, links and unlinks. Again, it does nothing more.

    Up to 2,000 are saved at once; of more, `left` says how many another call is to save.

    422 names every row that cannot be saved; 409 while the sync's mode is not chosen.
    """
    saved = usecases.save_mapping(caller(router).tenant, ports=quickbooks.ports())
    return Response(
        status_code=int(HTTPStatus.ACCEPTED),
        content_type="application/json",
        body=SavedMappingOut.of(saved),
    )
