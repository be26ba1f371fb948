"""The control door: what tests and the demo do to the stand-in behind the client's back."""

from __future__ import annotations

import re
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast

from infra.local.quickbooks import answers, customers, validation, wire
from infra.local.quickbooks.clock import stamp_ms
from infra.local.quickbooks.company import KINDS, Company, Entry, Settings
from infra.local.quickbooks.failures import Failure
from infra.local.quickbooks.faults import ServiceFault
from infra.local.quickbooks.seed import seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.quickbooks.answers import Answer
    from infra.local.quickbooks.request import Request
    from infra.local.quickbooks.world import World

PREFIX = "/_control"
Body = dict[str, Any]


class ControlError(Exception):
    """A wrong call to the door; answered with `status` and `{"error": …}`."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def handle(world: World, request: Request) -> Answer:
    """Answer a call to the door. A fault of the book comes back as QuickBooks words it."""
    try:
        return answers.plain_json(_act(world, request))
    except ControlError as error:
        return answers.plain_json({"error": str(error)}, error.status)
    except ServiceFault as fault:
        return answers.service_fault(fault, world.clock.now(), as_json=True)
    except (KeyError, TypeError, ValueError) as error:
        return answers.plain_json({"error": f"{type(error).__name__}: {error}"}, 400)


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
    settings = _company(world, realm).settings
    known = {one.name for one in fields(Settings)}
    for name, value in body.items():
        if name not in known:
            raise ControlError(f"unknown setting {name!r}; known: {', '.join(sorted(known))}")
        if name == "duplicate_detail" and value not in {"id", "null", "sentence"}:
            raise ControlError("duplicate_detail is id, null or sentence")
        setattr(settings, name, value)
    return {"realm": realm, "settings": asdict(settings)}


def _seed(world: World, body: Body, realm: str) -> Body:
    now = world.clock.now()
    people, jobs = int(body.get("customers", 0)), int(body.get("jobs", 0))
    number = int(body.get("seed", 1))
    company = _company(world, realm)
    return dict(seed(company, people=people, jobs=jobs, number=number, now=now))


def _create(world: World, body: Body, realm: str) -> Body:
    company, project = _company(world, realm), bool(body.pop("IsProject", False))
    if "ParentRef" in body:
        body.setdefault("Job", True)
    entry = customers.create(company, body, world.clock.now())
    entry.project = project
    return wire.entity(company, entry, "read")


def _edit(world: World, body: Body, realm: str, number: str) -> Body:
    company, entry = _customer(world, realm, number)
    customers.edit(company, entry, body, world.clock.now())
    return wire.entity(company, entry, "read")


def _inactivate(world: World, _: Body, realm: str, number: str) -> Body:
    return _edit(world, {"Active": False}, realm, number)


def _activate(world: World, _: Body, realm: str, number: str) -> Body:
    entry = _customer(world, realm, number)[1]
    name = customers.without_suffix(str(entry.fields["DisplayName"]))
    return _edit(world, {"Active": True, "DisplayName": name}, realm, number)


def _touch(world: World, body: Body, realm: str, number: str) -> Body:
    company, entry = _customer(world, realm, number)
    sign = {"invoice": 1, "payment": -1}.get(str(body.get("kind", "invoice")))
    if sign is None:
        raise ControlError("kind is invoice or payment")
    cents = sign * validation.amount("amount", body.get("amount", 0))
    customers.touch(company, entry, cents, world.clock.now())
    return wire.entity(company, entry, "read")


def _name(kind: str) -> Callable[..., Body]:
    def add(world: World, body: Body, realm: str) -> Body:
        company = _company(world, realm)
        entry = customers.add_name(company, kind, str(body["DisplayName"]), world.clock.now())
        return wire.entity(company, entry, "read")

    return add


def _book(world: World, _: Body, realm: str) -> Body:
    company = _company(world, realm)
    return {
        kind: [wire.entity(company, entry, "read") for entry in company.of_kind(kind)]
        for kind in KINDS
    }


def _connect(world: World, body: Body, realm: str) -> Body:
    company, now = _company(world, realm), world.clock.now()
    grant = world.oauth.grant(company.realm, str(body.get("client_id", "client")), now)
    return world.oauth.answer(grant, now, hard=True) | {"realmId": company.realm}


def _expire(world: World, _: Body, realm: str) -> Body:
    return {"expired": world.oauth.expire_access(_company(world, realm).realm)}


def _revoke(world: World, _: Body, realm: str) -> Body:
    return {"revoked": world.oauth.revoke_realm(_company(world, realm).realm)}


def _oauth(world: World, body: Body) -> Body:
    rotation = body.get("rotation", world.oauth.rotation)
    if rotation not in {"always", "daily"}:
        raise ControlError("rotation is always or daily")
    world.oauth.rotation = rotation
    world.oauth.clients.update({str(k): str(v) for k, v in body.get("clients", {}).items()})
    return {"rotation": rotation, "clients": sorted(world.oauth.clients)}


def _consent(world: World, body: Body) -> Body:
    if "realm" in body:
        world.consent.realm = _company(world, str(body["realm"])).realm
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


def _clock(world: World, body: Body) -> Body:
    offset = float(body.get("offset", world.clock.offset)) + float(body.get("advance", 0))
    world.clock.offset = offset
    return {"offset": offset, "now": stamp_ms(world.clock.now())}


def _counters(world: World, _: Body) -> Body:
    return dict(world.counters)


def _no_counters(world: World, _: Body) -> Body:
    world.reset_counters()
    return _counters(world, {})


def _calls(world: World, _: Body) -> Body:
    return {"calls": list(world.calls)}


def _company(world: World, realm: str) -> Company:
    company = world.companies.get(realm)
    if company is None:
        raise ControlError(f"no company {realm}", 404)
    return company


def _customer(world: World, realm: str, number: str) -> tuple[Company, Entry]:
    company = _company(world, realm)
    entry = company.find("Customer", int(number))
    if entry is None:
        raise ControlError(f"no customer {number} in {realm}", 404)
    return company, entry


_REALM = r"/realms/(\d+)"
_CUSTOMER = _REALM + r"/customers/(\d+)"
_ROUTES = cast(
    "list[tuple[str, str, Callable[..., Body]]]",
    [
        ("GET", "/health", _health),
        ("POST", "/reset", _reset),
        ("POST", "/realms", _open),
        ("PUT", _REALM, _open),
        ("PATCH", _REALM, _configure),
        ("GET", _REALM + "/book", _book),
        ("POST", _REALM + "/seed", _seed),
        ("POST", _REALM + "/customers", _create),
        ("POST", _CUSTOMER, _edit),
        ("POST", _CUSTOMER + "/inactivate", _inactivate),
        ("POST", _CUSTOMER + "/activate", _activate),
        ("POST", _CUSTOMER + "/touch", _touch),
        ("POST", _REALM + "/vendors", _name("Vendor")),
        ("POST", _REALM + "/employees", _name("Employee")),
        ("POST", _REALM + "/connect", _connect),
        ("POST", _REALM + "/expire-access", _expire),
        ("POST", _REALM + "/revoke", _revoke),
        ("PUT", "/oauth", _oauth),
        ("PUT", "/consent", _consent),
        ("GET", "/failures", _failures),
        ("POST", "/failures", _fail),
        ("DELETE", "/failures", _no_failures),
        ("GET", "/clock", _clock),
        ("PUT", "/clock", _clock),
        ("GET", "/counters", _counters),
        ("DELETE", "/counters", _no_counters),
        ("GET", "/calls", _calls),
    ],
)
