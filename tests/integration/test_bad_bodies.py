"""Every write route against every way to break its body, as its own schema tells them.

The bodies are derived from docs/openapi.json: each field too long, too large, of a wrong type,
null where nothing may be empty; a field left out that is required; one that is not known.
"""

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.imports import table_items
from tests.support.template import ROOT

CONTRACT = json.loads((ROOT / "docs/openapi.json").read_text())
SCHEMAS = CONTRACT["components"]["schemas"]
MUCH = "x" * 10_001
_WRONG: dict[str, tuple[Any, ...]] = {
    "string": (5, True, ["x"], {"a": 1}),
    "integer": ("many", 1.5, [1], {"a": 1}),
    "number": ("many", [1], {"a": 1}),
    "boolean": ("perhaps", 5, [True], {"a": 1}),
    "array": ("x", 5, {"a": 1}),
    "object": ("x", 5, ["x"]),
}
PLACE = {"street": "1 Main St", "city": "Reno", "state": "NV", "zip": "89501"}
# Function, path with what the fixture made, and a body that is right.
ROUTES: dict[tuple[str, str], tuple[str, str, dict[str, Any]]] = {
    ("post", "/v1/customers"): ("customers_api", "office", {
        "company_name": "New", "service_location": PLACE, "billing_address": {"street": "x"},
        "billing_contact": {"name": "Ann"}, "tags": ["a"], "custom": {}}),
    ("patch", "/v1/customers/{customer_id}"): ("customers_api", "office", {
        "company_name": "New", "billing_address": {"street": "x"}}),
    ("post", "/v1/customers/batch"): ("customers_api", "office", {"customers": [{}]}),
    ("post", "/v1/customers/bulk"): ("customers_api", "office", {
        "action": "tag", "ids": ["{customer_id}"], "tags": ["a"], "confirm": True}),
    ("post", "/v1/customers/{customer_id}/deactivate"): ("customers_api", "office", {
        "confirm": True}),
    ("post", "/v1/customers/{customer_id}/activate"): ("customers_api", "office", {
        "confirm": True}),
    ("post", "/v1/customers/{customer_id}/erase"): ("customers_api", "admin", {"confirm": True}),
    ("post", "/v1/customers/{customer_id}/contacts"): ("customers_api", "office", {
        "first_name": "Ann"}),
    ("patch", "/v1/customers/{customer_id}/contacts/{contact_id}"): ("customers_api", "office", {
        "first_name": "Ann"}),
    ("post", "/v1/customers/{customer_id}/locations"): ("customers_api", "office", PLACE),
    ("patch", "/v1/customers/{customer_id}/locations/{location_id}"): ("customers_api", "office", {
        "street": "2 Main St"}),
    ("post", "/v1/customers/{customer_id}/locations/{location_id}/positions"): (
        "customers_api", "office", {"positions": [{
            "device": "d", "at": "2026-01-01T00:00:00Z", "latitude": 1, "longitude": 1}]}),
    ("post", "/v1/customers/{customer_id}/merge"): ("customers_api", "office", {
        "loser_id": "{other_id}", "fields": {"email": "loser"}}),
    ("post", "/v1/customers/{customer_id}/history/{event_id}/restore"): (
        "customers_api", "office", {"fields": ["notes"]}),
    ("post", "/v1/customers/{customer_id}/documents"): ("records_api", "office", {
        "filename": "a.pdf", "content_type": "application/pdf", "size": 10}),
    ("patch", "/v1/customers/{customer_id}/documents/{document_id}"): ("records_api", "office", {
        "filename": "b.pdf", "content_type": "application/pdf", "size": 10}),
    ("post", "/v1/customers/{customer_id}/notes"): ("records_api", "office", {"text": "a"}),
    ("patch", "/v1/customers/{customer_id}/notes/{note_id}"): ("records_api", "office", {
        "text": "b"}),
    ("post", "/v1/customers/{customer_id}/tasks"): ("records_api", "office", {
        "title": "Call", "due_date": "2026-11-30"}),
    ("patch", "/v1/customers/{customer_id}/tasks/{task_id}"): ("records_api", "office", {
        "title": "Call again"}),
    ("post", "/v1/customers/{customer_id}/projects"): ("records_api", "office", {
        "name": "Roof", "start_date": "2026-11-30"}),
    ("patch", "/v1/customers/{customer_id}/projects/{project_id}"): ("records_api", "office", {
        "name": "New roof"}),
    ("post", "/v1/customers/{customer_id}/assets"): ("records_api", "office", {
        "name": "Boiler", "installed_on": "2026-11-30"}),
    ("patch", "/v1/customers/{customer_id}/assets/{asset_id}"): ("records_api", "office", {
        "name": "Old boiler"}),
    ("post", "/v1/items"): ("settings_api", "admin", {"name": "Filter", "unit_price": 1}),
    ("patch", "/v1/items/{item_id}"): ("settings_api", "admin", {"name": "Air filter"}),
    ("post", "/v1/customers/{customer_id}/jobs"): ("records_api", "office", {
        "title": "Fix", "scheduled_at": "2026-11-30T08:00:00Z"}),
    ("patch", "/v1/customers/{customer_id}/jobs/{job_id}"): ("records_api", "office", {
        "title": "Fix it"}),
    ("post", "/v1/customers/{customer_id}/messages"): ("records_api", "office", {
        "to": "ann@x.example", "cc": ["jo@x.example"], "subject": "Hi", "body": "There"}),
    ("post", "/v1/exports"): ("exports_api", "viewer", {"format": "csv", "filters": {}}),
    ("post", "/v1/imports"): ("imports_api", "office", {"filename": "a.csv", "options": {}}),
    ("put", "/v1/imports/{import_id}/mapping"): ("imports_api", "office", {
        "columns": [{"index": 0, "field": "display_name"}], "header_row": 1, "save": False}),
    ("patch", "/v1/settings"): ("settings_api", "admin", {
        "custom_fields": [{"name": "a", "type": "text"}]}),
    ("post", "/v1/tax-rates"): ("settings_api", "admin", {"name": "A", "rate_percent": 1}),
    ("patch", "/v1/tax-rates/{tax_rate_id}"): ("settings_api", "admin", {"name": "A"}),
    ("post", "/v1/payment-terms"): ("settings_api", "admin", {"name": "A", "due_days": 1}),
    ("patch", "/v1/payment-terms/{payment_term_id}"): ("settings_api", "admin", {"name": "A"}),
    ("post", "/v1/quickbooks/connect"): ("quickbooks_api", "admin", {"another_company": True}),
    ("put", "/v1/quickbooks/settings"): ("quickbooks_api", "admin", {
        "mode": "two_way", "primary": "roster", "report": True,
        "backup_confirmed_at": "2026-01-01T00:00:00Z"}),
    ("put", "/v1/quickbooks/mappings/{qb_id}"): ("quickbooks_api", "office", {
        "option": "create", "name": "Ann"}),
    ("post", "/v1/quickbooks/mappings/default"): ("quickbooks_api", "office", {
        "option": "create"}),
    ("post", "/v1/quickbooks/conflicts/{conflict_id}/resolve"): ("quickbooks_api", "office", {
        "take": "ours"}),
    ("post", "/v1/quickbooks/conflicts/resolve"): ("quickbooks_api", "office", {
        "take": "ours", "field": "email", "winner": "roster"}),
    ("post", "/v1/quickbooks/runs/{run_id}/redrive"): ("quickbooks_api", "office", {
        "rows": ["1"], "filter": {
            "verb": "skip", "result": "skipped", "code": "duplicate", "reason": "a",
            "quickbooks_ids": ["1"], "customer_ids": ["1"]}}),
}  # fmt: skip


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema behind its references."""
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return schema


def kinds(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What the schema takes, one by one, null included."""
    schema = resolved(schema)
    parts = schema.get("anyOf") or schema.get("oneOf")
    return [kind for part in parts for kind in kinds(part)] if parts else [schema]


