"""What happened around a customer: the entries of its timeline that are no change of the customer.

They are written once, with the record they tell of, and never edited. They hold no personal data:
what a note says stands in the note.
"""

from dataclasses import dataclass
from datetime import datetime

from roster.domain.document import Document
from roster.domain.events import Actor
from roster.domain.ids import derived_id, new_id
from roster.domain.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One entry: `noun` and `verb` as in "invoice sent"; `label` tells which ("INV-00012")."""

    id: str
    tenant: str
    customer_id: str
    at: datetime
    actor: Actor
    noun: str
    verb: str
    record_id: str
    label: str = ""

    @property
    def kind(self) -> str:
        """The kind of entry, as "invoice_sent"."""
        return f"{self.noun}_{self.verb}"


def activity(record: Record, verb: str, actor: Actor, at: datetime, *, label: str = "") -> Activity:
    """That `actor` did `verb` (a past participle: "sent") to the record."""
    return Activity(
        id=new_id("act", at),
        tenant=record.tenant,
        customer_id=record.customer_id,
        at=at,
        actor=actor,
        noun=str(record.family),
        verb=verb,
        record_id=record.id,
        label=label,
    )


def document_activity(document: Document, verb: str, actor: Actor, at: datetime) -> Activity:
    """That `actor` did `verb` to a document; its name may be personal and is not told."""
    imported = actor.run is not None and verb == "added"
    return Activity(
        id=imported_document_entry(document) if imported else new_id("act", at),
        tenant=document.tenant,
        customer_id=document.customer_id,
        at=at,
        actor=actor,
        noun="document",
        verb=verb,
        record_id=document.id,
    )


def imported_document_entry(document: Document) -> str:
    """The id of the entry that an import has added the document.

    It is told once, whoever judges the file first, and an undo finds it.
    """
    first = document.served[0] if document.served else document.content
    return derived_id("act", first.announced_at, document.id)


def sentence(told: Activity) -> str:
    """The entry in one line for a person."""
    who = told.actor.user or str(told.actor.source)
    return " ".join(part for part in (who, told.verb, told.noun, told.label) if part)
