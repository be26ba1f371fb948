"""What requests to DynamoDB cost, computed from the sizes of the items they touch.

No emulator is right about both kinds of units, so these hooks on a botocore client do the sums
that AWS documents. They look at the table themselves, before and after each call, through a
client of their own that is not metered.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type WireItem = Mapping[str, Any]

READ_UNIT_BYTES, WRITE_UNIT_BYTES = 4096, 1024
_CONTAINER_BYTES, _ELEMENT_BYTES = 3, 1
_key_value = TypeDeserializer().deserialize
_SENT_AS_BYTES = frozenset({"BatchWriteItem", "BatchExecuteStatement"})
_INSERT = re.compile(r'INSERT INTO "(?P<table>[^"]+)" VALUE \{(?P<item>[^}]*)\}')
_NAME = re.compile(r"'([^']+)': \?")


class NotMetered(Exception):
    """A kind of request whose cost this module does not know; it never guesses."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one item of a request cost; a query is one charge with the sort key it began with."""

    operation: str
    table: str
    sk: str
    read: float = 0
    write: float = 0


@dataclass(slots=True)
class Meter:
    """The charges of a client's requests since it was attached, or since `clear`."""

    charges: list[Charge] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forget everything so far."""
        self.charges.clear()
        self.operations.clear()

    @property
    def requests(self) -> int:
        """How many requests were made, whatever they touched."""
        return len(self.operations)

    def read(self, counted: Callable[[Charge], bool] = lambda _: True) -> float:
        """Read units of the charges that `counted` lets pass."""
        return sum(charge.read for charge in self.charges if counted(charge))

    def write(self, counted: Callable[[Charge], bool] = lambda _: True) -> float:
        """Write units of the charges that `counted` lets pass."""
        return sum(charge.write for charge in self.charges if counted(charge))


def budgeted(table: str) -> Callable[[Charge], bool]:
    """What DESIGN's budgets count: the business table `table`, without the number counter."""
    return lambda charge: charge.table == table and not charge.sk.startswith("COUNTER#")