def wrong_values(schema: dict[str, Any], *, is_required: bool) -> Iterator[tuple[str, Any]]:
    """Values the schema does not take, each with what is wrong about it."""
    taken = kinds(schema)
    types = {kind.get("type") for kind in taken}
    if None in types:
        return
    wrong = [value for kind in sorted(t for t in types if t != "null") for value in _WRONG[kind]]
    for value in wrong:
        if not any(_is(value, kind) for kind in types):
            yield f"{type(value).__name__}", value
    if is_required and "null" not in types:
        yield "null", None
    for kind in taken:
        if "enum" in kind or "const" in kind:
            yield "enum", "no such word"
        if kind.get("type") == "string":
            yield "too_long", MUCH
        if "minLength" in kind:
            yield "too_short", ""
        if "maximum" in kind:
            yield "too_large", kind["maximum"] + 1
        if "minimum" in kind:
            yield "too_small", kind["minimum"] - 1
        if kind.get("minItems"):
            yield "too_few", []


def _is(value: Any, kind: str | None) -> bool:
    match kind:
        case "string":
            # Decimals are told as numbers or texts; a text that is no number is wrong all the same.
            return isinstance(value, str)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return value is None


def broken(schema: dict[str, Any], body: Any, at: str = "") -> Iterator[tuple[str, str, Any]]:
    """(what is wrong, where, the whole body) for each way to break `body` once."""
    for kind in kinds(schema):
        if kind.get("type") == "object" and "properties" in kind and isinstance(body, dict):
            yield from _broken_object(kind, body, at)
        elif kind.get("type") == "array" and isinstance(body, list) and body:
            for what, where, inner in broken(kind["items"], body[0], f"{at}/0"):
                yield what, where, [inner, *body[1:]]
            for what, value in wrong_values(kind["items"], is_required=True):
                yield what, f"{at}/0", [value, *body[1:]]


