"""Messages to customers: recorded first, sent by a worker that the timeline's event calls.

The record is written once per request, and its entry of the timeline with it. That entry reaches
the worker at least once, so nothing that was recorded is forgotten; a worker claims a message
before it sends it, so that copies of the event do not send copies of the message.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from roster.domain import message as rules
from roster.domain.customer import Customer
from roster.domain.errors import Gone, NotFound, Unavailable
from roster.domain.message import Message, MessageStatus
from roster.domain.record import Family, record_id
from roster.usecases import record_keeping as keeping
from roster.usecases.record_keeping import Call


class Refused(Exception):
    """The mail system will not take the message, however often it is asked."""


class Mailer(Protocol):
    """Sends mail."""

    def send(self, message: Message) -> None:
        """Hand the message to the mail system; raises Refused for good, Unavailable for now.

        The same message twice may arrive twice, and says that it is the same.
        """


class Outcome(StrEnum):
    """What a worker did with a message."""

    SENT = "sent"
    FAILED = "failed"
    WAITS = "waits"
    ENDED_BEFORE = "ended_before"
    NO_MESSAGE = "no_message"


_OUTCOMES = {
    MessageStatus.QUEUED: Outcome.WAITS,
    MessageStatus.SENT: Outcome.SENT,
    MessageStatus.FAILED: Outcome.FAILED,
}


def add_message(
    call: Call[Message], values: Mapping[str, Any], *, request_key: str | None
) -> Message:
    """A new message, queued; to the customer's own address unless `to` names another.

    Raises Invalid.
    """

    def make(customer: Customer, now: datetime) -> Message:
        return Message(
            id=record_id(Family.MESSAGE, now),
            tenant=call.tenant,
            customer_id=customer.id,
            created_at=now,
            updated_at=now,
            created_by=call.actor,
            **rules.check_message(values, customer.email),
        )

    return keeping.add(call, make, verb="queued", request_key=request_key)


def send_message(call: Call[Message], message_id: str, *, mailer: Mailer) -> Outcome:
    """Send a queued message; however often it is called, once, but for a crash after the sending.

    Raises Unavailable when it is to be called again later.
    """
    try:
        message = keeping.change(call, message_id, rules.claim, if_version=None, verbs=_silence)
    except (NotFound, Gone):
        return Outcome.NO_MESSAGE
    if message.status is not MessageStatus.QUEUED:
        return Outcome.ENDED_BEFORE
    return _send(call, message, mailer)


def _send(call: Call[Message], message: Message, mailer: Mailer) -> Outcome:
    try:
        mailer.send(message)
    except Refused as refusal:
        reason = str(refusal)
        return _ended(call, message, lambda m, _: rules.failed(m, reason))
    except Unavailable:
        outcome = _ended(call, message, lambda m, _: rules.released(m))
        if outcome is Outcome.WAITS:
            raise
        return outcome
    return _ended(call, message, rules.sent)


def _ended(call: Call[Message], message: Message, step: keeping.Step[Message]) -> Outcome:
    """Note how it went; of a customer that was deleted meanwhile nothing can be noted."""
    try:
        after = keeping.change(call, message.id, step, if_version=None, verbs=_end)
    except (NotFound, Gone):
        return Outcome.NO_MESSAGE
    return _OUTCOMES[after.status]


def _silence(_before: Message, _after: Message) -> Sequence[str]:
    return ()


def _end(before: Message, after: Message) -> Sequence[str]:
    return () if after.status is before.status else (str(after.status),)
