"""Imports with options, from the announcement to the undo, and the book as it is meanwhile."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.domain.customer import Customer
from tests.support.api import Api
from tests.support.imports import Machine, call, put, table_items

type Json = dict[str, Any]


def announce(content: bytes, machine: Machine | None = None, **options: Any) -> Json:
    """Start an import with options, send its file, and carry it out as far as it goes by itself."""
    api = Api("imports_api")
    answer = api.post("/v1/imports", {"filename": "customers.csv", "options": options})
    assert answer.status == 201, answer.text
    (machine or Machine()).run(put(answer.json["upload"]["fields"]["key"], content))
    return import_now(answer.json)


def import_now(job: Json) -> Json:
    """The import as it is now."""
    found: Json = Api("imports_api").get(f"/v1/imports/{job['id']}").json
    return found


def plan_of(job: Json) -> list[Json]:
    """Every row of the plan."""
    path = f"/v1/imports/{job['id']}/plan"
    rows: list[Json] = Api("imports_api").get(path, limit=200).json["data"]
    return rows


def failed(plan: list[Json]) -> list[int]:
    """The lines of the rows that fail."""
    return [row["line"] for row in plan if row["action"] == "error"]


def together(plan: list[Json]) -> set[frozenset[str]]:
    """The rows that are one customer, for each customer.

    The second time it may be others: rows tie between namesakes that the first time has made.
    """
    who: dict[str, str] = {}
    for row in plan:
        own = f"row {row['line']}"
        same = row.get("customer_id") or row.get("same_as") or ""
        if row["action"] == "create":
            same = own
        if same and row["action"] != "error":
            who[own] = who.get(same, same)
    found: dict[str, set[str]] = {}
    for row_name, same in who.items():
        found.setdefault(same, set()).add(row_name)
    return {frozenset(rows) for rows in found.values()}


def confirm(job: Json, started: list[Json]) -> Json:
    """Confirm a plan and carry it out."""
    ask(job, "confirm", plan_hash=job["plan_hash"])
    Machine().run(started.pop())
    return import_now(job)


def undo(job: Json, started: list[Json]) -> Json:
    """Undo an import to its end."""
    ask(job, "undo")
    Machine().run(started.pop())
    return import_now(job)


def ask(job: Json, what: str, **body: Any) -> None:
    """Ask for the next step of an import."""
    answer = Api("imports_api").post(f"/v1/imports/{job['id']}/{what}", body)
    assert answer.status == 200, answer.text


def kept_of(job: Json) -> list[Json]:
    """What an undo left as it is."""
    rows: list[Json] = Api("imports_api").get(f"/v1/imports/{job['id']}/undo").json["data"]
    return rows


def manual_numbers() -> None:
    """Let numbers be given by hand."""
    admin = Api("settings_api", role="admin")
    assert admin.patch("/v1/settings", {"auto_numbering": False}).status == 200


def made(**values: Any) -> Json:
    """A customer made by hand."""
    answer = Api("customers_api").post("/v1/customers", values)
    assert answer.status == 201, answer.text
    found: Json = answer.json
    return found


def now(customer: Json) -> Json:
    """The customer as it is now."""
    found: Json = Api("customers_api").get(f"/v1/customers/{customer['id']}").json
    return found


def history(customer: Json) -> list[Json]:
    """Its history, newest first."""
    path = f"/v1/customers/{customer['id']}/history"
    rows: list[Json] = Api("customers_api").get(path).json["data"]
    return rows


def places(customer: Json) -> list[Json]:
    """Its locations."""
    path = f"/v1/customers/{customer['id']}/locations"
    rows: list[Json] = Api("customers_api").get(path).json["data"]
    return rows


def people(customer: Json) -> list[Json]:
    """Its contacts."""
    path = f"/v1/customers/{customer['id']}/contacts"
    rows: list[Json] = Api("customers_api").get(path).json["data"]
    return rows


def everyone() -> list[Json]:
    """Every customer of the company, whole."""
    listed = Api("customers_api").get("/v1/customers", limit=200, status="all").json["data"]
    return [now(one) for one in listed]


class Stream:
    """Every change of a customer that there was, for the function behind the table's stream."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.steps: list[tuple[Customer, Customer]] = []
        real = DynamoCustomers.save_with

        def save_with(
            repository: DynamoCustomers, before: Customer, after: Customer, *args: Any
        ) -> None:
            # Noted even where the worker dies right after: the stream comes by nevertheless.
            self.steps.append((before, after))
            real(repository, before, after, *args)

        monkeypatch.setattr(DynamoCustomers, "save_with", save_with)

    def sweep(self) -> None:
        """Tidy up behind everything that was written so far."""
        steps, self.steps = self.steps, []
        for before, after in steps:
            bootstrap.customers().sweep(before, after)


def book(*, with_past: bool = False) -> dict[tuple[str, str], Any]:
    """Every item of customers by key; without the past, all that an undo has to bring back.

    Left out are imports, counters and whose turn it is; the past is versions, times of changes,
    events and the orders in time.
    """
    found = {}
    for item in table_items():
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        kind = pk.split("#")[1]
        if kind in ("I", "OPEN", "T") or "#U#import_arrival#" in pk or pk.startswith("#OPEN"):
            continue
        if not with_past and (kind == "O" or sk.startswith("EVT#")):
            continue
        is_timed = not with_past and (sk == "HEAD" or kind == "L")
        found[pk, sk] = _timeless(item) if is_timed else item
    return found


def _timeless(item: Json) -> Json:
    doc = json.loads(item["doc"]["S"])
    kept = {name: value for name, value in doc.items() if name not in ("updated", "u")}
    return {**item, "v": None, "doc": kept}


class Died(Exception):
    """The worker was killed."""


def carried_out(started: list[Json], dying: list[int], chance: random.Random) -> None:
    """Carry out what was asked for with workers that die before random writes or come twice."""

    def invoke(function: str, given: Any) -> Any:
        if function == "import_load" and chance.random() < 0.6:
            dying[:] = [chance.randrange(8)]
        try:
            answer = call(function, given)
            if function == "import_load" and chance.random() < 0.3:
                answer = call(function, given)
            return answer
        finally:
            dying.clear()

    for _ in range(300):
        queue, started[:] = list(started), []
        for one in queue:
            _tried(lambda one=one: Machine(invoke, chance).run(one))  # type: ignore[misc]
        if not call("import_resume", {})["resumed"]:
            return
    raise AssertionError("the import never comes to its end")


def _tried(step: Callable[[], Any]) -> None:
    from tests.support.imports import ExecutionFailed

    try:
        step()
    except (Died, ExecutionFailed):
        return
