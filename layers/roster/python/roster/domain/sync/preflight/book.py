"""What our own book would be refused for: names, accounts; and what still waits for a person."""

from collections.abc import Mapping, Sequence

from roster.domain.sync.books import TheirName
from roster.domain.sync.choosing import lock_on
from roster.domain.sync.policy import ItemsDirection, Mode, Policy
from roster.domain.sync.preflight.facts import Looked, Names, Ours, Standing, Theirs
from roster.domain.sync.preflight.words import (
    Check,
    Code,
    Example,
    Result,
    counted,
    passed,
    some,
    unchecked,
)
from roster.domain.terms import TermKind
from roster.domain.text import fold

_CHANGE_NAME = "Change the name here (PATCH /v1/customers/{id}), then sync."
_NO_NAME_GOES = "QuickBooks leads, so no name goes there."


def _pushes(policy: Policy | None) -> bool:
    """A mode that is not chosen yet may be any."""
    return policy is None or policy.mode.pushes


def _among(at: int, noun: str, *, whole: bool) -> str:
    return f"of {counted(at, noun)}" if whole else f"of the first {counted(at, noun)} looked at"


def names_refused(standing: Standing, names: Names) -> Check:
    """C17, A-26: what cannot be a name in QuickBooks, before it is found out one by one."""
    title = "Names that QuickBooks takes"
    if not _pushes(standing.policy):
        return passed(Code.NAMES_REFUSED, title, _NO_NAME_GOES)
    among = _among(names.at, "customer", whole=names.whole)
    if not names.refused:
        detail = f"QuickBooks takes the names {among}."
        return passed(Code.NAMES_REFUSED, title, detail, count=0)
    return Check(
        code=Code.NAMES_REFUSED,
        result=Result.WARN,
        title="QuickBooks does not take some names",
        detail=f"{len(names.refused):,} {among}: a name in QuickBooks can have no colon, tab, line"
        " break or double quote. The sync leaves these customers out and goes on.",
        steps=("Take the sign out of the name.", _CHANGE_NAME),
        count=len(names.refused),
        examples=some(names.refused),
    )


def names_shortened(standing: Standing, names: Names) -> Check:
    """Names that arrive in QuickBooks without their end."""
    title = "Names that fit"
    if not _pushes(standing.policy):
        return passed(Code.NAMES_SHORTENED, title, _NO_NAME_GOES)
    among = _among(names.at, "customer", whole=names.whole)
    if not names.shortened:
        detail = f"The names {among} fit into QuickBooks."
        return passed(Code.NAMES_SHORTENED, title, detail, count=0)
    return Check(
        code=Code.NAMES_SHORTENED,
        result=Result.WARN,
        title="Some names are longer than QuickBooks'",
        detail=f"{len(names.shortened):,} {among}: company, first and last names have at most 100"
        " characters there. They are sent without their end; here they stay whole.",
        steps=("Shorten the name here if it should read the same on both sides.",),
        count=len(names.shortened),
        examples=some(names.shortened),
    )


def names_twice(standing: Standing, names: Names) -> Check:
    """S4.050, S4.051, S4.054: names that two customers here have."""
    among = _among(names.at, "customer", whole=names.whole)
    count = sum(map(len, names.twice))
    if not count:
        detail = f"No name {among} is there twice."
        return passed(Code.NAMES_TWICE, "Names that are there once", detail, count=0)
    became = "only the first of two with one name reaches QuickBooks; the other is skipped and"
    became += " stands in the report"
    if standing.policy is not None and not standing.policy.mode.pushes:
        became = "a QuickBooks customer of such a name is neither added nor merged, and waits in"
        became += " the mapping"
    return Check(
        code=Code.NAMES_TWICE,
        result=Result.WARN,
        title="Some names are there twice",
        detail=f"{counted(len(names.twice), 'name')} for {count:,} {among}: {became}.",
        steps=(
            "Review them: GET /v1/duplicates, after POST /v1/duplicates/scan.",
            "Merge two that are one customer (POST /v1/customers/{id}/merge).",
            "Give two that are not one names that differ.",
        ),
        count=count,
        examples=some([one for group in names.twice for one in group]),
    )


def names_taken(standing: Standing, names: Names, theirs: Theirs) -> Check:
    """Names of ours that a vendor or an employee has in QuickBooks, where names are shared."""
    title = "Names that vendors and employees have"
    if not _pushes(standing.policy):
        return passed(Code.NAMES_TAKEN, title, _NO_NAME_GOES)
    if theirs.holders is None:
        return unchecked(Code.NAMES_TAKEN, title, theirs.silence)
    taken = _taken(names.free, theirs.holders.found)
    looked = counted(theirs.holders.at, "vendor or employee", "vendors and employees")
    among = f"{looked}{'' if theirs.holders.whole else ' (the first)'}"
    if not taken:
        detail = f"None of {among} in QuickBooks has the name of a customer here."
        return passed(Code.NAMES_TAKEN, title, detail, count=0)
    return Check(
        code=Code.NAMES_TAKEN,
        result=Result.WARN,
        title="Vendors or employees have the names of customers",
        detail=f"{counted(len(taken), 'customer')} here cannot go to QuickBooks, where customers,"
        f" vendors and employees share their names ({among} looked at). The sync leaves them out.",
        steps=("Change one of the two names, here or in QuickBooks, then sync.",),
        count=len(taken),
        examples=some(taken),
    )


