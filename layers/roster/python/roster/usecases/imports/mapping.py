"""The mapping of an import's columns: working it out, showing it, correcting it, keeping it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from roster.domain.custom_fields import CustomField
from roster.domain.errors import FieldError, Invalid, NotFound
from roster.domain.imports.headings import NAME_FIELDS
from roster.domain.imports.job import Import, ImportStatus, moved, require
from roster.domain.imports.mapping import (
    LOOK_FOR_HEADER,
    SAMPLED_ROWS,
    MappedSheet,
    fed_twice,
    header_of,
    map_sheet,
    signature,
)
from roster.domain.imports.reading import UnreadableFile
from roster.domain.imports.target_fields import is_target, target_fields
from roster.domain.imports.text_files import check_reading, named
from roster.domain.imports.told import Told
from roster.usecases.imports import names
from roster.usecases.imports.lifecycle import read_import
from roster.usecases.imports.ports import (
    Executions,
    ImportFiles,
    Imports,
    OpenSpreadsheet,
    SavedMappings,
    Sheet,
)
from roster.usecases.ports import Clock, Settings

# What was told wrongly, or could not be worked out: it can be told (again) while the file is there.
_WRONGLY_TOLD = frozenset({"wrong_encoding", "wrong_sheet", "wrong_header_row", "wrong_columns"})
_TO_BE_TOLD = _WRONGLY_TOLD | {"no_usable_header"}
_SHOWN_CHARACTERS = 200
_NO_NAME = (
    "No column feeds a customer's name. Give a column to the display name, the company name, or "
    "a person's name."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingChange:
    """What a person corrects: fields by column, and how the file is to be read (None: as it is)."""

    columns: Sequence[tuple[int, str | None]]
    header_row: int | None
    sheet: str | None
    encoding: str | None
    delimiter: str | None
    save: bool

    def reads_anew(self, kept: Mapping[str, Any]) -> bool:
        """Whether columns may be others than in the mapping so far."""
        read = named(Told(encoding=kept["encoding"], delimiter=kept["delimiter"]))
        asked = named(Told(encoding=self.encoding, delimiter=self.delimiter))
        return (
            asked.encoding not in (None, read.encoding)
            or asked.delimiter not in (None, read.delimiter)
            or self.sheet not in (None, kept["sheet"])
            or self.header_row not in (None, kept["header_row"])
        )


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
        if refused.code not in _WRONGLY_TOLD:
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
    header, refusal = header_of(head, told, own=own, known=known)
    below = [row for row in head if row.number > header.number][:SAMPLED_ROWS]
    saved = known.get(signature(header.cells))
    mapped = map_sheet(header, below, told, own=own, saved=saved)
    if refusal is None and not any(c.field in NAME_FIELDS for c in mapped.columns):
        refusal = UnreadableFile("no_usable_header", _NO_NAME)
    return mapped, refusal


def keep_mapping(job: Import, mapped: MappedSheet, *, mappings: SavedMappings) -> Told:
    """Save a mapping that somebody made and that proved readable; what is told of the import now.

    Saving the same again changes nothing.
    """
    if job.told.save and mapped.signature:
        mappings.save(job.tenant, mapped.signature, mapped.to_save)
    return replace(job.told, save=False)


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


def read_mapping(
    tenant: str, import_id: str, *, imports: Imports, files: ImportFiles, settings: Settings
) -> Mapping[str, Any]:
    """The mapping of the file as it was read last; raises NotFound, WrongState before that."""
    job = read_import(tenant, import_id, imports=imports)
    fields = target_fields(settings.get(tenant).custom_fields)
    told = [{"field": field, "label": label} for field, label in fields.items()]
    return {**_kept(job, files), "fields": told}


def _kept(job: Import, files: ImportFiles) -> dict[str, Any]:
    if job.status in (ImportStatus.AWAITING_UPLOAD, ImportStatus.PLANNING):
        require(job, ImportStatus.AWAITING_CONFIRMATION, to="read the mapping of")
    content = files.read(job, names.MAPPING) if job.work else None
    if content is None:
        raise NotFound(f"there is no mapping of import {job.id}")
    kept: dict[str, Any] = orjson.loads(content)
    return kept


def change_mapping(
    tenant: str,
    import_id: str,
    asked: MappingChange,
    *,
    imports: Imports,
    files: ImportFiles,
    settings: Settings,
    executions: Executions,
    clock: Clock,
) -> Import:
    """Read the file again as told; its new plan waits to be confirmed.

    Raises NotFound, WrongState unless it waits for that or was refused for how it was read, and
    Invalid.
    """
    job = read_import(tenant, import_id, imports=imports)
    if not (job.status is ImportStatus.REJECTED and job.reason and (
        job.reason.code in _TO_BE_TOLD or not job.told.nothing
    )):  # fmt: skip
        require(job, ImportStatus.AWAITING_CONFIRMATION, to="map the columns of")
    told = _told(job, asked, _kept(job, files), settings.get(tenant).custom_fields)
    again = moved(
        job, ImportStatus.PLANNING, clock(), told=told, plan=None, plan_hash=None, reason=None,
        closed_at=None, restarts=0, restart_mark=0, needs_confirmation=True,
    )  # fmt: skip
    imports.save(job, again)
    executions.start(again)
    return again


def _told(
    job: Import, asked: MappingChange, kept: Mapping[str, Any], own: Sequence[CustomField]
) -> Told:
    """What is told of the file from now on; raises Invalid with everything that cannot be."""
    errors = [*check_reading(asked.encoding, asked.delimiter)]
    errors += [
        FieldError(f"/{name}", "not_text", f"a workbook has no {name}")
        for name in ("encoding", "delimiter")
        if getattr(asked, name) is not None and kept[name] is None
    ]
    if asked.sheet is not None and asked.sheet not in kept["sheets"]:
        listed = ", ".join(kept["sheets"]) or "the file has no sheets"
        errors.append(FieldError("/sheet", "unknown_sheet", f"one of: {listed}"))
    anew = asked.reads_anew(kept)
    errors += _column_errors(asked, [] if anew else kept["columns"], own)
    if errors:
        raise Invalid(errors)
    # What was told wrongly is forgotten: the mapping that is shown does without it.
    forgotten = job.reason is not None and job.reason.code in _WRONGLY_TOLD
    earlier = Told() if forgotten else job.told
    if anew:
        # Columns told before were those of another reading.
        before: dict[int, str | None] = {}
        header_row = asked.header_row
    else:
        before, header_row = dict(earlier.columns), kept["header_row"]
    told = Told(
        encoding=asked.encoding or earlier.encoding,
        delimiter=asked.delimiter or earlier.delimiter,
        sheet=asked.sheet or earlier.sheet or kept["sheet"],
        header_row=header_row,
        columns=tuple(sorted((before | dict(asked.columns)).items())),
        save=asked.save,
    )
    return named(told)


def _column_errors(
    asked: MappingChange, columns: Sequence[Mapping[str, Any]], own: Sequence[CustomField]
) -> list[FieldError]:
    """What is wrong with the columns; those of another reading are not known yet (none)."""
    after: dict[int, str | None] = {one["index"]: one["field"] for one in columns}
    errors: list[FieldError] = []
    at: dict[int, int] = {}
    for place, (index, field) in enumerate(asked.columns):
        if columns and index >= len(columns):
            detail = f"the file has {len(columns)} columns, the first of them 0"
            errors.append(FieldError(f"/columns/{place}/index", "no_such_column", detail))
        if field is not None and not is_target(field, own):
            detail = "no field of a customer; the mapping lists them as `fields`"
            errors.append(FieldError(f"/columns/{place}/field", "unknown_field", detail))
        if index in at:
            detail = f"named before, in /columns/{at[index]}"
            errors.append(FieldError(f"/columns/{place}/index", "named_twice", detail))
        at.setdefault(index, place)
        after[index] = field
    for index, first in fed_twice(after).items():
        # Where the column that is not named stands behind, the named one is at fault.
        place = at.get(index, at.get(first, 0))
        other = first if index in at else index
        detail = f"column {other} feeds {after[index]}, which one column alone may feed"
        errors.append(FieldError(f"/columns/{place}/field", "fed_twice", detail))
    if columns and not errors and not NAME_FIELDS & set(after.values()):
        errors.append(FieldError("/columns", "name_required", _NO_NAME))
    return errors
