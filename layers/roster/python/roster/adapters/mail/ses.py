"""Messages by Amazon SES."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from roster.domain.errors import Unavailable
from roster.domain.message import Message
from roster.usecases.messages import Refused

# What another attempt would not mend.
_FOR_GOOD = {
    "MessageRejected",
    "BadRequestException",
    "NotFoundException",
    "MailFromDomainNotVerifiedException",
    "AccountSuspendedException",
    "SendingPausedException",
    "AccessDeniedException",
}


class SesMailer:
    """Implements `messages.Mailer` with the API of SES, version 2."""

    def __init__(self, client: Any, sender: str) -> None:
        self._client, self._sender = client, sender

    def send(self, message: Message) -> None:
        """See `messages.Mailer.send`. SES gives its own Message-ID; ours is a header beside it."""
        if not self._sender:
            raise Refused("the deployment names no MailFrom")
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [message.to], "CcAddresses": list(message.cc)},
                Content={
                    "Simple": {
                        "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": message.body, "Charset": "UTF-8"}},
                        "Headers": [{"Name": "X-Roster-Message", "Value": message.id}],
                    }
                },
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _FOR_GOOD:
                told = error.response["Error"].get("Message", "")
                raise Refused(f"{code}: {told}"[:300]) from error
            raise Unavailable("SES did not take the message") from error
        except BotoCoreError as error:
            raise Unavailable("SES does not answer") from error
