"""Internal remarks against a customer."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from roster.domain.customer import Customer
from roster.domain.note import Note, check_note
from roster.domain.record import Family, record_id
from roster.usecases import record_keeping as keeping
from roster.usecases.record_keeping import Call


def add_note(call: Call[Note], values: Mapping[str, Any], *, request_key: str | None) -> Note:
    """A new remark; raises Invalid."""
    check_note(values)

    def make(customer: Customer, now: datetime) -> Note:
        return Note(
            id=record_id(Family.NOTE, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            text=values["text"],
        )

    return keeping.add(call, make, verb="added", request_key=request_key)


def edit_note(
    call: Call[Note], note_id: str, values: Mapping[str, Any], *, if_version: int | None
) -> Note:
    """Merge `values` into the remark; raises Invalid."""

    def step(note: Note, _: datetime) -> Note:
        check_note({"text": note.text, **values})
        return replace(note, **values)

    return keeping.change(call, note_id, step, if_version=if_version)
