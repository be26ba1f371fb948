"""A customer on the wire, for every function that answers with one."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from roster.domain.completeness import completeness
from roster.domain.customer import Customer, Kind, Role, Status
from roster.domain.customer_values import email_normalized, website_url
from roster.domain.location import Address
from roster.domain.places import country_code, state_code


class AddressOut(BaseModel):
    """A postal address; what is not known is null."""

    street: str | None
    unit: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    state_code: str | None = None
    country_code: str | None = None

    @classmethod
    def parts_of(cls, address: Address) -> dict[str, Any]:
        """An address as typed, with the codes of its state and country where they are known."""
        return {
            **asdict(address),
            "state_code": state_code(address.state, address.country),
            "country_code": country_code(address.country),
        }


class BillingContactOut(BaseModel):
    """Who gets the bills; what is not known is null."""

    name: str | None
    email: str | None
    phone: str | None


class CustomerRow(BaseModel):
    """A customer as a list shows it.

    `primary_location` is its name, else its city. The figures are those of now, in a customer as
    it was at some time too.
    """

    id: str
    number: str | None
    kind: Kind
    role: Role
    status: Status
    archived: bool
    display_name: str
    company_name: str | None
    full_name: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    external_id: str | None
    tags: list[str]
    portal_access: bool
    verified: bool
    quickbooks: str | None
    source: str
    locations_count: int
    primary_location: str | None
    assets_on_location: int
    assets_owned: int
    version: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """The wire form of a customer."""
        return cls(archived=customer.status is Status.INACTIVE, **cls._shared(customer))

    @classmethod
    def _shared(cls, customer: Customer) -> dict[str, Any]:
        values = asdict(customer)
        return {name: values[name] for name in cls.model_fields if name in values}


class CustomerOut(CustomerRow):
    """A whole customer.

    What is normalised stands beside what was typed, null where there is doubt: `phone_e164`,
    `mobile_e164`, `email_normalized`, `website_url`, codes of state and country. `completeness`
    goes from 0 to 100; `tips` come with the answer to a save.
    """

    website: str | None
    website_url: str | None
    notes: str | None
    phone_e164: str | None
    mobile_e164: str | None
    email_normalized: str | None
    billing_address: AddressOut | None
    billing_same_as_service: bool
    billing_contact: BillingContactOut | None
    gstin: str | None
    pan: str | None
    tax_rate_id: str | None
    payment_term_id: str | None
    default_discount_percent: float | None
    custom: dict[str, Any]
    completeness: int
    tips: list[str] = []

    @classmethod
    def _shared(cls, customer: Customer) -> dict[str, Any]:
        billing = customer.billing_address
        return super()._shared(customer) | {
            "website_url": website_url(customer.website),
            "email_normalized": email_normalized(customer.email) if customer.email else None,
            "billing_address": AddressOut.parts_of(billing) if billing else None,
            "completeness": completeness(customer),
        }
