"""How a spreadsheet says what a company has defined: tax rates, payment terms, own fields."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roster.domain.custom_fields import CustomField, CustomType
from roster.domain.imports import cell_values
from roster.domain.imports.cell_values import Finding
from roster.domain.imports.dates import TURNED, is_turned, names_a_day_only, typed_day
from roster.domain.terms import Term, TermKind

_WHOLE = re.compile(r"[+-]?\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
# A cell that is a date reads so where its format shows a time as well.
_MIDNIGHT = re.compile(r".+[T ](00?:00(:00)?|12:00(:00)? ?am)", re.IGNORECASE)


class NotChosen(Exception):
    """The text names no one term; `rule` is a stable name, the message is for a person."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule, self.detail = rule, detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a company has defined; terms of both kinds, retired ones included.

    `month_first`: whether 3/4/2024 is the fourth of March where the company is.
    """

    terms: Mapping[TermKind, Sequence[Term]] = field(default_factory=dict)
    custom_fields: tuple[CustomField, ...] = ()
    month_first: bool = True

    def has(self, kind: TermKind) -> bool:
        """Whether there is anything to choose from."""
        return bool(self.terms.get(kind))

    def text_of(self, kind: TermKind, term_id: str | None) -> str | None:
        """What a file calls the term: its name, or its id where the name says more than one."""
        known = self.terms.get(kind, ())
        term = next((one for one in known if one.id == term_id), None)
        if term is None:
            return term_id
        alike = Counter(one.active for one in known if _key(one.name) == _key(term.name))
        rivals = alike[True] - term.active if term.active else alike.total() - 1
        return term.id if rivals else term.name

    def term_of(self, kind: TermKind, text: str) -> str:
        """The id of the term that a file calls `text`, by its name or its id; raises NotChosen."""
        what = kind.name.lower()
        named = what.replace("_", " ")
        known = [t for t in self.terms.get(kind, ()) if t.id == text or _key(t.name) == _key(text)]
        active = [t for t in known if t.active]
        if len(active) == 1 or (found := [t for t in active if t.id == text]):
            return active[0].id if len(active) == 1 else found[0].id
        if active:
            ids = ", ".join(t.id for t in active)
            raise NotChosen(f"ambiguous_{what}", f"several are called so: write one of {ids}")
        if known:
            raise NotChosen(f"retired_{what}", f"this {named} is retired: choose another")
        raise NotChosen(f"unknown_{what}", f"the company has no {named} of this name")


def _key(name: str) -> str:
    return cell_values.one_line(name).casefold()


def custom_text(value: Any) -> str | None:
    """A value of a field of the company's own, as a cell shows it."""
    if isinstance(value, bool):
        return cell_values.flag_text(value)
    return None if value is None else str(value)


def custom_value(
    declared: CustomField, text: str, *, month_first: bool = True
) -> tuple[Any, Finding | None]:
    """The value a cell means for the field, and the doubt about it; the text if it means none."""
    match declared.type:
        case CustomType.NUMBER:
            return _number(text), None
        case CustomType.BOOLEAN:
            flag = cell_values.flag(text)
            return (text if flag is None else flag), None
        case CustomType.DATE:
            return _date(text, month_first=month_first)
        case CustomType.CHOICE:
            alike = [c for c in declared.choices if _key(c) == _key(text)]
            return (alike[0] if len(alike) == 1 and text not in declared.choices else text), None
    return text, None


def _date(text: str, *, month_first: bool) -> tuple[str, Finding | None]:
    day = typed_day(text, month_first=month_first)
    if day is None:
        return text, None
    value = day.isoformat()
    if is_turned(text, month_first=month_first):
        detail = TURNED.format(value, "month" if month_first else "day")
        return value, Finding("doubtful_date", detail)
    if not names_a_day_only(text) and not _MIDNIGHT.fullmatch(text):
        return value, Finding("time_left_out", f"the field holds days: read as {value}")
    return value, None


def _number(text: str) -> int | float | str:
    plain = text.replace(",", "") if _THOUSANDS.fullmatch(text) else text
    try:
        return int(plain) if _WHOLE.fullmatch(plain) else float(plain)
    except ValueError:
        return text
