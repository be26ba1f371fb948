"""The fields of a row: each cell is read by what was worked out of its column beforehand."""

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from roster.domain.imports import cell_values
from roster.domain.imports.cell_values import UNCALCULATED, Finding
from roster.domain.imports.formats import Format
from roster.domain.imports.headings import NAME_FIELDS, Column
from roster.domain.imports.reading import Fields, RowReading, SourceRow
from roster.domain.imports.row_parts import (
    GROUPED,
    Reading,
    check_address,
    groups_of,
    one_billing_address,
    person,
    place_to_bill,
    settle_free_address,
    settle_street_tail,
)
from roster.domain.imports.totals import is_total
from roster.domain.text import fold

_DELETED = re.compile(r"\s*\(deleted(?:[- ]\d+)?\)$", re.IGNORECASE)
_WITH_LINES = ("notes", "note", "tags")
_NO_YES = 'neither "yes" nor "no"'
# Fields of few words: what a cell means by it, and what to say of any other word.
_WORDS: dict[str, tuple[Callable[[str], str | bool | None], str]] = {
    "kind": (cell_values.kind, 'neither "company" nor "individual"'),
    "role": (cell_values.role, 'neither "end customer" nor "distributor"'),
    "verified": (cell_values.flag, _NO_YES),
    "portal_access": (cell_values.flag, _NO_YES),
    "billing_same_as_service": (cell_values.flag, _NO_YES),
    "status": (cell_values.status, 'neither "active" nor "inactive"'),
    "status.is_active": (cell_values.flag, _NO_YES),
    "status.is_inactive": (cell_values.flag, _NO_YES),
    "kind.is_company": (cell_values.flag, _NO_YES),
}


class _Cell(NamedTuple):
    """Where a field's value stands, and how it is read."""

    at: int
    column: Column
    field: str
    lines: bool
    # "": the first value counts; "list": all do; "note": kept under its heading.
    gather: str


class RowReader:
    """Reads the rows of one file; values are kept as typed."""

    def __init__(
        self,
        columns: Sequence[Column],
        known: Format | None = None,
        *,
        naming: frozenset[str] = NAME_FIELDS,
    ) -> None:
        self._naming = naming
        first_notes = next((c for c in columns if c.field == "notes"), None)
        self._cells = [
            _Cell(
                c.index,
                c,
                c.field,
                c.field in _WITH_LINES
                or c.field.startswith("custom.")
                or c.field.endswith("whole"),
                _gathered(c, first_notes),
            )
            for c in columns
            if c.field is not None
        ]
        self._width = max((c.index for c in columns), default=-1) + 1
        self._headings = {c.index: c.heading for c in columns if c.heading}
        self._groups = groups_of(columns)
        self._free = [group for group in self._groups if group.is_free]
        self._addresses = [group for group in self._groups if group.kind != "contact"]
        self._has_flags = any("is_billing" in group.names for group in self._groups)
        self._words = {name: _WORDS[name] for cell in self._cells if (name := cell.field) in _WORDS}
        self._nested = {
            cell.field: cell.field.partition(".")[::2]
            for cell in self._cells
            if "." in cell.field and not GROUPED.fullmatch(cell.field)
        }
        self._names_jobs = known is not None and known.names_jobs
        self._named = " or ".join(dict.fromkeys(c.heading for c in columns if c.field in naming))

    def read(self, row: SourceRow) -> RowReading:
        """The fields of one row and what is wrong or doubtful in it."""
        reading = Reading(row.number)
        self._collect(row.cells, reading)
        skip = self._skip_reason(row.cells, reading)
        if skip:
            reading.issues.clear()
            reading.warn(skip, value=next(c for c in row.cells if c.strip()))
            return RowReading({}, tuple(reading.issues), skipped=True, cells=row.cells)
        _check_values(reading, self._words)
        _settle_flags(reading)
        self._settle_addresses(reading)
        if not self._naming & reading.flat.keys():
            detail = f"the row names no customer: fill in {self._named}"
            reading.refuse(Finding("name_required", detail))
        fields = self._fields(reading.flat)
        if self._names_jobs and "display_name" in fields:
            _settle_name(fields)
        if reading.notes:
            fields["kept"] = reading.notes
        return RowReading(fields, tuple(reading.issues), cells=row.cells)

    def _collect(self, cells: Sequence[str], reading: Reading) -> None:
        """Walk the columns: the first non-empty cell of a field wins, another one is reported."""
        flat, count = reading.flat, len(cells)
        for at, column, name, lines, gather in self._cells:
            if at >= count or not (typed := cells[at]):
                continue
            value = cell_values.clean(typed, lines=lines)
            if not value:
                continue
            # Behind a guard it is a text that only looks like an error.
            if value in cell_values.ERROR_CELLS and "'" not in typed:
                reading.warn(_cell_error(value), column, typed)
            elif gather:
                _gather(gather, name, column, value, reading)
            elif name not in flat:
                flat[name] = value
                reading.source[name] = column
            elif flat[name].casefold() != value.casefold():
                taken = reading.source[name].heading
                detail = f'kept in the notes: the value of "{taken}" was taken for {name}'
                reading.warn(Finding("extra_value", detail), column, typed)
                reading.note(f"{column.heading}: {value}")
        for index in range(self._width, count):
            if cells[index].strip():
                detail = f"column {index + 1} has a value but no heading: it was left out"
                reading.warn(Finding("no_heading", detail), value=cells[index])

    def _skip_reason(self, cells: Sequence[str], reading: Reading) -> Finding | None:
        if is_total(cells, reading.flat):
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

    def _settle_addresses(self, reading: Reading) -> None:
        if self._free:
            given = [name for field in NAME_FIELDS if (name := reading.flat.get(field))]
            if self._names_jobs:
                given += [part for name in given for part in name.split(":")]
            given.append(" ".join(filter(None, map(reading.flat.get, ("first_name", "last_name")))))
            given += [f"{first} {last}" for last, comma, first in map(_parted, given) if comma]
            names = set(map(fold, filter(None, given)))
            for group in self._free:
                settle_free_address(group, reading, names)
        one_billing_address(reading)
        for group in self._addresses:
            settle_street_tail(group, reading)
            check_address(group, reading)

    def _fields(self, flat: dict[str, Any]) -> Fields:
        fields: Fields = {}
        flags: list[str | None] = []
        for group in self._groups:
            parts = {part: flat.pop(name) for part, name in group.names.items() if name in flat}
            flag = parts.pop("is_billing", None)
            if not parts:
                continue
            if group.kind == "service_location":
                fields.setdefault("locations", []).append(parts)
                flags.append(flag)
            elif group.kind == "contact":
                fields.setdefault("contacts", []).append(person(parts))
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
        if self._has_flags:
            place_to_bill(fields, flags)
        if "parent" in fields:
            _settle_child(fields)
        return fields


