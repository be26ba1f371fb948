"""Tax rates and payment terms follow QuickBooks: by its ids, in place, never as a second one.

QuickBooks cannot edit a tax rate: its own screens make a new id and retire the old one. What was
linked to the old id goes on as what took its place, so that no outdated double is left (S4.110).
What was deleted there is never deleted here: it is flagged and not to be chosen any more (S4.114).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from roster.domain.customer_values import percent
from roster.domain.events import Change
from roster.domain.ids import derived_id
from roster.domain.sync.books import TaxedOn, TheirTaxCode, TheirTaxRate, TheirTerm
from roster.domain.sync.records import as_number
from roster.domain.terms import MAX_NAME, VALUE_FIELD, Past, Term, TermKind
from roster.domain.text import fold

_WHAT = {TermKind.TAX_RATE: "Tax rate", TermKind.PAYMENT_TERM: "Payment term"}
_PAST_KEPT = 50
_HUNDRED = Decimal(100)
# What a term by the day of a month comes nearest to, in days.
_A_MONTH = 30


class TermVerb(StrEnum):
    """What is done about one of them."""

    CREATE_HERE = "create_here"
    UPDATE_HERE = "update_here"
    LINK = "link"
    RETIRE_HERE = "deactivate_here"
    REVIVE_HERE = "activate_here"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirChoice:
    """A tax code or a term as a choice: `value` a percentage as text or days, None: neither.

    `note` says what of it could not be kept.
    """

    id: str
    name: str
    value: str | int | None
    active: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermStep:
    """What is done about one, and why; `term` is how it stands then, None where nothing is done."""

    verb: TermVerb
    kind: TermKind
    quickbooks_id: str
    name: str
    reason: str
    changes: tuple[Change, ...] = ()
    term: Term | None = None


def tax_choices(codes: Iterable[TheirTaxCode], rates: Iterable[TheirTaxRate]) -> list[TheirChoice]:
    """The tax codes that have rates on sales, each with what its rates come to together."""
    known = {rate.id: rate for rate in rates}
    choices = []
    for code in codes:
        if not code.sales_rates:
            continue
        missing = [r.rate_id for r in code.sales_rates if r.rate_id not in known]
        value = None if missing else percent(combined(code, known))
        note = "" if value is not None else "what its rates come to cannot be told"
        choices.append(
            TheirChoice(
                id=code.id, name=code.name[:MAX_NAME], value=value, active=code.active, note=note
            )
        )
    return choices


def combined(code: TheirTaxCode, rates: Mapping[str, TheirTaxRate]) -> Decimal:
    """What the code takes of an amount, in percent: some rates are taken of others' tax as well."""
    total = last = Decimal(0)
    for part in code.sales_rates:
        rate = rates[part.rate_id].percent
        match part.on:
            case TaxedOn.AMOUNT:
                last = rate
            case TaxedOn.AMOUNT_PLUS_TAX:
                last = rate * (1 + total / _HUNDRED)
            case TaxedOn.TAX:
                last = rate * last / _HUNDRED
        total += last
    return total


def term_choices(terms: Iterable[TheirTerm]) -> list[TheirChoice]:
    """Payment terms; one by the day of a month is nearest to thirty days."""
    return [
        TheirChoice(
            id=term.id,
            name=term.name[:MAX_NAME],
            value=_A_MONTH if term.day_of_month is not None else term.due_days or 0,
            active=term.active,
            note="is due by the day of a month, which counts as 30 days here"
            if term.day_of_month is not None
            else "",
        )
        for term in terms
    ]


def plan_choices(
    kind: TermKind,
    theirs: Iterable[TheirChoice],
    ours: Iterable[Term],
    *,
    tenant: str,
    realm: str,
    now: datetime,
) -> list[TermStep]:
    """What QuickBooks' list asks of ours: all of one kind, active or not, on both sides.

    Deterministic; planned again over what it asked for, it asks for nothing.
    """
    return _Planner(kind, theirs, ours, tenant, realm, now).steps()


