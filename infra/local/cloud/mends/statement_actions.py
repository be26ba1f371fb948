"""A batch of statements is allowed by what its statements do, each on its own table.

Unmended, a request of `BatchExecuteStatement` needs an action of that name, which IAM does not
have, on every resource: a policy that allows `dynamodb:PartiQLInsert` on one table does not do.
"""

import json
import re

from ministack.core import iam_actions

_INSERT = re.compile(r"""\s*INSERT\s+INTO\s+"?([\w.-]+)""", re.IGNORECASE)


def apply() -> None:
    """Let inserts be checked as `dynamodb:PartiQLInsert`, as the parts of transactions are."""
    checks = iam_actions.dynamodb_transaction_checks

    def mended(iam_action: str, body: bytes, region: str, account_id: str) -> list[tuple[str, str]]:
        if iam_action != "dynamodb:BatchExecuteStatement":
            found: list[tuple[str, str]] = checks(iam_action, body, region, account_id)
            return found
        statements = json.loads(body or b"{}").get("Statements", [])
        inserts = [_INSERT.match(str(one.get("Statement", ""))) for one in statements]
        if not all(inserts):
            return []
        tables = dict.fromkeys(insert[1] for insert in inserts if insert)
        return [
            ("dynamodb:PartiQLInsert", iam_actions._dynamodb_table_arn(table, region, account_id))
            for table in tables
        ]

    iam_actions.dynamodb_transaction_checks = mended
