"""Messages to customers: plain text by e-mail, recorded before it is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from roster.domain.customer_values import email_normalized
from roster.domain.errors import FieldError, Invalid, Unavailable
from roster.domain.record import Family, Record

MAX_SUBJECT, MAX_BODY, MAX_CC = 200, 10_000, 20
MAX_ATTEMPTS = 6
# Longer than a worker may run: who comes later finds it dead.
_CLAIMED_FOR = timedelta(seconds=90)
# A header ends at any of these, and what follows would be a header of the sender's choice.
_ENDS_A_HEADER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Mail knows line breaks and tabs, and no other signs that are not seen.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class MessageStatus(StrEnum):
    """How far it is; `sent` says that the mail system took it, not that it was read."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Record):
    """A message as stored; `body` is kept as it was typed.

    `claimed_until`: a worker is at it until then, at the latest.
    """

    family: ClassVar[Family] = Family.MESSAGE
    to: str
    cc: tuple[str, ...] = ()
    subject: str
    body: str = ""
    status: MessageStatus = MessageStatus.QUEUED
    sent_at: datetime | None = None
    failure: str | None = None
    attempts: int = 0
    claimed_until: datetime | None = None

    @property
    def shelf(self) -> str:
        """Its status."""
        return str(self.status)


def mail_address(typed: str) -> str | None:
    """The address as mail systems write it, its domain in ASCII; None if it is none.

    Quoted local parts and those beyond ASCII are valid and reach few mailboxes: they are refused.
    """
    found = email_normalized(typed.strip())
    if found is None or _ENDS_A_HEADER.search(found):
        return None
    local, _, domain = found.rpartition("@")
    if not local.isascii() or '"' in local:
        return None
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None


def check_message(values: Mapping[str, Any], default_to: str | None) -> dict[str, Any]:
    """`values` as a message's fields, addresses in their one form; raises Invalid with all rules.

    `default_to` is the customer's own address, for when there is no `to`.
    """
    errors: list[FieldError] = []
    to = _receiver(values.get("to"), default_to, errors)
    cc = _copies(values.get("cc") or (), errors)
    subject, body = values.get("subject") or "", values.get("body") or ""
    errors += _text_errors(subject, body)
    if errors or to is None:
        raise Invalid(errors)
    others = tuple(dict.fromkeys(address for address in cc if address != to))
    return {"to": to, "cc": others, "subject": subject.strip(), "body": body}


def _receiver(given: str | None, default: str | None, errors: list[FieldError]) -> str | None:
    if not given and not default:
        detail = "the customer has no e-mail address: say to whom"
        errors.append(FieldError("/to", "required", detail))
        return None
    address = mail_address(given or default or "")
    if address is None:
        detail = "not an address that mail can be sent to"
        if not given:
            detail = f"the customer's own is {detail}: say to whom"
        errors.append(FieldError("/to", "email", detail))
    return address


def _copies(given: Sequence[str], errors: list[FieldError]) -> list[str]:
    if len(given) > MAX_CC:
        errors.append(FieldError("/cc", "too_many", f"at most {MAX_CC}"))
        return []
    found = []
    for position, typed in enumerate(given):
        address = mail_address(typed)
        if address is None:
            detail = "not an address that mail can be sent to"
            errors.append(FieldError(f"/cc/{position}", "email", detail))
        else:
            found.append(address)
    return found


def _text_errors(subject: str, body: str) -> list[FieldError]:
    errors = []
    if not subject.strip():
        errors.append(FieldError("/subject", "required", "a message needs a subject"))
    elif _ENDS_A_HEADER.search(subject):
        errors.append(FieldError("/subject", "control_character", "one line without tabs"))
    elif len(subject) > MAX_SUBJECT:
        errors.append(FieldError("/subject", "too_long", f"at most {MAX_SUBJECT} characters"))
    if not body.strip():
        errors.append(FieldError("/body", "required", "a message needs words"))
    elif _UNSENDABLE.search(body):
        errors.append(FieldError("/body", "control_character", "no control characters"))
    elif len(body) > MAX_BODY:
        errors.append(FieldError("/body", "too_long", f"at most {MAX_BODY} characters"))
    return errors


def claim(message: Message, now: datetime) -> Message:
    """The message as one worker's own for a while; one that has ended stays as it is.

    Raises Unavailable while another worker is at it.
    """
    if message.status is not MessageStatus.QUEUED:
        return message
    if message.claimed_until is not None and message.claimed_until > now:
        raise Unavailable("another worker is sending it")
    return replace(message, attempts=message.attempts + 1, claimed_until=now + _CLAIMED_FOR)


def released(message: Message) -> Message:
    """The message for whoever tries next, or failed after the last attempt."""
    if message.status is MessageStatus.QUEUED and message.attempts >= MAX_ATTEMPTS:
        return failed(message, f"not taken in {MAX_ATTEMPTS} attempts")
    return replace(message, claimed_until=None)


def sent(message: Message, now: datetime) -> Message:
    """The message once the mail system took it."""
    if message.status is MessageStatus.SENT:
        return message
    return replace(
        message, status=MessageStatus.SENT, sent_at=now, failure=None, claimed_until=None
    )


def failed(message: Message, reason: str) -> Message:
    """The message once the mail system refused it for good."""
    if message.status is not MessageStatus.QUEUED:
        return message
    return replace(message, status=MessageStatus.FAILED, failure=reason, claimed_until=None)
