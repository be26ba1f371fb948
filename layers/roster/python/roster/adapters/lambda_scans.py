"""Starts the search for duplicates: an asynchronous call of the function that does it."""

from typing import TYPE_CHECKING

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from roster.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaScanStarter:
    """Implements `duplicate_ports.ScanStarter`."""

    def __init__(self, client: "LambdaClient", function_name: str) -> None:
        self._client, self._function_name = client, function_name

    def start(self, tenant: str, scan_id: str) -> None:
        """Hand the search over; raises Unavailable when Lambda does not take it."""
        try:
            self._client.invoke(
                FunctionName=self._function_name,
                InvocationType="Event",
                Payload=orjson.dumps({"tenant": tenant, "scan_id": scan_id}),
            )
        except (BotoCoreError, ClientError) as error:
            raise Unavailable("the search for duplicates could not be started") from error
