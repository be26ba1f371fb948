"""Projects of a customer, and how many are in which phase on any day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.errors import FieldError
from roster.domain.record import Family, Record
from roster.domain.record_values import text_errors

_MAX_TEXTS = {"name": 200, "description": 10_000}


class Phase(StrEnum):
    """Where a project is on a day; it follows from its dates and from being closed."""

    UPCOMING = "upcoming"
    ACTIVE = "active"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(Record):
    """A piece of work for a customer; both dates are included, either may be open."""

    family: ClassVar[Family] = Family.PROJECT
    name: str
    description: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    closed: bool = False
    location_id: str | None = None

    @property
    def shelf(self) -> str:
        """Open or closed: its phase moves by itself."""
        return "closed" if self.closed else "open"

    @property
    def sorted_by(self) -> str:
        """When it starts, as text that sorts; without a date, when it was made."""
        return (self.start_date or self.created_at.date()).isoformat()

    @property
    def open_by(self) -> str | None:
        """When it starts; None once it is closed."""
        return None if self.closed else self.sorted_by

    def phase(self, today: date) -> Phase:
        """Its phase on a day."""
        return Phase.PAST if self.closed else _phase((self.start_date, self.end_date), today)


def check_project(values: Mapping[str, Any]) -> list[FieldError]:
    """The rules that given values break; None and what is absent break none."""
    errors = text_errors(values, _MAX_TEXTS)
    start, end = values.get("start_date"), values.get("end_date")
    if start and end and end < start:
        detail = "a project does not end before it starts"
        errors.append(FieldError("/end_date", "before_start_date", detail))
    return errors


# None is open; a start that has come is no different from an open one.
type _Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectCounts:
    """How many projects there are: those that are past for good, the others by their dates.

    What was past on `day` is no more than a number, so this stays small however many there were.
    `version` is 0 before it is stored.
    """

    version: int = 0
    day: date = date.min
    past: int = 0
    spans: Mapping[_Span, int] = field(default_factory=dict)


def counts_moved(
    counts: ProjectCounts, before: Project | None, after: Project | None, today: date
) -> ProjectCounts:
    """`counts` with a project as it is after instead of before; None is no project."""
    counts = _on(counts, today)
    past, spans = counts.past, dict(counts.spans)
    for project, by in ((before, -1), (after, 1)):
        if project is None:
            continue
        span = _seen_from(counts.day, (project.start_date, project.end_date))
        if project.phase(counts.day) is Phase.PAST:
            past += by
        else:
            spans[span] = spans.get(span, 0) + by
    spans = {span: n for span, n in spans.items() if n}
    return replace(counts, past=past, spans=spans, version=counts.version + 1)


def phases(counts: ProjectCounts, today: date) -> Mapping[Phase, int]:
    """How many projects are in each phase on `today`."""
    counts = _on(counts, today)
    found = dict.fromkeys(Phase, 0) | {Phase.PAST: counts.past}
    for span, n in counts.spans.items():
        found[_phase(span, counts.day)] += n
    return found


def _on(counts: ProjectCounts, today: date) -> ProjectCounts:
    day = max(counts.day, today)
    past = counts.past
    spans: dict[_Span, int] = {}
    for span, n in counts.spans.items():
        if _phase(span, day) is Phase.PAST:
            past += n
        else:
            seen = _seen_from(day, span)
            spans[seen] = spans.get(seen, 0) + n
    return replace(counts, day=day, past=past, spans=spans)


def _phase(span: _Span, day: date) -> Phase:
    start, end = span
    if end is not None and end < day:
        return Phase.PAST
    return Phase.UPCOMING if start is not None and start > day else Phase.ACTIVE


def _seen_from(day: date, span: _Span) -> _Span:
    start, end = span
    return (start if start is not None and start > day else None, end)
