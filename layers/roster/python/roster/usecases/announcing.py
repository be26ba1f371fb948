"""What follows from a change that is already written: tell others, and tidy up behind it."""

from roster.domain.activities import Activity
from roster.domain.customer import Customer
from roster.domain.events import Event
from roster.domain.imports.news import ImportEvent
from roster.usecases.ports import Announcement, Announcements, Sweeping


def announce(tenant: str, event: Event, *, announcements: Announcements) -> None:
    """Publish one entry of a customer's history; ids and field names, no personal data."""
    detail = {
        "tenant": tenant,
        "customer_id": event.customer_id,
        "event_id": event.id,
        "version": event.version,
        "at": event.at.isoformat(),
        "source": event.actor.source,
        "run": event.actor.run,
        "fields": [change.field for change in event.changes],
    }
    announcements.publish(
        [Announcement(f"customer.{event.kind}", event.customer_id, event.at, detail)]
    )


def announce_activity(told: Activity, *, announcements: Announcements) -> None:
    """Publish one entry of a timeline, as "invoice.sent"; ids, no personal data."""
    detail: dict[str, object] = {
        "tenant": told.tenant,
        "customer_id": told.customer_id,
        "activity_id": told.id,
        "record_id": told.record_id,
        "at": told.at.isoformat(),
        "source": told.actor.source,
        "run": told.actor.run,
    }
    kind = f"{told.noun}.{told.verb}"
    announcements.publish([Announcement(kind, told.customer_id, told.at, detail)])


def announce_import(told: ImportEvent, *, announcements: Announcements) -> None:
    """Publish what happened to an import, as "import.completed": counts, and nothing of its rows.

    The same change has the same `event_id`, however often it is told.
    """
    job, counts = told.job, told.job.counts
    detail: dict[str, object] = {
        "tenant": job.tenant,
        "import_id": job.id,
        "event_id": told.id,
        "at": told.at.isoformat(),
        "status": job.status,
        "phase": told.phase,
        "percent": told.percent,
        "rows_total": job.plan.rows if job.plan else None,
        "rows": counts,
        "removed": job.tally.removed,
        "kept": job.kept,
        "reason": job.reason.code if job.reason else None,
        "created_by": job.created_by.user,
        "repairs": job.repairs,
    }
    announcements.publish([Announcement(f"import.{told.kind}", job.id, told.at, detail)])


def tidy_up(before: Customer, after: Customer, *, customers: Sweeping) -> None:
    """Remove what held for `before` only, and mend what a crash left behind."""
    customers.sweep(before, after)
