"""Door 2: a spreadsheet in the bucket becomes customers, through the deployed template."""

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.support.e2e import Api, Deployed, new_tenant, wait_for

HEAD = ("Company", "First Name", "Last Name", "Email", "Phone", "Street", "City", "State", "Zip")
OPEN = {"awaiting_upload", "planning", "loading", "undoing"}
# Twelve chunks of 400 rows, of which the state machine works on eight at once: when the first is
# done others are still to begin, so that there is a middle to interrupt.
LONG = 4800


def people(count: int) -> list[tuple[str, ...]]:
    """Rows of distinct customers, accents and leading zeros among them."""
    return [
        (f"Café {n} Ñandú", "Zoë", f"Müller{n}", f"zoe{n}@example.com", f"555-01{n:04d}",
         f"{n} Main St", "Añasco", "PR", "00610")
        for n in range(1, count + 1)
    ]  # fmt: skip


def csv_of(*rows: Sequence[str]) -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def xlsx_of(*rows: Sequence[str]) -> bytes:
    """Rows as a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def found(office: Api, filename: str) -> dict[str, Any] | None:
    """The import of that file, whole, once it is there."""
    for job in office.get("/v1/imports").json()["data"]:
        if job["filename"] == filename:
            whole: dict[str, Any] = office.get(f"/v1/imports/{job['id']}").json()
            return whole
    return None


def ended(office: Api, filename: str, *, within_s: float = 90.0) -> dict[str, Any]:
    """The import of that file, once nothing more happens to it by itself."""

    def look() -> dict[str, Any] | None:
        job = found(office, filename)
        return job if job and job["status"] not in OPEN else None

    return wait_for(look, within_s=within_s, every_s=0.5, what=f"the end of {filename}")


def midway(office: Api, filename: str, status: str, part: str, count: str) -> None:
    """Wait until some of the import's rows are loaded, or taken back, and others are not."""

    def look() -> bool:
        job = found(office, filename)
        if job is None or (job["status"] in OPEN and not (job[part] or {}).get(count)):
            return False
        assert job["status"] == status, f"{filename} was {job['status']} before its middle was seen"
        return True

    wait_for(look, within_s=90, every_s=0.1, what=f"the middle of {status} {filename}")


def everyone(office: Api) -> Iterator[dict[str, Any]]:
    """Every customer of the company."""
    cursor = None
    while True:
        query = {"limit": 200, "status": "all"} | ({"cursor": cursor} if cursor else {})
        page = office.get("/v1/customers", params=query).json()
        yield from page["data"]
        cursor = page["next_cursor"]
        if not cursor:
            return


