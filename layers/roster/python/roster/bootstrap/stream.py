"""What the table's stream is handed on to."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from roster.adapters.eventbridge import EventBridge
    from roster.adapters.sqs import Queue


@cache
def event_bus() -> "EventBridge":
    """The bus that others listen on."""
    from roster.adapters.eventbridge import EventBridge

    bus = settings.read(settings.StreamSettings).event_bus_name
    return EventBridge(boto3.client("events", config=bootstrap.CONFIG), bus)


@cache
def parked_records() -> "Queue":
    """Where stream records go that could not be handled."""
    from roster.adapters.sqs import Queue

    url = settings.read(settings.StreamSettings).parked_records_queue_url
    return Queue(boto3.client("sqs", config=bootstrap.CONFIG), url)
