"""Tax rates and payment terms a company defines, and its customers choose from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from roster.domain.customer_values import PERCENT_RULE, percent
from roster.domain.errors import FieldError, Invalid
from roster.domain.text import has_control_characters, is_invisible

MAX_NAME, MAX_DUE_DAYS = 100, 999


class TermKind(StrEnum):
    """What is chosen; the value is the prefix of its ids."""

    TAX_RATE = "tax"
    PAYMENT_TERM = "term"


# The field that holds a term's value, and the customer's field that names a term.
VALUE_FIELD = {TermKind.TAX_RATE: "rate_percent", TermKind.PAYMENT_TERM: "due_days"}
CUSTOMER_FIELD = {TermKind.TAX_RATE: "tax_rate_id", TermKind.PAYMENT_TERM: "payment_term_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A tax rate (`value` a percentage as decimal text) or a payment term (days until due).

    `used` once a customer has chosen it: such a one is kept when it is deleted, as inactive.
    `quickbooks` is the id of what it follows there, a tax code or a term; `gone_there` once that
    was deleted or retired, with which this one became inactive. `past` is what it was before
    QuickBooks changed it, the latest first.
    """

    id: str
    kind: TermKind
    name: str
    value: str | int
    active: bool = True
    used: bool = False
    quickbooks: str | None = None
    gone_there: bool = False
    past: tuple["Past", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What a term was called and worth until then (RFC 3339)."""

    name: str
    value: str | int
    until: str


def new_term(id: str, kind: TermKind, values: Mapping[str, Any]) -> Term:
    """A term from `name`, its value under VALUE_FIELD and `active`; raises Invalid."""
    given = {k: v for k, v in values.items() if v is not None}
    errors = [
        FieldError(f"/{name}", "required", f"{name} cannot be empty")
        for name in ("name", VALUE_FIELD[kind])
        if given.get(name) in (None, "")
    ]
    if errors:
        raise Invalid([*errors, *_errors(kind, given)])
    return edited_term(Term(id=id, kind=kind, name="", value=0), given)


def edited_term(term: Term, values: Mapping[str, Any]) -> Term:
    """`term` with `values` merged in; nothing of it can be emptied. Raises Invalid."""
    field = VALUE_FIELD[term.kind]
    errors = [
        FieldError(f"/{name}", "required", f"{name} cannot be empty")
        for name in ("name", field, "active")
        if name in values and values[name] in (None, "")
    ]
    errors += _errors(term.kind, {k: v for k, v in values.items() if v not in (None, "")})
    if errors:
        raise Invalid(errors)
    value = values.get(field, term.value)
    if term.kind is TermKind.TAX_RATE:
        value = percent(value) or "0"
    return replace(
        term,
        name=values.get("name", term.name),
        value=value,
        active=values.get("active", term.active),
    )


def _errors(kind: TermKind, given: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    name = given.get("name")
    if name and (len(name) > MAX_NAME or has_control_characters(name) or is_invisible(name)):
        detail = f"at most {MAX_NAME} characters, something of which can be seen"
        errors.append(FieldError("/name", "name", detail))
    field = VALUE_FIELD[kind]
    if (value := given.get(field)) is None:
        return errors
    if kind is TermKind.TAX_RATE and percent(value) is None:
        errors.append(FieldError(f"/{field}", "percent", PERCENT_RULE))
    if kind is TermKind.PAYMENT_TERM and not 0 <= value <= MAX_DUE_DAYS:
        errors.append(FieldError(f"/{field}", "range", f"0 to {MAX_DUE_DAYS}"))
    return errors
