"""Messages as .eml files in a folder of this machine, for where no mail is to leave it."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path

from roster.domain.errors import Unavailable
from roster.domain.message import Message
from roster.usecases.messages import Refused

_DOMAIN = "roster.invalid"


class MailboxFolder:
    """Implements `messages.Mailer`: one folder a company, one file a message."""

    def __init__(self, folder: str, sender: str) -> None:
        self._folder, self._sender = folder, sender

    def send(self, message: Message) -> None:
        """Write the file; the same message again takes its place."""
        if not self._folder:
            raise Refused("the deployment names no MailboxFolder")
        file = Path(self._folder) / message.tenant / f"{message.id}.eml"
        half = file.with_suffix(".part")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            half.write_bytes(_letter(message, self._sender).as_bytes())
            half.replace(file)
        except OSError as error:
            raise Unavailable("the mailbox folder cannot be written") from error


def _letter(message: Message, sender: str) -> EmailMessage:
    name, address = parseaddr(sender)
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(name, addr_spec=address or f"roster@{_DOMAIN}")
    letter["To"] = message.to
    if message.cc:
        letter["Cc"] = ", ".join(message.cc)
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(message.created_at)
    letter["Message-ID"] = f"<{message.id}.{message.tenant}@{_DOMAIN}>"
    letter["X-Roster-Message"] = message.id
    letter.set_content(message.body)
    return letter
