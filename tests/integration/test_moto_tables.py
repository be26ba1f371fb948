"""What the tests' own cloud takes back when a transaction is refused."""

import pytest

from roster import bootstrap
from roster.adapters.dynamodb.table import TransactionRefused


def test_a_refused_transaction_changes_nothing(cloud: None) -> None:
    table = bootstrap.table()
    table.write_batch([{"pk": "a", "sk": "1", "n": 1}, {"pk": "a", "sk": "2", "n": 1}])
    before = table.client.scan(TableName=table.name)["Items"]
    with pytest.raises(TransactionRefused) as refusal:
        table.transact(
            [
                table.update_action({"pk": "a", "sk": "1"}, "ADD n :one", one=1),
                table.put_action({"pk": "b", "sk": "1"}),
                table.delete_action({"pk": "a", "sk": "2"}),
                table.put_action({"pk": "c", "sk": "1"}, condition="attribute_exists(pk)"),
            ]
        )
    assert refusal.value.reasons[-1] == "ConditionalCheckFailed"
    assert table.client.scan(TableName=table.name)["Items"] == before
    table.transact([table.update_action({"pk": "a", "sk": "1"}, "ADD n :one", one=1)])
    found = table.get({"pk": "a", "sk": "1"})
    assert found is not None
    assert found["n"] == 2
