"""Rows that are added to customers we have: whom each names, and what becomes of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from roster.domain.imports import cell_values
from roster.domain.imports.cards import CardIndex
from roster.domain.imports.dates import TURNED, is_turned, names_a_day_only, typed_moment
from roster.domain.imports.draft import Action, PlannedRow, shown
from roster.domain.imports.headings import Column, normalise, recognises
from roster.domain.imports.reading import UNCALCULATED, RowIssue, SourceRow
from roster.domain.text import fold

_LOOK = 50
_CHOICES = 5
_BETWEEN = "\n"
# What a heading of a customer list means here: by what the row names its customer.
_IDENTITY = {
    "roster_id": "customer.id",
    "number": "customer.number",
    "external_id": "customer.external_id",
    "email": "customer.email",
    "display_name": "customer.name",
    "company_name": "customer.name",
    "full_name": "customer.name",
    "first_name": "customer.first_name",
    "last_name": "customer.last_name",
}
_KEYS = ("customer.id", "customer.number", "customer.external_id")
_HALVES = ("customer.first_name", "customer.last_name")
_EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """The header row's `number` and what its columns hold, "customer.<…>" or a field of the row."""

    number: int
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column | None:
        """The column of a field of the row."""
        return next((c for c in self.columns if c.field == name), None)

    @property
    def of_customers(self) -> list[Column]:
        """The columns that name the customer."""
        return [c for c in self.columns if c.field and c.field.startswith("customer.")]

    @property
    def strange(self) -> list[Column]:
        """Columns of a customer list that say more of a customer than which one it is."""
        return [c for c in self.columns if c.field is None and recognises(c.heading)]


def find_layout(rows: Iterable[SourceRow], words: Mapping[str, str], needed: str) -> Layout | None:
    """The first row whose headings name a customer and the field `needed`.

    `words` are normalised headings and the fields of the row that they mean.
    """
    for row in islice(rows, _LOOK):
        layout = Layout(row.number, _columns(row.cells, words))
        if layout.of_customers and layout.column(needed):
            return layout
    return None


def _columns(headings: Sequence[str], words: Mapping[str, str]) -> tuple[Column, ...]:
    columns = []
    seen: set[str] = set()
    for index, heading in enumerate(headings):
        known = words.get(normalise(heading))
        if known is None or known in seen:
            known = _IDENTITY.get(recognises(heading) or "")
        seen.add(known or "")
        columns.append(Column(index, heading.strip(), known, 1.0 if known else 0.0))
    return tuple(columns)


class Directory:
    """Every customer by what people call it."""

    def __init__(self, index: CardIndex) -> None:
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for card in index.customers():
            self._names[card.id] = _joined(self._names.get(card.id), card.name)
            person = card.person if card.person != card.name else ""
            known = (("id", card.id), ("number", card.number), ("external_id", card.external_id),
                     ("email", card.email), ("name", card.name), ("name", person))  # fmt: skip
            for kind, value in known:
                if value:
                    key = _key(kind, value)
                    self._ids[key] = _joined(self._ids.get(key), card.id)

    def named(self, field_name: str, value: str) -> set[str]:
        """The ids of those whom `value` of such a column means.

        People write what they have at hand: a number into the column of ids, an e-mail address
        into that of names.
        """
        kinds = ["email"] if field_name == "customer.email" else ["id", "number", "external_id"]
        found = set().union(*(self._get(kind, value) for kind in kinds))
        if field_name == "customer.name":
            return self._get("name", fold(value)) or found or self._get("email", value)
        return found

    def _get(self, kind: str, value: str) -> set[str]:
        return set(filter(None, self._ids.get(_key(kind, value), "").split(_BETWEEN)))

    def names(self, customer_id: str) -> list[str]:
        """The folded names that the customer goes by."""
        return self._names.get(customer_id, "").split(_BETWEEN)


def _key(kind: str, value: str) -> str:
    return f"{kind} {value.casefold()}"


def _joined(known: str | None, more: str) -> str:
    return more if known is None else f"{known}{_BETWEEN}{more}"


