"""What to do before a first sync and in the weeks after it: backups, and tidying QuickBooks."""

from datetime import timedelta

from roster.domain.sync.policy import ItemsDirection
from roster.domain.sync.preflight.facts import Counted, Standing, Theirs
from roster.domain.sync.preflight.words import Check, Code, Result, counted, passed, unchecked

# A backup from before that misses what was entered since.
BACKUP_GOOD_FOR = timedelta(days=1)
_DAILY_FOR = timedelta(weeks=4)
_CONFIRM = (
    "Tell Roster when it was made: `backup_confirmed_at` with the settings"
    " (PUT /v1/quickbooks/settings)."
)
_BACKUP = (
    (
        "In QuickBooks Online choose Settings, then Back up company or Export data; in QuickBooks"
        " Desktop choose File, then Back Up Company."
    ),
    "Keep the copy where nobody syncs.",
    _CONFIRM,
)
_FIRST, _DAILY = "A backup before the first sync", "Daily backups in the first four weeks"


def has_fresh_backup(standing: Standing) -> bool:
    """Whether somebody has said that a backup was made within the last day."""
    at = standing.backup_at
    return at is not None and standing.now - at <= BACKUP_GOOD_FOR


def _told(standing: Standing) -> str:
    at = standing.backup_at
    return f"The last backup you told of was made on {at:%Y-%m-%d %H:%M} UTC" if at else ""


def backup(standing: Standing) -> Check:
    """S4.010: a copy of QuickBooks' data, confirmed by a person, before anything is written."""
    if standing.has_synced:
        return passed(Code.BACKUP, _FIRST, "The first sync is through.")
    if has_fresh_backup(standing):
        return passed(Code.BACKUP, _FIRST, f"{_told(standing)}.")
    old = f" {_told(standing)}, which is more than a day ago." if standing.backup_at else ""
    return Check(
        code=Code.BACKUP,
        result=Result.WARN,
        title="Back up QuickBooks before the first sync",
        detail="Nobody has told of a backup of QuickBooks' data made today." + old
        + " A sync writes to many records at once; the copy is your way back.",
        steps=_BACKUP,
    )  # fmt: skip


def daily_backups(standing: Standing) -> Check:
    """S4.011: a reminder a day in the first four weeks."""
    first = standing.connection.first_synced if standing.connection else None
    if not standing.has_synced:
        return passed(Code.DAILY_BACKUPS, _DAILY, "This begins with the first sync.")
    until = first + _DAILY_FOR if first else None
    if until is None or standing.now >= until:
        return passed(Code.DAILY_BACKUPS, _DAILY, "The first four weeks are over.")
    if has_fresh_backup(standing):
        return passed(Code.DAILY_BACKUPS, _DAILY, f"{_told(standing)}.")
    return Check(
        code=Code.DAILY_BACKUPS,
        result=Result.WARN,
        title="Back up QuickBooks today",
        detail=f"Until {until:%Y-%m-%d}, four weeks after the first sync, back up QuickBooks every"
        " day. Nobody has told of a backup within the last day.",
        steps=_BACKUP,
    )


def unwanted_customers(standing: Standing, theirs: Theirs) -> Check:
    """S4.012: what is not wanted here is made inactive in QuickBooks first."""
    steps = (
        (
            "In QuickBooks open Customers, choose one that you no longer work for, then Actions and"
            " Make inactive."
        ),
        "Or leave it there and say “don't import” in the mapping (GET /v1/quickbooks/mappings).",
    )
    pulls = standing.policy is None or standing.policy.mode.pulls
    return _unwanted(standing, theirs.customers, theirs.silence, Code.CUSTOMERS, "customer", steps,
                     comes=pulls)  # fmt: skip


def unwanted_items(standing: Standing, theirs: Theirs) -> Check:
    """S4.012: the same of products and services, where they come here at all."""
    steps = (
        (
            "In QuickBooks open Settings, then Products and services, choose one that you no longer"
            " sell, then Make inactive."
        ),
    )
    comes = standing.policy is None or standing.policy.items is ItemsDirection.QUICKBOOKS_TO_ROSTER
    return _unwanted(standing, theirs.items, theirs.silence, Code.ITEMS, "item", steps,
                     comes=comes)  # fmt: skip


def _unwanted(
    standing: Standing,
    there: Counted | None,
    silence: str,
    code: Code,
    noun: str,
    steps: tuple[str, ...],
    *,
    comes: bool,
) -> Check:
    title = f"{noun.capitalize()}s that are not wanted here"
    if not comes:
        return passed(code, title, f"No {noun} of QuickBooks comes here.")
    if there is None:
        return unchecked(code, title, silence)
    told = (
        f"QuickBooks has {counted(there.active, f'active {noun}')} and {there.inactive:,} inactive"
    )
    if standing.has_synced:
        return passed(code, title, f"{told}. The first sync is through.", count=there.active)
    with_inactive = standing.policy is not None and standing.policy.include_inactive
    coming = there.active + (there.inactive if with_inactive and noun == "customer" else 0)
    if not coming:
        return passed(code, title, f"{told}.", count=0)
    which = "all of them" if with_inactive and noun == "customer" else "the active ones"
    return Check(
        code=code,
        result=Result.WARN,
        title=f"Make {noun}s that you do not want inactive first",
        detail=f"{told}: everything that is active transfers, so the first sync brings {which}.",
        steps=steps,
        count=coming,
    )
