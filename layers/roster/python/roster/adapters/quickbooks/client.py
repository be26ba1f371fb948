"""The accounting API of QuickBooks Online, as far as the pull needs it: query and change feed."""

import json
import logging
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import urllib3

from roster.adapters.quickbooks.faults import parse
from roster.domain.sync.connection import PAGE_SIZE, Answer, FaultAction, QuickBooksFault

_log = logging.getLogger(__name__)
# QuickBooks allows ten calls a second and 500 a minute for a company; one worker makes at most
# five a second. Its own time-out is 120 s, but a page takes a few.
_APART = 0.2
_TIMEOUT = urllib3.Timeout(connect=3, read=60)
_ATTEMPTS = 3
# Without Active IN (…) only active rows come, and without ORDERBY they come by name.
_QUERY = (
    "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id"
    " STARTPOSITION {position} MAXRESULTS {limit}"
)


class QuickBooksClient:
    """Implements `quickbooks.ports.QuickBooksApi` over HTTP; every refusal is a QuickBooksFault."""

    def __init__(
        self,
        base_url: str,
        *,
        http: urllib3.PoolManager | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._http = http or urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self._sleep = sleep
        self._last_call = 0.0

    def page(self, realm: str, token: str, position: int) -> Answer:
        """One page of all customers by id, active or not, from `position` (1 is the first)."""
        query = _QUERY.format(position=position, limit=PAGE_SIZE)
        found, calls = self._call(realm, token, "POST", "query", {}, query)
        response = found.get("QueryResponse") or {}
        return Answer(response.get("Customer") or [], _time_of(found), calls)

    def changes(self, realm: str, token: str, since: datetime) -> Answer:
        """The customers the change feed knows since then: at most 1000, at most 30 days back."""
        parameters = {
            "entities": "Customer",
            "changedSince": since.isoformat(timespec="seconds"),
        }
        found, calls = self._call(realm, token, "GET", "cdc", parameters, None)
        answers = [q for c in found.get("CDCResponse") or [] for q in c.get("QueryResponse") or []]
        customers = [row for q in answers for row in q.get("Customer") or []]
        return Answer(customers, _time_of(found), calls)

    def _call(
        self,
        realm: str,
        token: str,
        method: str,
        path: str,
        parameters: dict[str, str],
        body: str | None,
    ) -> tuple[dict[str, Any], int]:
        query = urlencode({**parameters, "minorversion": "75"})
        url = f"{self._base}/v3/company/{realm}/{path}?{query}"
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._once(method, url, token, body), attempt
            except QuickBooksFault as fault:
                if fault.action is not FaultAction.RETRY or attempt == _ATTEMPTS:
                    raise
                self._sleep(random.uniform(0.5, 1) * 2**attempt)  # noqa: S311 — jitter
        raise AssertionError("unreachable")

    def _once(self, method: str, url: str, token: str, body: str | None) -> dict[str, Any]:
        self._keep_apart()
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/text"
        try:
            answer = self._http.request(
                method,
                url,
                headers=headers,
                body=body.encode() if body is not None else None,
                timeout=_TIMEOUT,
                retries=False,
            )
        except urllib3.exceptions.HTTPError as error:
            kind = type(error).__name__
            raise QuickBooksFault(
                FaultAction.RETRY, f"QuickBooks could not be reached ({kind})"
            ) from error
        tid = answer.headers.get("intuit_tid", "")
        _log.info("quickbooks %s answered %s, intuit_tid %s", method, answer.status, tid)
        fault = parse(answer.status, answer.headers, answer.data)
        if fault is not None:
            raise fault
        return _json(answer.data, tid)

    def _keep_apart(self) -> None:
        wait = self._last_call + _APART - time.monotonic()
        if wait > 0:
            self._sleep(wait)
        self._last_call = time.monotonic()


def _json(data: bytes, tid: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise QuickBooksFault(FaultAction.RETRY, "QuickBooks' answer is not JSON", tid=tid)
    return found


def _time_of(answer: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(answer["time"])
    except (KeyError, TypeError, ValueError):
        # Without its clock there is no cursor: better to fail than to lose a change.
        raise QuickBooksFault(FaultAction.RETRY, "QuickBooks' answer has no time") from None
