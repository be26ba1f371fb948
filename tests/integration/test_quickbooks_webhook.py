"""QuickBooks tells of changes: who may, in which shapes, and what comes of it."""

import base64
import hashlib
import hmac
import importlib
import json
from datetime import timedelta
from typing import Any

import pytest

from roster.bootstrap import quickbooks
from tests.support.api import Answer, http_event
from tests.support.context import LambdaContext
from tests.support.sync import Office

VERIFIER = "webhooks"
PATH = "/v1/quickbooks/webhook"


@pytest.fixture
def acme(timed_and_connected: Office) -> Office:
    return timed_and_connected


def sign(body: bytes, verifier: str = VERIFIER) -> str:
    return base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest()).decode()


def deliver(
    body: bytes, signature: str | None = None, *, content_type: str = "application/json",
    as_base64: bool = False,
) -> Answer:  # fmt: skip
    handler: Any = importlib.import_module("functions.quickbooks_api.app").lambda_handler
    event = http_event("POST", PATH)
    event["headers"] = {
        "content-type": content_type,
        "intuit-signature": sign(body) if signature is None else signature,
    }
    event["body"] = base64.b64encode(body).decode() if as_base64 else body.decode()
    event["isBase64Encoded"] = as_base64
    answer = handler(event, LambdaContext())
    return Answer(answer["statusCode"], answer["headers"], answer["body"])


def legacy(acme: Office, *entities: dict[str, Any]) -> bytes:
    change = {"dataChangeEvent": {"entities": list(entities)}, "realmId": acme.intuit.realm}
    return json.dumps({"eventNotifications": [change]}).encode()


def entity(acme: Office, **more: Any) -> dict[str, Any]:
    at = acme.clock().isoformat(timespec="seconds")
    return {"name": "Customer", "id": "1", "operation": "Update", "lastUpdated": at} | more


def cloud_event(acme: Office, kind: str = "qbo.customer.updated.v1", **more: Any) -> dict[str, Any]:
    at = acme.clock().isoformat(timespec="microseconds").replace("+00:00", "517Z")
    return {
        "specversion": "1.0", "id": "88cd52aa", "source": "intuit.x", "type": kind, "time": at,
        "intuitentityid": "-Customer-12", "intuitaccountid": acme.intuit.realm,
    } | more  # fmt: skip


def quiet(acme: Office) -> None:
    """Have a run behind us, so that the next one is a quarter of an hour away."""
    acme.pull()
    assert not due(acme, minutes=2)


def due(acme: Office, **after: float) -> bool:
    now = acme.clock() + timedelta(**after)
    return acme.tenant in acme.ports.connections.due(now)


@pytest.mark.parametrize("shape", ["legacy", "events", "base64", "batch"])
def test_a_notice_brings_the_next_run_forward(acme: Office, shape: str) -> None:
    quiet(acme)
    events = json.dumps([cloud_event(acme)]).encode()
    answer = {
        "legacy": lambda: deliver(legacy(acme, entity(acme))),
        "events": lambda: deliver(events),
        "base64": lambda: deliver(events, as_base64=True),
        "batch": lambda: deliver(events, content_type="application/cloudevents-batch+json"),
    }[shape]()
    assert (answer.status, answer.json) == (200, {"heard": 1})
    assert not due(acme, seconds=30)
    assert due(acme, seconds=61)
    # The run that reads it is the end of the matter.
    acme.clock.advance(seconds=61)
    acme.pull()
    assert not due(acme, minutes=10)


def test_ten_thousand_at_once_and_all_of_them_again_bring_one_run(acme: Office) -> None:
    quiet(acme)
    many = [entity(acme, id=str(n)) for n in range(1000)]
    for _ in range(10):
        assert deliver(legacy(acme, *many)).json == {"heard": 1000}
        acme.clock.advance(seconds=5)
    assert due(acme, seconds=61)
    acme.clock.advance(seconds=61)
    acme.pull()
    assert not due(acme, minutes=10)


def test_what_is_heard_while_a_run_is_under_way_is_read_by_the_next(acme: Office) -> None:
    from roster.usecases.quickbooks.runs import message_of

    quiet(acme)
    run = acme.start()
    deliver(legacy(acme, entity(acme)))
    acme.finish(message_of(run))
    assert due(acme, seconds=61)


@pytest.mark.parametrize(
    "forged", ["", "AAAA", "kein Base64 – ä", sign(b"another"), sign(b"x", "other")]
)
def test_who_does_not_sign_is_not_heard(acme: Office, forged: str) -> None:
    quiet(acme)
    answer = deliver(legacy(acme, entity(acme)), forged)
    assert (answer.status, answer.json["code"]) == (401, "bad_signature")
    assert not due(acme, minutes=5)


def test_a_byte_more_or_less_is_another_body(acme: Office) -> None:
    body = legacy(acme, entity(acme))
    assert deliver(body + b" ", sign(body)).status == 401
    assert deliver(body).status == 200


def test_without_a_verifier_nobody_is_genuine(
    acme: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quickbooks, "webhook_verifier", lambda: "")
    body = legacy(acme, entity(acme))
    assert deliver(body, sign(body, "")).status == 401


def test_old_news_other_companies_and_other_lists_bring_nothing(acme: Office) -> None:
    quiet(acme)
    old = (acme.clock() - timedelta(days=3)).isoformat(timespec="seconds")
    assert deliver(legacy(acme, entity(acme, lastUpdated=old))).json == {"heard": 0}
    assert deliver(legacy(acme, entity(acme, name="Bill"))).json == {"heard": 0}
    elsewhere = json.dumps([cloud_event(acme, intuitaccountid="1")]).encode()
    assert deliver(elsewhere).status == 200
    assert not due(acme, minutes=5)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b'"x"', b"[1, null, {}]",
     b'{"eventNotifications": [7, {"realmId": 1}]}',
     b'[{"type": "qbo.customer.updated.v1"}]', b'{"eventNotifications": {"a": 1}}'],
)  # fmt: skip
def test_a_genuine_body_that_says_nothing_is_taken(acme: Office, body: bytes) -> None:
    answer = deliver(body)
    assert (answer.status, answer.json) == (200, {"heard": 0})


def test_a_merge_is_remembered_in_both_shapes(acme: Office) -> None:
    merge = entity(acme, id="7", operation="Merge", deletedId="9")
    assert deliver(legacy(acme, merge)).status == 200
    event = cloud_event(
        acme, "qbo.customer.merged.v1", intuitentityid="7", data={"deletedid": "-Customer-11"}
    )
    assert deliver(json.dumps([event]).encode()).status == 200
    found = quickbooks.hints().merges(acme.tenant, acme.intuit.realm)
    assert found == {"9": "7", "11": "7"}