@pytest.mark.shows("S0.04")
def test_a_dropped_workbook_becomes_customers_once(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    office = api(tenant)
    rows = [*people(30), ("", "", "", "nobody@example.com", *[""] * 5)]
    upload(tenant, "Kunden März.xlsx", xlsx_of(HEAD, *rows))
    job = ended(office, "Kunden März.xlsx")
    assert job["status"] == "completed_with_errors", job
    assert job["progress"] == {
        "rows_total": 31, "rows_read": 31, "done": 31, "created": 30, "updated": 0, "joined": 0,
        "skipped": 0, "failed": 1, "cancelled": 0, "percent": 100,
        "phase": None, "rows_per_second": None, "estimated_end": None,
    }  # fmt: skip
    assert [(e["line"], e["rule"]) for e in job["errors"]] == [(32, "name_required")]
    row = next(c for c in everyone(office) if c["email"] == "zoe7@example.com")
    assert row["display_name"] == "Café 7 Ñandú"
    one = office.get(f"/v1/customers/{row['id']}").json()
    assert (one["full_name"], one["source"]) == ("Zoë Müller7", "import")

    again = [*people(31)]
    random.Random(3).shuffle(again)  # noqa: S311 — an order, not a secret
    upload(tenant, "again.csv", csv_of(HEAD, *again))
    second = ended(office, "again.csv")
    assert (second["progress"]["created"], second["progress"]["skipped"]) == (1, 30)
    customers = list(everyone(office))
    assert len(customers) == len({c["number"] for c in customers}) == 31


def test_a_presigned_upload_waits_for_its_confirmation(
    api: Callable[..., Api], tenant: str
) -> None:
    office, viewer = api(tenant), api(tenant, "viewer")
    assert viewer.post("/v1/imports", json={"filename": "a.csv"}).status_code == 403
    made = office.post("/v1/imports", json={"filename": "a b+ü.csv"})
    assert made.status_code == 201, made.text
    form = made.json()["upload"]
    sent = requests.request(
        form["method"],
        form["url"],
        data=form["fields"],
        files={"file": ("a b+ü.csv", csv_of(HEAD, *people(3)))},
        timeout=30,
    )
    assert sent.status_code in (200, 201, 204), sent.text
    job = ended(office, "a b+ü.csv")
    assert (job["status"], job["plan"]) == (
        "awaiting_confirmation", {"create": 3, "update": 0, "join": 0, "skip": 0, "error": 0},
    )  # fmt: skip
    path = f"/v1/imports/{job['id']}"
    plan = office.get(f"{path}/plan").json()["data"]
    assert [row["action"] for row in plan] == ["create"] * 3
    confirmed = office.post(f"{path}/confirm", json={"plan_hash": job["plan_hash"]})
    assert confirmed.status_code == 200, confirmed.text
    job = ended(office, "a b+ü.csv")
    assert (job["status"], job["progress"]["created"]) == ("completed", 3)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.xlsx", b"", "empty"),
        ("letter.xlsx", b"%PDF-1.7\n...", "not_a_spreadsheet"),
        ("no heading.csv", b"1,2\n3,4\n", "no_usable_header"),
    ],
)
def test_a_broken_file_is_rejected(
    api: Callable[..., Api],
    upload: Callable[..., str],
    tenant: str,
    name: str,
    content: bytes,
    code: str,
) -> None:
    upload(tenant, name, content)
    job = ended(api(tenant), name)
    assert (job["status"], job["reason"]["code"]) == ("rejected", code)


@pytest.mark.shows("S0.05")
def test_a_file_with_headings_nobody_knows_is_mapped_once(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    office = api(tenant)
    headings = ("Bez.", "Kd-Kontakt", "Dir.")
    upload(tenant, "first.csv", csv_of(headings, ("Müller GmbH", "a@x.example", "Ring 3")))
    refused = ended(office, "first.csv")
    assert (refused["status"], refused["reason"]["code"]) == ("rejected", "no_usable_header")
    path = f"/v1/imports/{refused['id']}"
    read = office.get(f"{path}/mapping").json()
    assert [one["heading"] for one in read["columns"]] == list(headings)
    fields = ("company_name", "email", "service_location.street")
    columns = [{"index": index, "field": field} for index, field in enumerate(fields)]
    told = office.put(f"{path}/mapping", json={"columns": columns})
    assert told.status_code == 200, told.text
    planned = ended(office, "first.csv")
    assert (planned["status"], planned["plan"]["create"]) == ("awaiting_confirmation", 1)
    office.post(f"{path}/confirm", json={"plan_hash": planned["plan_hash"]})
    assert ended(office, "first.csv")["status"] == "completed"
    upload(tenant, "next.csv", csv_of(headings, ("Schulze KG", "b@x.example", "Markt 1")))
    assert ended(office, "next.csv")["status"] == "completed"
    assert {c["company_name"] for c in everyone(office)} == {"Müller GmbH", "Schulze KG"}


def test_two_companies_import_the_same_file_at_once(
    api: Callable[..., Api], upload: Callable[..., str]
) -> None:
    tenants = [new_tenant() for _ in range(2)]
    content = csv_of(HEAD, *people(5))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda tenant: upload(tenant, "same.csv", content), tenants))
    for tenant in tenants:
        assert ended(api(tenant), "same.csv")["progress"]["created"] == 5
        assert len(list(everyone(api(tenant)))) == 5


def test_the_same_people_in_two_files_at_once_are_one(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda made: upload(tenant, *made),
                [("a.csv", csv_of(HEAD, *people(20))), ("b.xlsx", xlsx_of(HEAD, *people(20)))],
            )
        )
    jobs = [ended(api(tenant), name) for name in ("a.csv", "b.xlsx")]
    assert sorted(job["progress"]["created"] for job in jobs) == [0, 20]
    assert len(list(everyone(api(tenant)))) == 20


