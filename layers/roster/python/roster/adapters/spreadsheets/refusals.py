"""Why a file is refused, in words that tell a person what to do about it."""

from collections.abc import Sequence

from roster.adapters.spreadsheets import limits
from roster.domain.imports.reading import UnreadableFile

SAVE_AS = "Open it in the program it came from, save it as .xlsx or .csv and upload that file."


def wrong_encoding(encoding: str) -> UnreadableFile:
    said = encoding.removesuffix("-sig")
    return UnreadableFile(
        "wrong_encoding",
        f"The file is not written in {said}, as was said. Leave the encoding out, or name the one "
        "it was saved in.",
    )


def wrong_sheet(named: str, sheets: Sequence[str]) -> UnreadableFile:
    return UnreadableFile(
        "wrong_sheet",
        f'There is no sheet "{named}" that can be seen and has rows. The workbook has: '
        f"{', '.join(sheets)}.",
    )


def not_a_spreadsheet() -> UnreadableFile:
    return UnreadableFile(
        "not_a_spreadsheet",
        "This is not a spreadsheet. Upload an .xlsx, .xls, .ods, .csv, .tsv or .iif file.",
    )


def unsupported(what: str) -> UnreadableFile:
    return UnreadableFile("unsupported_format", f"The file is {what}. {SAVE_AS}")


def encrypted() -> UnreadableFile:
    return UnreadableFile(
        "encrypted",
        "The workbook is protected by a password. Open it in Excel, remove the password "
        "(File, Info, Protect Workbook), save it and upload it again.",
    )


def damaged_workbook() -> UnreadableFile:
    return UnreadableFile(
        "damaged",
        "The workbook is damaged; it may not have been copied completely. Open it in Excel, save "
        "it again and upload it once more.",
    )


def damaged_text(line: int, problem: str) -> UnreadableFile:
    return UnreadableFile(
        "damaged",
        f"The record that begins on line {line} cannot be read ({problem}): most likely a "
        "quotation mark is opened and not closed. Correct it, or save the file as .xlsx.",
    )


def bomb() -> UnreadableFile:
    return UnreadableFile(
        "zip_bomb",
        "The file unpacks to far more than a list of customers needs; it was not read. Copy the "
        "customers into a new workbook and upload that.",
    )


def too_large(what: str) -> UnreadableFile:
    return UnreadableFile("too_large", f"{what} Split it into several files.")


def long_cell(row: int | None = None) -> UnreadableFile:
    where = "A cell" if row is None else f"A cell in row {row}"
    return UnreadableFile(
        "too_large",
        f"{where} holds more than {limits.MAX_CELL_CHARS:,} characters, which no customer's data "
        "needs. Shorten it, or check that the file is what it should be.",
    )


def too_many_rows() -> UnreadableFile:
    return UnreadableFile(
        "too_many_rows",
        f"The file has more than {limits.MAX_ROWS:,} rows. Split it into several files.",
    )


def too_many_columns(row: int) -> UnreadableFile:
    return UnreadableFile(
        "too_many_columns",
        f"Row {row} has a value beyond column {limits.MAX_COLUMNS:,}. Remove what stands there, "
        "or copy the customers into a new file.",
    )


def no_rows(*, hidden: bool = False) -> UnreadableFile:
    where = "sheet that can be seen; unhide the sheet with the customers" if hidden else "sheet"
    return UnreadableFile("empty", f"There are no rows on any {where}.")


def rights_managed() -> UnreadableFile:
    return UnreadableFile(
        "encrypted",
        "The workbook is protected by rights management (a sensitivity label or restricted "
        "access). Remove the restriction (File, Info, Protect Workbook), or copy the customers "
        "into a new workbook without it, and upload that.",
    )


def too_much_work() -> UnreadableFile:
    return UnreadableFile(
        "too_large",
        "The workbook takes more memory or time to read than a list of customers needs. Copy the "
        "customers into a new workbook, save it as .xlsx or .csv and upload that.",
    )


def no_customers_in_iif() -> UnreadableFile:
    return UnreadableFile(
        "empty",
        "The .iif file holds no list of customers (!CUST). In QuickBooks Desktop choose File, "
        "Utilities, Export, Lists to IIF Files, tick the Customer List and upload that file.",
    )


def damaged_iif(line: int) -> UnreadableFile:
    return UnreadableFile(
        "damaged",
        f"The customer on line {line} has more values than its list has columns (!CUST). Export "
        "the list from QuickBooks again and upload it without editing it.",
    )


def damaged_archive() -> UnreadableFile:
    return UnreadableFile(
        "damaged",
        "The archive is damaged; it may not have been copied completely. Pack the files into a "
        "new .zip and upload that.",
    )


def encrypted_archive() -> UnreadableFile:
    return UnreadableFile(
        "encrypted",
        "Files of the archive are protected by a password. Pack them into a .zip without one and "
        "upload that.",
    )


def archive_bomb() -> UnreadableFile:
    return UnreadableFile(
        "zip_bomb",
        "The archive unpacks to far more than documents need; it was not read. Pack the documents "
        "into several new .zip files.",
    )
