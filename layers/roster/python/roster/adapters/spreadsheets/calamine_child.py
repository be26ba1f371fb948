"""The program that reads an .xls, .xlsb or .ods in a process of its own (see `foreign`).

Run as a file with a bare Python: it may import the standard library and python_calamine only.
Arguments: the workbook, the folder python_calamine is in, and the limits of memory (bytes), of
time (seconds of CPU) and of output (bytes). Writes lines of JSON: "a sheet's name", then its rows
[number, [texts]]. Ends with one of the exit codes below.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

DAMAGED, ENCRYPTED, ALL_HIDDEN, TOO_MUCH = 3, 4, 5, 6


def main() -> int:
    """Read the workbook; the limits hold before the first byte of it is looked at."""
    path, library, memory, seconds, output = sys.argv[1:]
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_AS, int(memory)),
        (resource.RLIMIT_FSIZE, int(output)),
    ):
        resource.setrlimit(kind, (limit, limit))
    sys.path.append(library)
    import python_calamine as calamine

    try:
        # By content: from_path goes by the extension, which says nothing here.
        with Path(path).open("rb") as file, calamine.CalamineWorkbook.from_filelike(file) as book:
            visible = [
                about.name
                for about in book.sheets_metadata
                if about.visible == calamine.SheetVisibleEnum.Visible
                and about.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            for name in visible:
                sys.stdout.write(f"{json.dumps(name)}\n")
                for row in _rows(book.get_sheet_by_name(name)):
                    sys.stdout.write(f"{json.dumps(row)}\n")
            return ALL_HIDDEN if book.sheets_metadata and not visible else 0
    except calamine.PasswordError:
        return ENCRYPTED
    except calamine.CalamineError:
        return DAMAGED
    except (MemoryError, OSError):
        # OSError: the output has reached its limit.
        return TOO_MUCH
    except BaseException as error:
        # How a panic of the library arrives; its type cannot be imported.
        if type(error).__name__ == "PanicException":
            return DAMAGED
        raise


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    if sheet.start is None:
        return
    # The library leaves out blank columns on the left but keeps blank rows at the top.
    left = [""] * sheet.start[1]
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, left + cells


def _text(cell: object) -> str:
    """As our own reader of .xlsx writes it: ISO dates, TRUE, numbers without a needless ".0"."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(cell, datetime):
        midnight = cell.time() == time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


if __name__ == "__main__":
    sys.exit(main())