def test_an_event_delivered_twice_has_one_effect(
    deployed: Deployed, api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    office = api(tenant)
    upload(tenant, "once.csv", csv_of(HEAD, *people(4)))
    ended(office, "once.csv")
    workflow = deployed.client("stepfunctions")
    machine = deployed.outputs["ImportStateMachineArn"]
    event = next(
        given
        for one in workflow.list_executions(stateMachineArn=machine)["executions"]
        if tenant
        in (given := workflow.describe_execution(executionArn=one["executionArn"])["input"])
    )
    arn = workflow.start_execution(stateMachineArn=machine, input=event)["executionArn"]
    done = wait_for(
        lambda: (s := workflow.describe_execution(executionArn=arn)["status"]) != "RUNNING" and s,
        what="the second execution",
    )
    assert done == "SUCCEEDED"
    assert len(office.get("/v1/imports").json()["data"]) == 1
    assert len(list(everyone(office))) == 4


def test_an_undone_import_leaves_what_was_touched_and_goes_in_again(
    api: Callable[..., Api], upload: Callable[..., str], tenant: str
) -> None:
    office = api(tenant)
    made = office.post("/v1/customers", json={"company_name": "By hand"})
    assert made.status_code == 201, made.text
    upload(tenant, "wrong.csv", csv_of(HEAD, *people(450)))
    job = ended(office, "wrong.csv")
    assert job["progress"]["created"] == 450
    touched = next(c for c in everyone(office) if c["email"] == "zoe7@example.com")
    noted = office.post(f"/v1/customers/{touched['id']}/notes", json={"text": "Gate code 1234"})
    assert noted.status_code == 201, noted.text
    asked = office.post(f"/v1/imports/{job['id']}/undo", json={})
    assert (asked.status_code, asked.json()["status"]) == (200, "undoing"), asked.text
    undone = ended(office, "wrong.csv", within_s=180)
    assert undone["status"] == "undone", undone
    assert (undone["undo"]["removed"], undone["undo"]["kept"]) == (449, 1)
    (told,) = office.get(f"/v1/imports/{job['id']}/undo").json()["data"]
    assert (told["line"], told["customer_id"]) == (8, touched["id"])
    left = {c["id"] for c in everyone(office)}
    assert left == {made.json()["id"], touched["id"]}
    upload(tenant, "right.csv", csv_of(HEAD, *people(450)))
    second = ended(office, "right.csv")
    assert (second["progress"]["created"], second["progress"]["skipped"]) == (449, 1)


@pytest.mark.restarts
@pytest.mark.parametrize("kill", [False, True])
def test_an_import_interrupted_in_mid_load_comes_to_its_end(
    api: Callable[..., Api],
    upload: Callable[..., str],
    restart_cloud: Callable[..., None],
    tenant: str,
    kill: bool,
) -> None:
    office = api(tenant)
    upload(tenant, "large.csv", csv_of(HEAD, *people(LONG)))
    midway(office, "large.csv", "loading", "progress", "created")
    restart_cloud(kill=kill)
    job = ended(office, "large.csv", within_s=300)
    assert job["status"] == "completed", job
    assert job["progress"]["created"] == job["progress"]["rows_total"] == LONG
    customers = list(everyone(office))
    assert len(customers) == LONG
    assert len({c["number"] for c in customers}) == LONG
    assert len({c["email"] for c in customers}) == LONG


@pytest.mark.restarts
def test_an_undo_interrupted_in_mid_way_comes_to_its_end(
    api: Callable[..., Api],
    upload: Callable[..., str],
    restart_cloud: Callable[..., None],
    tenant: str,
) -> None:
    office = api(tenant)
    upload(tenant, "large.csv", csv_of(HEAD, *people(LONG)))
    job = ended(office, "large.csv", within_s=180)
    assert job["progress"]["created"] == LONG
    touched = next(everyone(office))["id"]
    edited = office.patch(
        f"/v1/customers/{touched}", json={"notes": "ours"}, headers={"If-Match": "*"}
    )
    assert edited.status_code == 200, edited.text
    assert office.post(f"/v1/imports/{job['id']}/undo", json={}).status_code == 200
    midway(office, "large.csv", "undoing", "undo", "removed")
    restart_cloud(kill=True)
    undone = ended(office, "large.csv", within_s=300)
    assert undone["status"] == "undone", undone
    assert (undone["undo"]["removed"], undone["undo"]["kept"]) == (LONG - 1, 1)
    assert [c["id"] for c in everyone(office)] == [touched]
