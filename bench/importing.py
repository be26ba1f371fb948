"""A whole import, plan and load, beside a straightforward script on the same file and machine.

Writes of both go over HTTP to a sink in another process. What else an import of ours asks of the
cloud, its working files and its own record, is answered by moto in our process.
What moto itself uses of it is taken off.
The sink is given what the script is given, as a table of a thousand rows shows item by item.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from time import process_time
from typing import Any
from unittest import mock

from bench import customer_file
from bench.memory import peak_mib
from bench.report import Table, figure

_ROWS, _LARGE, _COMPARED = 100_000, 250_000, 1_000
_CPU_SHARE, _UNITS, _REQUESTS, _PEAK_MIB, _READ_UNITS = 0.25, 9, 0.4, 700, 0.1
# What both write; the rest is the import's own record.
_KINDS = ("C", "L", "O", "U", "W")


def table() -> Table:
    """CPU beside the script's, memory, write units and requests a row, read units of a plan."""
    with tempfile.TemporaryDirectory() as folder:
        small, file, large = (Path(folder) / f"{n}.xlsx" for n in (_COMPARED, _ROWS, _LARGE))
        for path, size in ((small, _COMPARED), (file, _ROWS), (large, _LARGE)):
            _in_process("write", path, size)
        compared = _in_process("units", small, _COMPARED)
        ours = _in_process("ours", file, _ROWS)
        theirs = _in_process("script", file, _ROWS)
        peak = _in_process("plan", large, _LARGE)["peak"]
        book = _in_process("book", file, _ROWS)
    share = ours["cpu"] / theirs["cpu"]
    measured = (
        ("CPU, the script's = 1", share, _CPU_SHARE),
        ("write units a row", compared["units"] / _COMPARED, _UNITS),
        ("requests a row", ours["requests"] / _ROWS, _REQUESTS),
        (f"peak MiB, plan of {_LARGE:,} rows", peak, _PEAK_MIB),
        ("peak MiB, plan and load", ours["peak"], _PEAK_MIB),
        (f"read units a row, plan against {_ROWS:,} customers", book["units"] / _ROWS, _READ_UNITS),
    )
    rows = [
        [name, figure(found), figure(budget), "met" if found <= budget else "**over**"]
        for name, found, budget in measured
    ]
    rows.append(["rows a CPU-second", figure(_ROWS / ours["cpu"]), "", ""])
    rows.append(["rows a CPU-second, the script", figure(_ROWS / theirs["cpu"]), "", ""])
    over = [f"import: {row[0]} {row[1]} of {row[2]}" for row in rows if row[3].startswith("**")]
    head = [f"import of an xlsx, {_ROWS:,} rows × 20 columns", "", "budget", ""]
    return Table("importing", head, rows, over)


