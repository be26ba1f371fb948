"""What a customer list in a spreadsheet says: its header, its columns, the fields of each row."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from roster.domain.custom_fields import CustomField
from roster.domain.imports import cell_values
from roster.domain.imports.cell_values import UNCALCULATED, Finding
from roster.domain.imports.headings import NAME_FIELDS, Column, map_columns, recognises

__all__ = [
    "UNCALCULATED",
    "Column",
    "Header",
    "RowIssue",
    "RowReading",
    "SourceRow",
    "UnreadableFile",
    "find_header",
    "map_columns",
    "row_fields",
]

type UnreadableCode = Literal[
    "not_a_spreadsheet",
    "unsupported_format",
    "encrypted",
    "zip_bomb",
    "too_large",
    "too_many_rows",
    "too_many_columns",
    "damaged",
    "empty",
    "no_usable_header",
    "wrong_encoding",
    "wrong_sheet",
    "wrong_header_row",
    "wrong_columns",
]
type Fields = dict[str, Any]

_LOOKS_LIKE_DATA = re.compile(r"[\W\d_]*\d[\W\d_]*|\S+@\S+\.\S+|https?://.*")
_TOTAL = re.compile(r"(grand |report |sub)?totals?( customers| clients)?:?", re.IGNORECASE)
_ADDRESSES = ("service_location", "billing_address")
_WITH_LINES = ("notes", "tags")
# Fields of few words: what a cell means by it, and what to say of any other word.
_WORDS: dict[str, tuple[Callable[[str], str | bool | None], str]] = {
    "kind": (cell_values.kind, 'neither "company" nor "individual"'),
    "role": (cell_values.role, 'neither "end customer" nor "distributor"'),
    "verified": (cell_values.flag, 'neither "yes" nor "no"'),
    "portal_access": (cell_values.flag, 'neither "yes" nor "no"'),
    "billing_same_as_service": (cell_values.flag, 'neither "yes" nor "no"'),
}


class UnreadableFile(Exception):
    """The whole file is refused: a stable `code` and a `reason` that tells a person what to do."""

    def __init__(self, code: UnreadableCode, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as text: `number` is the 1-based row (or line) a person sees in their program."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowIssue:
    """One thing to know about a row; an error keeps it out, a warning does not.

    `line` is the row's number in the file, `column` its heading as typed (None: the whole row),
    `value` the cell as typed, `rule` a stable name, `suggestion` a value that would be right.
    """

    line: int
    column: str | None
    value: str | None
    rule: str
    detail: str
    severity: Literal["error", "warning"]
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its `number` in the file and its columns; data begins on a later row."""

    number: int
    columns: tuple[Column, ...]

    @property
    def unrecognised(self) -> tuple[Column, ...]:
        """Columns with a heading that no field takes."""
        return tuple(c for c in self.columns if c.heading and c.field is None)


@dataclass(frozen=True, slots=True)
class RowReading:
    """The customer fields one row holds (API names, nested addresses, no empty values).

    A `skipped` row is no customer (a total, a repeated header); its issue says why. A row with an
    issue of severity error cannot become a customer.
    """

    fields: Fields
    issues: tuple[RowIssue, ...]
    skipped: bool = False


def find_header(
    rows: Iterable[SourceRow], look: int = 50, *, own: Sequence[CustomField] = ()
) -> Header:
    """The row among the first `look` whose headings are recognised best; the earliest of equals.

    `own` are the fields the company has declared.

    Raises UnreadableFile: "empty" (no rows, or nothing below the header), "no_usable_header".
    """
    stream = iter(rows)
    first = list(islice(stream, look))
    if not first:
        raise UnreadableFile("empty", "The file has no rows. Check that the right file was chosen.")
    best: tuple[int, int] | None = None
    for position, row in enumerate(first):
        score = _header_score(row, first)
        if score and (best is None or score > best[0]):
            best = score, position
    if best is None:
        raise UnreadableFile(
            "no_usable_header",
            "No heading for a customer's name was found in the first rows. Put a row of headings "
            'such as "Company", "First Name", "Last Name", "Email" above the customers.',
        )
    header = first[best[1]]
    if best[1] == len(first) - 1 and next(stream, None) is None:
        raise UnreadableFile(
            "empty", f"There are headings in row {header.number} but no customers below them."
        )
    return Header(header.number, map_columns(header.cells, own))


