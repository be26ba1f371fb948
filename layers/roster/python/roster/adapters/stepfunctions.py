"""Executions of the import workflow."""

from typing import TYPE_CHECKING

import orjson

from roster.domain.imports.job import Import, ImportStatus

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

_PHASES = {
    ImportStatus.PLANNING: "plan",
    ImportStatus.LOADING: "load",
    ImportStatus.UNDOING: "undo",
}


class StepFunctionsExecutions:
    """The state machine `customer_import`; implements `imports.ports.Executions`."""

    def __init__(self, client: "SFNClient", state_machine: str) -> None:
        self._client, self._state_machine = client, state_machine

    def start(self, job: Import) -> None:
        """A new execution; which of several gets the import is for the claim to say."""
        asked = {
            "phase": _PHASES[job.status],
            "tenant": job.tenant,
            "import_id": job.id,
            "replaces": job.execution,
        }
        self._client.start_execution(
            stateMachineArn=self._state_machine, input=orjson.dumps(asked).decode()
        )

    def is_running(self, execution: str) -> bool:
        """See `imports.ports.Executions.is_running`."""
        try:
            status = self._client.describe_execution(executionArn=execution)["status"]
        except self._client.exceptions.ExecutionDoesNotExist:
            return False
        return status == "RUNNING"
