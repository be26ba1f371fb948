"""Spreadsheets that come in."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from roster import bootstrap
from roster.runtime import settings

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

    from roster.adapters.dynamodb.import_changes import DynamoImportChanges
    from roster.adapters.dynamodb.imports import DynamoImports
    from roster.adapters.dynamodb.mappings import DynamoMappings
    from roster.adapters.dynamodb.taking_back import DynamoTakingBack
    from roster.adapters.s3.spreadsheets import S3ImportFiles
    from roster.adapters.stepfunctions import StepFunctionsExecutions
    from roster.domain.imports.job import ImportKind
    from roster.usecases.imports.kinds import RecordPorts
    from roster.usecases.imports.ports import OpenSpreadsheet, WriteSheet, WriteTable
    from roster.usecases.imports.record_rows import RecordRows


@cache
def repository() -> "DynamoImports":
    """The record of every import."""
    from roster.adapters.dynamodb.imports import DynamoImports

    return DynamoImports(bootstrap.table())


@cache
def mappings() -> "DynamoMappings":
    """How a company's files are read."""
    from roster.adapters.dynamodb.mappings import DynamoMappings

    return DynamoMappings(bootstrap.table())


@cache
def changes() -> "DynamoImportChanges":
    """What changes customers together with their parts."""
    from roster.adapters.dynamodb.import_changes import DynamoImportChanges

    return DynamoImportChanges(bootstrap.table(), bootstrap.customers())


@cache
def taking_back() -> "DynamoTakingBack":
    """What removes customers that an import made."""
    from roster.adapters.dynamodb.taking_back import DynamoTakingBack

    return DynamoTakingBack(bootstrap.table())


@cache
def files() -> "S3ImportFiles":
    """Uploaded spreadsheets and working files of imports."""
    from roster.adapters.s3.spreadsheets import S3ImportFiles

    bucket = settings.read(settings.ImportBucketSettings).imports_bucket_name
    return S3ImportFiles(bootstrap.s3(), bucket)


@cache
def _stepfunctions() -> "SFNClient":
    """The Step Functions client."""
    return boto3.client("stepfunctions", config=bootstrap.CONFIG)


@cache
def executions() -> "StepFunctionsExecutions":
    """The workflow that carries imports out."""
    from roster.adapters.stepfunctions import StepFunctionsExecutions

    arn = settings.read(settings.ImportWorkflowSettings).import_state_machine_arn
    return StepFunctionsExecutions(_stepfunctions(), arn)


def open_spreadsheet() -> "OpenSpreadsheet":
    """The reader of spreadsheets."""
    from roster.adapters.spreadsheets.reader import open_spreadsheet

    return open_spreadsheet


def record_ports() -> "RecordPorts":
    """What it takes to plan notes and documents of an import."""
    from roster.adapters.spreadsheets.bundle import open_bundle
    from roster.bootstrap import records
    from roster.usecases.imports.kinds import RecordPorts

    return RecordPorts(notes=records.notes, documents=records.documents, open_bundle=open_bundle)


@cache
def record_rows(kind: "ImportKind") -> "RecordRows":
    """What loads rows that hang on customers, and takes them back."""
    from roster.bootstrap import records
    from roster.domain.imports.job import ImportKind

    if kind is ImportKind.NOTES:
        from roster.usecases.imports.notes import NoteRows

        return NoteRows(records.notes(), bootstrap.customers())
    from roster.usecases.imports.attachments import DocumentRows

    return DocumentRows(
        records.documents(),
        records.document_files(),
        files(),
        bootstrap.customers(),
        bootstrap.clock,
    )


def write_sheet() -> "WriteSheet":
    """The writer of small spreadsheets."""
    from roster.adapters.spreadsheets.writing import whole_sheet

    return whole_sheet


def write_table() -> "WriteTable":
    """The writer of spreadsheets of any length."""
    from roster.adapters.spreadsheets.writing import table_file

    return table_file
