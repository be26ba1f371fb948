"""Read units and requests of a customer's page, with little and with much that hangs on it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3

from bench import company
from bench.bulk import at_once
from bench.report import Table, figure
from roster import bootstrap
from roster.adapters.dynamodb.records import DynamoRecords
from roster.adapters.dynamodb.table import item_from_wire
from roster.bootstrap import records as kept
from roster.bootstrap import sales
from roster.domain.record import Record, record_id
from tests.support import aws, request_units
from tests.support.api import Api
from tests.support.request_units import budgeted

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES = (10, 10_000)
BUDGET = 10
_LINES = [
    {"description": f"Hours of a fitter, week {week}", "quantity": "7.5", "unit_price": 9_500}
    for week in range(8)
]


def _post(path: str, body: dict[str, Any]) -> str:
    answer = Api("records_api", tenant=company.TENANT).post(path, body)
    assert answer.status == 201, answer.text
    made: str = answer.json["id"]
    return made


def _copied[R: Record](records: DynamoRecords[R], customer_id: str, one: str, count: int) -> None:
    """So many more of a record, written past the figures, which do not grow with them."""
    made = records.get(company.TENANT, [customer_id], one)
    assert made is not None
    puts = []
    for _ in range(count):
        copy = replace(made, id=record_id(made.family, made.created_at))
        actions = DynamoRecords.change_actions(records, None, copy)
        puts += [item_from_wire(action["Put"]["Item"]) for action in actions]
    bootstrap.table().write_batch(puts)


def measure(size: int) -> tuple[float, int]:
    """Read units and requests of the page of a customer with `size` of everything."""
    with company.company() as api:
        customer_id = api.post("/v1/customers", company.values(1)).json["id"]
        path = f"/v1/customers/{customer_id}"
        made: Sequence[tuple[Any, str]] = (
            (sales.invoices(), _post(f"{path}/invoices", {"lines": _LINES})),
            (sales.quotes(), _post(f"{path}/quotes", {"lines": _LINES})),
            (
                kept.tasks(),
                _post(f"{path}/tasks", {"title": "Call", "due_date": "2030-01-01"}),
            ),
            (kept.projects(), _post(f"{path}/projects", {"name": "Boiler room"})),
            (kept.notes(), _post(f"{path}/notes", {"text": "Ring twice."})),
        )
        with at_once():
            for records, one in made:
                _copied(records, customer_id, one, size - 1)
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        answer = Api("records_api", tenant=company.TENANT).get(f"{path}/profile")
        assert answer.status == 200, answer.text
        assert len(answer.json["invoices"]["data"]) == 5
        return meter.read(budgeted(aws.TABLE)), meter.requests


def table() -> Table:
    """The costs at both sizes; over where they pass the budget or grow."""
    measured = [measure(size) for size in SIZES]
    rows, over = [], []
    for size, (units, requests) in zip(SIZES, measured, strict=True):
        verdict = "met" if units <= BUDGET else f"**over by {figure(units - BUDGET)}**"
        rows.append([f"{size:,} of everything", figure(units), figure(requests), verdict])
        if units > BUDGET:
            over.append(f"profile with {size}: {verdict}")
    if abs(measured[1][0] - measured[0][0]) > 1:
        over.append("the page of a customer costs more the more there is")
    return Table(
        "profile", ["a customer with", "RRU", "requests", f"budget {BUDGET} RRU"], rows, over
    )
