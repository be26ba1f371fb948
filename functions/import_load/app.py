"""Workflow task: load or undo one chunk of an import; any attempt may be the first or the fifth."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from roster import bootstrap
from roster.bootstrap import imports, records
from roster.domain.imports.job import Tally
from roster.runtime import observability
from roster.usecases.imports.load import load_chunk
from roster.usecases.imports.undo import undo_chunk

logger = observability.logger()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`{"tenant", "import_id", "chunk"}`; answers with the chunk's number.

    What is to be done with the chunk, the import itself says: each of the two leaves it alone
    unless the import is loading, or being undone.
    """
    tenant, import_id, chunk = event["tenant"], event["import_id"], event["chunk"]
    logger.append_keys(tenant=tenant, import_id=import_id, chunk=chunk)
    tally = load_chunk(
        tenant,
        import_id,
        chunk,
        imports=imports.repository(),
        files=imports.files(),
        customers=bootstrap.customers(),
        changing=imports.changes(),
        jobs=records.jobs,
        settings=bootstrap.company_settings(),
        records=imports.record_rows,
        clock=bootstrap.clock,
    )
    # A chunk that was just loaded is none that is being undone: its import need not be read again.
    undone = Tally() if tally.chunks else _undone(tenant, import_id, chunk)
    for result in ("removed", "restored", "kept"):
        if amount := getattr(undone, result):
            observability.count("RowsUndone", amount, result=result)
    for result in ("created", "updated", "joined", "failed"):
        if amount := getattr(tally, result):
            observability.count("RowsImported", amount, result=result)
    if tally.created:
        observability.count("CustomersCreated", tally.created, source="import")
    logger.info("chunk done", extra={"loaded": asdict(tally), "undone": asdict(undone)})
    return {"chunk": chunk}


def _undone(tenant: str, import_id: str, chunk: int) -> Tally:
    return undo_chunk(
        tenant,
        import_id,
        chunk,
        imports=imports.repository(),
        files=imports.files(),
        taking_back=imports.taking_back(),
        customers=bootstrap.customers(),
        changing=imports.changes(),
        jobs=records.jobs,
        settings=bootstrap.company_settings(),
        records=imports.record_rows,
        clock=bootstrap.clock,
    )
