"""What must hold of a firm once everybody is quiet, told from what its people wrote."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from roster.domain.sync.policy import Mode
from roster.domain.sync.records import ACTIVE, COMPARED, TheirCustomer, canonical
from roster.domain.text import fold
from tests.support.sync_firm import Firm, Line, Ours

HERE, THERE = "here", "there"
_STATUS_LINES = frozenset(
    {"activate_here", "deactivate_here", "activate_there", "deactivate_there", "conflict"}
)


class Written:
    """What people wrote last in each field on each side, and whom they entered where."""

    def __init__(self) -> None:
        self.last: dict[tuple[str, str, str], Any] = {}
        self.new_here: set[str] = set()
        self.new_there: set[str] = set()

    def note(self, side: str, record: str, field: str, value: Any) -> None:
        """Somebody wrote this."""
        self.last[side, record, field] = value

    def by_person(self, side: str, record: str, field: str) -> bool:
        """Whether anybody ever wrote this field on that side."""
        return (side, record, field) in self.last

    def entered_here(self, one: Ours) -> None:
        """Somebody entered it here."""
        self.new_here.add(one.id)
        self.edited_here(one, one.values)

    def edited_here(self, one: Ours, fields: Iterable[str]) -> None:
        """Somebody wrote these fields here."""
        for field in fields:
            self.note(HERE, one.id, field, one.values.get(field))

    def entered_there(self, one: TheirCustomer) -> None:
        """Somebody entered it there."""
        self.new_there.add(one.id)
        self.edited_there(one, one.values)

    def edited_there(self, one: TheirCustomer, fields: Iterable[str]) -> None:
        """Somebody wrote these fields there."""
        for field in fields:
            self.note(THERE, one.id, field, one.values.get(field))


def check(firm: Firm, mode: Mode, written: Written) -> None:
    """Raise AssertionError unless nobody is twice, the sides agree and no edit is lost unsaid."""
    ours, theirs = firm.ours(), firm.theirs()
    _nobody_twice(ours, theirs, written)
    names = Counter(fold(one.display_name) for one in theirs.values())
    names.update(fold(row["DisplayName"]) for row in firm.control.book()["Vendor"])
    for one in ours:
        if one.quickbooks:
            _agree(one, theirs[one.quickbooks], names, mode, written)
    _nothing_lost_unsaid(ours, theirs, written, firm.report())


def _nobody_twice(
    ours: Sequence[Ours], theirs: Mapping[str, TheirCustomer], written: Written
) -> None:
    held = Counter(one.quickbooks for one in ours if one.quickbooks)
    assert max(held.values(), default=0) <= 1, held
    sent = {key for key, t in theirs.items() if not t.is_job} - written.new_there
    assert sent <= set(held), f"created there and forgotten: {sent - set(held)}"
    for key in sent:
        twins = [
            theirs[i] for i in written.new_there if _is_earlier_namesake(theirs[i], theirs[key])
        ]
        assert not twins, f"created beside a namesake: {theirs[key]}, {twins}"
    brought = [one.quickbooks for one in ours if one.id not in written.new_here]
    assert set(brought) <= written.new_there, f"brought back: {set(brought) - written.new_there}"


def _is_earlier_namesake(one: TheirCustomer, other: TheirCustomer) -> bool:
    same = fold(one.display_name) == fold(other.display_name)
    return same and one.created_at < other.created_at


def _agree(
    one: Ours, other: TheirCustomer, names: Mapping[str, int], mode: Mode, written: Written
) -> None:
    if not other.active:
        # QuickBooks takes no edit of who is inactive.
        return
    here: Mapping[str, Any] = {**one.values, ACTIVE: one.active}
    # Its own name is there once; one that somebody else has cannot be taken.
    own = fold(other.display_name)
    clash = names[own] > 1 or (fold(one.name) != own and names[fold(one.name)] > 0)
    for field in COMPARED:
        ours, there = here.get(field), other.base.get(field)
        if ours == there or (clash and field in ("display_name", ACTIVE)):
            continue
        told = f"{one.id} {other.id} {field}: {ours!r} here, {there!r} there"
        match mode:
            case Mode.TWO_WAY:
                raise AssertionError(told)
            case Mode.QUICKBOOKS_TO_ROSTER:
                # What only we had when the two met stays.
                assert there is None or written.by_person(HERE, one.id, field), told
            case Mode.ROSTER_TO_QUICKBOOKS:
                assert written.by_person(THERE, other.id, field), told


def _nothing_lost_unsaid(
    ours: Sequence[Ours], theirs: Mapping[str, TheirCustomer], written: Written,
    report: Sequence[Line],
) -> None:  # fmt: skip
    now = {(HERE, one.id): {**one.values, ACTIVE: one.active} for one in ours}
    now |= {(THERE, key): one.base for key, one in theirs.items()}
    for (side, record, field), value in written.last.items():
        found = now[side, record].get(field)
        if found == value:
            continue
        about = [
            o for o in report if record == (o.customer_id if side == HERE else o.quickbooks_id)
        ]
        lost = (field, canonical(value))
        said = any(lost in [(f, canonical(old)) for f, old in line.changes] for line in about)
        if field == ACTIVE:
            said = any(line.verb in _STATUS_LINES for line in about)
        assert said, f"{record} {side} {field}: {value!r} became {found!r} without a line"