def _in_process(what: str, path: Path, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.importing", what, str(path), str(size)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _whole(path: Path, size: int) -> dict[str, float]:
    """CPU seconds, peak and requests of an import of ours, its writes sent to the sink."""
    from bench import company
    from bench.sink import sink
    from roster import bootstrap
    from tests.support import imports

    with _company(), sink() as address:
        # A small one first: what is built or imported at first use is not what a row costs.
        imports.Machine().run(imports.drop(_small_file(), "first.csv", "warm"))
        batches = _send_to(address)
        asked = _counted(batches, bootstrap.dynamodb(), bootstrap.s3())
        event = imports.drop(path, "customers.xlsx", company.TENANT)
        asked.clear()
        with _time_of_moto() as of_moto:
            begun = process_time()
            imports.Machine().run(event)
            seconds = process_time() - begun - of_moto[0]
        _finished(size)
        return {"cpu": seconds, "peak": peak_mib(), "requests": asked.total()}


def _small_file() -> bytes:
    from tests.support import imports

    return imports.csv_of(("Company", "Email", "Phone"), ("Acme", "a@acme.example", "2015550123"))


@contextlib.contextmanager
def _company() -> Any:
    from bench import company
    from tests.support import imports

    os.environ.setdefault("IMPORT_STATE_MACHINE_ARN", imports.MACHINE_ARN)
    with (
        # The emulator is slow, and slower while each write is metered: that is no dead worker.
        mock.patch("roster.usecases.imports.load.LEASE", timedelta(hours=1)),
        company.company() as api,
        contextlib.redirect_stdout(io.StringIO()),
    ):
        yield api


def _send_to(address: str) -> Any:
    """Let the table's batches go to the sink: by the connections they always go by."""
    import boto3
    from moto.core.models import botocore_stubber

    from roster import bootstrap
    from roster.adapters.dynamodb.wire import Wire

    client = boto3.client("dynamodb", endpoint_url=address)
    client.meta.events.unregister("before-send", botocore_stubber)  # type: ignore[arg-type]  # moto's own handler
    wire = Wire(client)
    bootstrap.table().__dict__["_wire"] = wire
    return client


@contextlib.contextmanager
def _time_of_moto() -> Any:
    """CPU seconds that the emulation of the cloud takes in this process."""
    from moto.core.botocore_stubber import BotocoreStubber

    taken, real = [0.0], BotocoreStubber.__call__

    def timed(*args: Any, **kwargs: Any) -> Any:
        begun = process_time()
        try:
            return real(*args, **kwargs)
        finally:
            taken[0] += process_time() - begun

    with mock.patch.object(BotocoreStubber, "__call__", timed):
        yield taken


def _counted(*clients: Any) -> Counter[str]:
    asked: Counter[str] = Counter()

    def count(event_name: str, **_: Any) -> None:
        asked[event_name] += 1

    for client in clients:
        client.meta.events.register_first("before-send", count)
    return asked


def _finished(size: int) -> None:
    from bench import company
    from roster.bootstrap import imports

    (job,) = imports.repository().list(company.TENANT, limit=2, after=None).items
    assert job.tally.created == size, job


def _script(path: Path, told: list[str]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.straightforward", str(path), *told]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    count, seconds, peak = map(float, done.stdout.split())
    return {"rows": count, "cpu": seconds, "peak": peak}


def _told(address: str, job: Any = None) -> list[str]:
    """What the script has to know to make the items of that import."""
    from bench import company
    from tests.support import aws

    return [
        "--endpoint", address, "--table", aws.TABLE, "--tenant", company.TENANT,
        "--import-id", job.id if job else "imp_0", "--user", "bucket",
        "--created", str(int(job.created_at.timestamp() * 1000) if job else 0),
        "--started", str(int(job.load_started_at.timestamp() * 1000) if job else 0),
        "--first-number", str(job.number_first if job else 1),
    ]  # fmt: skip


def _script_alone(path: Path, size: int) -> dict[str, float]:
    from bench.sink import sink
    from tests.support import aws

    os.environ.update(aws.ENVIRONMENT)
    with sink() as address:
        told = _script(path, _told(address))
    assert told["rows"] == size, told
    return told


def _compared(path: Path, size: int) -> dict[str, float]:
    """Write units of an import of ours, once the script has made the very same items."""
    import boto3

    from bench import company
    from bench.sink import sink
    from roster import bootstrap
    from roster.bootstrap import imports as wired
    from tests.support import aws, imports, request_units

    with _company(), tempfile.NamedTemporaryFile() as kept:
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        imports.Machine().run(imports.drop(path, "customers.xlsx", company.TENANT))
        _finished(size)
        units = meter.write(request_units.budgeted(aws.TABLE))
        (job,) = wired.repository().list(company.TENANT, limit=1, after=None).items
        ours = {_key(item): item for item in imports.table_items() if _is_shared(item)}
        with sink(Path(kept.name)) as address:
            _script(path, _told(address, job))
        theirs = {_key(i): i for i in map(json.loads, Path(kept.name).read_text().splitlines())}
    for key in sorted(ours.keys() | theirs.keys()):
        assert ours.get(key) == theirs.get(key), (ours.get(key), theirs.get(key))
    return {"units": units, "items": len(ours)}


def _key(item: Any) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _is_shared(item: Any) -> bool:
    # A unique value may be an arrived file as well.
    return item["pk"]["S"].split("#")[1] in _KINDS and "import" not in item


def _plan_alone(path: Path, _: int) -> dict[str, float]:
    """The peak of a process that plans a file."""
    from bench import company
    from tests.support import imports

    with _company():
        planned(imports.drop(path, "customers.xlsx", company.TENANT))
    return {"peak": peak_mib()}


def planned(event: Any) -> None:
    """Claim a file that has arrived, and plan it."""
    from tests.support import imports

    execution = "arn:aws:states:::execution:customer-import:bench"
    claimed = imports.call(
        "import_split", {"step": "claim", "input": event, "execution": execution}
    )
    which = {name: claimed[name] for name in ("tenant", "import_id")}
    imports.call("import_split", {"step": "split", **which})


def _against_book(path: Path, size: int) -> dict[str, float]:
    """Read units of a plan where the company has as many customers."""
    import boto3

    from bench import company
    from bench.bulk import at_once
    from roster import bootstrap
    from tests.support import aws, imports, request_units

    with _company():
        with at_once():
            company.fill(size)
        event = imports.drop(path, "customers.xlsx", company.TENANT)
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        planned(event)
        return {"units": meter.read(request_units.budgeted(aws.TABLE))}


if __name__ == "__main__":
    _what, _path, _size = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if _what == "write":
        customer_file.write(_path, _size)
        print("{}")
    else:
        _measures = {
            "units": _compared,
            "ours": _whole,
            "script": _script_alone,
            "plan": _plan_alone,
            "book": _against_book,
        }
        print(json.dumps(_measures[_what](_path, _size)))
