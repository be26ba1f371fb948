"""The queue that workers take exports from."""

from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from roster.domain.errors import Unavailable
from roster.domain.exports import Export

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsExportQueue:
    """Implements `export_ports.ExportQueue`."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client, self._url = client, url

    def send(self, export: Export) -> None:
        """See `export_ports.ExportQueue.send`."""
        body = orjson.dumps({"tenant": export.tenant, "export": export.id}).decode()
        try:
            self._client.send_message(QueueUrl=self._url, MessageBody=body)
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the queue did not take the export") from error


def message_from(body: str) -> tuple[str, str]:
    """Tenant and export of a message; raises KeyError or ValueError for anything else."""
    found = orjson.loads(body)
    return str(found["tenant"]), str(found["export"])