def row_fields(columns: Sequence[Column], row: SourceRow) -> RowReading:
    """The fields of a single row; who reads a file keeps a RowReader."""
    return RowReader(columns).read(row)


def _parted(name: str) -> tuple[str, str, str]:
    """ "Doe, Jane" as QuickBooks lists people, who head their addresses as "Jane Doe"."""
    last, comma, first = name.partition(",")
    return last.strip(), comma, first.strip()


def _gathered(column: Column, first_notes: Column | None) -> str:
    if column.field == "note" or (column.field == "notes" and column is not first_notes):
        return "note"
    return "list" if column.field and column.field.endswith(".lines") else ""


def _gather(gather: str, name: str, column: Column, value: str, reading: Reading) -> None:
    if gather == "note":
        # A flag that is not set is no news.
        if cell_values.flag(value) is not False:
            reading.note(f"{column.heading}: {value}")
        return
    reading.flat.setdefault(name, []).append(value)
    reading.source.setdefault(name, column)


def _cell_error(value: str) -> Finding:
    if value == UNCALCULATED:
        return Finding(
            "formula_not_calculated",
            "the cell holds a formula without a result: open the file in Excel and save it again",
        )
    return Finding("cell_error", f"the cell shows the error {value}: it was left out")


def _check_reachable(reading: Reading) -> None:
    """Take the first of several addresses or numbers in a cell; the cell is kept in the notes."""
    flat = reading.flat
    for name in ("email", "phone", "mobile"):
        if name not in flat:
            continue
        check = cell_values.email if name == "email" else cell_values.phone
        typed = flat[name]
        flat[name], finding = check(typed)
        if finding:
            reading.warn(finding, reading.source[name], typed)
            if finding.rule in cell_values.SEVERAL:
                reading.note(f"{reading.source[name].heading}: {typed}")


def _check_values(
    reading: Reading, words: dict[str, tuple[Callable[[str], str | bool | None], str]]
) -> None:
    _check_reachable(reading)
    flat = reading.flat
    sure = "mobile" in flat and reading.source["mobile"].confidence >= 0.9
    if "mobile" in flat and not sure and flat["mobile"] == flat.get("phone"):
        # The second phone column of some exports repeats the first one.
        del flat["mobile"]
    if "external_id.of_property" in flat:
        # "1002_5003" is property 5003 of client 1002: the client is the customer.
        client = flat.pop("external_id.of_property").partition("_")[0]
        flat.setdefault("external_id", client)
        reading.source.setdefault("external_id", reading.source["external_id.of_property"])
    for name in ("external_id", "number"):
        if name in flat and (finding := cell_values.damaged_number(flat[name])):
            reading.warn(finding, reading.source[name], flat[name])
    if "default_discount_percent" in flat:
        flat["default_discount_percent"] = cell_values.percentage(flat["default_discount_percent"])
    for name, (meaning, otherwise) in words.items():
        if name not in flat:
            continue
        typed = flat.pop(name)
        if (found := meaning(typed)) is not None:
            flat[name] = found
        else:
            finding = Finding(f"unknown_{name.partition('.')[0]}", f"{otherwise}: it was left out")
            reading.warn(finding, reading.source[name], typed)


def _settle_flags(reading: Reading) -> None:
    """Turn flags into the words they stand for; an active customer needs none."""
    flat = reading.flat
    is_company = flat.pop("kind.is_company", None)
    if is_company is not None:
        flat.setdefault("kind", "company" if is_company else "individual")
    is_active = flat.pop("status.is_active", True)
    if flat.pop("status.is_inactive", False) or not is_active:
        flat["status"] = "inactive"
    if flat.get("status") == "active":
        del flat["status"]


def _settle_name(fields: Fields) -> None:
    """Read what QuickBooks writes into a name: "Smith:Kitchen" and "Smith (deleted)"."""
    name = fields["display_name"]
    if mark := _DELETED.search(name):
        name = name[: mark.start()]
        fields["status"] = "inactive"
    parent, colon, job = name.partition(":")
    if colon and parent.strip() and job.strip():
        fields["parent"] = {"name": parent.strip(), "job": job.strip()}
        name = parent.strip()
    fields["display_name"] = name


def _settle_child(fields: Fields) -> None:
    """Read a row of Odoo that is a person or a place of another one."""
    parent = fields["parent"]
    if "name" not in parent:
        del fields["parent"]
        return
    if own := fields.get("display_name"):
        parent["own_name"] = own.removeprefix(f"{parent['name']}, ")
    fields["display_name"] = parent["name"]
