"""A queue to put messages into."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Queue:
    """One SQS queue."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def send(self, body: str) -> None:
        """Put one message in; raises when the queue does not take it."""
        self._client.send_message(QueueUrl=self._url, MessageBody=body)
