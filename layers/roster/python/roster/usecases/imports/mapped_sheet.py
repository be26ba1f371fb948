"""An import's file with its columns mapped: working the mapping out, keeping it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from roster.domain.custom_fields import CustomField
from roster.domain.imports.headings import NAME_FIELDS
from roster.domain.imports.job import Import
from roster.domain.imports.mapping import (
    LOOK_FOR_HEADER,
    SAMPLED_ROWS,
    MappedSheet,
    header_of,
    map_sheet,
    signature,
)
from roster.domain.imports.reading import RowIssue, UnreadableFile
from roster.domain.imports.target_fields import NO_MATCH, NO_NAME, NO_NAME_OR_KEY
from roster.domain.imports.told import WRONGLY_TOLD, Told
from roster.usecases.imports import names
from roster.usecases.imports.ports import ImportFiles, OpenSpreadsheet, SavedMappings, Sheet

_SHOWN_CHARACTERS = 200


def open_mapped(
    job: Import,
    source: Path,
    *,
    own: Sequence[CustomField],
    files: ImportFiles,
    mappings: SavedMappings,
    open_spreadsheet: OpenSpreadsheet,
) -> tuple[Sheet, MappedSheet]:
    """Open the import's file and map its columns; the mapping is kept for people to see.

    So is that of a file which is refused for its headings, or for what was told about it: then as
    it reads if nothing is told. Raises UnreadableFile.
    """
    try:
        sheet = open_spreadsheet(
            source, encoding=job.told.encoding, delimiter=job.told.delimiter, sheet=job.told.sheet
        )
        mapped, refusal = _mapped(job, sheet, job.told, own, mappings)
    except UnreadableFile as refused:
        if refused.code not in WRONGLY_TOLD:
            raise
        sheet, refusal = open_spreadsheet(source), refused
        mapped, _ = _mapped(job, sheet, Told(), own, mappings)
    files.write(job, names.MAPPING, orjson.dumps(_view(sheet, mapped)))
    if refusal is not None:
        raise refusal
    return sheet, mapped


def _mapped(
    job: Import, sheet: Sheet, told: Told, own: Sequence[CustomField], mappings: SavedMappings
) -> tuple[MappedSheet, UnreadableFile | None]:
    """The mapping, and why the file is refused for it all the same."""
    enough = max(LOOK_FOR_HEADER, told.header_row or 0) + SAMPLED_ROWS
    head = list(islice(sheet.rows(), enough))
    asked = [row for row in head[:LOOK_FOR_HEADER] if told.header_row in (None, row.number)]
    asked += [row for row in head[LOOK_FOR_HEADER:] if row.number == told.header_row]
    known = mappings.find(job.tenant, {sign for row in asked if (sign := signature(row.cells))})
    header, refusal = header_of(head, told, own=own, known=known, naming=job.options.naming)
    below = [row for row in head if row.number > header.number][:SAMPLED_ROWS]
    saved = known.get(signature(header.cells))
    mapped = map_sheet(header, below, told, own=own, saved=saved)
    if refusal is None and not any(c.field in job.options.naming for c in mapped.columns):
        refusal = UnreadableFile("no_usable_header", NO_NAME)
    if refusal and refusal.code == "no_usable_header" and job.options.naming != NAME_FIELDS:
        refusal = UnreadableFile("no_usable_header", NO_NAME_OR_KEY)
    if refusal is None and not job.options.finds_by({c.field for c in mapped.columns}):
        refusal = UnreadableFile("no_match_column", NO_MATCH)
    return mapped, refusal


def keep_mapping(job: Import, mapped: MappedSheet, *, mappings: SavedMappings) -> Told:
    """Save a mapping that somebody made and that proved readable; what is told of the import now.

    Saving the same again changes nothing.
    """
    if job.told.save and mapped.signature:
        mappings.save(job.tenant, mapped.signature, mapped.to_save)
    return replace(job.told, save=False)


def other_lists(sheet: Sheet, line: int) -> Iterator[RowIssue]:
    """A warning of each further sheet that may hold customers; at the headings of the one read."""
    for name in sheet.other_lists:
        shown = name[:_SHOWN_CHARACTERS]
        detail = (
            f'the sheet "{shown}" has headings of customers too and was not read: '
            "import the file again and name this sheet in the import's options"
        )
        yield RowIssue(line, None, shown, "sheet_not_read", detail, "warning", None)


def _view(sheet: Sheet, mapped: MappedSheet) -> dict[str, Any]:
    return {
        "format_detected": mapped.format.name if mapped.format else None,
        "sheet": sheet.sheet,
        "sheets": list(sheet.sheets),
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
        "header_row": mapped.number,
        "columns": [
            {
                "index": one.column.index,
                "heading": one.column.heading[:_SHOWN_CHARACTERS],
                "field": one.column.field,
                "confidence": one.column.confidence,
                "source": one.source,
                "samples": one.samples,
                "alternatives": one.alternatives,
            }
            for one in mapped.mapped
        ],
        "saved": mapped.saved,
        "unmapped": sum(1 for one in mapped.columns if one.heading and one.field is None),
    }
