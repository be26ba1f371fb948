"""Message groups of a FIFO queue are worked on side by side, as on AWS.

Unmended: one slow message holds up everybody's, since a batch may span groups. One of a single
message cannot, and who is in flight keeps the rest of its group waiting anyway.
"""

from typing import Any

from ministack.services import lambda_svc


def apply() -> None:
    """Give a FIFO queue read message by message the concurrency of any other queue."""
    serial = lambda_svc._sqs_esm_concurrency

    def concurrency(esm: Any, func_rec: Any, config: Any, queue: Any = None) -> int:
        parted = esm.get("BatchSize", 10) == 1
        return int(serial(esm, func_rec, config, None if parted else queue))

    lambda_svc._sqs_esm_concurrency = concurrency
