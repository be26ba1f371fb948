"""Fixtures of the tests that carry imports out."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from roster.adapters.stepfunctions import StepFunctionsExecutions
from roster.usecases.imports import load as import_load
from roster.usecases.imports import undo as import_undo


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
