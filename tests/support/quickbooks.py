"""QuickBooks for a test: the stand-in, in this process, on a free port.

@pytest.fixture
def quickbooks() -> Iterator[StandIn]:
    with StandIn() as quickbooks:
        yield quickbooks

def test_reads_a_customer(quickbooks: StandIn) -> None:
    quickbooks.control.create("Amy's Bird Sanctuary")
    client = Client(quickbooks.base_url, quickbooks.realm, quickbooks.connect())
    quickbooks.control.fail("xml_429", times=2, path="/query")
    ...
    assert quickbooks.control.counters()["query"] == 3
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

import requests
import urllib3

from infra.local.quickbooks.direct import AnswerLost
from infra.local.quickbooks.remote import Control, ControlFailed
from infra.local.quickbooks.server import Server
from infra.local.quickbooks.world import FIRST_REALM, World

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.quickbooks.direct import Direct

__all__ = ["ControlFailed", "DirectPool", "StandIn", "only_error"]

_TIMEOUT = 10.0


class StandIn:
    """A running stand-in with one empty company; use as a context manager.

    `base_url` takes the place of every Intuit host; `discovery_url` is what `intuit-oauth` takes
    as its `environment`; `realm` is the first company; `control` does what a person, Intuit or
    bad luck does. With `state`, a JSON file, a second StandIn goes on where the first one ended.
    """

    def __init__(self, state: Path | None = None) -> None:
        self._server = Server(World(state))
        self._sessions: list[requests.Session] = []
        self.base_url = self._server.base_url
        self.discovery_url = f"{self.base_url}/.well-known/openid_sandbox_configuration/"
        self.realm = FIRST_REALM
        self.control = Control(self.base_url)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        for session in self._sessions:
            session.close()
        self._server.stop()

    def direct(self) -> Direct:
        """The same books without HTTP: for many calls, and for figures without its cost."""
        from infra.local.quickbooks.direct import Direct

        return Direct(self._server.world, self.realm)

    def company_url(self, realm: str | None = None) -> str:
        """Return `…/v3/company/{realm}`, without a slash at the end."""
        return f"{self.base_url}/v3/company/{realm or self.realm}"

    def connect(self, client_id: str = "client", *, realm: str | None = None) -> dict[str, Any]:
        """Grant tokens without the consent page: `access_token`, `refresh_token`, `realmId`, …"""
        return self.control.connect(client_id, realm=realm)

    def consent(self, authorization_url: str) -> dict[str, str]:
        """Visit the consent page; return the query of the callback it redirects to."""
        answer = requests.get(authorization_url, allow_redirects=False, timeout=_TIMEOUT)
        assert answer.status_code == 302, answer.text
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def session(self, *, realm: str | None = None, accept: str = "application/json") -> Api:
        """Return a plain HTTP client of one company, with a token of its own."""
        token = str(self.connect(realm=realm)["access_token"])
        api = Api(self.company_url(realm), token, accept)
        self._sessions.append(api)
        return api


class Api(requests.Session):
    """`requests`, connected to one company: for asking QuickBooks itself what it now holds."""

    def __init__(self, company_url: str, token: str, accept: str) -> None:
        super().__init__()
        self.company_url = company_url
        self.headers.update({"Authorization": f"Bearer {token}", "Accept": accept})

    def ask(self, path: str, **parameters: str) -> requests.Response:
        """GET `path` below the company."""
        return self.get(f"{self.company_url}/{path}", params=parameters, timeout=_TIMEOUT)

    def query(self, text: str) -> dict[str, Any]:
        """Run a query; return its QueryResponse. AssertionError when it is refused."""
        answer = self.ask("query", query=text)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["QueryResponse"])

    def write(self, **customer: Any) -> requests.Response:
        """POST a customer: create without Id, update with Id and SyncToken."""
        return self.post(f"{self.company_url}/customer", json=customer, timeout=_TIMEOUT)

    def submit(self, entity: str, body: dict[str, Any], **parameters: str) -> requests.Response:
        """POST any entity, a batch or the tax service."""
        url = f"{self.company_url}/{entity}"
        return self.post(url, json=body, params=parameters, timeout=_TIMEOUT)

    def made(self, entity: str, **fields: Any) -> dict[str, Any]:
        """POST an entity and return it as saved; AssertionError when it is refused."""
        answer = self.submit(entity.lower(), fields)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()[entity])

    def got(self, entity: str, entity_id: str) -> dict[str, Any]:
        """Return any entity by Id; AssertionError when it is refused."""
        answer = self.ask(f"{entity.lower()}/{entity_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()[entity])

    def saved(self, **customer: Any) -> dict[str, Any]:
        """POST a customer and return it as saved; AssertionError when it is refused."""
        answer = self.write(**customer)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["Customer"])

    def read(self, entity_id: str) -> dict[str, Any]:
        """Return a customer by Id; AssertionError when it is refused."""
        answer = self.ask(f"customer/{entity_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["Customer"])


class DirectPool(urllib3.PoolManager):
    """Carries the product's calls to a `Direct` instead of over HTTP."""

    def __init__(self, direct: Direct) -> None:
        super().__init__()
        self._direct = direct

    def request(  # type: ignore[override] # what the product's clients pass
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        **_: Any,
    ) -> urllib3.HTTPResponse:
        """Answer as the stand-in does; ProtocolError when the answer is lost."""
        parts = urlsplit(url)
        try:
            answer, own = self._direct.request(
                method, parts.path, parts.query, body or b"", dict(headers or {})
            )
        except AnswerLost as lost:
            raise urllib3.exceptions.ProtocolError(f"connection ended: {lost}") from lost
        sent = {"Content-Type": answer.content_type} | own | answer.headers
        return urllib3.HTTPResponse(answer.body, headers=sent, status=answer.status)


def only_error(answer: requests.Response) -> dict[str, Any]:
    """Return the one error of a service fault; AssertionError when it is no such fault."""
    fault = answer.json()["Fault"]
    assert len(fault["Error"]) == 1
    return dict(fault["Error"][0])
