"""Workflow task: claim an arrived spreadsheet (`claim`), then turn it into a plan (`split`)."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.bootstrap import imports, parts
from roster.domain.imports.job import ImportStatus
from roster.runtime import observability
from roster.usecases.imports import names
from roster.usecases.imports.claim import (
    ArrivedFile,
    ClaimPorts,
    Next,
    Step,
    claim_again,
    claim_arrival,
)
from roster.usecases.imports.plan import PlanPorts, plan_import

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{"step": "claim", "input", "execution"}` or `{"step": "split", "tenant", "import_id"}`.

    Answers `{"next", "tenant", "import_id", "seconds", "manifest": {"bucket", "key"}}`.
    """
    step = _claim(event) if event["step"] == "claim" else _split(event)
    if step.job is not None:
        logger.append_keys(tenant=step.job.tenant, import_id=step.job.id)
        if step.job.status is ImportStatus.REJECTED:
            observability.count("ImportsClosed", status=step.job.status)
    elif "detail" in event.get("input", {}):
        # Whoever dropped it waits for customers: the log is all that tells of it.
        key = event["input"]["detail"]["object"]["key"]
        logger.warning("what arrived is no file of a company's import", extra={"key": key})
    logger.info("import step", extra={"step": event["step"], "next": str(step.next)})
    return _answer(step)


def _claim(event: dict[str, Any]) -> Step:
    given: dict[str, Any] = event["input"]
    ports = ClaimPorts(
        imports=imports.repository(),
        files=imports.files(),
        customers=bootstrap.customers(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    if "phase" not in given:
        return claim_arrival(_arrived(given), execution=event["execution"], ports=ports)
    return claim_again(
        given["tenant"],
        given["import_id"],
        replaces=given.get("replaces"),
        execution=event["execution"],
        ports=ports,
    )


def _arrived(event: dict[str, Any]) -> ArrivedFile:
    """The file of an "Object Created" event; its key is not URL-encoded there."""
    detail = event["detail"]
    thing = detail["object"]
    return ArrivedFile(
        bucket=detail["bucket"]["name"],
        key=thing["key"],
        etag=thing["etag"].strip('"'),
        token=thing.get("sequencer", ""),
        size=thing["size"],
        at=datetime.fromisoformat(event["time"]),
        version=thing.get("version-id"),
    )


def _split(event: dict[str, Any]) -> Step:
    ports = PlanPorts(
        imports=imports.repository(),
        files=imports.files(),
        customers=bootstrap.customers(),
        people=parts.contacts(),
        settings=bootstrap.company_settings(),
        mappings=imports.mappings(),
        open_spreadsheet=imports.open_spreadsheet(),
        records=imports.record_ports(),
        write_table=imports.write_table(),
        clock=bootstrap.clock,
    )
    return plan_import(event["tenant"], event["import_id"], ports=ports)


def _answer(step: Step) -> dict[str, Any]:
    if step.job is None or step.next is Next.IGNORE:
        return {"next": Next.IGNORE}
    manifest = imports.files().location(step.job, names.MANIFEST)
    return {
        "next": step.next,
        "tenant": step.job.tenant,
        "import_id": step.job.id,
        "seconds": step.seconds,
        "manifest": manifest,
    }
