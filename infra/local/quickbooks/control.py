"""The control door: what tests and the demo do to the stand-in behind the client's back."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, cast

from infra.local.quickbooks import answers
from infra.local.quickbooks.clock import stamp_ms
from infra.local.quickbooks.failures import Failure
from infra.local.quickbooks.faults import ServiceFault
from infra.local.quickbooks.hooks.webhooks import Endpoint, Webhooks
from infra.local.quickbooks.lists import chart
from infra.local.quickbooks.person import ROUTES, Body, ControlError, company_of
from infra.local.quickbooks.seed import seed
from infra.local.quickbooks.settings import ENDED, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.quickbooks.answers import Answer
    from infra.local.quickbooks.request import Request
    from infra.local.quickbooks.world import World

PREFIX = "/_control"


# Settings that take one of a few words.
_CHOICES = {
    "duplicate_detail": ("id", "null", "sentence"),
    "inactivation_event": ("Update", "Delete"),
    "subscription_status": ("TRIAL", "TRIALOPTIN", "PAID", "SUBSCRIBED", "UNKNOWN", *sorted(ENDED)),
}


def handle(world: World, request: Request) -> Answer:
    """Answer a call to the door. A fault of the book comes back as QuickBooks words it."""
    try:
        done = _act(world, request)
    except ControlError as error:
        return answers.plain_json({"error": str(error)}, error.status)
    except ServiceFault as fault:
        return answers.service_fault(fault, world.clock.now(), as_json=True)
    except (KeyError, TypeError, ValueError) as error:
        return answers.plain_json({"error": f"{type(error).__name__}: {error}"}, 400)
    world.tell()
    return answers.plain_json(done)


def _act(world: World, request: Request) -> Body:
    body = request.json() if request.body else {}
    if not isinstance(body, dict):
        raise ControlError("the body must be a JSON object")
    path = request.path.removeprefix(PREFIX)
    for method, pattern, action in _ROUTES:
        match = re.fullmatch(pattern, path)
        if match and method == request.method:
            return action(world, body, *match.groups())
    raise ControlError(f"no such control: {request.method} {path}", 404)


def _health(world: World, _: Body) -> Body:
    now = world.clock.now()
    return {"status": "ok", "realms": list(world.companies), "now": stamp_ms(now)}


def _reset(world: World, _: Body) -> Body:
    world.reset()
    return _health(world, {})


def _open(world: World, body: Body, realm: str | None = None) -> Body:
    company = world.open_company(realm or body.pop("realm", None))
    return _configure(world, body, company.realm)


def _configure(world: World, body: Body, realm: str) -> Body:
    company = company_of(world, realm)
    settings = company.settings
    known = {one.name for one in fields(Settings)}
    for name, value in body.items():
        if name not in known:
            raise ControlError(f"unknown setting {name!r}; known: {', '.join(sorted(known))}")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ControlError(f"{name} is one of: {', '.join(_CHOICES[name])}")
        setattr(settings, name, value)
    if "country" in body:
        chart.fill_taxes(company)
    if body:
        company.note("Preferences", "1", "Update", world.clock.now())
    return {"realm": realm, "settings": asdict(settings)}


def _seed(world: World, body: Body, realm: str) -> Body:
    now = world.clock.now()
    people, jobs = int(body.get("customers", 0)), int(body.get("jobs", 0))
    number = int(body.get("seed", 1))
    company = company_of(world, realm)
    mark = len(company.journal)
    made = dict(seed(company, people=people, jobs=jobs, number=number, now=now))
    # Webhooks do not tell of what was there before.
    del company.journal[mark:]
    return made


def _connect(world: World, body: Body, realm: str) -> Body:
    company, now = company_of(world, realm), world.clock.now()
    grant = world.oauth.grant(company.realm, str(body.get("client_id", "client")), now)
    return world.oauth.answer(grant, now, hard=True) | {"realmId": company.realm}


def _expire(world: World, _: Body, realm: str) -> Body:
    return {"expired": world.oauth.expire_access(company_of(world, realm).realm)}


def _revoke(world: World, _: Body, realm: str) -> Body:
    return {"revoked": world.oauth.revoke_realm(company_of(world, realm).realm)}


def _oauth(world: World, body: Body) -> Body:
    rotation = body.get("rotation", world.oauth.rotation)
    if rotation not in {"always", "daily"}:
        raise ControlError("rotation is always or daily")
    world.oauth.rotation = rotation
    world.oauth.clients.update({str(k): str(v) for k, v in body.get("clients", {}).items()})
    return {"rotation": rotation, "clients": sorted(world.oauth.clients)}


def _consent(world: World, body: Body) -> Body:
    if "realm" in body:
        world.consent.realm = company_of(world, str(body["realm"])).realm
    world.consent.error = body.get("error") or ("access_denied" if body.get("deny") else None)
    return asdict(world.consent)


def _fail(world: World, body: Body) -> Body:
    rule = Failure(**body)
    if rule.times < 1:
        raise ControlError("times is at least 1")
    world.failures.rules.append(rule)
    return _failures(world, {})


def _failures(world: World, _: Body) -> Body:
    return {"failures": [asdict(rule) for rule in world.failures.rules]}


def _no_failures(world: World, _: Body) -> Body:
    world.failures.rules.clear()
    return _failures(world, {})


def _heal(world: World, _: Body, realm: str) -> Body:
    rules = world.failures.rules
    rules[:] = [rule for rule in rules if company_of(world, realm).realm not in rule.path]
    return _failures(world, {})


def _clock(world: World, body: Body) -> Body:
    offset = float(body.get("offset", world.clock.offset)) + float(body.get("advance", 0))
    world.clock.offset = offset
    return {"offset": offset, "now": stamp_ms(world.clock.now())}


def _webhooks(world: World, _: Body) -> Body:
    hooks = world.hooks
    return {
        "endpoint": asdict(hooks.endpoint),
        "pending": len(hooks.pending),
        "queued": [asdict(one) for one in hooks.queue],
        "given_up": hooks.given_up,
        "log": list(hooks.log),
    }


def _tell(world: World, body: Body) -> Body:
    world.hooks.configure(Endpoint(**(asdict(world.hooks.endpoint) | body)))
    return _webhooks(world, {})


def _tell_nobody(world: World, _: Body) -> Body:
    world.hooks = Webhooks()
    return _webhooks(world, {})


def _counters(world: World, _: Body) -> Body:
    return dict(world.counters)


def _counters_of(world: World, _: Body, realm: str) -> Body:
    return dict(world.counters_of(company_of(world, realm).realm))


def _no_counters(world: World, _: Body) -> Body:
    world.reset_counters()
    return _counters(world, {})


def _calls(world: World, _: Body) -> Body:
    return {"calls": list(world.calls)}


_REALM = r"/realms/(\d+)"
_ROUTES = cast(
    "list[tuple[str, str, Callable[..., Body]]]",
    [
        ("GET", "/health", _health),
        ("POST", "/reset", _reset),
        ("POST", "/realms", _open),
        ("PUT", _REALM, _open),
        ("PATCH", _REALM, _configure),
        ("POST", _REALM + "/seed", _seed),
        ("POST", _REALM + "/connect", _connect),
        ("POST", _REALM + "/expire-access", _expire),
        ("POST", _REALM + "/revoke", _revoke),
        *ROUTES,
        ("PUT", "/oauth", _oauth),
        ("PUT", "/consent", _consent),
        ("GET", "/failures", _failures),
        ("POST", "/failures", _fail),
        ("DELETE", "/failures", _no_failures),
        ("DELETE", _REALM + "/failures", _heal),
        ("GET", "/webhooks", _webhooks),
        ("PUT", "/webhooks", _tell),
        ("DELETE", "/webhooks", _tell_nobody),
        ("GET", "/clock", _clock),
        ("PUT", "/clock", _clock),
        ("GET", "/counters", _counters),
        ("GET", _REALM + "/counters", _counters_of),
        ("DELETE", "/counters", _no_counters),
        ("GET", "/calls", _calls),
    ],
)
