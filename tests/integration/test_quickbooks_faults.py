"""What the sync does when QuickBooks or Intuit refuses."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import pytest

from roster import bootstrap
from roster.domain.sync.connection import (
    ConnectionStatus,
    NotConnected,
    QuickBooksFault,
    RunStatus,
)
from roster.usecases.quickbooks.runs import message_of, sync_slice
from roster.usecases.quickbooks.tokens import access_token
from tests.support.api import Api
from tests.support.sync import Office

BOOKS = Api("quickbooks_api")


@pytest.fixture
def acme(acme: Office) -> Office:
    acme.control.create("Amy")
    return acme


@pytest.mark.parametrize("fault", ["10000", "html_502", "html_503", "empty", "drop", "half_body"])
def test_a_short_fault_is_ridden_out_within_the_slice(acme: Office, fault: str) -> None:
    acme.control.fail(fault, times=2, path="/v3/")
    run = acme.pull()
    assert (run.status, run.calls) == (RunStatus.COMPLETED, 3)


def test_quickbooks_down_leaves_the_message_in_the_queue(acme: Office) -> None:
    acme.control.fail("html_503", times=50, path="/v3/")
    acme.dispatch()
    [left] = acme.work()
    assert left["itemIdentifier"]
    assert acme.customers() == {}
    acme.control.heal()
    assert acme.work() == []
    assert set(acme.customers()) == {"Amy"}


@pytest.mark.parametrize("fault", ["xml_429", "json_429", "xml_403"])
def test_a_throttle_pauses_the_company_and_the_schedule_goes_on(acme: Office, fault: str) -> None:
    acme.control.fail(fault, path="/v3/")
    acme.dispatch()
    assert acme.work() == []
    connection = acme.ports.connections.get(acme.tenant)
    assert connection is not None
    run = acme.run(connection.run or "")
    assert run.status is RunStatus.PAUSED
    told = BOOKS.get(f"/v1/quickbooks/runs/{run.id}").json
    assert "too many calls" in told["reason"]
    assert datetime.fromisoformat(told["waits_until"]) == run.not_before
    assert sync_slice(message_of(run), ports=acme.ports) is None
    assert acme.dispatch()["sent"] == 0
    acme.control.reset_counters()
    acme.clock.advance(seconds=61)
    assert acme.dispatch()["sent"] == 1
    assert acme.work() == []
    assert acme.run(run.id).status is RunStatus.COMPLETED
    assert BOOKS.get(f"/v1/quickbooks/runs/{run.id}").json["waits_until"] is None


def test_an_expired_token_is_refreshed_and_the_new_pair_kept(acme: Office) -> None:
    before = acme.ports.connections.get(acme.tenant)
    acme.control.expire_access()
    assert acme.pull().status is RunStatus.COMPLETED
    after = acme.ports.connections.get(acme.tenant)
    assert before is not None
    assert after is not None
    assert before.tokens is not None
    assert after.tokens is not None
    assert after.token_version == before.token_version + 1
    assert after.tokens.refresh != before.tokens.refresh
    acme.clock.advance(minutes=56)
    assert acme.pull().status is RunStatus.COMPLETED


@pytest.mark.parametrize("fault", ["403", "120", "6190"])
def test_a_company_that_shuts_us_out_needs_a_person(acme: Office, fault: str) -> None:
    acme.control.fail(fault, path="/v3/")
    run = acme.pull()
    assert run.status is RunStatus.FAILED
    assert run.reason
    connection = acme.ports.connections.get(acme.tenant)
    assert connection is not None
    assert connection.status is ConnectionStatus.NEEDS_RECONNECT
    assert connection.tokens is None
    assert acme.dispatch() == {"sent": 0, "failed": 0}
    acme.connect()
    assert acme.pull().status is RunStatus.COMPLETED


@pytest.mark.parametrize("fault", ["500", "610", "2500", "5010", "6000", "6240"])
def test_what_will_never_work_fails_the_run_and_says_why(acme: Office, fault: str) -> None:
    acme.control.fail(fault, path="/v3/")
    run = acme.pull()
    assert run.status is RunStatus.FAILED
    assert fault in (run.reason or "")
    assert "Dana" not in (run.reason or "")
    assert acme.pull().status is RunStatus.COMPLETED


def test_a_revoked_grant_needs_a_person(acme: Office) -> None:
    acme.control.revoke()
    run = acme.pull()
    assert run.status is RunStatus.FAILED
    connection = acme.ports.connections.get(acme.tenant)
    assert connection is not None
    assert connection.status is ConnectionStatus.NEEDS_RECONNECT


class Watched:
    """Intuit, with a count of the refreshes that are under way at once."""

    def __init__(self, real: Any) -> None:
        self._real, self._lock = real, Lock()
        self.now = self.most = self.all = 0

    def refresh(self, token: str) -> Any:
        with self._lock:
            self.now, self.all = self.now + 1, self.all + 1
            self.most = max(self.most, self.now)
        try:
            return self._real.refresh(token)
        finally:
            with self._lock:
                self.now -= 1


class Atomic:
    """DynamoDB's client, one call at a time: moto's conditional writes do not exclude each other.

    Between two calls, which is where the races would be, anything may happen.
    """

    def __init__(self, client: Any) -> None:
        self._client, self._lock = client, Lock()

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._client, name)
        if name == "exceptions":
            return real

        def call(**request: Any) -> Any:
            with self._lock:
                return real(**request)

        return call


def test_four_workers_refresh_once(acme: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.table(), "client", Atomic(bootstrap.dynamodb()))
    acme.clock.advance(minutes=58)
    acme.control.reset_counters()
    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(lambda _: access_token(acme.tenant, ports=_slow(acme)), range(4)))
    assert len(set(tokens)) == 1
    asked = [c for c in acme.control.calls("oauth") if "tokens/bearer" in c["path"]]
    assert len(asked) == 1
    kept = acme.ports.connections.get(acme.tenant)
    assert kept is not None
    assert kept.tokens is not None
    assert kept.tokens.access == tokens[0]


def test_a_thousand_refreshes_by_two_workers_lose_no_token(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setattr(bootstrap.table(), "client", Atomic(bootstrap.dynamodb()))
    watched: Any = Watched(acme.ports.oauth)
    ports = replace(acme.ports, oauth=watched, sleep=lambda _: time.sleep(0.001))
    with ThreadPoolExecutor(2) as pool:
        for _ in range(1000):
            acme.clock.advance(minutes=58)
            tokens = set(pool.map(lambda _: access_token(acme.tenant, ports=ports), range(2)))
            kept = acme.ports.connections.get(acme.tenant)
            assert kept is not None
            assert kept.tokens is not None
            assert tokens == {kept.tokens.access}
    assert (watched.all, watched.most) == (1000, 1)


def _slow(acme: Office) -> Any:
    import time

    return replace(acme.ports, sleep=time.sleep)


def test_a_refresh_whose_answer_is_lost_is_tried_once_more(acme: Office) -> None:
    acme.clock.advance(minutes=58)
    acme.control.fail("html_502", times=1, path="tokens/bearer")
    assert access_token(acme.tenant, ports=acme.ports)
    acme.clock.advance(minutes=58)
    acme.control.fail("html_502", times=2, path="tokens/bearer")
    with pytest.raises(QuickBooksFault):
        access_token(acme.tenant, ports=acme.ports)
    # The lease was given back: the next one need not wait for its end.
    assert access_token(acme.tenant, ports=acme.ports)


def test_a_refused_refresh_looks_again_before_it_gives_up(acme: Office) -> None:
    acme.clock.advance(minutes=58)
    seen = acme.ports.connections.get(acme.tenant)
    assert seen is not None
    assert seen.tokens is not None
    newer = replace(seen.tokens, access_expires=seen.tokens.access_expires + timedelta(hours=2))

    class Raced:
        """Another worker stores a newer pair while Intuit refuses ours."""

        def refresh(self, token: str) -> Any:
            version = seen.token_version if seen else 0
            acme.ports.connections.save_tokens(acme.tenant, newer, seen_version=version)
            acme.control.fail("invalid_grant", path="tokens/bearer")
            return acme.ports.oauth.refresh(token)

    raced: Any = Raced()
    token = access_token(acme.tenant, ports=replace(acme.ports, oauth=raced))
    assert token == newer.access
    acme.clock.advance(hours=4)
    acme.control.fail("invalid_grant", path="tokens/bearer")
    with pytest.raises(NotConnected):
        access_token(acme.tenant, ports=acme.ports)
