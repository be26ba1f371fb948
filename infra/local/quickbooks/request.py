"""One HTTP request, as the handlers see it."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from email.message import Message


@dataclass(frozen=True)
class Request:
    """`query` is the raw query string; `headers` are looked up without regard to case."""

    method: str
    path: str
    query: str
    headers: Message[str, str] | dict[str, str]
    body: bytes

    @cached_property
    def parameters(self) -> dict[str, str]:
        """The query string, decoded; the last of several equal names counts."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The body as a form."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def target(self) -> str:
        """Path and query as they stood in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def wants_json(self) -> bool:
        """QuickBooks answers XML unless the client accepts JSON by name."""
        return "application/json" in self.header("Accept").lower()

    def header(self, name: str) -> str:
        """Return a header's value; empty when it was not sent."""
        return self.headers.get(name, "")

    def basic(self) -> tuple[str, str]:
        """Return client id and secret from Basic authentication; two empty strings if none."""
        scheme, _, encoded = self.header("Authorization").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return client_id, secret

    def json(self) -> Any:
        """Return the body as JSON; ValueError when it is none."""
        return json.loads(self.body.decode("utf-8"))
