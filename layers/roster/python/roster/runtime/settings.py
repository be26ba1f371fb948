"""What a function is told by its environment: one frozen model per concern, read at first use."""

import os
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class EnvironmentSettings(BaseModel):
    """Base: each field is the environment variable of its name in capitals."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class TableSettings(EnvironmentSettings):
    """The business table."""

    table_name: str = Field(min_length=1)


class IdempotencySettings(EnvironmentSettings):
    """The table that remembers answers by Idempotency-Key."""

    idempotency_table_name: str = Field(min_length=1)


class StreamSettings(EnvironmentSettings):
    """Where the stream function publishes, and where it parks what it cannot handle."""

    event_bus_name: str = Field(min_length=1)
    parked_records_queue_url: str = Field(min_length=1)


class DocumentSettings(EnvironmentSettings):
    """The bucket that holds the contents of customers' documents."""

    documents_bucket_name: str = Field(min_length=1)


class PaperSettings(EnvironmentSettings):
    """The bucket that holds quotes and invoices as PDF for a month."""

    papers_bucket_name: str = Field(min_length=1)


class ReminderSettings(EnvironmentSettings):
    """The function that due reminders call, and what the scheduler needs for it."""

    reminder_schedule_prefix: str = Field(min_length=1)
    reminders_function_arn: str = Field(min_length=1)
    reminders_role_arn: str = Field(min_length=1)
    reminders_dead_letter_arn: str = Field(min_length=1)


class MailSettings(EnvironmentSettings):
    """Who sends messages to customers, in whose name, and where a mailbox folder would be."""

    mailer: Literal["ses", "mailbox"] = "ses"
    mail_from: str = ""
    mailbox_folder: str = ""


class GeocoderSettings(EnvironmentSettings):
    """Who finds addresses on the map."""

    geocoder: Literal["embedded", "amazon_location"] = "embedded"


class LoggingSettings(EnvironmentSettings):
    """What Powertools reads by itself."""

    powertools_service_name: str = "roster"
    powertools_log_level: str = "INFO"


class ImportBucketSettings(EnvironmentSettings):
    """The bucket spreadsheets arrive in; an import's working files stand there too."""

    imports_bucket_name: str = Field(min_length=1)


class ImportWorkflowSettings(EnvironmentSettings):
    """The state machine that carries imports out."""

    import_state_machine_arn: str = Field(min_length=1)


class DuplicateScanSettings(EnvironmentSettings):
    """The function that searches all customers for duplicates."""

    duplicates_scan_function_name: str = Field(min_length=1)


class ExportBucketSettings(EnvironmentSettings):
    """The bucket exported files stand in for a week."""

    exports_bucket_name: str = Field(min_length=1)


class ExportQueueSettings(EnvironmentSettings):
    """The queue that workers take exports from."""

    export_queue_url: str = Field(min_length=1)


class SyncInputsSettings(EnvironmentSettings):
    """The bucket of what plans of the sync were made from, for ninety days."""

    sync_inputs_bucket_name: str = Field(min_length=1)


class QuickBooksSettings(EnvironmentSettings):
    """Where Intuit is, and where our app's keys there are."""

    quickbooks_discovery_url: str = Field(min_length=1)
    quickbooks_api_url: str = Field(min_length=1)
    quickbooks_secret_id: str = Field(min_length=1)


class RedirectSettings(EnvironmentSettings):
    """Where Intuit sends people back to; empty for the callback of the host they came from."""

    quickbooks_redirect_url: str = ""


class TokenVaultSettings(EnvironmentSettings):
    """The KMS key that seals QuickBooks tokens."""

    token_key_id: str = Field(min_length=1)


class SyncQueueSettings(EnvironmentSettings):
    """The queue of sync slices."""

    sync_queue_url: str = Field(min_length=1)


@cache
def read[S: EnvironmentSettings](model: type[S]) -> S:
    """The settings of one concern; a missing variable is an error that names it."""
    given = {name: os.environ.get(name.upper()) for name in model.model_fields}
    return model.model_validate({k: v for k, v in given.items() if v is not None})
