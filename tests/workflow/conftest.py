"""Fixtures of the tests that carry imports out."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from roster.adapters.stepfunctions import StepFunctionsExecutions


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
