"""What several columns of a row make together: its addresses and its people."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from roster.domain.customer_fields import MAX_ADDRESS_PART
from roster.domain.imports import addresses, cell_values
from roster.domain.imports.cell_values import Finding
from roster.domain.imports.headings import Column
from roster.domain.imports.reading import RowIssue

GROUPED = re.compile(r"(service_location|billing_address|contact)(?:\[(\d+)\])?\.(.+)")
_TOLD = frozenset({"city", "state", "zip"})


@dataclass(slots=True)
class Group:
    """Columns that together make an address or a person: the flat name of each part."""

    kind: str
    words: str
    names: dict[str, str] = field(default_factory=dict)

    @property
    def is_free(self) -> bool:
        """Whether the address comes as lines, or in one cell."""
        return "lines" in self.names or "whole" in self.names


@dataclass(slots=True)
class Reading:
    """A row being read: flat field names while the columns are walked."""

    line: int
    flat: dict[str, Any] = field(default_factory=dict)
    source: dict[str, Column] = field(default_factory=dict)
    issues: list[RowIssue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)

    def note(self, text: str) -> None:
        """Keep a text that has no field of its own."""
        self.notes.append(text)

    def warn(
        self, finding: Finding, column: Column | None = None, value: str | None = None
    ) -> None:
        """Say what is doubtful in the row, or in one cell of it."""
        self.issues.append(self._issue(finding, column, value, "warning"))

    def refuse(
        self, finding: Finding, column: Column | None = None, value: str | None = None
    ) -> None:
        """Say why the row cannot become a customer."""
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


def groups_of(columns: Sequence[Column]) -> list[Group]:
    """The addresses and people that the columns name, in the order of their numbers."""
    found: dict[tuple[str, int], Group] = {}
    for column in columns:
        match = GROUPED.fullmatch(column.field or "")
        if match is None or column.field is None:
            continue
        kind, number, part = match[1], int(match[2] or 1), match[3]
        words = kind.replace("_", " ") + (f" {number}" if number > 1 else "")
        found.setdefault((kind, number), Group(kind, words)).names[part] = column.field
    return [found[key] for key in sorted(found)]


def settle_free_address(group: Group, reading: Reading, names: Collection[str]) -> None:
    """Put the parts of an address written freely where those of others stand."""
    flat = reading.flat
    lines: list[str] = flat.pop(group.names.get("lines", ""), [])
    whole = flat.pop(group.names.get("whole", ""), None)
    if whole is None and not lines:
        return
    name = group.names.get("whole" if whole else "lines", "")
    if any(group.names.get(part) in flat for part in _TOLD):
        found = addresses.streets(lines or [whole], names)
    elif whole:
        found = addresses.from_cell(whole, names)
    else:
        found = addresses.from_lines(lines, names)
    column, typed = reading.source[name], whole or ", ".join(lines)
    for part, value in found.parts.items():
        flat.setdefault(group.names.setdefault(part, _beside(name, part)), value)
        reading.source.setdefault(group.names[part], column)
    for line in found.left:
        reading.note(f"{group.words}: {line}")
        detail = f"no part of an address: kept in the notes, not in the {group.words}"
        reading.warn(Finding("not_an_address", detail), column, line)
    if not found.sure:
        detail = f"the parts of the {group.words} could not be told apart: it is kept as typed"
        reading.warn(Finding("address_as_typed", detail), column, typed)
        reading.unsure.add(group.words)


def _beside(name: str, part: str) -> str:
    return f"{name.rpartition('.')[0]}.{part}"


def settle_street_tail(group: Group, reading: Reading) -> None:
    """Move the rest of an address out of its street, where it does not say otherwise."""
    street = group.names.get("street", "")
    found = addresses.without_tail(reading.flat.get(street, ""))
    if found is None:
        return
    bare, tail = found
    column = reading.source[street]
    reading.flat[street] = bare
    for part, value in tail.items():
        name = group.names.setdefault(part, _beside(street, part))
        kept = reading.flat.setdefault(name, value)
        reading.source.setdefault(name, column)
        if kept.casefold() != value.casefold() and not _same_state(part, kept, value):
            detail = f"left out of the street: the {part} is {kept}"
            reading.warn(Finding("two_addresses", detail), column, value)


def _same_state(part: str, one: str, other: str) -> bool:
    return part == "state" and addresses.same_state(one, other)


def check_address(group: Group, reading: Reading) -> None:
    """Refuse a part that is too long; say what an address lacks, and a damaged ZIP."""
    flat, names = reading.flat, group.names
    parts = {part: flat[name] for part, name in names.items() if name in flat}
    if not parts:
        return
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
    if missing and group.words not in reading.unsure:
        detail = f"the {group.words} is kept but incomplete: no {', no '.join(missing)}"
        reading.warn(Finding("incomplete_address", detail))


def one_billing_address(reading: Reading) -> None:
    """Leave a billing address out that the row says is the service address."""
    if not reading.flat.get("billing_same_as_service"):
        return
    billing = [name for name in reading.flat if name.startswith("billing_address.")]
    given = {name.partition(".")[2]: reading.flat.pop(name) for name in billing}
    if any(reading.flat.get(f"service_location.{part}") != text for part, text in given.items()):
        detail = "the billing address was left out: the row says it is the service address"
        reading.warn(Finding("two_billing_addresses", detail), value=", ".join(given.values()))


def person(parts: dict[str, str]) -> dict[str, str]:
    """The fields of a contact: a whole name is taken apart, a role is a title."""
    whole = parts.pop("full_name", None)
    if whole and not parts.keys() & {"first_name", "last_name"}:
        parts |= cell_values.name_parts(whole)
    if role := parts.pop("role", None):
        parts.setdefault("title", role)
    return parts


def place_to_bill(fields: dict[str, Any], flags: Sequence[str | None]) -> None:
    """Give the address that bears the flag to the bills; alone, it is the place of work as well."""
    places: list[dict[str, str]] = fields.get("locations", [])
    flagged = [i for i, flag in enumerate(flags) if flag and cell_values.flag(flag)]
    if not flagged or "billing_address" in fields:
        return
    place = places[flagged[0]] if len(places) == 1 else places.pop(flagged[0])
    fields["billing_address"] = {part: value for part, value in place.items() if part != "name"}
