"""Customers on the wire: shapes and types. What a field may hold is the domain's to say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from roster.domain import customer as rules
from roster.domain.billing import BillingContact, check_contact_part
from roster.domain.customer import Customer, Kind, Role, Status
from roster.domain.customer_fields import MAX_ADDRESS_PART, check_fields
from roster.domain.events import Event, Source
from roster.domain.location import Address, check_part
from roster.domain.required_fields import PRESETS
from roster.runtime.wire.customer import CustomerRow

type Flag = Annotated[bool | None, Field(strict=True)]
type Percent = Annotated[Decimal | None, Field(description="0 to 100, at most 4 decimals")]
type AddressPart = Annotated[str | None, Field(max_length=MAX_ADDRESS_PART)]


def _tag(given: str) -> str:
    for error in check_fields({"tags": [given]}):
        raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
    return given


# Judged one by one, so that an error says which.
Tag = Annotated[str, AfterValidator(_tag)]


class Strict(BaseModel):
    """A body that may hold nothing we do not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class AddressIn(Strict):
    """A postal address."""

    street: AddressPart = None
    unit: AddressPart = None
    city: AddressPart = None
    state: AddressPart = None
    zip: AddressPart = None
    country: AddressPart = None

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, str) and value and info.field_name:
            for error in check_part(info.field_name, value):
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value


class BillingContactIn(Strict):
    """Who gets the bills."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        if value and info.field_name:
            for error in check_contact_part(info.field_name, value):
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value


class LocationIn(AddressIn):
    """A service location; street, city, state and ZIP are required."""

    name: AddressPart = None


class CustomerPatch(Strict):
    """What may be set on a customer; in a merge patch an absent field keeps, null clears."""

    display_name: str | None = None
    number: str | None = None
    kind: Kind | None = None
    role: Role | None = None
    company_name: str | None = None
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    website: str | None = None
    notes: str | None = None
    external_id: str | None = None
    tags: list[Tag] | None = None
    billing_address: AddressIn | None = None
    billing_same_as_service: Flag = None
    billing_contact: BillingContactIn | None = None
    gstin: str | None = None
    pan: str | None = None
    tax_rate_id: str | None = None
    payment_term_id: str | None = None
    default_discount_percent: Percent = None
    verified: Flag = None
    portal_access: Flag = None
    custom: dict[str, Any] | None = None

    @field_validator("*", mode="after")
    @classmethod
    def _keeps_the_rules(cls, value: Any, info: ValidationInfo) -> Any:
        """Ask the domain, field by field, so that every broken rule is named at once."""
        if value is not None and info.field_name in rules.EDITABLE:
            for error in check_fields({info.field_name: value}):
                raise PydanticCustomError(error.code, "{detail}", {"detail": error.detail})
        return value

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class CustomerIn(CustomerPatch):
    """A new customer; a name of some kind is the one thing always required.

    What else the company requires is `required_fields` of `GET /v1/settings`; the presets are
    listed here as `x-required-fields`.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "x-required-fields": {str(preset): list(names) for preset, names in PRESETS.items()}
        }
    )

    service_location: LocationIn | None = None

    @classmethod
    def readable(cls, given: Mapping[str, Any], places: Iterable[Sequence[Any]]) -> dict[str, Any]:
        """The values without what stands at `places`, such as ("service_location", "zip")."""
        kept = dict(given)
        for name, *rest in places:
            if name == "service_location" and rest and isinstance(kept.get(name), dict):
                kept[name] = {k: v for k, v in kept[name].items() if k != rest[0]}
            else:
                kept.pop(name, None)
        return cls.model_validate(kept).values()


class Confirmed(Strict):
    """The body of an action that asks for a confirmation."""

    confirm: Literal[True]
    reason: Annotated[str | None, Field(max_length=500)] = None

    @field_validator("confirm", mode="before")
    @classmethod
    def _is_true_itself(cls, value: Any) -> Any:
        """Python takes 1 for True; a confirmation is no place to guess."""
        if value is not True:
            raise PydanticCustomError("literal_error", "Input should be true")
        return value


class CustomerPage(BaseModel):
    """A page of a list; `next_cursor` is null at the end."""

    data: list[CustomerRow]
    next_cursor: str | None


class Option(BaseModel):
    """One entry of a pick-list."""

    id: str
    display_name: str
    number: str | None
    archived: bool

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """The option that stands for a customer."""
        return cls(
            id=customer.id,
            display_name=customer.display_name,
            number=customer.number,
            archived=customer.status is Status.INACTIVE,
        )


class Options(BaseModel):
    """What a pick-list offers."""

    data: list[Option]


class ChangeOut(BaseModel):
    """One field's step from old to new; null means empty."""

    field: str
    old: Any
    new: Any


class EventOut(BaseModel):
    """One entry of the history; `run` is the import or the QuickBooks run behind it."""

    id: str
    kind: str
    version: int
    at: datetime
    by: str
    source: Source
    run: str | None
    reason: str | None
    changes: list[ChangeOut]

    @classmethod
    def of(cls, event: Event) -> Self:
        """The wire form of an event."""
        return cls(
            id=event.id,
            kind=event.kind,
            version=event.version,
            at=event.at,
            by=event.actor.user,
            source=event.actor.source,
            run=event.actor.run,
            reason=event.reason,
            changes=[
                ChangeOut(field=c.field, old=_plain(c.old), new=_plain(c.new))
                for c in event.changes
            ],
        )


def _plain(value: Any) -> Any:
    return asdict(value) if isinstance(value, Address | BillingContact) else value


class HistoryPage(BaseModel):
    """A page of the history, newest first."""

    data: list[EventOut]
    next_cursor: str | None
