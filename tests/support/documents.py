"""Contents of documents: real ones of every type, and what must never be served."""

import io
import zipfile

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def archive(*names: str) -> bytes:
    """A zip file with entries of these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, f"<{name}/>" * 40)
    return out.getvalue()


def workbook() -> bytes:
    """A workbook as a spreadsheet library writes it."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Name", "Zoë"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256)) * 300 + b"\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256))
WORD = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml")
CSV = "Name;Straße\r\nZoë;Ring 1\r\n"
EXECUTABLES = {
    "windows": b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 100,
    "linux": b"\x7fELF\x02\x01\x01" + b"\x00" * 100,
    "mac": b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + b"\x00" * 100,
    "mac_universal": b"\xca\xfe\xba\xbe\x00\x00\x00\x02" + b"\x00" * 100,
    "script": b"#!/bin/sh\nrm -rf /\n",
    "script_behind_a_mark": b"\xef\xbb\xbf#!/bin/sh\nrm -rf /\n",
}
