"""One call to Intuit, whether it came over HTTP or not: spoiled, answered, counted, told of."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import api, oauth_api
from infra.local.quickbooks.answers import Answer

if TYPE_CHECKING:
    from infra.local.quickbooks.failures import Failure
    from infra.local.quickbooks.request import Request
    from infra.local.quickbooks.world import World

_QBO_VERSION = "1944.190"
_NO_ANSWER = frozenset({"half_body", "timeout", "drop"})


@dataclass(slots=True)
class Exchange:
    """How a call ended: `answer` is None when the connection just ends; `cut` halves the body."""

    answer: Answer | None
    headers: dict[str, str]
    cut: bool = False


def struck(world: World, request: Request) -> Failure | None:
    """Return the rule that spoils this call, if one does. Hold the world's lock."""
    return world.failures.strike(request.method, request.target)


def finish(world: World, request: Request, rule: Failure | None) -> Exchange:
    """Answer a call that `rule` may spoil. Hold the world's lock."""
    started, now = time.monotonic(), world.clock.now()
    answer = None
    if rule is None or rule.carries_out:
        answer = _carry_out(world, request)
        world.tell()
    if rule is not None and rule.fault not in _NO_ANSWER:
        answer = rule.answer(now, as_json=request.wants_json)
    tid = f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
    call = _call(request, answer, rule, tid, now)
    world.record(call)
    if call["kind"] in {"oauth", "write", "batch"} or rule is not None:
        world.changed.set()
    if answer is None or (rule is not None and rule.fault == "drop"):
        return Exchange(None, {})
    headers = {"intuit_tid": tid}
    if answer.status == 200 and call["realm"]:
        milliseconds = int((time.monotonic() - started) * 1000)
        headers |= {"QBO-Version": _QBO_VERSION, "Service-Time": f"total={milliseconds}"}
    return Exchange(answer, headers, cut=rule is not None and rule.fault == "half_body")


def _carry_out(world: World, request: Request) -> Answer:
    if api.realm_of(request):
        return api.handle(world, request)
    answer = oauth_api.handle(world, request)
    if answer is not None:
        return answer
    page = b"<html><head><title>404 Not Found</title></head></html>"
    return Answer(404, page, "text/html")


def _call(
    request: Request, answer: Answer | None, rule: Failure | None, tid: str, now: float
) -> dict[str, Any]:
    realm = api.realm_of(request)
    kind = "other"
    if realm:
        kind = api.kind_of_call(request)
    elif answer is None or answer.status != 404:
        kind = "oauth"
    return {
        "kind": kind,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "realm": realm,
        "body": request.body.decode("utf-8", "replace") if realm else "",
        "requestid": request.parameters.get("requestid"),
        "status": answer.status if answer else None,
        "fault": rule.fault if rule else None,
        "intuit_tid": tid,
        "at": now,
    }
