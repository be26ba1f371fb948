"""Notes and attachments dropped into the bucket, through the deployed template, and their undo."""

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl
import pytest
import requests

from tests.support import documents as contents
from tests.support.e2e import Api, wait_for

OPEN = {"awaiting_upload", "planning", "loading", "undoing"}


def workbook(*rows: Sequence[str]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ended(office: Api, filename: str) -> dict[str, Any]:
    """The newest import of that name, once nothing more happens to it by itself."""

    def look() -> dict[str, Any] | None:
        for job in office.get("/v1/imports").json()["data"]:
            if job["filename"] == filename and job["status"] not in OPEN:
                whole: dict[str, Any] = office.get(f"/v1/imports/{job['id']}").json()
                return whole
        return None

    return wait_for(look, within_s=90.0, every_s=0.5, what=f"the end of {filename}")


@pytest.mark.shows("S4.090")
def test_notes_and_papers_come_and_go_again(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    office = api(tenant)
    made = office.post("/v1/customers", json={"company_name": "Café Ñandú", "email": "a@b.example"})
    path = f"/v1/customers/{made.json()['id']}"
    notes = [("Gate code 4711", "2024-03-05", "Bob"), ("Pays late", "2024-04-05", "")]
    sheet = workbook(
        ("Customer", "Note", "Date", "Author"),
        *(("cafe nandu", *note) for note in notes),
        ("Nobody", "x", "", ""),
    )
    upload(tenant, "notes.xlsx", sheet)
    job = ended(office, "notes.xlsx")
    assert (job["kind"], job["status"], job["progress"]["created"]) == (
        "notes", "completed_with_errors", 2,
    ), job  # fmt: skip
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [(4, "customer_unknown")]
    found = office.get(f"{path}/notes").json()["data"]
    assert [(n["text"], n["author"]) for n in found] == [
        ("Pays late", None),
        ("Gate code 4711", "Bob"),
    ]

    out = io.BytesIO()
    photo = contents.JPEG * 5000
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        rows = (("a@b.example", "docs/Vertrag.pdf", "contract"), ("a@b.example", "photo.jpg", ""))
        file.writestr("index.xlsx", workbook(("Email", "File", "Category"), *rows))
        file.writestr("docs/Vertrag.pdf", contents.PDF)
        file.writestr("photo.jpg", photo)
    upload(tenant, "papers.zip", out.getvalue())
    papers = ended(office, "papers.zip")
    assert (papers["kind"], papers["status"], papers["progress"]["created"]) == (
        "attachments", "completed", 2,
    ), papers  # fmt: skip
    documents = {d["filename"]: d for d in office.get(f"{path}/documents").json()["data"]}
    for name, content in (("Vertrag.pdf", contents.PDF), ("photo.jpg", photo)):
        one = office.get(f"{path}/documents/{documents[name]['id']}").json()
        assert one["status"] == "active"
        assert requests.get(one["download"]["url"], timeout=30).content == content

    for one in (job, papers):
        assert office.post(f"/v1/imports/{one['id']}/undo", json={}).status_code == 200
        undone = ended(office, one["filename"])
        assert (undone["status"], undone["undo"]["removed"]) == ("undone", 2)
    assert office.get(f"{path}/notes").json()["data"] == []
    assert office.get(f"{path}/documents").json()["data"] == []
