"""What hangs on customers but for sales: notes, tasks, jobs, messages, documents, assets …"""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from roster.adapters.dynamodb.assets import DynamoAssets
    from roster.adapters.dynamodb.documents import DynamoDocuments
    from roster.adapters.dynamodb.open_work import DynamoOpenWork
    from roster.adapters.dynamodb.projects import DynamoProjects
    from roster.adapters.dynamodb.records import DynamoActivities, DynamoRecords
    from roster.adapters.s3.documents import S3DocumentFiles
    from roster.adapters.scheduler import SchedulerReminders
    from roster.domain.job import Job
    from roster.domain.message import Message
    from roster.domain.note import Note
    from roster.domain.record import Record
    from roster.domain.task import Task
    from roster.runtime.callers import Caller
    from roster.usecases.messages import Mailer
    from roster.usecases.record_keeping import Call as RecordCall

# A call that was taken and not answered must not be made again by itself: it would send twice.
_ONCE = bootstrap.CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))


def call[R: Record](who: "Caller", customer_id: str, kept: "DynamoRecords[R]") -> "RecordCall[R]":
    """What it takes to change one family of a customer's records for somebody."""
    from roster.usecases.record_keeping import Call

    return Call(
        tenant=who.tenant,
        customer_id=customer_id,
        actor=who.actor,
        customers=bootstrap.customers(),
        records=kept,
        clock=bootstrap.clock,
    )


@cache
def activities() -> "DynamoActivities":
    """The timeline's own entries."""
    from roster.adapters.dynamodb.records import DynamoActivities

    return DynamoActivities(bootstrap.table())


@cache
def notes() -> "DynamoRecords[Note]":
    """Internal remarks."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.note import Note

    return DynamoRecords(bootstrap.table(), Note)


@cache
def tasks() -> "DynamoRecords[Task]":
    """What is to be done for customers."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.task import Task

    return DynamoRecords(bootstrap.table(), Task, row_omits=["notes"])


@cache
def reminder_schedule() -> "SchedulerReminders":
    """What calls back when a reminder is due."""
    from roster.adapters.scheduler import SchedulerReminders

    known = settings.read(settings.ReminderSettings)
    return SchedulerReminders(
        boto3.client("scheduler", config=bootstrap.CONFIG),
        prefix=known.reminder_schedule_prefix,
        target=known.reminders_function_arn,
        role=known.reminders_role_arn,
        dead_letters=known.reminders_dead_letter_arn,
    )


@cache
def jobs() -> "DynamoRecords[Job]":
    """Work at customers' locations."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.job import Job

    return DynamoRecords(bootstrap.table(), Job, row_omits=["description"])


@cache
def messages() -> "DynamoRecords[Message]":
    """Messages to customers."""
    from roster.adapters.dynamodb.records import DynamoRecords
    from roster.domain.message import Message

    return DynamoRecords(bootstrap.table(), Message, row_omits=["body"])


@cache
def mailer() -> "Mailer":
    """Who sends messages to customers."""
    known = settings.read(settings.MailSettings)
    if known.mailer == "mailbox":
        from roster.adapters.mail.mailbox import MailboxFolder

        return MailboxFolder(known.mailbox_folder, known.mail_from)
    from roster.adapters.mail.ses import SesMailer

    return SesMailer(boto3.client("sesv2", config=_ONCE), known.mail_from)


@cache
def assets() -> "DynamoAssets":
    """Equipment."""
    from roster.adapters.dynamodb.assets import DynamoAssets

    return DynamoAssets(bootstrap.table(), bootstrap.customers())


@cache
def projects() -> "DynamoProjects":
    """Projects of customers."""
    from roster.adapters.dynamodb.projects import DynamoProjects

    return DynamoProjects(bootstrap.table())


@cache
def documents() -> "DynamoDocuments":
    """The records of customers' documents."""
    from roster.adapters.dynamodb.documents import DynamoDocuments

    return DynamoDocuments(bootstrap.table())


@cache
def document_files() -> "S3DocumentFiles":
    """The contents of customers' documents."""
    from roster.adapters.s3.documents import S3DocumentFiles

    return S3DocumentFiles(
        bootstrap.s3(), settings.read(settings.DocumentSettings).documents_bucket_name
    )


@cache
def open_work() -> "DynamoOpenWork":
    """The open records of all families."""
    from roster.adapters.dynamodb.open_work import DynamoOpenWork

    return DynamoOpenWork(bootstrap.table())