def _broken_object(
    kind: dict[str, Any], body: dict[str, Any], at: str
) -> Iterator[tuple[str, str, Any]]:
    required = kind.get("required", ())
    yield "unknown", f"{at}/no_such_field", {**body, "no_such_field": 1}
    for name in required:
        yield "required", f"{at}/{name}", {k: v for k, v in body.items() if k != name}
    for name, inner in kind["properties"].items():
        for what, value in wrong_values(inner, is_required=name in required):
            yield what, f"{at}/{name}", {**body, name: value}
        if name in body:
            for what, where, value in broken(inner, body[name], f"{at}/{name}"):
                yield what, where, {**body, name: value}


def body_schema(method: str, path: str) -> dict[str, Any]:
    content = CONTRACT["paths"][path][method]["requestBody"]["content"]
    found: dict[str, Any] = content["application/json"]["schema"]
    return found


# Whoever sends no body, or one that says who is asked and nothing more, cannot break it.
WITHOUT = {"/v1/imports/{import_id}/cancel", "/v1/imports/{import_id}/confirm"}
ALIASES = {"/v1/customers/{customer_id}/archive", "/v1/customers/{customer_id}/unarchive"}


_FAMILIES = re.compile(
    r"/v1/(customers|exports|imports|settings|tax-rates|payment-terms|items)(/batch|/bulk|/\{\w+\}"
    r"(/(contacts|locations|documents|notes|projects|assets|tasks|jobs|messages|history|merge|erase|activate|deactivate|mapping)"
    r"(/.*)?)?)?"
    r"|/v1/quickbooks/((mappings|conflicts|runs)/.*|connect|settings)"
)


def test_every_route_that_takes_a_body_is_tried() -> None:
    writes = {
        (method, path)
        for path, methods in CONTRACT["paths"].items()
        for method, route in methods.items()
        if "requestBody" in route and path not in WITHOUT | ALIASES
    }
    assert {w for w in writes if _FAMILIES.fullmatch(w[1])} - set(ROUTES) == set()


