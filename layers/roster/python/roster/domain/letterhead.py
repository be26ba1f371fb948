"""What a company prints about itself on quotes and invoices, and its tax numbers."""

from collections.abc import Mapping
from typing import Any

from roster.domain.customer_values import email_normalized, gstin, pan, website_error
from roster.domain.errors import FieldError
from roster.domain.money import is_currency
from roster.domain.text import has_control_characters, is_invisible

# Characters at most. The address and the instructions have line breaks.
LIMITS = {
    "company_name": 150,
    "company_address": 500,
    "company_email": 254,
    "company_phone": 50,
    "company_website": 200,
    "payment_instructions": 1000,
}
_SEVERAL_LINES = ("company_address", "payment_instructions")


def normalized(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as stored: without space around texts, tax numbers in their one spelling.

    Empty text is None, the default; what breaks a rule stays as it is.
    """
    done = dict(values)
    for name in (*LIMITS, "gstin", "pan"):
        if isinstance(given := done.get(name), str):
            done[name] = given.strip() or None
    for name, spelling in (("gstin", gstin), ("pan", pan)):
        if given := done.get(name):
            done[name] = spelling(given) or given
    return done


def letterhead_errors(values: Mapping[str, Any], before: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that normalized `values` break; `before` are the tax numbers held so far."""
    errors = []
    currency = values.get("currency")
    if currency is not None and not is_currency(currency):
        errors.append(FieldError("/currency", "currency", "an ISO 4217 code such as USD"))
    for name, limit in LIMITS.items():
        text = values.get(name)
        if text is not None and not _is_fine(name, text, limit):
            lines = "" if name in _SEVERAL_LINES else " on one line"
            detail = f"at most {limit} characters{lines}, something of which can be seen"
            errors.append(FieldError(f"/{name}", "text", detail))
    if (email := values.get("company_email")) and email_normalized(email) is None:
        errors.append(FieldError("/company_email", "email", "an e-mail address"))
    if (website := values.get("company_website")) and (wrong := website_error(website)):
        errors.append(FieldError("/company_website", wrong.code, wrong.detail))
    return [*errors, *_tax_number_errors(values, before)]


def _is_fine(name: str, text: str, limit: int) -> bool:
    one_line = name in _SEVERAL_LINES or text.isprintable()
    return (
        one_line
        and len(text) <= limit
        and not has_control_characters(text)
        and not is_invisible(text)
    )


def _tax_number_errors(values: Mapping[str, Any], before: Mapping[str, Any]) -> list[FieldError]:
    errors = []
    number, holder = ({**before, **values}.get(name) for name in ("gstin", "pan"))
    if values.get("gstin") is not None and gstin(values["gstin"]) is None:
        detail = "15 characters such as 27AAPFU0939F1ZV, the last one a check character"
        errors.append(FieldError("/gstin", "gstin", detail))
    elif values.get("pan") is not None and pan(values["pan"]) is None:
        errors.append(FieldError("/pan", "pan", "10 characters such as AAPFU0939F"))
    elif number and holder and number[2:12] != holder:
        where = "/pan" if values.get("pan") else "/gstin"
        detail = "characters 3 to 12 of the GSTIN are the PAN"
        errors.append(FieldError(where, "gstin_pan", detail))
    return errors
