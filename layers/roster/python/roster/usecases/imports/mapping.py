"""The mapping of an import's columns, as people see and correct it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from roster.domain.custom_fields import CustomField
from roster.domain.errors import FieldError, Invalid, NotFound
from roster.domain.imports.job import Import, ImportStatus, moved, require
from roster.domain.imports.options import Options
from roster.domain.imports.target_fields import (
    NO_MATCH,
    NO_NAME,
    fed_twice,
    is_target,
    target_fields,
)
from roster.domain.imports.text_files import check_reading, named
from roster.domain.imports.told import WRONGLY_TOLD, Told
from roster.usecases.imports import names
from roster.usecases.imports.lifecycle import read_import
from roster.usecases.imports.ports import Executions, ImportFiles, Imports
from roster.usecases.ports import Clock, Settings

# What could not be worked out, or was told wrongly, can be told (again) while the file is there.
_TO_BE_TOLD = WRONGLY_TOLD | {"no_usable_header", "no_match_column"}


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
    errors += _column_errors(asked, [] if anew else kept["columns"], own, job.options)
    if errors:
        raise Invalid(errors)
    # What was told wrongly is forgotten: the mapping that is shown does without it.
    forgotten = job.reason is not None and job.reason.code in WRONGLY_TOLD
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
    asked: MappingChange,
    columns: Sequence[Mapping[str, Any]],
    own: Sequence[CustomField],
    options: Options,
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
    if columns and not errors and not options.naming & set(after.values()):
        errors.append(FieldError("/columns", "name_required", NO_NAME))
    if columns and not errors and not options.finds_by(set(after.values())):
        errors.append(FieldError("/columns", "match_required", NO_MATCH))
    return errors
