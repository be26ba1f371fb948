"""The published contract is what the routes are, and says enough to be used."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.openapi import contract
from tests.support.api import Api
from tests.support.functions import functions, routes
from tests.support.template import ROOT

TEXT = (ROOT / "docs/openapi.json").read_text()
DOCUMENT: dict[str, Any] = json.loads(TEXT)
METHODS = {"get", "post", "put", "patch", "delete"}
UNDOCUMENTED = {("GET", "/v1/docs"), ("GET", "/v1/openapi.json")}
OPERATIONS = [
    (method, path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]
each_operation = pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS]
)


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _resolve(reference: str) -> object:
    assert reference.startswith("#/"), reference
    found: Any = DOCUMENT
    for part in reference[2:].split("/"):
        found = found[part]
    return found


def test_the_document_is_what_the_routes_are() -> None:
    assert contract() == TEXT, "run `make openapi`"


def test_the_copy_that_is_served_is_the_same() -> None:
    assert (ROOT / "functions/customers_api/openapi.json").read_text() == TEXT


def test_every_route_is_in_it_and_nothing_else() -> None:
    answered = {
        (method, re.sub(r"<(\w+)>", r"{\1}", path))
        for function in functions()
        if function.folder.endswith("_api")
        for method, path in routes(function.folder)
    }
    assert {(m.upper(), p) for m, p, _ in OPERATIONS} == answered - UNDOCUMENTED


def test_it_is_openapi_and_its_references_lead_somewhere() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["info"]["title"]
    assert DOCUMENT["info"]["version"]
    references = set(_references(DOCUMENT))
    assert references
    for reference in references:
        assert _resolve(reference)
    used = {r.rsplit("/", 1)[1] for r in references if r.startswith("#/components/schemas/")}
    assert used == set(DOCUMENT["components"]["schemas"])


@each_operation
def test_an_operation_says_what_it_is(method: str, path: str, operation: dict[str, Any]) -> None:
    assert method in METHODS
    assert operation["tags"]
    assert len(operation["summary"]) > 5
    assert operation["summary"] != f"{method.upper()} {path}"
    variables = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
    assert variables == set(re.findall(r"{(\w+)}", path))


@each_operation
def test_refusals_are_documented_as_problems(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    responses = operation["responses"]
    assert responses["default"] == {"$ref": "#/components/responses/Problem"}
    assert any(status.startswith("2") for status in responses)
    assert all(status == "default" or status < "400" for status in responses)
    if "204" in responses:
        assert "content" not in responses["204"]


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(names) == len(set(names))


def test_a_token_is_asked_for() -> None:
    assert DOCUMENT["security"] == [{"token": []}]
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_answers_are_as_documented(customers_api: Api) -> None:
    """The statuses and one refusal of each kind, against what really comes back."""
    problem = DOCUMENT["components"]["schemas"]["Problem"]
    made = customers_api.post("/v1/customers", {"company_name": "Acme"})
    paths = DOCUMENT["paths"]
    assert str(made.status) in paths["/v1/customers"]["post"]["responses"]
    one = f"/v1/customers/{made.json['id']}"
    customers_api.post(f"{one}/deactivate", {"confirm": True}, if_match="*")
    gone = customers_api.call("DELETE", one, query={"confirm": "true"}, headers={"if-match": "*"})
    assert str(gone.status) in paths["/v1/customers/{customer_id}"]["delete"]["responses"]
    for refused in (
        customers_api.get(one),
        customers_api.post("/v1/customers", {"colour": "red"}),
        customers_api.get("/v1/customers", limit=0),
        customers_api.call("POST", "/v1/customers", raw="{"),
    ):
        assert refused.status >= 400
        assert set(problem["required"]) <= refused.json.keys() <= problem["properties"].keys()
