"""Whether a sync may start: the connection, its company, the mode, and a run under way."""

from roster.domain.sync.connection import (
    ConnectionStatus,
    RunStatus,
    why_closed,
)
from roster.domain.sync.policy import CHOOSE_MODE, Mode, Policy
from roster.domain.sync.preflight.facts import Standing, Theirs
from roster.domain.sync.preflight.words import Check, Code, Result, passed, unchecked

_SIGN_IN = (
    (
        "An administrator opens the QuickBooks settings and chooses Connect"
        " (POST /v1/quickbooks/connect)."
    ),
    "Sign in to QuickBooks as an administrator of the company and let Roster in.",
)
_MODES = {
    Mode.QUICKBOOKS_TO_ROSTER: "QuickBooks leads: changes come here, and none goes back.",
    Mode.ROSTER_TO_QUICKBOOKS: "Roster leads: changes go to QuickBooks, and none comes back.",
    Mode.TWO_WAY: "Changes go both ways; the newer one of two wins.",
}


def connection(standing: Standing, theirs: Theirs) -> Check:
    """Whether QuickBooks can be reached with the sign-in that was given."""
    known = standing.connection
    if known is None or not known.is_open:
        needs_again = known is not None and known.status is ConnectionStatus.NEEDS_RECONNECT
        return Check(
            code=Code.CONNECTION,
            result=Result.FAIL,
            title="Sign in to QuickBooks again" if needs_again else "QuickBooks is not connected",
            detail=f"Nothing can be synced: {why_closed(known)}.",
            steps=_SIGN_IN,
        )
    if theirs.refused:
        return Check(
            code=Code.CONNECTION,
            result=Result.FAIL,
            title="Sign in to QuickBooks again",
            detail=f"QuickBooks does not let Roster in: {theirs.silence}.",
            steps=_SIGN_IN,
        )
    if theirs.company is None:
        return Check(
            code=Code.CONNECTION,
            result=Result.WARN,
            title="QuickBooks does not answer",
            detail=f"Roster is connected, but cannot reach QuickBooks now: {theirs.silence}."
            " A sync that is started waits until it can.",
            steps=("Ask for the preflight again in a few minutes.",),
        )
    return passed(Code.CONNECTION, "QuickBooks is connected", "Roster can reach QuickBooks.")


def company(standing: Standing, theirs: Theirs) -> Check:
    """Whether it is the company whose customers are linked here (S4.008, S4.009)."""
    known = standing.connection
    if known is None:
        return unchecked(Code.COMPANY, "The QuickBooks company", why_closed(None))
    name = f"“{theirs.company.name}” ({known.realm})" if theirs.company else known.realm
    if known.refused_realm:
        return Check(
            code=Code.COMPANY,
            result=Result.WARN,
            title="Another QuickBooks company was refused",
            detail=f"Customers here are linked to company {name}. Somebody tried to connect"
            f" {known.refused_realm}, which is another one: syncing it would create every customer"
            " a second time, so it was not connected.",
            steps=(
                f"Connect again and choose the company {name}.",
                "To sync another company, use another Roster account.",
            ),
        )
    return passed(
        Code.COMPANY,
        "The company is the one that was connected first",
        f"Customers here belong to QuickBooks company {name}; no other can be connected.",
    )


def subscription(standing: Standing, theirs: Theirs) -> Check:
    """Whether QuickBooks takes anything from us."""
    told = theirs.silence
    if theirs.company is not None:
        told = f"its subscription is {(theirs.company.subscription or 'unknown').lower()}"
    elif not theirs.ended:
        return unchecked(Code.SUBSCRIPTION, "The QuickBooks subscription", theirs.silence)
    if theirs.company is not None and not theirs.company.is_ended:
        return passed(
            Code.SUBSCRIPTION, "The subscription is in force", "QuickBooks can be written to."
        )
    pulls_only = standing.policy is not None and not standing.policy.mode.pushes
    return Check(
        code=Code.SUBSCRIPTION,
        result=Result.WARN if pulls_only else Result.FAIL,
        title="The QuickBooks subscription has ended",
        detail=f"QuickBooks takes nothing new any more: {told}.",
        steps=(("Renew the subscription in QuickBooks: Settings, then Account and settings, then"
               " Billing & subscription."),),
    )  # fmt: skip


def mode(policy: Policy | None) -> Check:
    """Whether somebody has chosen which way the sync goes (S4.056)."""
    if policy is not None:
        return passed(Code.MODE, "The direction is chosen", _MODES[policy.mode])
    return Check(
        code=Code.MODE,
        result=Result.FAIL,
        title="Nobody has chosen which way the sync goes",
        detail=f"A sync cannot start before that: {CHOOSE_MODE}.",
        steps=(
            "Decide which system leads: QuickBooks, Roster, or both.",
            "An administrator chooses it in the QuickBooks settings (PUT /v1/quickbooks/settings).",
        ),
    )


def run(standing: Standing) -> Check:
    """Whether a sync is under way, beside which no other can start."""
    known, under_way = standing.connection, standing.run
    if known is None or known.run is None:
        return passed(Code.RUN, "No sync is under way", "A sync can be started now.")
    detail = f"The sync {known.run} is at work; another can start when it is through."
    if under_way is not None and under_way.status is RunStatus.PAUSED:
        until = f" until {under_way.not_before:%Y-%m-%d %H:%M} UTC" if under_way.not_before else ""
        detail = f"The sync {known.run} waits{until}: {under_way.reason or 'QuickBooks is busy'}."
    return Check(
        code=Code.RUN,
        result=Result.FAIL,
        title="A sync is under way",
        detail=detail,
        steps=(f"Follow it, and wait for its end: GET /v1/quickbooks/runs/{known.run}.",),
    )
