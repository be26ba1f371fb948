"""Builders of spreadsheets for tests: ordinary ones, and hostile ones no program would write."""

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_RELS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_UNSAFE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def real_file(name: str) -> Path:
    """A file of the folder named by ROSTER_DATA; the test is skipped where there is none."""
    root = os.environ.get("ROSTER_DATA")
    if not root:
        pytest.skip("ROSTER_DATA names no folder of real exports")
    return Path(root) / "spreadsheets" / name


def delimited(
    path: Path, rows: Iterable[Sequence[str]], *, delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    """`rows` as a text file with every cell in quotes, the way careful exports write them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(path: Path, parts: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def escaped(text: str) -> str:
    """`text` for XML, with the `_x000D_` escapes Excel uses for what XML cannot carry."""
    return escape(_UNSAFE.sub(lambda m: f"_x{ord(m[0]):04X}_", text))


def inline(rows: Iterable[Sequence[str]]) -> str:
    """The rows as sheet data with inline texts, row numbers and cell references left out."""
    return "".join(
        "<row>"
        + "".join(
            f'<c t="inlineStr"><is><t xml:space="preserve">{escaped(cell)}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for row in rows
    )


def sheet_xml(data: str, *, before: str = "", namespace: str = MAIN) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{namespace}">{before}'
        f"<sheetData>{data}</sheetData></worksheet>"
    )


def workbook_parts(
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    shared: str | None = None,
    styles: str | None = None,
    date1904: bool = False,
    strict: bool = False,
) -> dict[str, bytes | str]:
    """The parts of a workbook from whole worksheet XML by sheet name; `shared` and `styles` too."""
    namespace, rels = (STRICT, _STRICT_RELS) if strict else (MAIN, _RELS)
    listed, links = [], []
    parts: dict[str, bytes | str] = {}
    for number, (name, xml) in enumerate(sheets.items(), 1):
        state = (states or {}).get(name, "visible")
        kind = (kinds or {}).get(name, "worksheet")
        listed.append(
            f'<sheet name={quoteattr(name)} sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        )
        links.append((f"rId{number}", kind, f"worksheets/sheet{number}.xml"))
        parts[f"xl/worksheets/sheet{number}.xml"] = xml
    if shared is not None:
        links.append(("rIdShared", "sharedStrings", "sharedStrings.xml"))
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{shared}</sst>'
    if styles is not None:
        links.append(("rIdStyles", "styles", "styles.xml"))
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{namespace}">{styles}</styleSheet>'
    base = '<workbookPr date1904="1"/>' if date1904 else ""
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{namespace}" xmlns:r="{rels}">{base}'
        f"<sheets>{''.join(listed)}</sheets></workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = _relationships(links, rels)
    parts["[Content_Types].xml"] = _content_types(parts)
    root = [("rId1", "officeDocument", "xl/workbook.xml")]
    parts["_rels/.rels"] = _relationships(root, rels)
    return parts


def _content_types(parts: Iterable[str]) -> str:
    kinds = {"workbook": "sheet.main", "sharedStrings": "sharedStrings", "styles": "styles"}
    types = "".join(
        f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument'
        f'.spreadsheetml.{kinds.get(Path(name).stem, "worksheet")}+xml"/>'
        for name in parts
        if not name.endswith(".rels")
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
        '.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{types}</Types>"
    )


def _relationships(links: Iterable[tuple[str, str, str]], base: str) -> str:
    inner = "".join(
        f'<Relationship Id="{i}" Type="{base}/{kind}" Target="{target}"/>'
        for i, kind, target in links
    )
    return f'<Relationships xmlns="{_PACKAGE_RELS}">{inner}</Relationships>'


def xlsx(path: Path, data: str, **parts: str | bool) -> Path:
    """A workbook with one sheet whose sheet data is `data`."""
    return zipped(path, workbook_parts({"Sheet1": sheet_xml(data)}, **parts))  # type: ignore[arg-type]


def number_cells(formats: Sequence[str], values: Sequence[str]) -> tuple[str, str]:
    """(styles, sheet data): one row, value i stored as a number with format i."""
    codes = "".join(
        f'<numFmt numFmtId="{200 + i}" formatCode={quoteattr(code)}/>'
        for i, code in enumerate(formats)
    )
    styles = "".join(f'<xf numFmtId="{200 + i}"/>' for i in range(len(formats)))
    cells = "".join(f'<c s="{i}"><v>{value}</v></c>' for i, value in enumerate(values))
    return f"<numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs>", f"<row>{cells}</row>"
