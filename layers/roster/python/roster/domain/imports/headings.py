"""Which customer field a foreign column heading means; English headings, any spelling of them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from roster.domain.custom_fields import CustomField
from roster.domain.imports import heading_words as words

NAME_FIELDS = frozenset({"display_name", "company_name", "full_name", "first_name", "last_name"})
# A second column for these has no "else": two ids of one row are two different things.
_SINGLE = frozenset({"roster_id", "external_id", "number", "kind", "role", "gstin", "pan"})
_OWN = "custom"
# Of a customer, most likely, or to be called: the cells tell. The "#" that counts rows is neither.
_NUMBER, _UNSURE = "number", 0.6


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: 0-based `index`, `heading` as typed, and the field it feeds.

    `field` is an API name ("email", "service_location.city") or None when nobody recognises the
    heading; `confidence` runs from 0 to 1. Several columns may feed one field: in each row the
    first non-empty cell wins.
    """

    index: int
    heading: str
    field: str | None
    confidence: float


_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_NOT_WORD = re.compile(r"[\W_]+")
_NOISE = re.compile(r"\b(required|optional|mandatory)\b")


def normalise(heading: str) -> str:
    """`heading` as lower-case words: "*E-mail", "PostalCode", "Phone1" → "email", "postal code"…"""
    text = unicodedata.normalize("NFKC", heading).strip()
    text = text.replace("#s", " numbers").replace("#", " number ")
    spelled = _NOT_WORD.sub(" ", _CAMEL.sub(" ", text)).casefold()
    spelled = re.sub(r"\be mail", "email", _NOISE.sub(" ", spelled))
    return " ".join(spelled.split())


def _without(prefixes: Sequence[str], name: str) -> str | None:
    """What follows the first of `prefixes`; a prefix alone may mean the whole address."""
    for prefix in prefixes:
        if name == prefix:
            return "address" if prefix.endswith(words.WHOLE_ADDRESS) else None
        if name.startswith(prefix + " "):
            return name[len(prefix) + 1 :]
    return None


def _address_part(name: str) -> tuple[str, float] | None:
    if name in words.LOCATION_NAME:
        return "service.name", 0.9
    if name in words.ADDRESS:
        return f"plain.{words.ADDRESS[name]}", 0.9
    for group, prefixes in (
        ("billing", words.BILLING),
        ("service", words.SERVICE),
        ("plain", words.PLAIN),
    ):
        rest = _without(prefixes, name)
        if rest in words.ADDRESS:
            return f"{group}.{words.ADDRESS[rest]}", 0.9
    return None


def _meaning(name: str) -> tuple[str | None, float]:
    """The field of one normalised heading; addresses as "plain|billing|service.<part>"."""
    if name in words.EXACT:
        return words.EXACT[name], 1.0
    if name in words.MONEY:
        return words.MONEY[name], 1.0
    if name in words.CONTACT:
        return words.CONTACT[name], 1.0
    if name in words.OTHER_PHONE:
        return "other_phone", 0.7
    address = _address_part(name)
    if address:
        return address
    rest = _without(words.QUALIFIERS, name)
    while rest:
        if rest in words.CONTACT:
            return words.CONTACT[rest], 0.9
        if rest in words.MONEY:
            return words.MONEY[rest], 0.9
        if rest in words.OTHER_PHONE:
            return "other_phone", 0.6
        address = _address_part(rest)
        if address:
            return address[0], 0.8
        rest = _without(words.QUALIFIERS, rest)
    return None, 0.0


def _said(heading: str) -> tuple[str | None, float]:
    if heading.strip().casefold() == _NUMBER:
        return _NUMBER, _UNSURE
    return _meaning(normalise(heading))


def recognises(heading: str) -> str | None:
    """The field this heading alone would mean, before the file's other columns have a say."""
    return _said(heading)[0] if heading else None