def _taken(free: Mapping[str, Example], holders: Sequence[TheirName]) -> list[Example]:
    found: dict[str, Example] = {}
    for holder in holders:
        ours = free.get(fold(holder.name))
        if ours is not None and ours.customer_id not in found:
            found[ours.customer_id or ""] = Example(
                name=ours.name, customer_id=ours.customer_id, quickbooks_id=holder.id,
                href=ours.href, why=f"is the name of {holder.entity} {holder.id} in QuickBooks",
            )  # fmt: skip
    return sorted(found.values(), key=lambda one: (fold(one.name), one.customer_id or ""))


def accounts(standing: Standing, ours: Ours, theirs: Theirs) -> Check:
    """S4.099: items that no sync carries, because an account is missing."""
    title = "Items have their accounts"
    direction = standing.policy.items if standing.policy else ItemsDirection.NONE
    if direction is ItemsDirection.NONE:
        return passed(Code.ACCOUNTS, title, "Items are not synced.")
    inwards = direction is ItemsDirection.QUICKBOOKS_TO_ROSTER
    looked = theirs.without_accounts if inwards else ours.items
    if looked is None:
        return unchecked(Code.ACCOUNTS, title, theirs.silence)
    where = "in QuickBooks" if inwards else "here"
    among = f"{_among(looked.at, 'active item', whole=looked.whole)} {where}"
    if not looked.found:
        return passed(Code.ACCOUNTS, title, f"None {among} lacks an account.", count=0)
    step = "In QuickBooks open the item (Settings, then Products and services) and choose both."
    if not inwards:
        step = "Name both accounts of the item as QuickBooks calls them (PATCH /v1/items/{id})."
    return Check(
        code=Code.ACCOUNTS,
        result=Result.WARN,
        title="Some items lack an account",
        detail=f"{len(looked.found):,} {among}: an item without income and expense accounts is not"
        " synced.",
        steps=(step,),
        count=len(looked.found),
        examples=some(looked.found),
    )


def terms(standing: Standing) -> Check:
    """S4.064–S4.080 in short: what the mode locks here."""
    title = "Tax rates and payment terms"
    policy = standing.policy
    if policy is None:
        return unchecked(Code.TERMS, title, "nobody has chosen which way the sync goes")
    locks = [text for kind in TermKind if (text := lock_on(policy, kind))]
    if not locks:
        leads = policy.mode is Mode.ROSTER_TO_QUICKBOOKS
        detail = "They are added, edited and deleted here; " + (
            "a customer's values go along to QuickBooks." if leads else "none comes along."
        )
        return passed(Code.TERMS, title, detail)
    if standing.has_synced:
        return passed(Code.TERMS, title, " ".join(locks))
    return Check(
        code=Code.TERMS,
        result=Result.WARN,
        title="Tax rates or payment terms are locked here",
        detail=" ".join(locks),
        steps=("Set them up in QuickBooks before the first sync; they come with it.",),
    )


def undecided(ours: Ours) -> Check:
    """Records of QuickBooks that wait for a person in the mapping."""
    return _waiting(
        ours.undecided, Code.UNDECIDED, "The mapping is decided",
        "QuickBooks customers wait for a decision",
        "have no customer here and no decision. Until then the sync leaves them where they are",
        "Choose for each: create, link with an existing customer, or don't import"
        " (GET /v1/quickbooks/mappings?status=unlinked).",
    )  # fmt: skip


def conflicts(ours: Ours) -> Check:
    """Fields edited on both sides that nobody has looked at."""
    return _waiting(
        ours.conflicts, Code.CONFLICTS, "No conflict is open",
        "Fields edited on both sides are to be looked at",
        "were edited on both sides, and one side won. Nobody has looked at them yet",
        "Keep what won, or choose the other: GET /v1/quickbooks/conflicts?state=open.",
    )  # fmt: skip


def _waiting(
    looked: Looked[Example] | None, code: Code, well: str, title: str, what: str, step: str
) -> Check:
    if looked is None:
        return passed(code, well, "Nothing has come from QuickBooks yet.", count=0)
    among = "" if looked.whole else f" of the first {looked.at:,} looked at"
    if not looked.found:
        return passed(code, well, f"None{among} waits for anybody.", count=0)
    return Check(
        code=code,
        result=Result.WARN,
        title=title,
        detail=f"{len(looked.found):,}{among} {what}.",
        steps=(step,),
        count=len(looked.found),
        examples=some(looked.found),
    )
