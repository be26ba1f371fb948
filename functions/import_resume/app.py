"""Every minute: start the work again on imports that nothing works on."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.bootstrap import imports
from roster.domain.imports.job import ImportStatus
from roster.runtime import observability
from roster.usecases.imports.claim import resume_imports

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answers with the ids of the imports it started again, and of those it gave up."""
    touched = resume_imports(
        imports=imports.repository(),
        executions=imports.executions(),
        clock=bootstrap.clock,
    )
    failed = [job.id for job in touched if job.status is ImportStatus.FAILED]
    resumed = [job.id for job in touched if job.status is not ImportStatus.FAILED]
    for job in touched:
        logger.warning(
            "import resumed",
            extra={"tenant": job.tenant, "import_id": job.id, "status": str(job.status)},
        )
    if failed:
        observability.count("ImportsClosed", len(failed), status=ImportStatus.FAILED)
    if resumed:
        observability.count("ImportsResumed", len(resumed))
    return {"resumed": resumed, "failed": failed}
