"""Every field that a column of a spreadsheet may feed, and what a person calls it."""

from collections.abc import Sequence

from roster.domain.custom_fields import CustomField

_OWN = "custom."
_ADDRESS = {
    "street": "street",
    "unit": "unit",
    "city": "city",
    "state": "state",
    "zip": "ZIP or postal code",
    "country": "country",
}
_FIELDS = {
    "display_name": "Display name",
    "company_name": "Company name",
    "full_name": "Full name",
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "mobile": "Mobile phone",
    "website": "Website",
    "external_id": "Id in another system",
    "roster_id": "Roster id",
    "number": "Customer number",
    "kind": "Company or individual",
    "role": "End customer or distributor",
    "notes": "Notes",
    "tags": "Tags",
    "service_location.name": "Service location: name",
    **{f"service_location.{part}": f"Service location: {what}" for part, what in _ADDRESS.items()},
    "billing_same_as_service": "Billing address is the service address (yes or no)",
    **{f"billing_address.{part}": f"Billing address: {what}" for part, what in _ADDRESS.items()},
    "billing_contact.name": "Billing contact: name",
    "billing_contact.email": "Billing contact: e-mail",
    "billing_contact.phone": "Billing contact: phone",
    "gstin": "GSTIN",
    "pan": "PAN",
    "tax_rate_id": "Tax rate",
    "payment_term_id": "Payment term",
    "default_discount_percent": "Discount in percent",
    "verified": "Verified (yes or no)",
    "portal_access": "Portal access (yes or no)",
}
# Two ids of one row are two different things: the second column is no stand-in for the first.
ONE_COLUMN_ONLY = frozenset({"roster_id", "external_id", "number", "kind", "role", "gstin", "pan"})


def target_fields(own: Sequence[CustomField]) -> dict[str, str]:
    """Labels by field, the company's own fields last."""
    return _FIELDS | {f"{_OWN}{one.name}": one.label or one.name for one in own}
