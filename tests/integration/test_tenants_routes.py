"""Every route with another company's ids, in the path and in the body: nothing is told or changed.

Routes come from the functions themselves, so that a new one is tried without anybody thinking of
it; bodies are right, or a refusal of the body would hide that nobody looked at the company.
"""

import json
import re
from typing import Any

import boto3
import pytest

from tests.support.api import Answer, Api
from tests.support.aws import DOCUMENTS_BUCKET, IMPORTS_BUCKET
from tests.support.functions import PUBLIC, functions, routes
from tests.support.imports import Machine, csv_of, drop, table_items

MARK = "Quetzalcoatl"
LINE = {"description": MARK, "quantity": 1, "unit_price": 500}
PLACE = {"street": f"1 {MARK} St", "city": "Reno", "state": "NV", "zip": "89501"}
ROUTES = [
    (function.folder, method, path)
    for function in functions()
    # QuickBooks has something to name only once it is connected: test_quickbooks_api.py.
    if function.folder.endswith("_api") and function.folder != "quickbooks_api"
    for method, path in routes(function.folder)
    if "<" in path and f"{method} {path}" not in PUBLIC
]
_CONFIRMED = ("activate", "deactivate", "archive", "unarchive", "erase")
# Where less can be changed than was said at first.
_PATCHED: dict[str, dict[str, Any]] = {
    "documents": {"filename": "b.pdf"}, "payments": {"notes": "x"},
}  # fmt: skip


def a_company(tenant: str, mark: str) -> dict[str, str]:
    """A company with something of everything; the ids by their names in paths."""
    office, records = Api("customers_api", tenant=tenant), Api("records_api", tenant=tenant)
    admin = Api("settings_api", tenant=tenant, role="admin")

    def made(api: Api, path: str, body: dict[str, Any]) -> str:
        answer = api.post(path, body)
        assert answer.status in (201, 202), answer.text
        return str(answer.json["id"])

    body = {"company_name": mark, "email": f"{mark}@x.example", "service_location": PLACE}
    customer = made(office, "/v1/customers", body)
    path = f"/v1/customers/{customer}"
    office.patch(path, {"notes": mark})
    loser = made(office, "/v1/customers", {"company_name": f"{mark} too"})
    paper = {"filename": f"{mark}.pdf", "content_type": "application/pdf", "size": 9}
    invoice = made(records, f"{path}/invoices", {"lines": [LINE]})
    records.post(f"{path}/invoices/{invoice}/approve", {})
    merged = office.post(f"{path}/merge", {"loser_id": loser}, if_match="*")
    assert merged.status == 200, merged.text
    Machine().run(drop(csv_of(("Company name",), (f"{mark} three",), ("",)), tenant=tenant))
    (job,) = Api("imports_api", tenant=tenant).get("/v1/imports").json["data"]
    export = made(Api("exports_api", tenant=tenant), "/v1/exports", {"format": "csv"})
    return {
        "customer_id": customer,
        "merge_id": merged.json["merge_id"],
        "contact_id": made(office, f"{path}/contacts", {"first_name": mark}),
        "location_id": office.get(f"{path}/locations").json["data"][0]["id"],
        "event_id": office.get(f"{path}/history").json["data"][0]["id"],
        "document_id": made(records, f"{path}/documents", paper),
        "note_id": made(records, f"{path}/notes", {"text": mark}),
        "task_id": made(records, f"{path}/tasks", {"title": mark}),
        "job_id": made(records, f"{path}/jobs", {"title": mark}),
        "project_id": made(records, f"{path}/projects", {"name": mark}),
        "asset_id": made(records, f"{path}/assets", {"name": mark}),
        "quote_id": made(records, f"{path}/quotes", {"lines": [LINE]}),
        "invoice_id": invoice,
        "payment_id": made(records, f"{path}/payments", {"amount": 100, "method": "cash"}),
        "message_id": made(records, f"{path}/messages", {"subject": mark, "body": mark}),
        "item_id": made(admin, "/v1/items", {"name": mark}),
        "tax_rate_id": made(admin, "/v1/tax-rates", {"name": mark, "rate_percent": 1}),
        "payment_term_id": made(admin, "/v1/payment-terms", {"name": mark, "due_days": 1}),
        "import_id": job["id"],
        "export_id": export,
        "pair_id": f"{customer}.{loser}",
    }


