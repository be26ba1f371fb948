"""The queue of sync slices: first in, first out for each connection."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import orjson

from roster.domain.quickbooks import SliceMessage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_BATCH = 10
_ATTEMPTS = 3


class SqsSliceQueue:
    """Implements `quickbooks_ports.SliceQueue`."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def send(self, messages: Sequence[SliceMessage], *, attempt: str = "") -> Sequence[str]:
        """Send slices, trying again what SQS left out; returns the tenants it never took.

        The body and the deduplication id carry run and slice: without them the queue would take
        the next slice for a copy of this one.
        """
        failed: list[str] = []
        for start in range(0, len(messages), _BATCH):
            failed += self._send_some(messages[start : start + _BATCH], attempt)
        return failed

    def _send_some(self, messages: Sequence[SliceMessage], attempt: str) -> list[str]:
        pending = {str(n): message for n, message in enumerate(messages)}
        for _ in range(_ATTEMPTS):
            entries: list[Any] = [_entry(n, m, attempt) for n, m in pending.items()]
            answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            refused = {entry["Id"] for entry in answer.get("Failed", [])}
            pending = {n: message for n, message in pending.items() if n in refused}
            if not pending:
                return []
        return [message.tenant for message in pending.values()]


def _entry(entry_id: str, message: SliceMessage, attempt: str) -> dict[str, str]:
    suffix = f"-{attempt}" if attempt else ""
    return {
        "Id": entry_id,
        "MessageBody": body_of(message),
        "MessageGroupId": f"{message.tenant}.{message.realm}",
        "MessageDeduplicationId": f"{message.run}-{message.slice}{suffix}",
    }


def body_of(message: SliceMessage) -> str:
    """A slice as the text of a message."""
    return orjson.dumps(
        {
            "tenant": message.tenant,
            "realm": message.realm,
            "run": message.run,
            "slice": message.slice,
        }
    ).decode()


def message_from(body: str) -> SliceMessage:
    """A slice from the text of a message; raises KeyError or ValueError for anything else."""
    found = orjson.loads(body)
    return SliceMessage(
        tenant=str(found["tenant"]),
        realm=str(found["realm"]),
        run=str(found["run"]),
        slice=int(found["slice"]),
    )
