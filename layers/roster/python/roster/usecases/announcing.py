"""What follows from a change that is already written: tell others, and tidy up behind it."""

from roster.domain.activities import Activity
from roster.domain.customer import Customer
from roster.domain.events import Event
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


def tidy_up(before: Customer, after: Customer, *, customers: Sweeping) -> None:
    """Remove what held for `before` only, and mend what a crash left behind."""
    customers.sweep(before, after)
