"""The business table: requests that never drop what DynamoDB left undone, and typed values."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import batched, chain
from typing import TYPE_CHECKING, Any, cast

import orjson
from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from roster.adapters.dynamodb.backoff import pause
from roster.adapters.dynamodb.wire import Wire

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]

_BATCH_WRITE, _BATCH_GET = 25, 100
_ATTEMPTS = 8
# What a single statement of a batch may be told, and be tried again for.
_LATER = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "ThrottlingError",
        "TransactionConflict",
    }
)
_PK_BYTES, _SK_BYTES = 2048, 1024
_deserialize = TypeDeserializer().deserialize


class TransactionRefused(Exception):
    """A transaction's conditions did not hold: `reasons` has one code per action, in order."""

    def __init__(self, reasons: Sequence[str], items: Sequence[Item | None]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons, self.items = tuple(reasons), tuple(items)

    @property
    def is_conflict(self) -> bool:
        """Whether it only lost against another transaction in flight, and may be tried again."""
        failed = "ConditionalCheckFailed" in self.reasons
        return "TransactionConflict" in self.reasons and not failed


class WriteUnfinished(Exception):
    """DynamoDB kept leaving writes undone; nothing was dropped silently: the caller must retry."""


def to_wire(value: Any) -> dict[str, Any]:
    """A Python value as a DynamoDB attribute value; only what our items hold."""
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case None:
            return {"NULL": True}
        case list() | tuple():
            return {"L": [to_wire(v) for v in value]}
        case dict():
            return {"M": {k: to_wire(v) for k, v in value.items()}}
    raise TypeError(f"no DynamoDB form for {type(value).__name__}")


def item_to_wire(item: Mapping[str, Any]) -> dict[str, Any]:
    """A whole item, attribute by attribute."""
    return {
        name: {"S": value} if type(value) is str else to_wire(value) for name, value in item.items()
    }


def item_from_wire(item: Mapping[str, Any]) -> Item:
    """A whole item back; numbers come as Decimal from DynamoDB and as int from here."""
    return {name: _plain(_deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if hasattr(value, "as_tuple"):
        return int(value) if value == value.to_integral_value() else value
    return bytes(value) if hasattr(value, "value") else value


class Table:
    """Requests against one DynamoDB table, in plain Python values."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self.client, self.name = client, name

    def get(self, key: Mapping[str, object], *, consistent: bool = True) -> Item | None:
        """One item, or None."""
        if not _can_exist(key):
            return None
        answer = self.client.get_item(
            TableName=self.name, Key=item_to_wire(key), ConsistentRead=consistent
        )
        found = answer.get("Item")
        return item_from_wire(found) if found else None

    def get_many(
        self, wanted: Iterable[Mapping[str, object]], *, consistent: bool = True
    ) -> Iterator[Item]:
        """Those of the items that exist, in no order."""
        distinct = {(k["pk"], k["sk"]): k for k in wanted if _can_exist(k)}
        keys = [item_to_wire(key) for key in distinct.values()]
        for start in range(0, len(keys), _BATCH_GET):
            pending: Any = {
                self.name: {"Keys": keys[start : start + _BATCH_GET], "ConsistentRead": consistent}
            }
            for attempt in range(_ATTEMPTS):
                answer = self.client.batch_get_item(RequestItems=pending)
                yield from (item_from_wire(i) for i in answer["Responses"].get(self.name, []))
                pending = answer.get("UnprocessedKeys")
                if not pending:
                    break
                pause(attempt)
            if pending:
                raise WriteUnfinished("reads were left unprocessed")

    def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        after: str | None = None,
        between: tuple[str, str] | None = None,
        limit: int | None = None,
        forward: bool = True,
        consistent: bool = True,
    ) -> tuple[list[Item], str | None]:
        """One request's worth of a partition: the items, and the sort key to go on after.

        `between` bounds the sort keys, both ends included, and stands in the place of `prefix`.
        """
        values: dict[str, Any] = {":pk": {"S": pk}}
        condition = "pk = :pk"
        if between:
            condition += " AND sk BETWEEN :low AND :high"
            values |= {":low": {"S": between[0]}, ":high": {"S": between[1]}}
        elif prefix:
            condition += " AND begins_with(sk, :prefix)"
            values[":prefix"] = {"S": prefix}
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": forward,
            "ConsistentRead": consistent,
        }
        if limit:
            request["Limit"] = limit
        if after is not None:
            request["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": after}}
        answer = self.client.query(**request)
        last = answer.get("LastEvaluatedKey")
        return [item_from_wire(i) for i in answer["Items"]], last["sk"]["S"] if last else None

    def query_all(self, pk: str, *, prefix: str = "", forward: bool = True) -> Iterator[Item]:
        """All items of a partition, page after page."""
        after: str | None = None
        while True:
            items, after = self.query(pk, prefix=prefix, after=after, forward=forward)
            yield from items
            if after is None:
                return

    def put(self, item: Item, *, condition: str | None = None, **values: Any) -> bool:
        """Put an item; False when `condition` (values as `:name` keywords) does not hold."""
        request: dict[str, Any] = {"TableName": self.name, "Item": item_to_wire(item)}
        return self._conditional(self.client.put_item, request, condition, values)

    def delete(
        self, key: Mapping[str, object], *, condition: str | None = None, **values: Any
    ) -> bool:
        """Delete an item; False when `condition` does not hold."""
        request: dict[str, Any] = {"TableName": self.name, "Key": item_to_wire(key)}
        return self._conditional(self.client.delete_item, request, condition, values)

    def update(
        self,
        key: Mapping[str, object],
        expression: str,
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Item | None:
        """Update an item and return all of it as it is now; None when `condition` does not hold."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "Key": item_to_wire(key),
            "UpdateExpression": expression,
            "ReturnValues": "ALL_NEW",
        }
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        found: list[Item] = []

        def call(**kwargs: Any) -> None:
            found.append(item_from_wire(self.client.update_item(**kwargs)["Attributes"]))

        return found[0] if self._conditional(call, request, condition, values) else None

    def _conditional(
        self, call: Any, request: dict[str, Any], condition: str | None, values: Mapping[str, Any]
    ) -> bool:
        if condition:
            request["ConditionExpression"] = condition
        if values:
            request["ExpressionAttributeValues"] = {f":{k}": to_wire(v) for k, v in values.items()}
        try:
            call(**request)
        except self.client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def put_action(self, item: Item, *, condition: str | None = None, **values: Any) -> Item:
        """A put, as a part of a transaction."""
        return self._action("Put", {"Item": item_to_wire(item)}, condition, values)

    def delete_action(
        self, key: Mapping[str, object], *, condition: str | None = None, **values: Any
    ) -> Item:
        """A delete, as a part of a transaction."""
        return self._action("Delete", {"Key": item_to_wire(key)}, condition, values)

    def update_action(
        self,
        key: Mapping[str, object],
        expression: str,
        *,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Item:
        """An update, as a part of a transaction."""
        body: dict[str, Any] = {"Key": item_to_wire(key), "UpdateExpression": expression}
        if names:
            body["ExpressionAttributeNames"] = dict(names)
        return self._action("Update", body, condition, values)

    def check_action(
        self,
        key: Mapping[str, object],
        condition: str,
        *,
        names: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Item:
        """A condition on an item that is left alone, as a part of a transaction."""
        body: dict[str, Any] = {"Key": item_to_wire(key)}
        if names:
            body["ExpressionAttributeNames"] = dict(names)
        return self._action("ConditionCheck", body, condition, values)

    def _action(
        self, verb: str, body: dict[str, Any], condition: str | None, values: Mapping[str, Any]
    ) -> Item:
        body["TableName"] = self.name
        if condition:
            body["ConditionExpression"] = condition
            body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if values:
            body["ExpressionAttributeValues"] = {f":{k}": to_wire(v) for k, v in values.items()}
        return {verb: body}

    def transact(self, actions: Sequence[Item]) -> None:
        """All of the actions or none; raises TransactionRefused, after retrying mere conflicts."""
        for attempt in range(_ATTEMPTS):
            try:
                self.client.transact_write_items(TransactItems=cast("Any", list(actions)))
            except self.client.exceptions.TransactionCanceledException as error:
                refused = _refused(error)
                if not refused.is_conflict or attempt == _ATTEMPTS - 1:
                    raise refused from error
                pause(attempt)
            else:
                return

    def write_batch(
        self, puts: Iterable[Item] = (), deletes: Iterable[Mapping[str, object]] = ()
    ) -> None:
        """Many unconditional puts and deletes, in no order; raises WriteUnfinished, never drops."""
        requests = chain(
            ({"PutRequest": {"Item": item_to_wire(item)}} for item in puts),
            ({"DeleteRequest": {"Key": item_to_wire(key)}} for key in deletes),
        )
        # As they come: a stream of a thousand items fills every request but the last.
        for some in batched(requests, _BATCH_WRITE, strict=False):
            self._write_some(some)

    def _write_some(self, requests: Sequence[Any]) -> None:
        pending: Any = {self.name: requests}
        for attempt in range(_ATTEMPTS):
            body = orjson.dumps({"RequestItems": pending}, default=_binary)
            pending = self._wire.call("BatchWriteItem", body).get("UnprocessedItems")
            if not pending:
                return
            pause(attempt)
        raise WriteUnfinished(f"{len(pending[self.name])} writes were left unprocessed")

    @cached_property
    def _wire(self) -> Wire:
        return Wire(self.client)

    def insert_batch(self, items: Sequence[Item]) -> list[bool]:
        """Put each item unless there is one of its key; which of them were put.

        One write unit each, as a conditional put, in requests of 25; all have the same attributes.
        """
        there: list[bool] = []
        for some in batched(items, _BATCH_WRITE, strict=False):
            there += self._insert_some(some)
        return there

    def _insert_some(self, items: Sequence[Item]) -> list[bool]:
        names = list(items[0])
        into = ", ".join(f"'{name}': ?" for name in names)
        statement = f'INSERT INTO "{self.name}" VALUE {{{into}}}'
        done: dict[int, bool] = {}
        for attempt in range(_ATTEMPTS):
            left = [i for i in range(len(items)) if i not in done]
            statements = [
                {"Statement": statement, "Parameters": [to_wire(items[i][name]) for name in names]}
                for i in left
            ]
            body = orjson.dumps({"Statements": statements})
            answers = self._wire.call("BatchExecuteStatement", body)["Responses"]
            for i, answer in zip(left, answers, strict=True):
                code = answer.get("Error", {}).get("Code", "")
                if code not in _LATER:
                    done[i] = _was_put(code, answer)
            if len(done) == len(items):
                return [done[i] for i in range(len(items))]
            pause(attempt)
        raise WriteUnfinished(f"{len(items) - len(done)} inserts were left undone")


def _binary(value: object) -> str:
    """Bytes as they go over the wire."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no DynamoDB form for {type(value).__name__}")


def _was_put(code: str, answer: Mapping[str, Any]) -> bool:
    if code and not code.startswith("DuplicateItem"):
        raise ClientError(cast("Any", answer), "BatchExecuteStatement")
    return not code


def _can_exist(key: Mapping[str, object]) -> bool:
    """Whether the key, a part of which a caller may have made up, is one DynamoDB would take."""
    pk, sk = str(key["pk"]), str(key["sk"])
    return 0 < len(pk.encode()) <= _PK_BYTES and 0 < len(sk.encode()) <= _SK_BYTES


def _refused(error: ClientError) -> TransactionRefused:
    reasons: list[Any] = error.response.get("CancellationReasons", [])
    return TransactionRefused(
        [r.get("Code", "None") for r in reasons],
        [item_from_wire(r["Item"]) if r.get("Item") else None for r in reasons],
    )
