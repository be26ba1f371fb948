"""The fields of a row: each cell is read by what was worked out of its column beforehand."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from roster.domain.customer_fields import MAX_ADDRESS_PART
from roster.domain.imports import cell_values
from roster.domain.imports.cell_values import UNCALCULATED, Finding
from roster.domain.imports.headings import NAME_FIELDS, Column
from roster.domain.imports.reading import (
    LOOKS_LIKE_DATA,
    Fields,
    RowIssue,
    RowReading,
    SourceRow,
)

_TOTAL = re.compile(r"(grand |report |sub)?totals?( customers| clients)?:?", re.IGNORECASE)
_GROUP = re.compile(r"(service_location|billing_address|contact)(?:\[(\d+)\])?\.(.+)")
_WITH_LINES = ("notes", "tags")
# Fields of few words: what a cell means by it, and what to say of any other word.
_WORDS: dict[str, tuple[Callable[[str], str | bool | None], str]] = {
    "kind": (cell_values.kind, 'neither "company" nor "individual"'),
    "role": (cell_values.role, 'neither "end customer" nor "distributor"'),
    "verified": (cell_values.flag, 'neither "yes" nor "no"'),
    "portal_access": (cell_values.flag, 'neither "yes" nor "no"'),
    "billing_same_as_service": (cell_values.flag, 'neither "yes" nor "no"'),
}
_LISTS = {"service_location": "locations", "contact": "contacts"}


class _Cell(NamedTuple):
    """Where a field's value stands, and how it is cleaned."""

    at: int
    column: Column
    field: str
    lines: bool


@dataclass(slots=True)
class _Group:
    """Columns that together make an address or a person: the part each flat name is."""

    kind: str
    words: str
    parts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Reading:
    """A row being read: flat field names while the columns are walked."""

    line: int
    flat: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Column] = field(default_factory=dict)
    issues: list[RowIssue] = field(default_factory=list)

    def warn(
        self, finding: Finding, column: Column | None = None, value: str | None = None
    ) -> None:
        self.issues.append(self._issue(finding, column, value, "warning"))

    def refuse(
        self, finding: Finding, column: Column | None = None, value: str | None = None
    ) -> None:
        self.issues.append(self._issue(finding, column, value, "error"))

    def _issue(
        self,
        finding: Finding,
        column: Column | None,
        value: str | None,
        severity: Literal["error", "warning"],
    ) -> RowIssue:
        heading = column.heading if column else None
        return RowIssue(
            self.line, heading, value, finding.rule, finding.detail, severity, finding.suggestion
        )


