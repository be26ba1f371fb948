"""Workflow task: close an import, loaded, undone or failed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.bootstrap import imports
from roster.runtime import observability
from roster.usecases.imports.report import close_import

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{"tenant", "import_id"}`, with `failure` (what the workflow caught) when planning failed."""
    tenant, import_id = event["tenant"], event["import_id"]
    logger.append_keys(tenant=tenant, import_id=import_id)
    failure = event.get("failure")
    if failure:
        logger.error("the import could not be planned", extra={"failure": failure})
    job = close_import(
        tenant,
        import_id,
        failure=str(failure) if failure else None,
        imports=imports.repository(),
        files=imports.files(),
        write_table=imports.write_table(),
        clock=bootstrap.clock,
    )
    if job is None:
        return {"status": None}
    observability.count("ImportsClosed", status=job.status)
    if job.plan and job.undo_started_at is None:
        observability.count("RowsImported", job.plan.skip, result="skipped")
        observability.count("RowsImported", job.plan.error, result="failed")
    logger.info("import closed", extra={"status": str(job.status), "done": job.done})
    return {"status": job.status}
