"""The stand-in without HTTP: for property tests that make thousands of calls a second."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from infra.local.quickbooks import control, exchange
from infra.local.quickbooks.remote import Control, ControlFailed
from infra.local.quickbooks.request import Request
from infra.local.quickbooks.world import FIRST_REALM, World

if TYPE_CHECKING:
    from infra.local.quickbooks.answers import Answer
    from infra.local.quickbooks.hooks.webhooks import Notice


class AnswerLost(Exception):
    """The connection ended before the whole answer was there; the call may have taken effect."""


class DirectControl(Control):
    """The control door without HTTP."""

    def __init__(self, world: World, realm: str = FIRST_REALM) -> None:
        super().__init__("", realm)
        self._world = world

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Do what the door does; ControlFailed when it refuses."""
        data = json.dumps(body or {}).encode() if method != "GET" else b""
        request = Request(method, control.PREFIX + path, "", {}, data)
        answer = control.handle(self._world, request)
        found = json.loads(answer.body)
        if answer.status != 200:
            raise ControlFailed(answer.status, found)
        return dict(found)


class Direct:
    """One company of a world, with a token that does not expire unless it is made to.

    Time stands still but for `control.clock`: every run of a test sees the same stamps.
    """

    def __init__(self, world: World | None = None, realm: str = FIRST_REALM) -> None:
        if world is None:
            world = World()
            world.clock.freeze()
            world.reset()
        self.world = world
        self.realm = realm
        self.control = DirectControl(self.world, realm)
        self._headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self.connect()

    def connect(self) -> None:
        """Take a new access token: the old one ends after an hour of the stand-in's clock."""
        token = self.control.connect(realm=self.realm)["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"

    def request(
        self,
        method: str,
        path: str,
        query: str = "",
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[Answer, dict[str, str]]:
        """Make any call as HTTP would; return the answer and its headers. AnswerLost if none."""
        request = Request(method, path, query, headers or self._headers, body)
        rule = exchange.struck(self.world, request)
        ended = exchange.finish(self.world, request, rule)
        late = rule is not None and rule.fault == "timeout"
        if ended.answer is None or ended.cut or late:
            raise AnswerLost(rule.fault if rule else "")
        return ended.answer, ended.headers

    def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """GET below the company; return the JSON body, also of a refusal. AnswerLost if none."""
        return self._json("GET", path, parameters, b"")

    def post(self, path: str, body: dict[str, Any], **parameters: str) -> dict[str, Any]:
        """POST JSON below the company; return the JSON body, also of a refusal."""
        return self._json("POST", path, parameters, json.dumps(body).encode())

    def query(self, text: str) -> dict[str, Any]:
        """Run a query; return its QueryResponse. KeyError when it is refused."""
        return dict(self.get("query", query=text)["QueryResponse"])

    def notices(self) -> list[tuple[Notice, dict[str, str]]]:
        """Return the webhook notices that are due, with their headers, and count them delivered.

        To have one tried again, call `world.hooks.settle(notice, 503, now)` with it.
        """
        hooks, now = self.world.hooks, self.world.clock.now()
        hooks.flush(now)
        found = []
        while (notice := hooks.take(now)) is not None:
            found.append((notice, notice.headers(hooks.endpoint.verifier)))
        return found

    def _json(
        self, method: str, path: str, parameters: dict[str, str], body: bytes
    ) -> dict[str, Any]:
        query = urlencode(parameters) if parameters else ""
        answer, _ = self.request(method, f"/v3/company/{self.realm}/{path}", query, body)
        return dict(json.loads(answer.body))
