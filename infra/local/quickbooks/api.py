"""The accounting API of one company: `/v3/company/{realmId}/…`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import (
    answers,
    batch,
    cdc,
    entities,
    faults,
    oauth,
    query,
    search,
    wire,
)
from infra.local.quickbooks.entities import Write
from infra.local.quickbooks.lists import taxes
from infra.local.quickbooks.settings import ENDED

if TYPE_CHECKING:
    from infra.local.quickbooks.answers import Answer
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.faults import ServiceFault
    from infra.local.quickbooks.request import Request
    from infra.local.quickbooks.world import World

_PATH = re.compile(r"/v3/company/([^/]*)/?(.*)")
_LONGEST_REQUEST_ID = 50
_LONGEST_BATCH_REQUEST_ID = 36


def kind_of_call(request: Request) -> str:
    """Return what a call is counted as: `query`, `cdc`, `batch`, `read` or `write`."""
    resource = request.path.split("/")[4:5]
    if resource in (["query"], ["cdc"], ["batch"]):
        return resource[0]
    return "write" if request.method == "POST" else "read"


def realm_of(request: Request) -> str:
    """Return the realm a path names, empty when it names none."""
    match = _PATH.fullmatch(request.path)
    return match.group(1) if match else ""


def handle(world: World, request: Request) -> Answer:
    """Answer one call as Intuit's gateway and the service behind it do."""
    now, as_json = world.clock.now(), request.wants_json
    try:
        company = _admit(world, request, now)
        body = _serve(world, company, request, now)
    except faults.GatewayFault as fault:
        return answers.gateway_fault(fault, now, as_json=as_json)
    except faults.ServiceFault as fault:
        return answers.service_fault(fault, now, as_json=as_json)
    return answers.accounting(body, now, as_json=as_json)


def _admit(world: World, request: Request, now: float) -> Company:
    scheme, _, token = request.header("Authorization").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or len(token) < oauth.SHORTEST_TOKEN:
        raise faults.token_rejected("Malformed bearer token: too short or too long")
    grant = world.oauth.bearer(token, now)
    if grant is None:
        raise faults.token_rejected(f"Token expired: {token}")
    company = world.companies.get(realm_of(request))
    if company is None or grant.realm != company.realm:
        raise faults.wrong_realm()
    world.limits.admit(company.realm, company.settings, now, batch=_resource(request) == "batch")
    return company


def _resource(request: Request) -> str:
    match = _PATH.fullmatch(request.path)
    return match.group(2).rstrip("/") if match else ""


def _serve(world: World, company: Company, request: Request, now: float) -> dict[str, Any]:
    head, _, rest = _resource(request).partition("/")
    head = head.lower()
    # Attachments, reports and the like are not spoken here: as any other unknown path they end
    # in the fault below.
    match request.method, head, rest:
        case "GET" | "POST", "query", "":
            return search.answer(company, query.parse(_query_text(request)))
        case "GET", "cdc", "":
            parameters = request.parameters
            wanted, since = parameters.get("entities", ""), parameters.get("changedSince", "")
            return cdc.answer(company, wanted, since, now)
        case "GET", "companyinfo", _ if rest == company.realm:
            return {"CompanyInfo": wire.company_info(company)}
        case "GET", "preferences", "":
            return {"Preferences": wire.preferences(company)}
        case "GET", _, _ if head in entities.KINDS and rest and "/" not in rest:
            kind = entities.KINDS[head]
            return {kind: entities.show(company, entities.find(company, kind, rest), "read")}
        case "POST", _, _ if (head in entities.KINDS and not rest) or (head, rest) in _SERVICES:
            return _once(world, company, request, now)
    raise faults.no_resource(request.path, request.query)


_SERVICES = frozenset({("batch", ""), ("taxservice", "taxcode")})


def _once(world: World, company: Company, request: Request, now: float) -> dict[str, Any]:
    """Carry out a write; a `requestid` that was answered before gets the same answer again."""
    request_id = request.parameters.get("requestid", "")
    limit = _LONGEST_BATCH_REQUEST_ID if _resource(request) == "batch" else _LONGEST_REQUEST_ID
    if len(request_id) > limit:
        raise faults.wrong_length("requestid", limit, len(request_id))
    known = company.replays.get(request_id) if request_id else None
    if known is not None:
        if "refused" in known:
            raise faults.ServiceFault(**known["refused"])
        return dict(known["answered"])
    try:
        answered = _written(world, company, request, now)
    except faults.ServiceFault as fault:
        if request_id and company.settings.replay_faults:
            company.remember(request_id, {"refused": fault.as_json()})
        raise
    if request_id:
        company.remember(request_id, {"answered": answered})
    return answered


def _written(world: World, company: Company, request: Request, now: float) -> dict[str, Any]:
    resource, body = _resource(request), _body(request)
    if resource == "batch":

        def strike(what: str) -> ServiceFault | None:
            return world.failures.strike_item(f"/batch/{what}")

        replayed = "requestid" in request.parameters
        return batch.answer(company, body, now, strike=strike, replayed=replayed)
    if resource.startswith("taxservice"):
        if company.settings.subscription_status in ENDED:
            raise faults.subscription_ended()
        return taxes.serve(company, body, now)
    include = request.parameters.get("include", "").split(",")
    operation = request.parameters.get("operation", "")
    kind = entities.KINDS[resource.lower()]
    if operation.lower() == "void" and kind == "Payment":
        # A payment is voided by `operation=update&include=void`.
        raise faults.unsupported(operation)
    return entities.write(company, Write(kind, body, operation, include), now)


def _query_text(request: Request) -> str:
    if request.method == "GET":
        return request.parameters.get("query", "")
    return request.body.decode("utf-8", "replace")


def _body(request: Request) -> dict[str, Any]:
    content_type = request.header("Content-Type").lower()
    if "json" not in content_type:
        raise faults.ServiceFault(
            "1050", "Invalid Content Type", f"Content-Type {content_type} is not supported here."
        )
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = request.body[error.end : error.end + 1].hex() or request.body[-1:].hex()
        raise faults.unreadable(f"Invalid UTF-8 middle byte 0x{byte}") from error
    try:
        body = json.loads(text)
        # A lone surrogate is JSON, but no text that could ever be answered.
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise faults.unreadable("failed to parse json object; a property") from error
    if not isinstance(body, dict):
        raise faults.unreadable("failed to parse json object; a property")
    return body
