"""Rows that add up the customers above them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from roster.domain.imports.reading import LOOKS_LIKE_DATA

_TOTAL = re.compile(r"(grand |report |sub)?totals?( customers| clients)?:?", re.IGNORECASE)
# Phone numbers have more digits than that.
_AMOUNT = re.compile(r"[-(]?[$€£₹]?\s?(?:\d[.,' ]?){1,6}\s?[$€£₹%]?\)?")
_IDS = frozenset({"roster_id", "external_id", "external_id.of_property", "number"})


def is_total(cells: Sequence[str], fields: Mapping[str, Any]) -> bool:
    """Whether a row of these cells, read as these fields, begins with the word and only adds up."""
    first = next((text for cell in cells if (text := cell.strip())), "")
    if not _TOTAL.fullmatch(first) or not _sums_only(fields, first):
        return False
    others = (text for cell in cells if (text := cell.strip()) and text != first)
    return all(LOOKS_LIKE_DATA.fullmatch(text) for text in others)


def _sums_only(fields: Mapping[str, Any], total: str) -> bool:
    """Whether fields hold no more beside the word for a total than counts and amounts."""
    if len(fields) <= 1:
        return True
    others = {name: value for name, value in fields.items() if value != total}
    return all(
        name not in _IDS
        and not name.endswith(".zip")
        and isinstance(value, str)
        and _AMOUNT.fullmatch(value)
        for name, value in others.items()
    )
