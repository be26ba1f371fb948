"""What the wire forms of all families of records share."""

from dataclasses import fields
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from roster.domain.customer import Customer
from roster.domain.record import Record


class RecordIn(BaseModel):
    """A body that may hold nothing we do not know; in a merge patch an absent field keeps."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def values(self) -> dict[str, Any]:
        """What the caller has sent, null where it was null."""
        return self.model_dump(exclude_unset=True)


class RecordOut(BaseModel):
    """A record as stored; `version` is its ETag."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    customer_id: str
    version: int
    created_at: datetime
    created_by: str
    updated_at: datetime

    @classmethod
    def of(cls, record: Record, **more: Any) -> Self:
        """The wire form of a record; `more` holds what is not in it."""
        values = {f.name: getattr(record, f.name) for f in fields(record)}
        values |= {"created_by": record.created_by.user, **more}
        return cls.model_validate({k: v for k, v in values.items() if k in cls.model_fields})


class CustomerRef(BaseModel):
    """The customer that a record in a list across customers hangs on."""

    id: str
    display_name: str

    @classmethod
    def of(cls, customer: Customer) -> Self:
        """The wire form."""
        return cls(id=customer.id, display_name=customer.display_name)
