"""The accounting API of one company: `/v3/company/{realmId}/…`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import (
    answers,
    cdc,
    customers,
    faults,
    oauth,
    query,
    search,
    validation,
    wire,
)
from infra.local.quickbooks.company import KINDS, Company, Kind

if TYPE_CHECKING:
    from infra.local.quickbooks.answers import Answer
    from infra.local.quickbooks.request import Request
    from infra.local.quickbooks.world import World

_PATH = re.compile(r"/v3/company/([^/]*)/?(.*)")
_KIND_OF: dict[str, Kind] = {kind.lower(): kind for kind in KINDS}


def kind_of_call(request: Request) -> str:
    """Return what a call is counted as: `query`, `cdc`, `read` or `write`."""
    resource = request.path.split("/")[4:5]
    if resource in (["query"], ["cdc"]):
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
        body = _serve(company, request, now)
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
    return company


def _serve(company: Company, request: Request, now: float) -> dict[str, Any]:
    match = _PATH.fullmatch(request.path)
    resource = match.group(2).rstrip("/") if match else ""
    head, _, rest = resource.partition("/")
    # Batch, attachments, tax service and transactions are not spoken here (yet): like any
    # other unknown path they end in the fault below.
    match request.method, head.lower(), rest:
        case "GET" | "POST", "query", "":
            return search.answer(company, query.parse(_query_text(request)))
        case "GET", "cdc", "":
            parameters = request.parameters
            entities, since = parameters.get("entities", ""), parameters.get("changedSince", "")
            return cdc.answer(company, entities, since, now)
        case "GET", "companyinfo", _ if rest == company.realm:
            return {"CompanyInfo": wire.company_info(company)}
        case "GET", "preferences", "":
            return {"Preferences": wire.preferences(company)}
        case "POST", "customer", "":
            return _write(company, request, now)
        case "GET", name, _ if name in _KIND_OF and rest and "/" not in rest:
            return _read(company, _KIND_OF[name], rest)
    raise faults.no_resource(request.path, request.query)


def _query_text(request: Request) -> str:
    if request.method == "GET":
        return request.parameters.get("query", "")
    return request.body.decode("utf-8", "replace")


def _read(company: Company, kind: Kind, text: str) -> dict[str, Any]:
    entry = company.find(kind, validation.number_of(text))
    if entry is None:
        raise faults.not_found()
    return {kind: wire.entity(company, entry, "read")}


def _write(company: Company, request: Request, now: float) -> dict[str, Any]:
    operation = request.parameters.get("operation", "update")
    if operation.lower() not in {"create", "update"}:
        raise faults.unsupported(operation)
    body = _body(request)
    has_id = body.get("Id") not in (None, "")
    entry = customers.update(company, body, now) if has_id else customers.create(company, body, now)
    return {"Customer": wire.entity(company, entry, "write")}


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