class Row:
    """One row being planned: its cells by field, and what there is to say about it."""

    def __init__(self, source: SourceRow, layout: Layout) -> None:
        self.line, self.cells = source.number, source.cells
        self._layout = layout
        self.issues: list[RowIssue] = []

    def __bool__(self) -> bool:
        """Whether it is a row of data, not the headings again."""
        headings = [c.heading for c in self._layout.columns]
        return [cell.strip() for cell in self.cells] != headings[: len(self.cells)]

    def cell(self, name: str, *, lines: bool = False) -> str:
        """What the column of a field holds, cleaned; empty for an error of the spreadsheet."""
        column = self._layout.column(name)
        return self._clean(column, lines=lines) if column else ""

    def _clean(self, column: Column, *, lines: bool = False) -> str:
        cell = self.cells[column.index] if column.index < len(self.cells) else ""
        if cell == UNCALCULATED or cell in cell_values.ERROR_CELLS:
            return ""
        return cell_values.clean(cell, lines=lines)

    def customer(self, directory: Directory, seen: set[str]) -> str | None:
        """The id of the customer that the row names; None when the issues say why there is none.

        `seen` takes the folded names of all that it might have been.
        """
        given = [(c, v) for c in self._layout.of_customers if (v := self._clean(c))]
        given = self._person(given)
        if not given:
            self.refuse(None, "customer_missing", "the row names no customer", None)
            return None
        found = [(c, v, directory.named(c.field or "", v)) for c, v in given]
        seen.update(fold(v) for c, v, _ in found if c.field == "customer.name")
        matches = [ids for _, _, ids in found if ids]
        everybody = set().union(*matches)
        seen.update(name for one in everybody for name in directory.names(one))
        column, value = given[0]
        if not matches:
            self.refuse(column, "customer_unknown", "no customer goes by this", value)
            return None
        common = set.intersection(*matches)
        if not common:
            detail = f"the columns name different customers: {_choices(everybody)}"
            self.refuse(column, "customer_contradicts", detail, value)
            return None
        if len(common) > 1:
            detail = f"several customers go by this: {_choices(common)}; name one by its id"
            self.refuse(column, "customer_ambiguous", detail, value)
            return None
        for other, unknown, ids in found:
            if not ids and other.field in (*_KEYS, "customer.email"):
                detail = "no customer goes by this; the customer was found by the other columns"
                self.warn(other, "customer_unknown", detail, unknown)
        return common.pop()

    def _person(self, given: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
        """First and last name as one name, where no column has the whole."""
        parts = {c.field: (c, v) for c, v in given}
        rest = [(c, v) for c, v in given if c.field not in _HALVES]
        halves = [parts[half] for half in _HALVES if half in parts]
        if not halves or any(c.field == "customer.name" for c, _ in rest):
            return rest
        first = halves[0][0]
        column = Column(first.index, first.heading, "customer.name", first.confidence)
        return [*rest, (column, " ".join(value for _, value in halves))]

    def moment(self, name: str, *, now: datetime, month_first: bool) -> datetime | None:
        """The moment a column gives, or None; what is no moment of the past is refused."""
        typed = self.cell(name)
        if not typed:
            return None
        column = self._layout.column(name)
        at = typed_moment(typed, month_first=month_first)
        if at is None or at.date() < _EARLIEST:
            self.refuse(column, "date", "not a date such as 2024-03-05", typed)
            return None
        if is_turned(typed, month_first=month_first):
            detail = TURNED.format(at.date(), "month" if month_first else "day")
            self.warn(column, "doubtful_date", detail, typed)
        # Where it is today already, it may be yesterday here.
        if names_a_day_only(typed) and at - now < timedelta(days=1):
            return min(at, now)
        if at > now:
            self.refuse(column, "date_in_future", "the date has not come yet", typed)
            return None
        return at

    def refuse(self, column: Column | None, rule: str, detail: str, value: str | None) -> None:
        """Say why the row goes nowhere."""
        heading = column.heading if column else None
        self.issues.append(RowIssue(self.line, heading, value, rule, detail, "error", None))

    def warn(self, column: Column | None, rule: str, detail: str, value: str | None) -> None:
        """Say what to look at."""
        heading = column.heading if column else None
        self.issues.append(RowIssue(self.line, heading, value, rule, detail, "warning", None))

    @property
    def is_refused(self) -> bool:
        """Whether anything keeps the row out."""
        return any(issue.severity == "error" for issue in self.issues)

    def planned(self, action: Action, *, name: str = "", **values: Any) -> PlannedRow:
        """The row as planned; `name` is the customer's."""
        return PlannedRow(
            line=self.line, action=action, name=name, cells=self.cells, issues=shown(self.issues),
            **values,
        )  # fmt: skip


def _choices(ids: Iterable[str]) -> str:
    some = sorted(ids)
    more = f" and {len(some) - _CHOICES} more" if len(some) > _CHOICES else ""
    return ", ".join(some[:_CHOICES]) + more


# Of a customer's id: its name now, and its records by what makes two of them the same.
type Existing = Callable[[str], tuple[str, Mapping[str, str]]]
