"""What ministack does differently from AWS, put right while it is loaded.

The mends know ministack's source, so they are made for one version only; another version starts
as it is and says so. Each mend has a test in ``tests/integration/local_cloud`` that fails
without it.
"""

import importlib
import importlib.metadata
import logging

MENDED_VERSION = "1.5.33"
# In this order: snapshots changes the text of a function that dynamodb_streams then wraps.
NAMES = (
    "lambda_worker",
    "lambda_layers",
    "http_api",
    "cognito_attributes",
    "secure_transport",
    "dynamodb_query",
    "statement_actions",
    "fifo_groups",
    "snapshots",
    "dynamodb_streams",
)

logger = logging.getLogger("roster.local_cloud")


def apply(*, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Apply every mend not left out; the names of those applied, none on another version."""
    unknown = without.difference(NAMES)
    if unknown:
        raise SystemExit(
            f"no such mend: {', '.join(sorted(unknown))} (there are {', '.join(NAMES)})"
        )
    version = importlib.metadata.version("ministack")
    if version != MENDED_VERSION:
        logger.warning(
            "ministack %s is not the %s the mends were made for: starting unmended",
            version,
            MENDED_VERSION,
        )
        return ()
    applied = tuple(name for name in NAMES if name not in without)
    for name in applied:
        importlib.import_module(f"{__name__}.{name}").apply()
    logger.info("ministack %s, mended: %s", version, ", ".join(applied))
    return applied
