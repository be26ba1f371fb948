"""The queue of sync slices: first in, first out for each connection."""

from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from roster.domain.errors import Unavailable
from roster.domain.sync.connection import SliceMessage

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsSliceQueue:
    """Implements `quickbooks.ports.SliceQueue`."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def send(self, message: SliceMessage, *, attempt: str = "") -> None:
        """Send a slice; raises Unavailable when SQS does not take it.

        The body and the deduplication id carry run and slice: without them the queue would take
        the next slice for a copy of this one.
        """
        suffix = f"-{attempt}" if attempt else ""
        try:
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body_of(message),
                MessageGroupId=f"{message.tenant}.{message.realm}",
                MessageDeduplicationId=f"{message.run}-{message.slice}{suffix}",
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the queue did not take the slice") from error


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