def item_bytes(item: WireItem) -> int:
    """The size of an item as DynamoDB bills it: names and values, all of it in UTF-8."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: WireItem) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return _number_bytes(content)
        case "B":
            return len(content)
        case "BOOL" | "NULL":
            return 1
        case "L":
            inner = sum(_value_bytes(v) + _ELEMENT_BYTES for v in content)
            return _CONTAINER_BYTES + inner
        case "M":
            return _CONTAINER_BYTES + item_bytes(content) + _ELEMENT_BYTES * len(content)
        case "SS":
            return sum(len(v.encode()) for v in content)
        case "NS":
            return sum(_number_bytes(v) for v in content)
        case "BS":
            return sum(len(v) for v in content)
    raise NotMetered(f"an attribute of type {kind}")


def _number_bytes(text: str) -> int:
    """A byte for two significant digits, one for the exponent, one for a minus."""
    digits = text.lstrip("-").split("E")[0].replace(".", "").strip("0")
    return math.ceil(len(digits) / 2) + 1 + text.startswith("-")


def read_units(size: int, *, consistent: bool) -> float:
    """Units of reading `size` bytes in one go; nothing found costs as much as a little."""
    return max(1, math.ceil(size / READ_UNIT_BYTES)) * (1 if consistent else 0.5)


def write_units(*sizes: int) -> int:
    """Units of writing an item whose sizes before and after these are."""
    return max(1, math.ceil(max(sizes, default=0) / WRITE_UNIT_BYTES))


@dataclass(frozen=True, slots=True)
class _Write:
    """One item a request writes: `new` is None for a delete, and for an update until it is done."""

    table: str
    key: WireItem
    new: WireItem | None
    is_update: bool = False
    times: int = 1


def attach(client: "DynamoDBClient", looking: "DynamoDBClient") -> Meter:
    """Meter `client` from now on; `looking` is another client, used to see the items."""
    return _attached(client, looking).meter


@contextmanager
def attached(client: "DynamoDBClient", looking: "DynamoDBClient") -> Iterator[Meter]:
    """Meter `client` for a while; see `attach`."""
    watch = _attached(client, looking)
    try:
        yield watch.meter
    finally:
        for event, seen in watch.events():
            client.meta.events.unregister(event, seen)


def _attached(client: "DynamoDBClient", looking: "DynamoDBClient") -> "_Watch":
    watch = _Watch(Meter(), looking)
    for event, seen in watch.events():
        # A body on its way out has to be seen before anybody answers.
        client.meta.events.register_first(event, seen)
    return watch


class _Watch:
    def __init__(self, meter: Meter, looking: "DynamoDBClient") -> None:
        self.meter, self._looking = meter, looking
        self._schemas: dict[str, tuple[str, ...]] = {}

    def events(self) -> Iterator[tuple[str, Callable[..., None]]]:
        """What it looks at; bodies that were not made by botocore are seen as they are sent."""
        yield "provide-client-params.dynamodb.*", self.before
        yield "after-call.dynamodb.*", self.after
        for operation in _SENT_AS_BYTES:
            yield f"before-send.dynamodb.{operation}", self.sent

    def before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Remember what is asked, and how large the items are that it will replace."""
        writes = list(self._writes(model.name, params))
        context["metered"] = params, [(w, self._size(w.table, w.key)) for w in writes]

    def sent(self, request: Any, **_: Any) -> None:
        """Charge for a body as it goes over the wire; what is refused in it costs as much."""
        operation = request.headers["X-Amz-Target"]
        operation = operation.decode() if isinstance(operation, bytes) else operation
        operation = operation.partition(".")[2]
        params = json.loads(request.body)
        self.meter.operations.append(operation)
        for write in self._writes(operation, params):
            before = self._size(write.table, write.key)
            units = write_units(before, item_bytes(write.new) if write.new is not None else 0)
            self._charge(operation, write.table, write.key, write=units)

    def after(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Charge for it; a condition that failed costs as much as one that held."""
        if model.name in _SENT_AS_BYTES:
            return
        params, writes = context["metered"]
        self.meter.operations.append(model.name)
        for write, size_before in writes:
            size = self._size(write.table, write.key) if write.is_update else 0
            size = item_bytes(write.new) if write.new is not None else size
            units = write_units(size_before, size) * write.times
            self._charge(model.name, write.table, write.key, write=units)
        if "Error" not in parsed:
            self._charge_reads(model.name, params, parsed)

    def _charge(
        self, operation: str, table: str, key: WireItem, *, read: float = 0, write: float = 0
    ) -> None:
        sk = str(_key_value(key["sk"])) if "sk" in key else ""
        self.meter.charges.append(Charge(operation, table, sk, read, write))

    def _writes(self, operation: str, params: Mapping[str, Any]) -> Iterator[_Write]:
        match operation:
            case "PutItem":
                yield self._put(params, 1)
            case "DeleteItem":
                yield _Write(params["TableName"], params["Key"], None)
            case "UpdateItem":
                yield _Write(params["TableName"], params["Key"], None, is_update=True)
            case "BatchWriteItem":
                yield from self._batch(params["RequestItems"])
            case "BatchExecuteStatement":
                yield from map(self._insert, params["Statements"])
            case "TransactWriteItems":
                yield from map(self._action, params["TransactItems"])
            case "GetItem" | "BatchGetItem" | "Query" | "DescribeTable":
                return
            case _:
                raise NotMetered(operation)

    def _batch(self, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> Iterator[_Write]:
        for table, requests in tables.items():
            for request in requests:
                if "PutRequest" in request:
                    yield self._put({"TableName": table, **request["PutRequest"]}, 1)
                else:
                    yield _Write(table, request["DeleteRequest"]["Key"], None)

    def _insert(self, statement: Mapping[str, Any]) -> _Write:
        found = _INSERT.fullmatch(statement["Statement"])
        if found is None:
            raise NotMetered(statement["Statement"])
        names = _NAME.findall(found["item"])
        item = dict(zip(names, statement["Parameters"], strict=True))
        return self._put({"TableName": found["table"], "Item": item}, 1)

    def _action(self, action: Mapping[str, Mapping[str, Any]]) -> _Write:
        ((verb, body),) = action.items()
        if verb == "Put":
            return self._put(body, 2)
        return _Write(body["TableName"], body["Key"], None, is_update=verb == "Update", times=2)

    def _put(self, body: Mapping[str, Any], times: int) -> _Write:
        key = {name: body["Item"][name] for name in self._schema(body["TableName"])}
        return _Write(body["TableName"], key, body["Item"], times=times)

    def _charge_reads(
        self, operation: str, params: Mapping[str, Any], parsed: Mapping[str, Any]
    ) -> None:
        consistent = bool(params.get("ConsistentRead"))
        if operation == "GetItem":
            units = read_units(
                self._size(params["TableName"], params["Key"]), consistent=consistent
            )
            self._charge(operation, params["TableName"], params["Key"], read=units)
        elif operation == "BatchGetItem":
            self._charge_batch(params, parsed)
        elif operation == "Query":
            units = read_units(self._scanned(params, parsed), consistent=consistent)
            begin = params["ExpressionAttributeValues"].get(":prefix", {"S": ""})
            self._charge(operation, params["TableName"], {"sk": begin}, read=units)

    def _charge_batch(self, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> None:
        for table, asked in params["RequestItems"].items():
            left = parsed.get("UnprocessedKeys", {}).get(table, {}).get("Keys", [])
            for key in asked["Keys"]:
                if key in left:
                    continue
                size, consistent = self._size(table, key), bool(asked.get("ConsistentRead"))
                units = read_units(size, consistent=consistent)
                self._charge("BatchGetItem", table, key, read=units)

    def _scanned(self, params: Mapping[str, Any], parsed: Mapping[str, Any]) -> int:
        """Bytes a query looked at: what its filter dropped and its projection left out included."""
        if params.get("IndexName"):
            raise NotMetered("a query of an index")
        narrowing = {"FilterExpression", "ProjectionExpression"} & params.keys()
        if narrowing:
            raise NotMetered(f"a query with {', '.join(sorted(narrowing))}")
        return sum(map(item_bytes, parsed["Items"]))

    def _schema(self, table: str) -> tuple[str, ...]:
        """The names of a table's key, from the table; tables with indexes cost more: refused."""
        if table not in self._schemas:
            found = self._looking.describe_table(TableName=table)["Table"]
            if found.get("GlobalSecondaryIndexes") or found.get("LocalSecondaryIndexes"):
                raise NotMetered(f"writes to {table}, which has indexes")
            self._schemas[table] = tuple(k["AttributeName"] for k in found["KeySchema"])
        return self._schemas[table]

    def _size(self, table: str, key: WireItem) -> int:
        self._schema(table)
        found = self._looking.get_item(TableName=table, Key=dict(key), ConsistentRead=True)
        return item_bytes(found.get("Item", {}))
