"""Before a sync: one look at both books that writes nothing, and what is to be done first.

It costs what is read here up to stated bounds, and a dozen questions to QuickBooks. Somebody waits
for it, so QuickBooks is asked only for a while; what it was not asked, or did not answer, is told.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from roster.domain.sync.connection import why_closed
from roster.domain.sync.preflight.checks import all_checks
from roster.domain.sync.preflight.facts import Standing, Theirs
from roster.domain.sync.preflight.words import Check
from roster.usecases.quickbooks.conflicts import Conflicts
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.preflight_ours import our_side
from roster.usecases.quickbooks.preflight_theirs import their_side
from roster.usecases.quickbooks.questions import Questions


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """The checks, when they were made, and the company: its name where QuickBooks told it."""

    at: datetime
    realm: str | None
    company: str | None
    checks: tuple[Check, ...]


def preflight(tenant: str, *, conflicts: Conflicts, ports: QuickBooksPorts) -> Preflight:
    """Everything that can be checked now; also without a connection."""
    now = ports.clock()
    known = ports.connections.get(tenant)
    settings = ports.policies.get(tenant)
    standing = Standing(
        now=now,
        connection=replace(known, tokens=None) if known else None,
        policy=settings.policy,
        backup_at=settings.backup_at,
        run=ports.state.run(tenant, known.run) if known and known.run else None,
    )
    ours = our_side(tenant, standing, conflicts, ports)
    theirs = Theirs(silence=why_closed(known))
    if known is not None and known.is_open:
        theirs = their_side(Questions(tenant, known.realm, now, ports), standing)
    return Preflight(
        at=now,
        realm=known.realm if known else None,
        company=theirs.company.name if theirs.company else None,
        checks=all_checks(standing, ours, theirs),
    )
