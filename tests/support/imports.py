"""Carries an import through the real state machine definition, with the real handlers.

Knows just what infra/statemachines/customer_import.asl.json uses; anything else is an error, so
that the definition cannot grow beyond what the tests walk.
"""

import importlib
import json
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3

from tests.support.aws import IMPORTS_BUCKET
from tests.support.context import LambdaContext
from tests.support.template import ROOT

DEFINITION = ROOT / "infra/statemachines/customer_import.asl.json"
MACHINE_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:customer-import"
_MANY = 200


class ExecutionFailed(Exception):
    """The execution came to a Fail state, or a task failed for good."""


def definition() -> dict[str, Any]:
    """The state machine as written, its functions by the names of their folders."""
    text = DEFINITION.read_text()
    for name in ("Split", "Load", "Report"):
        text = text.replace(f"${{Import{name}FunctionArn}}", f"import_{name.lower()}")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def call(function: str, event: Any) -> Any:
    """Invoke a function's handler; what goes in and out passes through JSON."""
    handler = importlib.import_module(f"functions.{function}.app").lambda_handler
    answer = handler(json.loads(json.dumps(event)), LambdaContext(function))
    return json.loads(json.dumps(answer, default=str))


def _resolve(path: str, data: Any, context: dict[str, Any]) -> Any:
    root, steps = (context, path[2:]) if path.startswith("$$") else (data, path[1:])
    for step in steps.strip(".").split("."):
        root = root[step] if step else root
    return root


def _filled(template: Any, data: Any, context: dict[str, Any]) -> Any:
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): _resolve(value, data, context)
        if key.endswith(".$")
        else _filled(value, data, context)
        for key, value in template.items()
    }


@dataclass
class Machine:
    """The workflow; `shuffle` orders chunks, `before_chunk` may raise as a dying worker would."""

    invoke: Callable[[str, Any], Any] = call
    shuffle: random.Random | None = None
    visited: list[str] = field(default_factory=list)
    definition: dict[str, Any] = field(default_factory=definition)

    def run(self, given: Any, execution: str | None = None) -> Any:
        """One execution to its end; raises what a task raises once no Catch takes it."""
        name = execution or f"arn:aws:states:::execution:customer-import:{uuid.uuid4()}"
        context = {"Execution": {"Id": name, "Input": given}}
        return self._states(self.definition, given, context)

    def _states(self, machine: dict[str, Any], data: Any, context: dict[str, Any]) -> Any:
        name = machine["StartAt"]
        for _ in range(_MANY):
            self.visited.append(name)
            state = machine["States"][name]
            following, data = self._state(state, data, context)
            if following is None:
                return data
            name = following
        raise ExecutionFailed("the execution goes round and round")

    def _state(
        self, state: dict[str, Any], data: Any, context: dict[str, Any]
    ) -> tuple[str | None, Any]:
        match state["Type"]:
            case "Succeed":
                return None, data
            case "Fail":
                raise ExecutionFailed(state["Cause"])
            case "Choice":
                for rule in state["Choices"]:
                    if _resolve(rule["Variable"], data, context) == rule["StringEquals"]:
                        return rule["Next"], data
                return state["Default"], data
            case "Wait":
                assert _resolve(state["SecondsPath"], data, context) >= 0
                return state["Next"], data
            case "Task":
                return self._task(state, data, context)
            case "Map":
                return self._map(state, data, context)
        raise AssertionError(f"a kind of state the tests do not know: {state['Type']}")

    def _task(
        self, state: dict[str, Any], data: Any, context: dict[str, Any]
    ) -> tuple[str | None, Any]:
        asked = _filled(state["Parameters"], data, context)
        try:
            result: Any = {"Payload": self.invoke(asked["FunctionName"], asked["Payload"])}
        except Exception as error:
            for catch in state.get("Catch", ()):
                failure = {"Error": type(error).__name__, "Cause": str(error)}
                return catch["Next"], {**data, catch["ResultPath"][2:]: failure}
            raise
        return state.get("Next"), _resolve(state["OutputPath"], result, context)

    def _map(
        self, state: dict[str, Any], data: Any, context: dict[str, Any]
    ) -> tuple[str | None, Any]:
        where = _filled(state["ItemReader"]["Parameters"], data, context)
        manifest = boto3.client("s3").get_object(Bucket=where["Bucket"], Key=where["Key"])
        items = json.loads(manifest["Body"].read())
        if self.shuffle:
            self.shuffle.shuffle(items)
        for item in items:
            inner = {**context, "Map": {"Item": {"Value": item}}}
            self._states(state["ItemProcessor"], _filled(state["ItemSelector"], data, inner), inner)
        assert state["ResultPath"] is None
        return state["Next"], data


def created_event(key: str, *, etag: str, size: int, sequencer: str) -> dict[str, Any]:
    """The event of S3 for a new object, as EventBridge hands it on."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "123456789012",
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{IMPORTS_BUCKET}"],
        "detail": {
            "version": "0",
            "bucket": {"name": IMPORTS_BUCKET},
            "object": {"key": key, "size": size, "etag": etag, "sequencer": sequencer},
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }


def put(key: str, content: bytes) -> dict[str, Any]:
    """Put a file into the import bucket; the event that follows."""
    answer = boto3.client("s3").put_object(Bucket=IMPORTS_BUCKET, Key=key, Body=content)
    return created_event(
        key,
        etag=answer["ETag"].strip('"'),
        size=len(content),
        sequencer=uuid.uuid4().hex[:16].upper(),
    )


def drop(content: bytes | Path, name: str = "customers.csv", tenant: str = "acme") -> Any:
    """Drop a file into the company's inbox; the event that follows."""
    body = content.read_bytes() if isinstance(content, Path) else content
    return put(f"{tenant}/inbox/{name}", body)


def csv_of(*rows: Sequence[str]) -> bytes:
    """Rows as a CSV file."""
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def table_items() -> list[dict[str, Any]]:
    """Every item of the business table, in the order of keys."""
    from tests.support.aws import TABLE

    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
    items = [item for page in pages for item in page["Items"]]
    return sorted(items, key=lambda i: (i["pk"]["S"], i["sk"]["S"]))
