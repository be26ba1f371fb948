"""Exports through the deployed template: what was imported goes out and comes back unchanged."""

import io
import json
from collections.abc import Callable

import pytest
import requests

from infra.local.demo.spreadsheet import BUNDLED
from tests.e2e.test_door2_imports import HEAD, csv_of, ended, everyone, people
from tests.support.e2e import Api, wait_for


def made(office: Api, file_format: str) -> bytes:
    """The file of an export of everybody."""
    asked = office.post("/v1/exports", json={"format": file_format, "filters": {"status": "all"}})
    assert asked.status_code == 202, asked.text

    def look() -> dict[str, str] | None:
        export = office.get(asked.headers["Location"]).json()
        assert export["status"] != "failed", export
        return export["link"] if export["status"] == "completed" else None

    link = wait_for(look, within_s=300, what="the end of the export")
    answer = requests.get(link["url"], timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="customers-')
    return answer.content


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_was_imported_goes_out_and_comes_back_unchanged(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str, file_format: str
) -> None:
    office = api(tenant)
    upload(tenant, "customers.xlsx", BUNDLED)
    first = ended(office, "customers.xlsx")
    before = sorted(everyone(office), key=lambda c: c["id"])
    assert len(before) == first["progress"]["created"] > 0
    content = made(api(tenant, "viewer"), file_format)
    if file_format == "xlsx":
        from openpyxl import load_workbook

        sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
        assert len(list(sheet.iter_rows())) == len(before) + 1
    upload(tenant, f"back.{file_format}", content)
    back = ended(office, f"back.{file_format}")
    assert back["status"] == "completed", json.dumps(back)
    assert back["plan"] == {"create": 0, "update": 0, "join": 0, "skip": len(before), "error": 0}
    assert sorted(everyone(office), key=lambda c: c["id"]) == before


# It keeps the local cloud busy for minutes: it runs alone, as those do that restart it.
@pytest.mark.restarts
def test_ten_thousand_customers_are_exported_counted_and_imported_back(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    office, count = api(tenant), 10_000
    upload(tenant, "many.csv", csv_of(HEAD, *people(count)))
    first = ended(office, "many.csv", within_s=400)
    assert first["progress"]["created"] == count
    content = made(office, "xlsx")
    upload(tenant, "back.xlsx", content)
    back = ended(office, "back.xlsx", within_s=120)
    assert back["plan"] == {"create": 0, "update": 0, "join": 0, "skip": count, "error": 0}
    assert back["warnings"] == []
