"""The exports of other systems, known by their headings, and what is peculiar to each.

A format is told by headings that must all be there and a number of those that usually are: never
by one column alone. It says what some headings mean in it; the others mean what they always do.
"""

from collections.abc import Sequence
from dataclasses import replace

from roster.domain.custom_fields import CustomField
from roster.domain.imports.export_format import Format
from roster.domain.imports.headings import Column, map_columns, normalise
from roster.domain.imports.known_formats import FORMATS

__all__ = ["Format", "columns_of", "detect"]


def detect(headings: Sequence[str]) -> Format | None:
    """The format of a file with these headings, the first that fits."""
    seen = frozenset(normalise(heading) for heading in headings)
    return next((one for one in FORMATS if one.fits(seen)), None)


def columns_of(
    headings: Sequence[str], own: Sequence[CustomField] = ()
) -> tuple[tuple[Column, ...], Format | None]:
    """One Column per heading, as the format of the file has it, and that format.

    A heading of which the format says something feeds what it says; fields it gives away are no
    longer fed by headings that would stand in for them.
    """
    known = detect(headings)
    if known is None:
        return map_columns(headings, own), None
    said = [known.field_of(normalise(heading)) if heading else None for heading in headings]
    plain = map_columns([h if s is None else "" for h, s in zip(headings, said, strict=True)], own)
    settled = [
        column if s is None else replace(column, heading=heading.strip(), field=s[0],
                                         confidence=1.0 if s[0] else 0.0)
        for column, s, heading in zip(plain, said, headings, strict=True)
    ]  # fmt: skip
    return tuple(settled), known