def _header_score(candidate: SourceRow, rows: Sequence[SourceRow]) -> int:
    """How many headings are recognised; 0 when the row cannot be the header of `rows`."""
    cells = candidate.cells
    known = [(i, meaning) for i, c in enumerate(cells) if (meaning := recognises(c))]
    names = [i for i, meaning in known if meaning in NAME_FIELDS]
    if not names:
        return 0
    if len(known) < 3 and any(_LOOKS_LIKE_DATA.fullmatch(c.strip()) for c in cells):
        return 0
    # "Company" may be a value too (a column of customer types): headings do not come again.
    if len(known) == 1 and any(
        row.number != candidate.number and row.cells[names[0] : names[0] + 1] == (cells[names[0]],)
        for row in rows
    ):
        return 0
    return len(known)


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

    def refuse(self, finding: Finding) -> None:
        self.issues.append(self._issue(finding, None, None, "error"))

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


def row_fields(columns: Sequence[Column], row: SourceRow) -> RowReading:
    """The fields of one row and what is wrong or doubtful in it; values are kept as typed."""
    reading = _Reading(row.number)
    _collect(columns, row.cells, reading)
    skip = _skip_reason(columns, row.cells, reading)
    if skip:
        reading.issues.clear()
        reading.warn(skip, value=next(c for c in row.cells if c.strip()))
        return RowReading({}, tuple(reading.issues), skipped=True)
    _check_values(reading)
    _one_billing_address(reading)
    _check_addresses(reading)
    if not NAME_FIELDS & reading.flat.keys():
        named = [c.heading for c in columns if c.field in NAME_FIELDS]
        detail = f"the row names no customer: fill in {' or '.join(dict.fromkeys(named))}"
        reading.refuse(Finding("name_required", detail))
    return RowReading(_nested(reading.flat), tuple(reading.issues))


def _collect(columns: Sequence[Column], cells: Sequence[str], reading: _Reading) -> None:
    """Walk the columns: the first non-empty cell of a field wins, a different one is reported."""
    for column in columns:
        if column.field is None or column.index >= len(cells) or not cells[column.index]:
            continue
        typed = cells[column.index]
        lines = column.field in _WITH_LINES or column.field.startswith("custom.")
        value = cell_values.clean(typed, lines=lines)
        if not value:
            continue
        # Behind a guard it is a text that only looks like an error.
        if value in cell_values.ERROR_CELLS and "'" not in typed:
            reading.warn(_cell_error(value), column, typed)
        elif column.field not in reading.flat:
            reading.flat[column.field] = value
            reading.source[column.field] = column
        elif reading.flat[column.field].casefold() != value.casefold():
            kept = reading.source[column.field].heading
            detail = f'left out: the value of "{kept}" was taken for {column.field}'
            reading.warn(Finding("extra_value", detail), column, typed)
    width = max((c.index for c in columns), default=-1) + 1
    for index in range(width, len(cells)):
        if cells[index].strip():
            detail = f"column {index + 1} has a value but no heading: it was left out"
            reading.warn(Finding("no_heading", detail), value=cells[index])


def _cell_error(value: str) -> Finding:
    if value == UNCALCULATED:
        return Finding(
            "formula_not_calculated",
            "the cell holds a formula without a result: open the file in Excel and save it again",
        )
    return Finding("cell_error", f"the cell shows the error {value}: it was left out")


def _skip_reason(
    columns: Sequence[Column], cells: Sequence[str], reading: _Reading
) -> Finding | None:
    first = next((c.strip() for c in cells if c.strip()), "")
    if _TOTAL.fullmatch(first) and len(reading.flat) <= 1:
        others = [c for c in cells if c.strip() and c.strip() != first]
        if all(_LOOKS_LIKE_DATA.fullmatch(c.strip()) for c in others):
            return Finding("total_row", "the row is a total, not a customer: it was left out")
    filled = [(i, c.strip()) for i, c in enumerate(cells) if c.strip()]
    headings = {c.index: c.heading for c in columns if c.heading}
    if len(filled) > 1 and all(headings.get(i) == text for i, text in filled):
        return Finding("repeated_header", "the row repeats the headings: it was left out")
    return None


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


def _check_addresses(reading: _Reading) -> None:
    for address in _ADDRESSES:
        prefix = f"{address}."
        parts = {k.removeprefix(prefix): v for k, v in reading.flat.items() if k.startswith(prefix)}
        if not parts.keys() - {"name"}:
            continue
        if "zip" in parts:
            finding = cell_values.zip_code(
                parts["zip"], state=parts.get("state", ""), country=parts.get("country", "")
            )
            if finding:
                reading.warn(finding, reading.source[f"{prefix}zip"], parts["zip"])
        missing = cell_values.missing_address_parts(parts)
        if missing:
            what = address.replace("_", " ")
            detail = f"the {what} is kept but incomplete: no {', no '.join(missing)}"
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


def _nested(flat: dict[str, Any]) -> Fields:
    fields: Fields = {}
    for name, value in flat.items():
        parent, dot, part = name.partition(".")
        if dot:
            fields.setdefault(parent, {})[part] = value
        elif name == "tags":
            fields[name] = cell_values.tags(value)
        else:
            fields[name] = value
    return fields