class RowReader:
    """Reads the rows of one file; values are kept as typed."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._cells = [
            _Cell(c.index, c, c.field, c.field in _WITH_LINES or c.field.startswith("custom."))
            for c in columns
            if c.field is not None
        ]
        self._width = max((c.index for c in columns), default=-1) + 1
        self._headings = {c.index: c.heading for c in columns if c.heading}
        self._groups = _groups(columns)
        self._nested = {
            cell.field: cell.field.partition(".")[::2]
            for cell in self._cells
            if "." in cell.field and not _GROUP.fullmatch(cell.field)
        }
        self._named = " or ".join(
            dict.fromkeys(c.heading for c in columns if c.field in NAME_FIELDS)
        )

    def read(self, row: SourceRow) -> RowReading:
        """The fields of one row and what is wrong or doubtful in it."""
        reading = _Reading(row.number)
        self._collect(row.cells, reading)
        skip = self._skip_reason(row.cells, reading)
        if skip:
            reading.issues.clear()
            reading.warn(skip, value=next(c for c in row.cells if c.strip()))
            return RowReading({}, tuple(reading.issues), skipped=True, cells=row.cells)
        _check_values(reading)
        _one_billing_address(reading)
        for group in self._groups:
            if group.kind != "contact":
                _check_address(group, reading)
        if not NAME_FIELDS & reading.flat.keys():
            detail = f"the row names no customer: fill in {self._named}"
            reading.refuse(Finding("name_required", detail))
        return RowReading(self._fields(reading.flat), tuple(reading.issues), cells=row.cells)

    def _collect(self, cells: Sequence[str], reading: _Reading) -> None:
        """Walk the columns: the first non-empty cell of a field wins, another one is reported."""
        flat, count = reading.flat, len(cells)
        for index, column, name, lines in self._cells:
            if index >= count or not (typed := cells[index]):
                continue
            value = cell_values.clean(typed, lines=lines)
            if not value:
                continue
            # Behind a guard it is a text that only looks like an error.
            if value in cell_values.ERROR_CELLS and "'" not in typed:
                reading.warn(_cell_error(value), column, typed)
            elif name not in flat:
                flat[name] = value
                reading.source[name] = column
            elif flat[name].casefold() != value.casefold():
                kept = reading.source[name].heading
                detail = f'left out: the value of "{kept}" was taken for {name}'
                reading.warn(Finding("extra_value", detail), column, typed)
        for index in range(self._width, count):
            if cells[index].strip():
                detail = f"column {index + 1} has a value but no heading: it was left out"
                reading.warn(Finding("no_heading", detail), value=cells[index])

    def _skip_reason(self, cells: Sequence[str], reading: _Reading) -> Finding | None:
        first = next((c.strip() for c in cells if c.strip()), "")
        if len(reading.flat) <= 1 and _TOTAL.fullmatch(first):
            others = [c for c in cells if c.strip() and c.strip() != first]
            if all(LOOKS_LIKE_DATA.fullmatch(c.strip()) for c in others):
                return Finding("total_row", "the row is a total, not a customer: it was left out")
        headings, filled = self._headings, 0
        for index, cell in enumerate(cells):
            if text := cell.strip():
                filled += 1
                if headings.get(index) != text:
                    return None
        if filled > 1:
            return Finding("repeated_header", "the row repeats the headings: it was left out")
        return None

    def _fields(self, flat: dict[str, Any]) -> Fields:
        fields: Fields = {}
        for group in self._groups:
            parts = {part: flat.pop(name) for name, part in group.parts.items() if name in flat}
            if not parts:
                continue
            if group.kind in _LISTS:
                fields.setdefault(_LISTS[group.kind], []).append(parts)
            else:
                fields[group.kind] = parts
        for name, value in flat.items():
            if name in self._nested:
                parent, part = self._nested[name]
                fields.setdefault(parent, {})[part] = value
            elif name == "tags":
                fields[name] = cell_values.tags(value)
            else:
                fields[name] = value
        return fields


def row_fields(columns: Sequence[Column], row: SourceRow) -> RowReading:
    """The fields of a single row; who reads a file keeps a RowReader."""
    return RowReader(columns).read(row)


def _groups(columns: Sequence[Column]) -> list[_Group]:
    """The addresses and people that the columns name, in the order of their numbers."""
    found: dict[tuple[str, int], _Group] = {}
    for column in columns:
        match = _GROUP.fullmatch(column.field or "")
        if match is None or column.field is None:
            continue
        kind, number, part = match[1], int(match[2] or 1), match[3]
        words = kind.replace("_", " ") + (f" {number}" if number > 1 else "")
        group = found.setdefault((kind, number), _Group(kind, words))
        group.parts[column.field] = part
    return [found[key] for key in sorted(found)]


def _cell_error(value: str) -> Finding:
    if value == UNCALCULATED:
        return Finding(
            "formula_not_calculated",
            "the cell holds a formula without a result: open the file in Excel and save it again",
        )
    return Finding("cell_error", f"the cell shows the error {value}: it was left out")


def _check_values(reading: _Reading) -> None:
    flat = reading.flat
    for name in ("email", "phone", "mobile"):
        if name in flat:
            check = cell_values.email if name == "email" else cell_values.phone
            typed = flat[name]
            flat[name], finding = check(typed)
            if finding:
                reading.warn(finding, reading.source[name], typed)
    sure = "mobile" in flat and reading.source["mobile"].confidence >= 0.9
    if "mobile" in flat and not sure and flat["mobile"] == flat.get("phone"):
        # The second phone column of some exports repeats the first one.
        del flat["mobile"]
    for name in ("external_id", "number"):
        if name in flat and (finding := cell_values.damaged_number(flat[name])):
            reading.warn(finding, reading.source[name], flat[name])
    if "default_discount_percent" in flat:
        flat["default_discount_percent"] = cell_values.percentage(flat["default_discount_percent"])
    for name, (meaning, otherwise) in _WORDS.items():
        if name not in flat:
            continue
        typed = flat.pop(name)
        if (found := meaning(typed)) is not None:
            flat[name] = found
        else:
            finding = Finding(f"unknown_{name}", f"{otherwise}: it was left out")
            reading.warn(finding, reading.source[name], typed)


def _check_address(group: _Group, reading: _Reading) -> None:
    flat = reading.flat
    parts = {part: flat[name] for name, part in group.parts.items() if name in flat}
    if not parts:
        return
    names = {part: name for name, part in group.parts.items()}
    for part, value in parts.items():
        if len(value) > MAX_ADDRESS_PART:
            detail = f"at most {MAX_ADDRESS_PART} characters"
            reading.refuse(Finding("too_long", detail), reading.source[names[part]], value)
    if not parts.keys() - {"name"}:
        return
    if "zip" in parts:
        finding = cell_values.zip_code(
            parts["zip"], state=parts.get("state", ""), country=parts.get("country", "")
        )
        if finding:
            reading.warn(finding, reading.source[names["zip"]], parts["zip"])
    missing = cell_values.missing_address_parts(parts)
    if missing:
        detail = f"the {group.words} is kept but incomplete: no {', no '.join(missing)}"
        reading.warn(Finding("incomplete_address", detail))


def _one_billing_address(reading: _Reading) -> None:
    """Leave a billing address out that the row says is the service address."""
    if not reading.flat.get("billing_same_as_service"):
        return
    billing = [name for name in reading.flat if name.startswith("billing_address.")]
    given = {name.partition(".")[2]: reading.flat.pop(name) for name in billing}
    if any(reading.flat.get(f"service_location.{part}") != text for part, text in given.items()):
        detail = "the billing address was left out: the row says it is the service address"
        reading.warn(Finding("two_billing_addresses", detail), value=", ".join(given.values()))
