"""The timeline on the wire."""

from dataclasses import replace
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from roster.domain import activities
from roster.domain import history as rules
from roster.domain.events import Event, Source
from roster.runtime.callers import Modules, modules_of_family
from roster.usecases.timeline import Entry


class TimelineEntry(BaseModel):
    """One thing that happened, in words; `customer_id` is the customer it happened to.

    `record_id` names the task, quote … it happened to.
    """

    id: str
    customer_id: str
    kind: str
    at: datetime
    by: str
    source: Source
    run: str | None
    text: str
    record_id: str | None

    @classmethod
    def of(cls, entry: Entry, modules: Modules) -> Self:
        """The wire form for a caller who has these modules: amounts and numbers need theirs."""
        if isinstance(entry, Event):
            kind, text, record_id = rules.timeline_kind(entry), rules.sentence(entry), None
        else:
            if not all(one_of & modules for one_of in modules_of_family(f"{entry.noun}s")):
                entry = replace(entry, label="")
            kind, text, record_id = entry.kind, activities.sentence(entry), entry.record_id
        return cls(
            id=entry.id,
            customer_id=entry.customer_id,
            kind=kind,
            at=entry.at,
            by=entry.actor.user,
            source=entry.actor.source,
            run=entry.actor.run,
            text=text,
            record_id=record_id,
        )