def _settle_addresses(columns: list[Column]) -> list[Column]:
    """Turn the address groups of the headings into the two a customer has.

    Headings without a prefix mean the place served, unless the file names that place apart: then
    they are where the bill goes, or, when that is named too, only what the other one lacks.
    """
    parts: dict[str, set[str]] = {"plain": set(), "billing": set(), "service": set()}
    for column in columns:
        group, _, part = (column.field or "").partition(".")
        if group in parts:
            parts[group].add(part)
    overlap = bool(parts["plain"] & parts["service"])
    plain_is = "billing" if overlap and not parts["billing"] else "service"
    settled = []
    for column in columns:
        group, _, part = (column.field or "").partition(".")
        if group == "plain":
            taken = overlap and plain_is == "service" and part in parts["service"]
            group = "nobody" if taken else plain_is
        settled.append(_in_group(column, group, part))
    return settled


def _in_group(column: Column, group: str, part: str) -> Column:
    if group == "service":
        return replace(column, field=f"service_location.{part}")
    if group == "billing":
        return replace(column, field=f"billing_address.{part}")
    return replace(column, field=None, confidence=0.0) if group == "nobody" else column


def _settle_phones(columns: list[Column]) -> list[Column]:
    """Give the second phone column to `mobile` when no heading claims it; the rest stand in."""
    mobile_free = all(c.field != "mobile" for c in columns)
    phone_seen = any(c.field == "phone" for c in columns)
    first_phone = next((c.index for c in columns if c.field == "phone"), None)
    settled = []
    for column in columns:
        second = column.field == "phone" and column.index != first_phone
        if column.field != "other_phone" and not second:
            settled.append(column)
        elif not phone_seen:
            settled.append(replace(column, field="phone"))
            phone_seen = True
        elif mobile_free:
            sure = min(column.confidence, 0.7)
            settled.append(replace(column, field="mobile", confidence=sure))
            mobile_free = False
        else:
            settled.append(replace(column, field="phone", confidence=min(column.confidence, 0.6)))
    return settled


def _number_elsewhere(headings: Sequence[str]) -> bool:
    return any(_meaning(normalise(one))[0] == _NUMBER for one in headings if one)


def own_heading(declared: CustomField) -> str:
    """What heads the column of a field of the company's own."""
    return f"Custom: {declared.name}"


def _own_field(heading: str, own: Sequence[CustomField]) -> str | None:
    """The own field that a heading names, by its name or its label; None where two fit."""
    exact = [f.name for f in own if own_heading(f).casefold() == heading.strip().casefold()]
    name = normalise(heading)
    bare = name.removeprefix(f"{_OWN} ")
    alike = [f.name for f in own if bare in (normalise(f.name), normalise(f.label or ""))]
    # Without the prefix, a heading that everybody understands means what it means to everybody.
    if not exact and (len(alike) != 1 or (bare == name and _meaning(name)[0])):
        return None
    return f"{_OWN}.{(exact or alike)[0]}"


def map_columns(headings: Sequence[str], own: Sequence[CustomField] = ()) -> tuple[Column, ...]:
    """One Column per heading, in order; an unrecognised or blank heading has field None.

    `own` are the fields the company has declared; their columns feed "custom.<name>".
    """
    columns = []
    seen: set[str] = set()
    for index, heading in enumerate(headings):
        field, confidence = _said(heading)
        if heading and own and (mine := _own_field(heading, own)):
            field, confidence = mine, 1.0
        if (field in _SINGLE and field in seen) or (
            (field, confidence) == (_NUMBER, _UNSURE) and _number_elsewhere(headings)
        ):
            field, confidence = None, 0.0
        if field:
            seen.add(field)
        columns.append(Column(index, heading.strip(), field, confidence))
    return tuple(_settle_phones(_settle_whole_addresses(_settle_addresses(columns))))


def _settle_whole_addresses(columns: list[Column]) -> list[Column]:
    """Take "Billing Address" for a whole address in a file that has no column for its city."""
    fed = {column.field for column in columns}
    return [
        replace(column, field=f"{group}.whole")
        if part == "street"
        and not any(f"{group}.{told}" in fed for told in ("city", "state", "zip", "unit"))
        and normalise(column.heading).endswith(words.WHOLE_ADDRESS)
        else column
        for column in columns
        for group, _, part in [(column.field or "").partition(".")]
    ]
