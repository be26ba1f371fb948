"""Which fields saving a customer needs: a preset for a kind of business, or the company's own list.

A required field is written as in the body of a create, its parts after a dot
("service_location.street"); `a|b` means that either will do.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from roster.domain.errors import FieldError
from roster.domain.location import ADDRESS_FIELDS, REQUIRED_OF_A_LOCATION


class Preset(StrEnum):
    """Kinds of business by what they need to know of a customer; `own` is a list of one's own."""

    TRADE = "trade"
    FIELD_SERVICE = "field_service"
    GST = "gst"
    ASSET = "asset"
    OWN = "own"


_PLACE, _CUSTOM = "service_location.", "custom."
# A name of some kind is what every customer needs.
_ALWAYS = "display_name"
PRESETS: dict[Preset, tuple[str, ...]] = {
    Preset.TRADE: (_ALWAYS,),
    Preset.FIELD_SERVICE: (
        "company_name|full_name",
        *(_PLACE + part for part in REQUIRED_OF_A_LOCATION),
        "number",
    ),
    Preset.GST: ("company_name", "full_name"),
    Preset.ASSET: (_ALWAYS,),
    Preset.OWN: (_ALWAYS,),
}
REQUIRABLE = frozenset(
    (
        *("display_name", "company_name", "full_name", "first_name", "last_name", "number"),
        *("email", "phone", "mobile", "website", "notes", "external_id", "tags", "gstin", "pan"),
        *("tax_rate_id", "payment_term_id", "default_discount_percent"),
        *("billing_contact", "billing_address", *(_PLACE + part for part in ADDRESS_FIELDS)),
    )
)
_MOST = 50
GST_TIP = "GST and PAN help generate tax-compliant invoices"


def check_own(required: Sequence[str], declared: Iterable[str]) -> list[FieldError]:
    """The rules that a company's own list breaks; `declared` are its custom fields' names."""
    if len(required) > _MOST:
        return [FieldError("/required_fields", "too_many", f"at most {_MOST} fields")]
    known = REQUIRABLE | {_CUSTOM + name for name in declared}
    return [
        FieldError(f"/required_fields/{i}", "unknown_field", "no field that can be required")
        for i, name in enumerate(required)
        if any(one not in known for one in name.split("|"))
    ]


def required_fields(
    preset: Preset, own: Sequence[str], *, auto_numbering: bool, declared: Iterable[str]
) -> tuple[str, ...]:
    """The fields a save needs now; numbers that come by themselves are not asked for."""
    listed = (*PRESETS[preset], *own) if preset is Preset.OWN else PRESETS[preset]
    known = {_CUSTOM + name for name in declared}
    return tuple(
        name
        for name in dict.fromkeys(listed)
        if not (name == "number" and auto_numbering)
        and not (name.startswith(_CUSTOM) and name not in known)
    )


def missing_fields(
    required: Iterable[str], values: Mapping[str, Any], place: Mapping[str, Any] | None = None
) -> dict[str, FieldError]:
    """The required fields that `values` and the service location lack, by name."""
    return {
        name: FieldError(
            "/" + name.split("|")[0].replace(".", "/"),
            "required",
            f"required: {name.replace('|', ' or ')}",
        )
        for name in required
        if not any(_is_there(one, values, place or {}) for one in name.split("|"))
    }


def _is_there(name: str, values: Mapping[str, Any], place: Mapping[str, Any]) -> bool:
    if name.startswith(_PLACE):
        return bool(place.get(name.removeprefix(_PLACE)))
    if name.startswith(_CUSTOM):
        return (values.get("custom") or {}).get(name.removeprefix(_CUSTOM)) is not None
    if name == "full_name" and (values.get("first_name") or values.get("last_name")):
        return True
    if name == _ALWAYS:
        # Derived from any of these; that there is one at all is the core's own rule.
        return True
    if name == "billing_address" and values.get("billing_same_as_service"):
        return True
    return bool(values.get(name))


def is_of_a_location(name: str) -> bool:
    """Whether a required field belongs to the service location, not to the customer itself."""
    return name.startswith(_PLACE)
