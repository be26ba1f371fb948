"""What imports cost: reading a file beside openpyxl, and the whole path from file to customers.

Each measurement is a process of its own, so that its peak memory is its own. The whole path runs
on moto, but the batches of its first attempt are answered at once: moto would take most of the CPU.
"""

import contextlib
import csv
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

from bench import spreadsheet_reader as reader
from bench.memory import peak_mib
from bench.report import Table, figure

SIZES = (1_000, 10_000)
_UNIT_ROWS = 200
_UNIT_BUDGET = 9
_HEADINGS = ("Company", "Contact", "Email", "Phone", "Street", "City", "State", "Zip", "Country")


def reading() -> Table:
    """Rows per CPU-second and peak memory of the readers."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            workbook, text = Path(folder) / f"{size}.xlsx", Path(folder) / f"{size}.csv"
            for path in (workbook, text):
                reader.in_process("--write", str(path), str(size))
            base, peak = reader.measure("openpyxl", workbook)
            for name, speed, mib in (
                ("xlsx, openpyxl", base, peak),
                ("xlsx, ours", *reader.measure("roster", workbook)),
                ("csv, ours", *reader.measure("roster", text)),
            ):
                cells = [figure(speed), figure(speed / base), figure(round(mib))]
                rows.append([f"{name}, {size:,} rows", *cells])
    return Table("reading", ["file", "rows a CPU-second", "openpyxl = 1", "peak MiB"], rows)


def loading() -> Table:
    """The whole import: rows per CPU-second, memory it adds, write units a row."""
    rows, over = [], []
    for size in SIZES:
        count, seconds, mib, _ = _in_process(size, "speed")
        rows.append([f"{size:,} rows", figure(count / seconds), figure(round(mib)), ""])
    count, _, _, units = _in_process(_UNIT_ROWS, "units")
    row_units = units / count
    rows.append([f"write units, {_UNIT_ROWS} rows", "", "", figure(row_units)])
    if row_units > _UNIT_BUDGET:
        over.append(f"one imported row: {figure(row_units)} WRU of {_UNIT_BUDGET}")
    head = ["import of a csv", "rows a CPU-second", "MiB above idle", "WRU a row"]
    return Table("loading", head, rows, over)


def _in_process(size: int, what: str) -> tuple[float, ...]:
    command = [sys.executable, "-m", "bench.sheets", str(size), what]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return tuple(float(word) for word in done.stdout.splitlines()[-1].split())


def _file(size: int) -> bytes:
    from bench import company

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    for n in range(size):
        given = company.values(n)
        address = given["billing_address"]
        writer.writerow(
            [given["company_name"], given["full_name"], given["email"], given["phone"],
             address["street"], address["city"], address["state"], address["zip"], "US"]
        )  # fmt: skip
    return text.getvalue().encode()


def _import_once(size: int, what: str) -> None:
    """Print rows, CPU seconds, MiB and write units of one import, on a line of its own."""
    import boto3
    from moto.core.models import botocore_stubber

    from bench import company
    from roster import bootstrap
    from tests.support import aws, imports, request_units

    quiet = io.StringIO()
    with company.company(), contextlib.redirect_stdout(quiet):
        os.environ.setdefault("IMPORT_STATE_MACHINE_ARN", imports.MACHINE_ARN)
        # A small one first: what is built or imported at first use is not what a row costs.
        imports.Machine().run(imports.drop(_file(30), "first.csv", "warm"))
        client = bootstrap.dynamodb()
        meter = None
        if what == "units":
            meter = request_units.attach(client, boto3.client("dynamodb"))
        else:
            client.meta.events.unregister("before-send", botocore_stubber)  # type: ignore[arg-type]
            client.meta.events.register("before-send", _taken)
        event = imports.drop(_file(size), "customers.csv", company.TENANT)
        idle, begun = peak_mib(), process_time()
        imports.Machine().run(event)
        seconds, peak = process_time() - begun, peak_mib()
        units = meter.write(request_units.budgeted(aws.TABLE)) if meter else 0
        _finished(company.TENANT, size)
    print(size, seconds, peak - idle, units)


def _taken(event_name: str, request: Any, **others: Any) -> Any:
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from moto.core.models import botocore_stubber

    from bench.handlers import Body

    if not event_name.endswith("BatchWriteItem"):
        return botocore_stubber(event_name, request, **others)
    return AWSResponse(request.url, 200, HTTPHeaders(), Body(b'{"UnprocessedItems":{}}'))


def _finished(tenant: str, size: int) -> None:
    from roster.bootstrap import imports

    jobs = imports.repository().list(tenant, limit=2, after=None).items
    assert [job.tally.created for job in jobs] == [size], jobs


if __name__ == "__main__":
    _import_once(int(sys.argv[1]), sys.argv[2])
