"""/v1/imports/{id}/mapping: which column of the file feeds which field, and correcting it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from functions.imports_api.schemas import Delimiter, Encoding, ImportOut, SheetName, Strict
from roster import bootstrap
from roster.bootstrap import imports
from roster.runtime.callers import OFFICE, VIEWER, caller
from roster.usecases.imports import mapping as usecases
from roster.usecases.imports.lifecycle import Issues

router = APIGatewayHttpRouter()
_PATH = "/v1/imports/<import_id>/mapping"
_MOST_COLUMNS = 1_000


class FieldGuess(BaseModel):
    """A field that a column may feed; `confidence` runs from 0 to 1."""

    field: str
    confidence: float


class MappedColumnOut(BaseModel):
    """A column of the file; `field` null: it is left out. `samples` are its first values.

    `source` is what the field was told by; `alternatives` what the content would speak for.
    """

    index: int
    heading: str
    field: str | None
    confidence: float
    source: Literal["format", "heading", "content", "saved", "user"] | None
    samples: Sequence[str]
    alternatives: Sequence[FieldGuess]


class TargetField(BaseModel):
    """A field that a column may feed, and what a person calls it."""

    field: str
    label: str


class MappingOut(BaseModel):
    """How the file is read; `saved` when an earlier file's mapping was used for it.

    `encoding` and `delimiter` are null for workbooks, `sheets` are empty for text files;
    `unmapped` counts the columns with a heading that feed nothing. Of numbered places and people
    `fields` lists the first few; higher numbers go on in the same way.
    """

    format_detected: str | None
    sheet: str | None
    sheets: Sequence[str]
    encoding: str | None
    delimiter: str | None
    header_row: int
    columns: Sequence[MappedColumnOut]
    fields: Sequence[TargetField]
    saved: bool
    unmapped: int


class ColumnIn(Strict):
    """The field that a column (the first is 0) is to feed; null: none."""

    index: Annotated[int, Field(ge=0, lt=_MOST_COLUMNS, strict=True)]
    field: Annotated[str | None, Field(max_length=200)]


class MappingIn(Strict):
    """What is to be corrected: columns that are not named stay as they are.

    With another header row (as numbered in the file), sheet, encoding or delimiter the columns are
    worked out anew. `save`: the next file with these headings is read in the same way.
    """

    columns: Annotated[Sequence[ColumnIn], Field(max_length=_MOST_COLUMNS)] = ()
    header_row: Annotated[int | None, Field(ge=1, le=1_000, strict=True)] = None
    sheet: SheetName | None = None
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    save: Annotated[bool, Field(strict=True)] = True


@router.get(_PATH, middlewares=VIEWER, tags=["imports"])
def read_mapping(import_id: str) -> MappingOut:
    """How the columns of the file were taken, with values of each and what else they may be."""
    return MappingOut.model_validate(
        usecases.read_mapping(
            caller(router).tenant,
            import_id,
            imports=imports.repository(),
            files=imports.files(),
            settings=bootstrap.company_settings(),
        )
    )


@router.put(_PATH, middlewares=OFFICE, tags=["imports"])
def change_mapping(import_id: str, body: MappingIn) -> ImportOut:
    """Read the file again as told. A new plan follows, which waits to be confirmed."""
    job = usecases.change_mapping(
        caller(router).tenant,
        import_id,
        usecases.MappingChange(
            columns=[(one.index, one.field) for one in body.columns],
            header_row=body.header_row,
            sheet=body.sheet,
            encoding=body.encoding,
            delimiter=body.delimiter,
            save=body.save,
        ),
        imports=imports.repository(),
        files=imports.files(),
        settings=bootstrap.company_settings(),
        executions=imports.executions(),
        clock=bootstrap.clock,
    )
    return ImportOut.whole(job, Issues([], []), bootstrap.clock())