@functools.cache
def _ways() -> int:
    return sum(
        len(list(broken(body_schema(*route), right))) for route, (_, _, right) in ROUTES.items()
    )


def test_there_are_many_ways() -> None:
    assert _ways() > 500


@pytest.fixture
def ids(customers_api: Api) -> dict[str, str]:
    """A company with something of everything."""
    api, admin = customers_api, Api("settings_api", role="admin")
    made = api.post("/v1/customers", {"company_name": "Acme", "service_location": PLACE}).json
    other = api.post("/v1/customers", {"company_name": "Other"}).json
    path = f"/v1/customers/{made['id']}"
    api.patch(path, {"notes": "a"})
    rate = admin.post("/v1/tax-rates", {"name": "A", "rate_percent": 1}).json
    term = admin.post("/v1/payment-terms", {"name": "A", "due_days": 1}).json
    paper = {"filename": "a.pdf", "content_type": "application/pdf", "size": 10}
    records = Api("records_api")
    return {
        "document_id": records.post(f"{path}/documents", paper).json["id"],
        "note_id": records.post(f"{path}/notes", {"text": "a"}).json["id"],
        "customer_id": made["id"],
        "other_id": other["id"],
        "contact_id": api.post(f"{path}/contacts", {"first_name": "Ann"}).json["id"],
        "location_id": api.get(f"{path}/locations").json["data"][0]["id"],
        "event_id": api.get(f"{path}/history").json["data"][0]["id"],
        "task_id": records.post(f"{path}/tasks", {"title": "Call"}).json["id"],
        "project_id": records.post(f"{path}/projects", {"name": "Roof"}).json["id"],
        "asset_id": records.post(f"{path}/assets", {"name": "Boiler"}).json["id"],
        "import_id": Api("imports_api").post("/v1/imports", {"filename": "a.csv"}).json["id"],
        "item_id": admin.post("/v1/items", {"name": "Filter"}).json["id"],
        "job_id": records.post(f"{path}/jobs", {"title": "Fix"}).json["id"],
        "tax_rate_id": rate["id"],
        "payment_term_id": term["id"],
        "qb_id": "1",
        "conflict_id": "1.phone",
        "run_id": "run_1",
    }


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route[0]} {route[1]}")
def test_a_body_broken_in_any_way_is_refused_by_name_and_changes_nothing(
    ids: dict[str, str], route: tuple[str, str]
) -> None:
    method, path = route
    function, role, right = ROUTES[route]
    filled = json.loads(json.dumps(right).replace("{customer_id}", ids["customer_id"])
                        .replace("{other_id}", ids["other_id"]))  # fmt: skip
    api, url = Api(function, role=role), path.format(**ids)
    before, wrong, tried = table_items(), [], 0
    for what, where, body in broken(body_schema(method, path), filled):
        tried += 1
        answer = api.call(method.upper(), url, body, headers={"if-match": "*"})
        named = [e["pointer"] for e in answer.json.get("errors", ())]
        explained = all(e["code"] and e["detail"] for e in answer.json.get("errors", ()))
        is_problem = answer.headers["content-type"] == "application/problem+json"
        fits = any(pointer == where or pointer.startswith(f"{where}/") for pointer in named)
        if not (answer.status in (400, 422) and is_problem and fits and explained):
            wrong.append((what, where, answer.status, named))
    assert wrong == []
    assert table_items() == before
    assert tried


@pytest.mark.parametrize("where", ["custom", "address"])
def test_however_much_is_wrong_the_answer_arrives(customers_api: Api, where: str) -> None:
    # Lambda hands on at most 6 MB: a megabyte of unknown names made an answer of eleven.
    wrong = {f"x{n}": 1 for n in range(80_000)}
    body = {"custom": wrong} if where == "custom" else {"billing_address": wrong}
    answer = customers_api.post("/v1/customers", {"company_name": "Acme", **body})
    assert answer.status == 422
    assert len(answer.text) < 100_000
    assert len(answer.json["errors"]) == 250
    assert "80000 errors, the first 250" in answer.json["detail"]
