"""The customers of a QuickBooks Desktop .iif file: lists of many kinds, one below the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from roster.adapters.spreadsheets import refusals
from roster.adapters.spreadsheets.cells import trimmed
from roster.adapters.spreadsheets.text import TextFile
from roster.domain.imports.reading import SourceRow

# QuickBooks' own words for them in the export of its Customer Center: one mapping reads both.
_HEADINGS = {
    "NAME": "Customer",
    "COMPANYNAME": "Company",
    "SALUTATION": "Mr./Ms./...",
    "FIRSTNAME": "First Name",
    "MIDINIT": "M.I.",
    "LASTNAME": "Last Name",
    "CONT1": "Primary Contact",
    "CONT2": "Secondary Contact",
    "PHONE1": "Main Phone",
    "PHONE2": "Alt. Phone",
    "FAXNUM": "Fax",
    "EMAIL": "Main Email",
    "CTYPE": "Customer Type",
    "TERMS": "Terms",
    "REP": "Sales Rep",
    "RESALENUM": "Resale No.",
    "LIMIT": "Credit Limit",
    "NOTEPAD": "Notes",
    "JOBDESC": "Job Description",
    "JOBTYPE": "Job Type",
    "JOBSTATUS": "Job Status",
    **{f"BADDR{line}": f"Bill to {line}" for line in range(1, 6)},
    **{f"SADDR{line}": f"Ship to {line}" for line in range(1, 6)},
}

# A keyword and which of its namesakes: the block of an address to ship to may come several times.
type _Key = tuple[str, int]


class IifFile:
    """An .iif file with a list of customers (`!CUST`); its other lists are passed over."""

    def __init__(self, path: Path) -> None:
        self._text = TextFile(path, delimiter="\t")
        self._line = 0
        keys: dict[_Key, None] = {}
        for line, found in self._headers():
            self._line = self._line or line
            keys |= dict.fromkeys(found)
        if not keys:
            raise refusals.no_customers_in_iif()
        self._places = {key: place for place, key in enumerate(keys)}

    def rows(self) -> Iterator[SourceRow]:
        """A row of headings, then the customers, each with the number of its line.

        A second list with its columns in another order is brought into the order of the first.
        """
        yield SourceRow(self._line, tuple(_heading(key) for key in self._places))
        keys: Sequence[_Key] = ()
        for row in self._text.rows():
            kind, *cells = row.cells
            if _is(kind, "!CUST"):
                keys = _keys(cells)
            elif _is(kind, "CUST"):
                customer = [""] * len(self._places)
                for key, cell in zip_longest(keys, cells, fillvalue=None):
                    if key is None:
                        raise refusals.damaged_iif(row.number)
                    customer[self._places[key]] = cell or ""
                if filled := trimmed(customer):
                    yield SourceRow(row.number, filled)

    def share_read(self) -> float | None:
        """How much of the file the latest rows have gone through."""
        return self._text.share_read()

    def _headers(self) -> Iterator[tuple[int, Sequence[_Key]]]:
        for row in self._text.rows():
            if _is(row.cells[0], "!CUST"):
                yield row.number, _keys(row.cells[1:])


def _is(cell: str, kind: str) -> bool:
    return cell.strip().upper() == kind


def _keys(cells: Sequence[str]) -> Sequence[_Key]:
    seen: Counter[str] = Counter()
    keys = []
    for cell in cells:
        keyword = cell.strip().upper()
        seen[keyword] += 1
        keys.append((keyword, seen[keyword]))
    return keys


def _heading(key: _Key) -> str:
    keyword, occurrence = key
    heading = _HEADINGS.get(keyword, keyword)
    return heading if occurrence == 1 else f"{heading} ({occurrence})"
