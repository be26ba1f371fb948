"""Chunks may run late, twice, cut short and in any order: the customers are the same."""

import contextlib
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster.adapters.dynamodb.table import Table
from roster.usecases.imports import load as import_load
from tests.support import aws
from tests.support.imports import Machine, call, created_event, csv_of, put, table_items

ROWS = [
    ("Company", "First Name", "Email", "ID", "City"),
    *((f"Firm {n}", "Ann", f"a{n}@example.com", str(n), "Tulsa") for n in range(9)),
    ("", "", "nobody@example.com", "", ""),
]

UNDISTURBED: list[Any] = []


class Died(Exception):
    """The worker was killed."""


def customers_after(attempts: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The customers once the chunks were tried as `attempts` say, and then each once more.

    An attempt is a chunk and the number of write requests after which its worker dies.
    """
    left = [10**6]
    with aws.cloud(), monkeypatch.context() as patch:
        patch.setattr("roster.bootstrap.clock", lambda: datetime(2026, 11, 22, 5, tzinfo=UTC))
        patch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 3)
        patch.setattr(import_load, "LEASE", timedelta(seconds=-1))
        patch.setattr(import_load, "_LAST_WRITE", timedelta(seconds=-60))
        for name in ("put", "update", "transact", "_write_some", "_insert_some"):
            real = getattr(Table, name)

            def counted(self: Table, *args: Any, _real: Any = real, **kwargs: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    raise Died
                return _real(self, *args, **kwargs)

            patch.setattr(Table, name, counted)

        def invoke(function: str, asked: Any) -> Any:
            if function != "import_load":
                return call(function, asked)
            order = [a for a in attempts if a[0] == asked["chunk"]]
            for chunk, writes in [*order, *attempts, (asked["chunk"], 10**6)]:
                left[0] = writes
                with contextlib.suppress(Died):
                    call(function, {**asked, "chunk": chunk})
                left[0] = 10**6
            return {"chunk": asked["chunk"]}

        content = csv_of(*ROWS)
        etag = put("acme/inbox/a.csv", content)["detail"]["object"]["etag"]
        event = created_event("acme/inbox/a.csv", etag=etag, size=len(content), sequencer="1")
        event["time"] = "2026-11-22T04:59:59Z"
        Machine(invoke, random.Random(len(attempts))).run(event)  # noqa: S311 — an order
        return [i for i in table_items() if "#I" not in i["pk"]["S"]], [
            {k: v for k, v in i.items() if k.startswith("rows_")}
            for i in table_items()
            if i["pk"]["S"] == "acme#I"
        ]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(attempts=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12)), max_size=6))
def test_however_chunks_run_the_customers_are_the_same(
    attempts: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not UNDISTURBED:
        UNDISTURBED.append(customers_after([], monkeypatch))
    (expected,) = UNDISTURBED
    assert customers_after(attempts, monkeypatch) == expected
    assert expected[1] == [{"rows_created": {"N": "9"}, "rows_chunks": {"N": "3"}}]
