"""Read units of a plan that may change customers, as rows change none, some and all of them."""

import tempfile
from pathlib import Path

import boto3

from bench import company
from bench.bulk import at_once
from bench.importing import planned
from bench.report import Table, figure
from bench.spreadsheet_reader import write_xlsx
from roster import bootstrap
from roster.bootstrap import imports as wired
from tests.support import aws, imports, request_units
from tests.support.api import Api

_BOOK, _BUDGET = 100_000, 0.1
_HEADINGS = ("Customer #", "Company", "Contact", "Email", "Phone", "Website", "Notes")
_CHANGED = {"nothing": 0, "every tenth row": 10, "every row": 1}


def table() -> Table:
    """Read units and requests a row, told by number, where all are in the book."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, company.company():
        with at_once():
            company.fill(_BOOK)
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        for what, every in _CHANGED.items():
            path = Path(folder) / "customers.xlsx"
            write_xlsx(path, _HEADINGS, (_row(n, every) for n in range(_BOOK)))
            event = _announced(path)
            meter.clear()
            planned(event)
            (job,) = wired.repository().list(company.TENANT, limit=1, after=None).items
            changed = _BOOK // every if every else 0
            assert job.plan, job
            assert (job.plan.update, job.plan.skip) == (changed, _BOOK - changed), job
            wired.repository().end_turn(company.TENANT, job.id)
            units = meter.read(request_units.budgeted(aws.TABLE))
            # One head a row, ADR 0034: known, and not called out each time.
            verdict = "met" if units <= _BUDGET * _BOOK else "over, ADR 0034"
            rows.append([what, figure(units / _BOOK), figure(meter.requests / _BOOK), verdict])
    head = [f"{_BOOK:,} rows that change", "RRU a row", "requests a row", "budget 0.1 RRU"]
    return Table("updating", head, rows)


def _row(n: int, every: int) -> list[object]:
    values = company.values(n)
    notes = "Ring three times." if every and n % every == 0 else values["notes"]
    return [f"C-{n + 1:05}", values["company_name"], values["full_name"], values["email"],
            values["phone"], values["website"], notes]  # fmt: skip


def _announced(path: Path) -> object:
    """The event of the file's arrival, once an import is announced that changes customers."""
    options = {"mode": "both", "match_by": "number"}
    asked = {"filename": path.name, "options": options}
    answer = Api("imports_api", tenant=company.TENANT).post("/v1/imports", asked)
    assert answer.status == 201, answer.text
    return imports.put(answer.json["upload"]["fields"]["key"], path.read_bytes())
