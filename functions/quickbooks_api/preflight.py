"""One call before a sync: whether it may start, and what to do first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from roster.bootstrap import quickbooks
from roster.domain.sync.preflight.words import Check, Code, Example, Option, Result, is_ready
from roster.runtime.callers import VIEWER, caller
from roster.usecases.quickbooks import preflight as usecases
from roster.usecases.quickbooks.preflight import Preflight

router = APIGatewayHttpRouter()


class PreflightCompanyOut(BaseModel):
    """The QuickBooks company; its name is null where QuickBooks could not be asked."""

    realm_id: str
    name: str | None


class PreflightExampleOut(BaseModel):
    """A record that a check is about, and `why` where that differs from record to record."""

    customer_id: str | None
    quickbooks_id: str | None
    name: str
    href: str | None
    why: str | None

    @classmethod
    def of(cls, one: Example) -> Self:
        """The wire form of an example."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class PreflightOptionOut(BaseModel):
    """One of the ways to go on; one that is not `allowed` yet says in its steps what is missing."""

    code: str
    title: str
    allowed: bool
    steps: Sequence[str]

    @classmethod
    def of(cls, one: Option) -> Self:
        """The wire form of an option."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class PreflightCheckOut(BaseModel):
    """What was looked at, what was found, and what to do; `count` is null where nothing counts."""

    code: Code
    result: Result
    title: str
    detail: str
    steps: Sequence[str]
    count: int | None
    examples: Sequence[PreflightExampleOut]
    options: Sequence[PreflightOptionOut]

    @classmethod
    def of(cls, check: Check) -> Self:
        """The wire form of a check."""
        return cls(
            code=check.code,
            result=check.result,
            title=check.title,
            detail=check.detail,
            steps=check.steps,
            count=check.count,
            examples=[PreflightExampleOut.of(one) for one in check.examples],
            options=[PreflightOptionOut.of(one) for one in check.options],
        )


class PreflightOut(BaseModel):
    """`ready` where no check has failed; always every check, in one order."""

    ready: bool
    checked_at: datetime
    company: PreflightCompanyOut | None
    checks: list[PreflightCheckOut]

    @classmethod
    def of(cls, found: Preflight) -> Self:
        """The wire form of a preflight."""
        company = None
        if found.realm is not None:
            company = PreflightCompanyOut(realm_id=found.realm, name=found.company)
        return cls(
            ready=is_ready(found.checks),
            checked_at=found.at,
            company=company,
            checks=[PreflightCheckOut.of(check) for check in found.checks],
        )


@router.get("/v1/quickbooks/preflight", middlewares=VIEWER, tags=["quickbooks"])
def preflight() -> PreflightOut:
    """Whether a sync may start, and what to do first; nothing is written, on either side.

    A failed check keeps a sync from starting or from doing anything, a warning does not. Without a
    connection, everything is checked that can be. At most 10,000 customers, 2,000 items and 500
    QuickBooks records are looked at, and each check says how many; QuickBooks is asked about a
    dozen questions, which it meters as reads.
    """
    found = usecases.preflight(
        caller(router).tenant, conflicts=quickbooks.conflicts(), ports=quickbooks.ports()
    )
    return PreflightOut.of(found)
