"""What cell text loses on its way in: guards that spreadsheet programs put around identifiers."""

import re
from collections.abc import Sequence

_GUARD = re.compile(r'="((?:[^"]|"")*)"', re.DOTALL)


def unguard(text: str) -> str:
    """The value inside `="07601"`, an export's way to keep Excel from eating the zero."""
    if text.startswith('="'):
        match = _GUARD.fullmatch(text)
        if match:
            return match[1].replace('""', '"')
    return text


def trimmed(cells: Sequence[str]) -> tuple[str, ...]:
    """The cells without empty ones at the end; () when all are blank."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    if not any(cell.strip() for cell in cells[:end]):
        return ()
    return tuple(cells[:end])
