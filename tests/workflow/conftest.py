"""Fixtures of the tests that carry imports out."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from roster.adapters.dynamodb.table import Table
from roster.adapters.stepfunctions import StepFunctionsExecutions
from roster.usecases.imports import load as import_load
from roster.usecases.imports import undo as import_undo
from tests.support import updates


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What executions were asked for; none of them runs by itself."""
    asked: list[dict[str, Any]] = []
    real = StepFunctionsExecutions.start

    def start(_: object, job: Any) -> None:
        def start_execution(**given: Any) -> None:
            asked.append(json.loads(given["input"]))

        client: Any = SimpleNamespace(start_execution=start_execution)
        real(StepFunctionsExecutions(client, "machine"), job)

    monkeypatch.setattr(StepFunctionsExecutions, "start", start)
    monkeypatch.setattr(StepFunctionsExecutions, "is_running", lambda *_: False)
    return asked


@pytest.fixture
def no_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits out the lease of a worker that died: time is not what these tests are about."""
    for module in (import_load, import_undo):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=-1))
    monkeypatch.setattr(import_load, "_LAST_WRITE", timedelta(seconds=-60))
    monkeypatch.setattr(import_undo, "LOAD_MAY_LINGER", timedelta(seconds=-1))


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """`[n]`: the worker dies before the n-th request that writes from now; `[]` never."""
    left: list[int] = []
    for name in ("put", "update", "delete", "transact", "_write_some"):
        real = getattr(Table, name)

        def dies(self: Table, *args: Any, _real: Any = real, **kwargs: Any) -> Any:
            if left:
                left[0] -= 1
                if left[0] < 0:
                    raise updates.Died
            return _real(self, *args, **kwargs)

        monkeypatch.setattr(Table, name, dies)
    return left


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> updates.Stream:
    return updates.Stream(monkeypatch)


@pytest.fixture
def small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two rows, and nobody waits out the lease of a worker that died."""
    monkeypatch.setattr("roster.usecases.imports.plan.ROWS_PER_CHUNK", 2)
    monkeypatch.setattr("roster.usecases.imports.claim.MAX_RESTARTS", 1000)
    for module in (import_load, import_undo):
        monkeypatch.setattr(module, "LEASE", timedelta(seconds=-1))
    monkeypatch.setattr(import_load, "_LAST_WRITE", timedelta(seconds=-60))
    monkeypatch.setattr(import_undo, "LOAD_MAY_LINGER", timedelta(seconds=-1))
