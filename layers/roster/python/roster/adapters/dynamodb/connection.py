"""A kept HTTP/1.1 connection to DynamoDB, for requests by the thousand.

It knows what DynamoDB's answers are: a status, headers of which the length of the body counts, and
the body. Each thread has its own.
"""

import http.client
import ssl
import threading
from collections.abc import Mapping
from typing import BinaryIO
from urllib.parse import urlsplit

from botocore.httpsession import get_cert_path


class Unanswered(Exception):
    """The connection broke, or no whole answer came."""


class Connection(threading.local):
    """Connects when it is first used, and again after anything went wrong."""

    def __init__(self, url: str, *, connect_timeout: float, read_timeout: float) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self._secure, self._name, self._port = (
            parts.scheme == "https",
            parts.hostname or "",
            parts.port,
        )
        self._timeouts = connect_timeout, read_timeout
        self._kept: tuple[http.client.HTTPConnection, BinaryIO] | None = None

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer; raises Unanswered.

        A kept connection may have been closed by the other side since: then once more on a new one.
        """
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        head = f"POST / HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n"
        request = f"{head}{''.join(lines)}\r\n".encode("ascii") + body
        was_kept = self._kept is not None
        try:
            return self._exchange(request)
        except (OSError, http.client.HTTPException) as broken:
            self.close()
            if not was_kept or isinstance(broken, TimeoutError):
                raise Unanswered(str(broken)) from broken
        try:
            return self._exchange(request)
        except (OSError, http.client.HTTPException) as broken:
            self.close()
            raise Unanswered(str(broken)) from broken

    def close(self) -> None:
        """Forget the connection; the next request makes another."""
        if self._kept is not None:
            connection, answers = self._kept
            self._kept = None
            answers.close()
            connection.close()

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._kept is None:
            self._kept = self._connected()
        connection, answers = self._kept
        connection.sock.sendall(request)
        return self._read(answers)

    def _connected(self) -> tuple[http.client.HTTPConnection, BinaryIO]:
        connect_timeout, read_timeout = self._timeouts
        if self._secure:
            context = ssl.create_default_context(cafile=get_cert_path(True))  # noqa: FBT003 — no keyword
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._name, self._port, timeout=connect_timeout, context=context
            )
        else:
            made = http.client.HTTPConnection(self._name, self._port, timeout=connect_timeout)
        made.connect()
        made.sock.settimeout(read_timeout)
        return made, made.sock.makefile("rb")

    def _read(self, answers: BinaryIO) -> tuple[int, bytes]:
        first = answers.readline()
        if not first.startswith(b"HTTP/1."):
            raise http.client.RemoteDisconnected("no answer")
        status, length, closes = int(first[9:12]), None, False
        while (line := answers.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            match name.lower():
                case b"content-length":
                    length = int(value)
                case b"connection":
                    closes = value.strip().lower() == b"close"
        if length is None:
            raise http.client.HTTPException("an answer without its length")
        content = answers.read(length)
        if len(content) < length:
            raise http.client.IncompleteRead(content, length - len(content))
        if closes:
            self.close()
        return status, content
