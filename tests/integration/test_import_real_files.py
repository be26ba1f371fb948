"""Real exports become customers: Must show 3, with the files in ROSTER_DATA."""

import csv
import random
from pathlib import Path
from typing import Any

import pytest

from roster import bootstrap
from roster.domain.customer import Customer
from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop

FILES = ("datablist_customers-1000.csv", "atomiccrm_contacts_500.csv", "chinook_customers.csv")
ADDED = {
    "First Name": "Žofie", "Last Name": "Nováková", "Company": "Zvonařství Nová s.r.o.",
    "Email": "zofie@example.cz",
}  # fmt: skip


@pytest.fixture
def imports_api(cloud: None) -> Api:
    return Api("imports_api")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def run(api: Api, content: bytes, name: str) -> dict[str, Any]:
    Machine().run(drop(content, name))
    newest = api.get("/v1/imports").json["data"][0]["id"]
    job: dict[str, Any] = api.get(f"/v1/imports/{newest}").json
    return job


def xlsx_of(rows: list[list[str]], path: Path) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path.read_bytes()


def everyone() -> list[Customer]:
    ids = [card.id for card in bootstrap.customers().match_cards("acme")]
    return list(bootstrap.customers().get_many("acme", ids).values())


@pytest.mark.shows("S0.04", "S0.05")
def test_real_exports_one_after_another(
    imports_api: Api, roster_data: Path, tmp_path: Path
) -> None:
    folder = roster_data / "spreadsheets"
    total = 0
    for name in FILES:
        job = run(imports_api, (folder / name).read_bytes(), name)
        progress = job["progress"]
        count = len(rows_of(folder / name)) - 1
        assert progress["rows_total"] == progress["done"] == count
        assert progress["created"] + progress["skipped"] + progress["failed"] == count
        assert progress["created"] >= 0.99 * count, (name, progress)
        assert len({e["line"] for e in job["errors"]}) == progress["failed"]
        assert all(e["rule"] and e["detail"] for e in job["errors"])
        total += progress["created"]
    people = everyone()
    assert len(people) == total
    assert len({p.number for p in people}) == total
    by_email = {p.email: p for p in people}
    luis = by_email["luisg@embraer.com.br"]
    assert (luis.first_name, luis.last_name) == ("Luís", "Gonçalves")
    assert luis.company_name == "Embraer - Empresa Brasileira de Aeronáutica S.A."
    found = Api("customers_api").get("/v1/customers", q="kohler").json["data"]
    assert "Leonie Köhler" in [r["display_name"] for r in found]

    rows = rows_of(folder / FILES[0])
    heading, body = rows[0], [*rows[1:], [ADDED.get(h, "") for h in rows[0]]]
    random.Random(7).shuffle(body)  # noqa: S311 — an order, not a secret
    job = run(imports_api, xlsx_of([heading, *body], tmp_path / "again.xlsx"), "again.xlsx")
    assert (job["progress"]["created"], job["progress"]["failed"]) == (1, 0)
    after = everyone()
    assert len(after) == total + 1
    assert "Žofie Nováková" in {p.full_name for p in after}


def test_an_xlsx_first_and_its_rows_as_tsv_later(
    imports_api: Api, roster_data: Path, tmp_path: Path
) -> None:
    rows = rows_of(roster_data / "spreadsheets" / FILES[0])
    first = run(imports_api, xlsx_of(rows, tmp_path / "all.xlsx"), "all.xlsx")
    assert first["progress"]["created"] >= 990
    lines = csv_of(*rows).decode()
    assert "\t" not in lines
    text = "\n".join("\t".join(cell.replace("\n", " ") for cell in row) for row in rows)
    second = run(imports_api, text.encode(), "all.tsv")
    assert second["format"] == "tsv"
    assert second["progress"]["created"] == 0
    assert second["progress"]["skipped"] == len(rows) - 1 - first["progress"]["failed"]