def bodies(ids: dict[str, str]) -> dict[str, dict[str, Any]]:
    """A right body by the last word of a path that takes one; ids in it are those given."""
    lines = [{**LINE, "item_id": ids["item_id"], "tax_rate_id": ids["tax_rate_id"]}]
    return {
        "merge": {"loser_id": ids["customer_id"]},
        "restore": {"fields": ["notes"]},
        "contacts": {"first_name": "x"},
        "locations": PLACE,
        "positions": {"positions": [{"device": "d", "at": "2026-01-01T00:00:00Z",
                                     "latitude": 1, "longitude": 1}]},
        "documents": {"filename": "a.pdf", "content_type": "application/pdf", "size": 9},
        "notes": {"text": "x"},
        "tasks": {"title": "x"},
        "jobs": {"title": "x", "location_id": ids["location_id"]},
        "projects": {"name": "x", "location_id": ids["location_id"]},
        "assets": {"name": "x", "location_id": ids["location_id"]},
        "quotes": {"lines": lines},
        "invoices": {"lines": lines, "project_id": ids["project_id"]},
        "payments": {"amount": 1, "method": "cash", "invoice_id": ids["invoice_id"]},
        "messages": {"subject": "x", "body": "x", "to": "ann@x.example"},
        "apply": {"allocations": [{"invoice_id": ids["invoice_id"], "amount": 1}]},
        "mapping": {"columns": [{"index": 0, "field": "display_name"}]},
        "tax-rates": {"name": "x"},
        "payment-terms": {"name": "x"},
        "items": {"name": "x"},
        "confirm": {"plan_hash": "x"},
        "customers": {"company_name": "x", "tax_rate_id": ids["tax_rate_id"],
                      "payment_term_id": ids["payment_term_id"]},
    }  # fmt: skip


def call(folder: str, method: str, path: str, ids: dict[str, str], named: dict[str, str]) -> Answer:
    """The route as an administrator of `acme2`, with `ids` in the path and `named` in the body."""
    words = [word for word in path.split("/") if word and not word.startswith("<")]
    body = bodies(named).get(words[-1], {"confirm": True} if words[-1] in _CONFIRMED else {})
    if method == "PATCH" and words[-1] in _PATCHED:
        body = _PATCHED[words[-1]]
    query = {"from": "1", "to": "2"} if words[-1] == "diff" else None
    if (method, words[-1]) == ("DELETE", "customers"):
        query = {"confirm": "true"}
    return Api(folder, tenant="acme2", role="admin").call(
        method,
        re.sub(r"<(\w+)>", lambda found: ids[found[1]], path),
        None if method in ("GET", "DELETE") else body,
        query=query,
        headers={"if-match": "*"},
    )


def of_acme() -> str:
    """All that the first company has, in the table and in the buckets."""
    items = [item for item in table_items() if "acme#" in f"{item['pk']} {item['sk']}"]
    s3 = boto3.client("s3")
    stored = [
        (thing["Key"], thing["ETag"])
        for bucket in (DOCUMENTS_BUCKET, IMPORTS_BUCKET)
        for thing in s3.list_objects_v2(Bucket=bucket, Prefix="acme/").get("Contents", ())
    ]
    return json.dumps([items, stored], default=str, sort_keys=True)


@pytest.fixture
def theirs(cloud: None) -> dict[str, str]:
    return a_company("acme", MARK)


def test_every_route_that_names_something_names_nothing_of_another_company(
    theirs: dict[str, str],
) -> None:
    before, found = of_acme(), []
    for folder, method, path in ROUTES:
        answer = call(folder, method, path, theirs, theirs)
        told = {MARK.casefold()} & {word.casefold() for word in re.findall(r"\w+", answer.text)}
        if answer.status not in (404, 405, 410) or told:
            found.append((method, path, answer.status, answer.text[:300]))
    assert found == []
    assert of_acme() == before


def test_nothing_below_an_own_customer_is_another_companys(theirs: dict[str, str]) -> None:
    ours = a_company("acme2", "Zephyr")
    before, found = of_acme(), []
    for folder, method, path in ROUTES:
        names = re.findall(r"<(\w+)>", path)
        # What remains of deleted ones is asked for below a customer that is there.
        if len(names) == 2 and names[0] == "customer_id" and "/archive/" not in path:
            mixed = {**theirs, "customer_id": ours["customer_id"]}
            answer = call(folder, method, path, mixed, theirs)
            if answer.status not in (404, 405, 410) or MARK in answer.text:
                found.append((method, path, answer.status, answer.text[:300]))
    assert found == []
    assert of_acme() == before


def test_no_body_reaches_another_companys_things(theirs: dict[str, str]) -> None:
    ours = a_company("acme2", "Zephyr")
    before, found = of_acme(), []
    for folder, method, path in ROUTES:
        words = path.split("/")
        if method == "POST" and words[-1] in ("jobs", "projects", "assets", "quotes", "invoices",
                                              "payments", "apply", "merge"):  # fmt: skip
            answer = call(folder, method, path, ours, theirs)
            if answer.status < 400 or answer.status >= 500 or MARK in answer.text:
                found.append((method, path, answer.status, answer.text[:300]))
    patched = Api("customers_api", tenant="acme2").patch(
        f"/v1/customers/{ours['customer_id']}", bodies(theirs)["customers"]
    )
    assert (patched.status, MARK in patched.text) == (422, False)
    many = {"action": "tag", "ids": [theirs["customer_id"]], "tags": ["x"]}
    tagged = Api("customers_api", tenant="acme2").post("/v1/customers/bulk", many)
    assert [one["status"] for one in tagged.json["results"]] == [404]
    assert found == []
    assert of_acme() == before
