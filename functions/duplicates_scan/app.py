"""One search of a company's customers for duplicates; called asynchronously, so perhaps twice."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.bootstrap import duplicates
from roster.runtime import observability
from roster.usecases.duplicates import run_scan

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Answers with the number of pairs to review; none for a search that was replaced."""
    tenant, scan_id = str(event["tenant"]), str(event["scan_id"])
    logger.append_keys(tenant=tenant, scan_id=scan_id)
    done = run_scan(tenant, scan_id, duplicates=duplicates.repository(), clock=bootstrap.clock)
    if done is None:
        logger.warning("another search has taken the place of this one")
        return {"pairs": 0}
    extra = {"customers": done.customers, "compared": done.compared, "pairs": done.pairs}
    logger.info("searched for duplicates", extra=extra)
    observability.count("DuplicateScans")
    return {"pairs": done.pairs}
