"""Requests and request units of each operation, at two sizes of a company, beside their budgets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3

from bench import company
from bench.report import Table, figure
from roster import bootstrap
from tests.support import aws, request_units
from tests.support.api import Answer, Api
from tests.support.request_units import Meter, budgeted

SIZES = (100, 10_000)
_PAGE = 25


@dataclass(frozen=True, slots=True)
class Operation:
    """What is measured; `budget` limits write units where there are any, else read units.

    `granted` is what a decision record grants beyond it, and is told as that.
    """

    name: str
    budget: float | None
    run: Callable[[Api, str], Answer]
    expected: int = 200
    rows: int | None = None
    granted: int = 0
    by: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests to the table, and units, the counter and the kept answers left out."""

    requests: int
    read: float
    write: float


def _typed(n: int) -> dict[str, Any]:
    values = company.values(n)
    return values | {"service_location": {**values["billing_address"], "name": "Shop"}}


def _patch(**values: Any) -> Callable[[Api, str], Answer]:
    return lambda api, path: api.patch(path, values)


def _confirmed(verb: str) -> Callable[[Api, str], Answer]:
    return lambda api, path: api.post(f"{path}/{verb}", {"confirm": True}, if_match="*")


def _page(**query: Any) -> Callable[[Api, str], Answer]:
    return lambda api, _: api.get("/v1/customers", limit=_PAGE, **query)


OPERATIONS = (
    Operation("create", 18, lambda api, _: api.post("/v1/customers", _typed(77)), 201),
    Operation(
        "create, Idempotency-Key", 18,
        lambda api, _: api.post("/v1/customers", _typed(78), idempotency_key="k"), 201,
    ),
    Operation("read", 1, lambda api, path: api.get(path)),
    Operation("patch, notes", 6, _patch(notes="Ring once.")),
    # One for each lookup that is written.
    Operation("patch, phone", 6, _patch(phone="+1 555 999 0000"), granted=1, by="0012"),
    Operation("patch, e-mail", 6, _patch(email="new@elsewhere.example"), granted=1, by="0012"),
    # The row moves, and seven lookups are written again.
    Operation("patch, name", 6, _patch(company_name="Golden Gate Heating"), granted=9, by="0004"),
    # A tag's row appears; from here on, each change costs that row too.
    Operation("patch, a tag", 6, _patch(tags=["vip"]), granted=2, by="0012"),
    Operation("patch, notes of a tagged one", 6, _patch(notes="Twice."), granted=1, by="0012"),
    Operation("patch, no tag", 6, _patch(tags=[]), granted=1, by="0012"),
    Operation("deactivate", 8, _confirmed("deactivate")),
    Operation("activate", 8, _confirmed("activate")),
    Operation("history", None, lambda api, path: api.get(f"{path}/history")),
    Operation("list, page of 25", 2, _page(), rows=_PAGE),
    Operation("list of all statuses", None, _page(status="all"), rows=_PAGE),
    Operation("search, page of 25", 15, _page(q="fire"), rows=_PAGE),
    Operation("search, two words", 15, _page(q="blue services")),
    Operation("search, e-mail", 15, _page(q="office50@"), rows=1),
    Operation(
        "options, typed", 15, lambda api, _: api.get("/v1/customers/options", q="fir", limit=20)
    ),
)  # fmt: skip


def measure(size: int) -> dict[str, Cost]:
    """The cost of every operation in a company of `size` customers."""
    with company.company() as api:
        company.fill(size)
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        made = api.post("/v1/customers", _typed(size) | {"tags": []})
        path = f"/v1/customers/{made.json['id']}"
        return {operation.name: _cost(operation, api, path, meter) for operation in OPERATIONS}


def _cost(operation: Operation, api: Api, path: str, meter: Meter) -> Cost:
    meter.clear()
    answer = operation.run(api, path)
    assert answer.status == operation.expected, f"{operation.name}: {answer.text}"
    if operation.rows is not None:
        assert len(answer.json["data"]) == operation.rows, operation.name
    counts = budgeted(aws.TABLE)
    return Cost(meter.requests, meter.read(counts), meter.write(counts))


def table() -> Table:
    """The costs at both sizes; over budget, or not flat, is marked and named."""
    small, large = (measure(size) for size in SIZES)
    rows, over = [], []
    for operation in OPERATIONS:
        a, b = small[operation.name], large[operation.name]
        verdict = _verdict(operation, a, b)
        if verdict.startswith("**"):
            over.append(f"{operation.name}: {verdict}")
        pairs = [(a.requests, b.requests), (a.read, b.read), (a.write, b.write)]
        budget = "" if operation.budget is None else figure(operation.budget)
        cells = [figure(x) for pair in pairs for x in pair]
        rows.append([operation.name, *cells, budget, verdict])
    head = ["operation"]
    head += [f"{kind} at {n:,}" for kind in ("requests", "RRU", "WRU") for n in SIZES]
    return Table("units", [*head, "budget", ""], rows, over)


def _verdict(operation: Operation, small: Cost, large: Cost) -> str:
    if operation.budget is None:
        return "" if small == large else "**not flat**"
    used = max(c.write or c.read for c in (small, large))
    beyond = used - operation.budget
    if beyond > operation.granted:
        return f"**over by {figure(beyond)}**"
    # A small company runs out of customers before a page is full, so it may cost less.
    grown = large.write > small.write or large.read > max(small.read, operation.budget)
    if grown:
        return "**not flat**"
    return f"{figure(beyond)} over, ADR {operation.by}" if beyond > 0 else "met"
