"""What hangs on a customer and has a life of its own: tasks, notes, jobs, quotes, invoices ….

Each family is a dataclass below `Record`. How it is kept, listed and found is the same for all.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from roster.domain.events import Actor
from roster.domain.ids import new_id


class Family(StrEnum):
    """The kinds of records; the value is the noun people use."""

    TASK = "task"
    NOTE = "note"
    REMINDER = "reminder"
    MESSAGE = "message"
    JOB = "job"
    QUOTE = "quote"
    INVOICE = "invoice"
    PAYMENT = "payment"
    PROJECT = "project"
    ASSET = "asset"


_ID_PREFIX = {
    Family.TASK: "tsk",
    Family.NOTE: "nte",
    Family.REMINDER: "rem",
    Family.MESSAGE: "msg",
    Family.JOB: "job",
    Family.QUOTE: "quo",
    Family.INVOICE: "inv",
    Family.PAYMENT: "pay",
    Family.PROJECT: "prj",
    Family.ASSET: "ast",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as stored. `version` counts its changes from 1 and is its ETag.

    A family says by four properties where its records are found; none of them may hold "#".
    """

    family: ClassVar[Family]

    id: str
    tenant: str
    customer_id: str
    version: int = 1
    created_at: datetime
    updated_at: datetime
    created_by: Actor

    @property
    def shelf(self) -> str:
        """The list across customers that it stands in: its status, where it has one."""
        return "all"

    @property
    def sorted_by(self) -> str:
        """What its shelf is sorted by: a date or a moment, as text that sorts."""
        return f"{self.created_at:%Y-%m-%dT%H:%M:%S}"

    @property
    def queue(self) -> str | None:
        """The company's queue it stands in, to be carried elsewhere; None while it is in none."""
        return None

    @property
    def open_by(self) -> str | None:
        """What the customer's open records of the family are sorted by; None once it is closed."""
        return None


def record_id(family: Family, at: datetime) -> str:
    """A fresh id of the family, ordered by `at`."""
    return new_id(_ID_PREFIX[family], at)


def moved[R: Record](before: R, after: R, now: datetime) -> R:
    """`after` as the next version of `before`, or `before` itself where nothing moved."""
    if after == before:
        return before
    return replace(after, version=before.version + 1, updated_at=now)
