"""The file that people fill in to import customers."""

from roster.domain.export_columns import template_headings
from roster.domain.exports import ExportFormat
from roster.usecases.imports.ports import WriteSheet
from roster.usecases.ports import Clock, Settings
from roster.usecases.vocabulary import vocabulary_of


def import_template(
    tenant: str,
    file_format: ExportFormat,
    *,
    settings: Settings,
    write: WriteSheet,
    clock: Clock,
) -> bytes:
    """A file of headings: every field an import can set, the company's own among them."""
    headings = template_headings(vocabulary_of(tenant, settings=settings))
    return write([headings], xlsx=file_format is ExportFormat.XLSX, made=clock())
