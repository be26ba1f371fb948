"""Read units of each way to find customers, at three sizes of a company, beside their budgets."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from bench import company
from bench.bulk import at_once
from bench.report import Table, figure
from roster import bootstrap
from roster.domain.customer import Customer
from tests.support import aws, request_units
from tests.support.api import Api
from tests.support.request_units import budgeted

SIZES = (100, 10_000, 100_000)
_PAGE, _CHANGED = 25, 40
_LIST, _SEARCH = 2, 15
_OPTIONS = "/v1/customers/options"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to find customers: a request, and what a page of it may cost in read units.

    `least` is how many rows the page must hold: a short one would be cheap for nothing.
    """

    name: str
    budget: float
    query: dict[str, Any]
    path: str = "/v1/customers"
    least: int = _PAGE - 1


def _ways(everything_by: datetime) -> tuple[Way, ...]:
    later = (everything_by + timedelta(days=1)).isoformat()
    return (
        Way("list", _LIST, {}),
        Way("list, tag", _LIST, {"tag": "vip"}),
        Way("list, quickbooks=linked", _LIST, {"quickbooks": "linked"}),
        Way("list, portal=true", _LIST, {"portal": "true"}),
        Way("list, inactive_since", _SEARCH, {"inactive_since": later}),
        Way("list, -created_at", _SEARCH, {"sort": "-created_at"}),
        Way("list, -updated_at", _SEARCH, {"sort": "-updated_at"}),
        Way("search, a word", _SEARCH, {"q": "fire"}),
        Way("search, two words", _SEARCH, {"q": "blue services"}, least=1),
        Way("search, number", _SEARCH, {"q": "C-00050"}, least=1),
        Way("search, e-mail", _SEARCH, {"q": "office50@"}, least=1),
        Way("search, phone", _SEARCH, {"q": "+1 555 0000050"}, least=1),
        Way("options", _LIST, {}, _OPTIONS, 20),
        Way("options, typed", _SEARCH, {"q": "fir"}, _OPTIONS, 20),
    )


def _on_shelves(n: int, customer: Customer) -> Customer:
    """Every second customer is tagged, linked and on the portal."""
    if n % 2:
        return replace(customer, tags=())
    return replace(customer, tags=("vip",), quickbooks=str(n), portal_access=True)


def _change(api: Api, count: int) -> None:
    """Change so many of the first customers, and tidy up behind it, as the stream function does."""
    rows = api.get("/v1/customers", limit=count).json["data"]
    for row in rows:
        before = bootstrap.customers().get(company.TENANT, row["id"])
        answer = api.patch(f"/v1/customers/{row['id']}", {"notes": "Ring once."})
        assert answer.status == 200, answer.text
        after = bootstrap.customers().get(company.TENANT, row["id"])
        assert before is not None
        assert after is not None
        bootstrap.customers().sweep(before, after)


def measure(size: int) -> dict[str, float]:
    """The read units of every way in a company of `size` customers."""
    with company.company() as api:
        with at_once():
            company.fill(size, change=_on_shelves)
        _change(api, _CHANGED)
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        costs: dict[str, float] = {}
        for way in _ways(datetime.now(UTC)):
            meter.clear()
            limit = {"limit": _PAGE} if way.path != _OPTIONS else {}
            answer = api.get(way.path, **way.query, **limit)
            assert answer.status == 200, f"{way.name}: {answer.text}"
            assert len(answer.json["data"]) >= way.least, f"{way.name}: {len(answer.json['data'])}"
            costs[way.name] = meter.read(budgeted(aws.TABLE))
        return costs


def table() -> Table:
    """The costs at all sizes; what is over budget is marked and named."""
    measured = [measure(size) for size in SIZES]
    rows, over = [], []
    for way in _ways(datetime.now(UTC)):
        costs = [costs[way.name] for costs in measured]
        verdict = "met"
        if max(costs) > way.budget:
            verdict = f"**over by {figure(max(costs) - way.budget)}**"
            over.append(f"{way.name}: {verdict}")
        rows.append([way.name, *map(figure, costs), figure(way.budget), verdict])
    head = ["page of 25", *(f"RRU at {size:,}" for size in SIZES), "budget", ""]
    return Table("finding", head, rows, over)
