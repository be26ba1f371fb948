"""The accounting API of QuickBooks Online: queries, the change feed, reads, writes in batches."""

import json
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import urllib3

from roster.adapters.quickbooks import wire
from roster.adapters.quickbooks.faults import fault_in, parse
from roster.domain.sync.connection import (
    PAGE_SIZE,
    Answer,
    FaultAction,
    QuickBooksFault,
    Write,
    Written,
)

_log = logging.getLogger(__name__)
# QuickBooks allows ten calls a second and 500 a minute for a company, and 40 batches a minute; one
# worker makes at most five calls a second (300 a minute) and a batch each 1.6 seconds. Its own
# time-out is 120 s, but a page takes a few.
_APART, _BATCHES_APART = 0.2, 1.6
_TIMEOUT = urllib3.Timeout(connect=3, read=60)
_ATTEMPTS = 3
BATCH_SIZE = 30
# Without Active IN (…) only active rows come, and without ORDERBY they come by name.
_PAGE = (
    "SELECT * FROM {entity}{where} ORDERBY Id STARTPOSITION {position} MAXRESULTS {limit}"
)  # fmt: skip
_COUNT = "SELECT count(*) FROM {entity}{where}"
_ALL = " WHERE Active IN (true, false)"
# These have no Active to ask for.
_WITHOUT_ACTIVE = frozenset({"Invoice", "Payment", "Preferences", "TaxAgency"})
_OPERATIONS_IN_PATH = frozenset({"delete", "void"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    path: str
    parameters: Mapping[str, str]
    body: bytes | None = None
    content_type: str = "application/json"
    is_batch: bool = False


class QuickBooksClient:
    """Implements `quickbooks.ports.QuickBooksApi` over HTTP; every refusal is a QuickBooksFault."""

    def __init__(
        self,
        base_url: str,
        *,
        http: urllib3.PoolManager | None = None,
        sleep: Callable[[float], None] = time.sleep,
        tell_time: Callable[[], float] = time.monotonic,
        timeout: urllib3.Timeout = _TIMEOUT,
        attempts: int = _ATTEMPTS,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._http = http or urllib3.PoolManager(timeout=_TIMEOUT, retries=False)
        self._sleep, self._tell_time = sleep, tell_time
        self._timeout, self._attempts = timeout, attempts
        self._last_call = self._last_batch = float("-inf")

    def hurried(self, seconds: float) -> "QuickBooksClient":
        """The same for whom somebody waits: each call is made once and lasts no longer."""
        return QuickBooksClient(
            self._base,
            http=self._http,
            sleep=self._sleep,
            tell_time=self._tell_time,
            timeout=urllib3.Timeout(connect=min(3, seconds), total=seconds),
            attempts=1,
        )

    def page(self, realm: str, token: str, position: int) -> Answer:
        """One page of all customers by id, active or not, from `position` (1 is the first)."""
        rows, at, calls = self.rows(realm, token, "Customer", position)
        return Answer(rows, at, calls)

    def rows(
        self, realm: str, token: str, entity: str, position: int = 1
    ) -> tuple[list[dict[str, Any]], datetime, int]:
        """One page of all of an entity by id, QuickBooks' time, and the calls it took."""
        where = "" if entity in _WITHOUT_ACTIVE else _ALL
        query = _PAGE.format(entity=entity, where=where, position=position, limit=PAGE_SIZE)
        return self._queried(realm, token, entity, query)

    def by_ids(
        self, realm: str, token: str, entity: str, ids: Sequence[str]
    ) -> tuple[list[dict[str, Any]], datetime, int]:
        """Those of at most a page of ids that are there, in one call."""
        if not all(one.isdigit() for one in ids):
            raise ValueError("ids of QuickBooks are digits")
        listed = ", ".join(f"'{one}'" for one in ids)
        and_all = "" if entity in _WITHOUT_ACTIVE else " AND Active IN (true, false)"
        where = f" WHERE Id IN ({listed}){and_all}"
        query = _PAGE.format(entity=entity, where=where, position=1, limit=PAGE_SIZE)
        return self._queried(realm, token, entity, query)

    def matching(
        self, realm: str, token: str, entity: str, field: str, value: str
    ) -> tuple[list[dict[str, Any]], datetime, int]:
        """A page of those of which a field has just this value, inactive ones too."""
        told = value.replace("\\", "\\\\").replace("'", "\\'")
        and_all = "" if entity in _WITHOUT_ACTIVE else " AND Active IN (true, false)"
        where = f" WHERE {field} = '{told}'{and_all}"
        query = _PAGE.format(entity=entity, where=where, position=1, limit=PAGE_SIZE)
        return self._queried(realm, token, entity, query)

    def count(self, realm: str, token: str, entity: str, **is_: bool) -> tuple[int, int]:
        """How many of an entity have these flags (`Active=True`), and the calls it took."""
        flags = " AND ".join(f"{name} = {str(on).lower()}" for name, on in is_.items())
        where = f" WHERE {flags}" if flags else ""
        query = _COUNT.format(entity=entity, where=where)
        found, calls = self._asked(realm, token, query)
        return wire.total_of(found), calls

    def jobs(self, realm: str, token: str) -> tuple[list[dict[str, Any]], int]:
        """A page of the active customers that stand below another, and the calls it took."""
        query = _PAGE.format(
            entity="Customer", where=" WHERE Job = true", position=1, limit=PAGE_SIZE
        )
        rows, _, calls = self._queried(realm, token, "Customer", query)
        return rows, calls

    def _queried(
        self, realm: str, token: str, entity: str, query: str
    ) -> tuple[list[dict[str, Any]], datetime, int]:
        found, calls = self._asked(realm, token, query)
        return wire.queried(found, entity), wire.time_of(found), calls

    def _asked(self, realm: str, token: str, query: str) -> tuple[dict[str, Any], int]:
        # By POST: an address may not be too long, and an ampersand in a name does no harm.
        request = _Request(
            method="POST", path="query", parameters={}, body=query.encode(),
            content_type="application/text",
        )  # fmt: skip
        return self._call(realm, token, request)

    def changes(
        self, realm: str, token: str, since: datetime, entities: Sequence[str] = ("Customer",)
    ) -> Answer:
        """What the change feed knows since then: at most 1000 rows, at most 30 days back."""
        parameters = {
            "entities": ",".join(entities),
            "changedSince": since.isoformat(timespec="seconds"),
        }
        request = _Request(method="GET", path="cdc", parameters=parameters)
        found, calls = self._call(realm, token, request)
        rows: dict[str, list[dict[str, Any]]] = {}
        for entity, row in wire.changed(found):
            rows.setdefault(entity, []).append(row)
        customers = rows.pop("Customer", [])
        there = [row for row in customers if row.get("status") != "Deleted"]
        gone = tuple(str(row["Id"]) for row in customers if row.get("status") == "Deleted")
        return Answer(there, wire.time_of(found), calls, rows, gone)

    def read(self, realm: str, token: str, entity: str, entity_id: str) -> dict[str, Any] | None:
        """One entity as it is now; None where there is none."""
        request = _Request(method="GET", path=f"{entity.lower()}/{entity_id}", parameters={})
        try:
            found, _ = self._call(realm, token, request)
        except QuickBooksFault as fault:
            if fault.action is FaultAction.MISSING:
                return None
            raise
        return wire.entity_of(found, entity)

    def write(
        self,
        realm: str,
        token: str,
        entity: str,
        body: Mapping[str, Any],
        *,
        request_id: str,
        operation: str = "",
    ) -> dict[str, Any]:
        """Write one entity; `request_id` (at most 50 characters) makes a repetition harmless."""
        parameters = {"requestid": request_id}
        if operation in _OPERATIONS_IN_PATH:
            parameters["operation"] = operation
        request = _Request(
            method="POST", path=entity.lower(), parameters=parameters,
            body=json.dumps(body).encode(),
        )  # fmt: skip
        found, _ = self._call(realm, token, request)
        return wire.entity_of(found, entity)

    def batch(
        self, realm: str, token: str, writes: Sequence[Write], *, request_id: str
    ) -> tuple[list[Written], int]:
        """Up to 30 writes in one call, each of which succeeds or fails by itself; and the calls.

        `request_id` has at most 36 characters. A write that the answer says nothing of is to be
        tried again.
        """
        if len(writes) > BATCH_SIZE:
            raise ValueError(f"at most {BATCH_SIZE} writes")
        items = [_item(one) for one in writes]
        request = _Request(
            method="POST", path="batch", parameters={"requestid": request_id}, is_batch=True,
            body=json.dumps({"BatchItemRequest": items}).encode(),
        )  # fmt: skip
        found, calls = self._call(realm, token, request)
        answers = wire.batched(found)
        return [_written(one, answers.get(one.id)) for one in writes], calls

    def _call(self, realm: str, token: str, request: _Request) -> tuple[dict[str, Any], int]:
        query = urlencode({**request.parameters, "minorversion": "75"})
        url = f"{self._base}/v3/company/{realm}/{request.path}?{query}"
        for attempt in range(1, self._attempts + 1):
            try:
                return self._once(url, token, request), attempt
            except QuickBooksFault as fault:
                if fault.action is not FaultAction.RETRY or attempt == self._attempts:
                    raise
                self._sleep(random.uniform(0.5, 1) * 2**attempt)  # noqa: S311 — jitter
        raise AssertionError("unreachable")

    def _once(self, url: str, token: str, request: _Request) -> dict[str, Any]:
        self._keep_apart(is_batch=request.is_batch)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if request.body is not None:
            headers["Content-Type"] = request.content_type
        try:
            answer = self._http.request(
                request.method, url, headers=headers, body=request.body, timeout=self._timeout,
                retries=False,
            )  # fmt: skip
        except urllib3.exceptions.HTTPError as error:
            kind = type(error).__name__
            raise QuickBooksFault(
                FaultAction.RETRY, f"QuickBooks could not be reached ({kind})"
            ) from error
        tid = answer.headers.get("intuit_tid", "")
        _log.info("quickbooks %s answered %s, intuit_tid %s", request.path, answer.status, tid)
        fault = parse(answer.status, answer.headers, answer.data)
        if fault is not None:
            raise fault
        return wire.decode(answer.data, tid)

    def _keep_apart(self, *, is_batch: bool) -> None:
        free = self._last_call + _APART
        if is_batch:
            free = max(free, self._last_batch + _BATCHES_APART)
        wait = free - self._tell_time()
        if wait > 0:
            self._sleep(wait)
        self._last_call = self._tell_time()
        if is_batch:
            self._last_batch = self._last_call


def _item(write: Write) -> dict[str, Any]:
    item: dict[str, Any] = {"bId": write.id, "operation": write.operation}
    if write.operation == "void":
        item |= {"operation": "update", "optionsData": "void"}
    return {**item, write.entity: write.body}


def _written(write: Write, answer: Mapping[str, Any] | None) -> Written:
    if answer is None:
        lost = QuickBooksFault(FaultAction.RETRY, "QuickBooks' answer says nothing of this write")
        return Written(id=write.id, fault=lost)
    fault = fault_in(answer)
    if fault is not None:
        return Written(id=write.id, fault=fault)
    return Written(id=write.id, row=wire.entity_of(dict(answer), write.entity))