class _Planner:
    def __init__(
        self,
        kind: TermKind,
        theirs: Iterable[TheirChoice],
        ours: Iterable[Term],
        tenant: str,
        realm: str,
        now: datetime,
    ) -> None:
        self._kind, self._place, self._now = kind, (tenant, realm), now
        self._theirs = {one.id: one for one in sorted(theirs, key=lambda c: as_number(c.id))}
        known = sorted(ours, key=lambda term: term.id)
        self._linked = {term.quickbooks: term for term in known if term.quickbooks}
        self._free = [term for term in known if not term.quickbooks]

    def steps(self) -> list[TermStep]:
        moved = self._successors()
        followed = (
            self._followed(term, moved.get(their_id) or self._theirs.get(their_id))
            for their_id, term in self._linked.items()
        )
        steps = [step for step in followed if step is not None]
        taken = {one.id for one in moved.values()} | self._linked.keys()
        new = [one for one in self._theirs.values() if one.id not in taken]
        # Who agrees in more is matched first, so that nobody takes another's place.
        matched = self._matched(new)
        met = (self._first_met(one, matched.get(one.id)) for one in new)
        steps += [step for step in met if step is not None]
        return sorted(steps, key=lambda step: as_number(step.quickbooks_id))

    def _successors(self) -> dict[str, TheirChoice]:
        """What took the place of a linked one that is gone: the one active one of the same name."""
        found: dict[str, TheirChoice] = {}
        taken = set(self._linked)
        for their_id, term in self._linked.items():
            old = self._theirs.get(their_id)
            if old is not None and old.active:
                continue
            name = fold(old.name if old else term.name)
            same = [
                one
                for one in self._theirs.values()
                if one.active and one.id not in taken and fold(one.name) == name
            ]
            if len(same) == 1:
                found[their_id] = same[0]
                taken.add(same[0].id)
        return found

    def _followed(self, term: Term, there: TheirChoice | None) -> TermStep | None:
        if there is None or not there.active:
            if term.gone_there:
                return None
            what = "was deleted" if there is None else "was made inactive"
            return self._step(
                TermVerb.RETIRE_HERE, term, replace(term, active=False, gone_there=True),
                f"{what} in QuickBooks: it is not to be chosen any more, and stays where it was",
            )  # fmt: skip
        if there.value is None:
            return self._skip(there, there.note)
        after = replace(
            term, name=there.name, value=there.value, quickbooks=there.id,
            active=True if term.gone_there else term.active, gone_there=False,
        )  # fmt: skip
        if (after.name, after.value) != (term.name, term.value):
            was = Past(name=term.name, value=term.value, until=self._now.isoformat())
            after = replace(after, past=(was, *term.past)[:_PAST_KEPT])
        if after == term:
            return None
        verb = TermVerb.REVIVE_HERE if term.gone_there else TermVerb.UPDATE_HERE
        why = "changed in QuickBooks" if after.past != term.past else "is there again in QuickBooks"
        if there.id != term.quickbooks:
            why = "was replaced in QuickBooks by one of the same name, and follows it"
        return self._step(verb, term, after, why, note=there.note)

    def _matched(self, new: Sequence[TheirChoice]) -> dict[str, Term]:
        """Ours that are the same by name, the likest first; terms by their days, if just one is."""
        matched: dict[str, Term] = {}
        free = sorted(self._free, key=lambda t: (not t.active, not t.used, t.id))
        for also_worth in (True, False):
            for one in new:
                if one.id in matched or not one.active:
                    continue
                same = (
                    term
                    for term in free
                    if fold(term.name) == fold(one.name)
                    and (not also_worth or term.value == one.value)
                )
                if found := next(same, None):
                    matched[one.id] = found
                    free.remove(found)
        if self._kind is TermKind.PAYMENT_TERM:
            left = [one for one in new if one.id not in matched and one.active and not one.note]
            for one in left:
                rivals = [other for other in left if other.value == one.value]
                fits = [term for term in free if term.value == one.value and term.active]
                if len(fits) == len(rivals) == 1:
                    matched[one.id] = fits[0]
        return matched

    def _first_met(self, one: TheirChoice, same: Term | None) -> TermStep | None:
        if not one.active:
            return None
        if one.value is None:
            return self._skip(one, one.note)
        if same is not None:
            after = replace(same, name=one.name, value=one.value, quickbooks=one.id, active=True)
            if (after.name, after.value) != (same.name, same.value):
                was = Past(name=same.name, value=same.value, until=self._now.isoformat())
                after = replace(after, past=(was, *same.past)[:_PAST_KEPT])
            return self._step(TermVerb.LINK, same, after, "is the same as one of QuickBooks",
                              note=one.note)  # fmt: skip
        term = Term(
            id=derived_id(self._kind, self._now, *self._place, self._kind, one.id),
            kind=self._kind, name=one.name, value=one.value, quickbooks=one.id,
        )  # fmt: skip
        return self._step(TermVerb.CREATE_HERE, None, term, "is new in QuickBooks", note=one.note)

    def _step(
        self, verb: TermVerb, before: Term | None, after: Term, why: str, *, note: str = ""
    ) -> TermStep:
        field = VALUE_FIELD[self._kind]
        pairs = [
            ("name", before.name if before else None, after.name),
            (field, before.value if before else None, after.value),
            ("active", before.active if before else None, after.active),
        ]
        ending = f" It {note}." if note else ""
        return TermStep(
            verb=verb,
            kind=self._kind,
            quickbooks_id=after.quickbooks or "",
            name=after.name,
            reason=f"{_WHAT[self._kind]} “{after.name}” {why}.{ending}",
            changes=tuple(Change(n, old, new) for n, old, new in pairs if old != new),
            term=after,
        )

    def _skip(self, one: TheirChoice, why: str) -> TermStep:
        return TermStep(
            verb=TermVerb.SKIP, kind=self._kind, quickbooks_id=one.id, name=one.name,
            reason=f"{_WHAT[self._kind]} “{one.name}” was left out: {why}.",
        )  # fmt: skip
