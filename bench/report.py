"""Tables that are printed and kept in docs/performance.md, between marks that name them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
_DATE = re.compile(r"Measured on [0-9-]{10}\.")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: `name` is its mark in the document, `over` says what exceeds its budget."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    over: Sequence[str] = ()

    def markdown(self) -> str:
        """The table as it stands in the document."""
        lines = [self.head, ["---"] + ["---:"] * (len(self.head) - 1), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def text(self) -> str:
        """The table as it is printed."""
        lines = [self.head, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        return "\n".join(
            "  ".join([line[0].ljust(widths[0])] + [c.rjust(w) for c, w in cells])
            for line in lines
            for cells in [list(zip(line[1:], widths[1:], strict=True))]
        )


def keep(table: Table) -> None:
    """Put the table into the document in place of the one of that name, and today's date."""
    text = DOCUMENT.read_text()
    begin, end = f"<!-- bench: {table.name} -->", "<!-- end -->"
    before, found, rest = text.partition(begin)
    if not found:
        raise LookupError(f"{DOCUMENT.name} has no place for {table.name}: {begin}")
    after = rest.partition(end)[2]
    text = f"{before}{begin}\n{table.markdown()}\n{end}{after}"
    today = datetime.now(UTC).date().isoformat()
    DOCUMENT.write_text(_DATE.sub(f"Measured on {today}.", text))


def figure(value: float) -> str:
    """A number with as many digits as mean something."""
    if value == int(value) and value < 10_000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):,g}" if value < 1000 else f"{float(f'{value:.2g}'):,.0f}"
