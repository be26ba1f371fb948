"""What reading a customer list costs: rows per CPU-second and peak memory, beside openpyxl.

Run `python -m bench.spreadsheet_reader [rows …]`; each reading is a process of its own, so that
its peak memory is its own. Believe the ratios: they come from one run on one machine.
"""

import csv
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from string import ascii_uppercase
from time import process_time

from bench.memory import peak_mib

HEADINGS = (
    "Customer Id", "Company", "First Name", "Last Name", "Email", "Phone", "Mobile", "Website",
    "Street", "Unit", "City", "State", "ZIP", "Country", "Since", "Balance", "Rate", "Active",
    "Tags", "Notes",
)  # fmt: skip
SIZES = (1_000, 10_000, 100_000)


def table(rows: int) -> Iterator[list[object]]:
    """`rows` customers of 20 cells: mostly text, a date, two numbers, a truth value."""
    for n in range(rows):
        yield [
            f"C{n:07}", f"Company {n} & Sons", f"First{n % 997}", f"Last{n % 4999}",
            f"office{n}@company{n}.example", f"({n % 800 + 200}) 555-{n % 10_000:04}", "",
            f"https://company{n}.example/", f"{n} Main Street", "", f"City {n % 300}", "NJ",
            n % 90_000 + 500, "USA", date(2020, 1, 1) + timedelta(days=n % 2000), n * 1.25,
            (n % 100) / 400, n % 2 == 0, "late, vip", f"Note of customer {n}: gate on the left",
        ]  # fmt: skip


def write_xlsx(path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A workbook with its texts in the shared table, as Excel writes them."""
    # Not imported by the process that reads: its peak is to be that of the reader alone.
    from tests.support.spreadsheets import escaped, sheet_xml, workbook_parts, zipped

    texts: dict[str, int] = {}
    data = []
    for number, row in enumerate(chain([headings], rows), 1):
        cells = "".join(
            _cell(f"{ascii_uppercase[i]}{number}", value, texts) for i, value in enumerate(row)
        )
        data.append(f'<row r="{number}">{cells}</row>')
    shared = "".join(f"<si><t>{escaped(text)}</t></si>" for text in texts)
    styles = (
        '<numFmts><numFmt numFmtId="200" formatCode="00000"/></numFmts><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="200"/><xf numFmtId="10"/></cellXfs>'
    )
    sheets = {"Customers": sheet_xml("".join(data))}
    zipped(path, workbook_parts(sheets, shared=shared, styles=styles))


def _cell(ref: str, value: object, texts: dict[str, int]) -> str:
    match value:
        case "":
            return ""
        case str():
            return f'<c r="{ref}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'
        case bool():
            return f'<c r="{ref}" t="b"><v>{value:d}</v></c>'
        case date():
            return f'<c r="{ref}" s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
        case int():
            return f'<c r="{ref}" s="2"><v>{value}</v></c>'
        case _:
            return f'<c r="{ref}" s="3"><v>{value}</v></c>'


def write(path: Path, rows: int) -> None:
    """The file that is read."""
    if path.suffix == ".xlsx":
        write_xlsx(path, HEADINGS, table(rows))
    else:
        write_csv(path, rows)


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(table(rows))


def by_roster(path: Path) -> Iterable[object]:
    from roster.adapters.spreadsheets.reader import open_spreadsheet

    return open_spreadsheet(path).rows()


def by_openpyxl(path: Path) -> Iterator[object]:
    from openpyxl import load_workbook

    yield from load_workbook(path, read_only=True)["Customers"].iter_rows(values_only=True)


READERS: dict[str, Callable[[Path], Iterable[object]]] = {
    "roster": by_roster,
    "openpyxl": by_openpyxl,
}


def read_once(reader: str, path: Path) -> None:
    """Print rows, CPU seconds and peak MiB of one reading; meant for a process of its own."""
    begun = process_time()
    count = sum(1 for _ in READERS[reader](path))
    seconds = process_time() - begun
    print(count, seconds, peak_mib())


def in_process(*arguments: str) -> list[str]:
    """The words printed by this module run with `arguments` in a process of its own.

    Linux counts what the parent held towards a child's peak: so the parent stays small and has
    the files written elsewhere too.
    """
    command = [sys.executable, "-m", "bench.spreadsheet_reader", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def measure(reader: str, path: Path) -> tuple[float, float]:
    """(rows per CPU-second, peak MiB of the process)."""
    out = in_process("--read", reader, str(path))
    return int(out[0]) / float(out[1]), float(out[2])


def main(sizes: Iterable[int]) -> None:
    """Print one line per size and reader."""
    print(f"{'rows':>8} {'file':6} {'reader':10} {'rows/CPU-s':>11} {'peak MiB':>9} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            workbook, text = Path(folder) / f"{rows}.xlsx", Path(folder) / f"{rows}.csv"
            in_process("--write", str(workbook), str(rows))
            in_process("--write", str(text), str(rows))
            speed_of_openpyxl, peak = measure("openpyxl", workbook)
            lines = [("xlsx", "openpyxl", speed_of_openpyxl, peak)]
            lines.append(("xlsx", "roster", *measure("roster", workbook)))
            lines.append(("csv", "roster", *measure("roster", text)))
            for form, reader, speed, peak in lines:
                ratio = speed / speed_of_openpyxl
                print(f"{rows:>8} {form:6} {reader:10} {speed:>11,.0f} {peak:>9.0f} {ratio:>6.1f}")
            workbook.unlink()
            text.unlink()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read_once(sys.argv[2], Path(sys.argv[3]))
    elif sys.argv[1:2] == ["--write"]:
        write(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main([int(size) for size in sys.argv[1:]] or SIZES)
