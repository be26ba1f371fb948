"""Answer bodies in both of QuickBooks' forms: JSON when the client asks for it, else XML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from infra.local.quickbooks.clock import stamp_ms

if TYPE_CHECKING:
    from infra.local.quickbooks.faults import GatewayFault, ServiceFault

JSON_TYPE = "application/json;charset=utf-8"
XML_TYPE = "application/xml;charset=UTF-8"
_NAMESPACE = "http://schema.intuit.com/finance/v3"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
# JSON members that are attributes, not elements, in the XML form.
_ATTRIBUTES = frozenset(
    {
        "domain",
        "sparse",
        "status",
        "startPosition",
        "maxResults",
        "totalCount",
        "code",
        "element",
        "type",
    }
)


@dataclass(slots=True)
class Answer:
    """One HTTP answer, ready to be sent."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


def plain_json(value: object, status: int = 200) -> Answer:
    """Return an answer that is JSON whatever the client accepts: OAuth and the control door."""
    return Answer(status, _json(value))


def accounting(body: dict[str, Any], now: float, *, as_json: bool) -> Answer:
    """Return a successful answer of the accounting service; `time` is added."""
    if as_json:
        return Answer(200, _json(body | {"time": stamp_ms(now)}))
    return Answer(200, _xml_document(body, now), XML_TYPE)


def service_fault(fault: ServiceFault, now: float, *, as_json: bool) -> Answer:
    """Return the answer for a refusal by the accounting service."""
    body: dict[str, Any] = {"Fault": {"Error": [fault.error()], "type": fault.kind}}
    if not as_json:
        return Answer(fault.status, _xml_document(body, now), XML_TYPE)
    if fault.timed:
        body["time"] = stamp_ms(now)
    return Answer(fault.status, _json(body), "application/json")


def gateway_fault(fault: GatewayFault, now: float, *, as_json: bool) -> Answer:
    """Return the answer for a refusal by the gateway: lower-case keys, nulls, other `time`."""
    headers = {}
    if fault.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="Intuit", error="invalid_token"'
    if as_json:
        body = _json(_gateway_body(fault, now))
        return Answer(fault.status, body, "application/json", headers)
    error = {"code": fault.code, "Message": fault.message, "Detail": fault.detail}
    document = _xml_document({"Fault": {"type": fault.kind, "Error": [error]}}, now)
    return Answer(fault.status, document, "text/xml", headers)


def _gateway_body(fault: GatewayFault, now: float) -> dict[str, Any]:
    error = {
        "message": fault.message,
        "detail": fault.detail,
        "code": fault.code,
        "element": None,
    }
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": fault.kind},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": int(now * 1000),
        "status": None,
        "cdcresponse": [],
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _xml_document(body: dict[str, Any], now: float) -> bytes:
    inside = "".join(_element(name, value) for name, value in body.items())
    head = f'<IntuitResponse xmlns="{_NAMESPACE}" time="{stamp_ms(now)}">'
    return f"{_DECLARATION}{head}{inside}</IntuitResponse>".encode()


def _element(name: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, item) for item in value)
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    if not isinstance(value, dict):
        return f"<{name}>{escape(str(value))}</{name}>"
    if name.endswith("Ref") and "value" in value:
        label = f" name={quoteattr(value['name'])}" if "name" in value else ""
        return f"<{name}{label}>{escape(value['value'])}</{name}>"
    if name == "LineEx":
        # JSON shows how Java wraps it; XML shows what is inside.
        told = "".join(_element("NameValue", one["value"]) for one in value["any"])
        return f"<{name}>{told}</{name}>"
    attributes = "".join(
        f" {key}={quoteattr(str(inner).lower() if isinstance(inner, bool) else str(inner))}"
        for key, inner in value.items()
        if key in _ATTRIBUTES
    )
    inside = "".join(_element(key, inner) for key, inner in value.items() if key not in _ATTRIBUTES)
    return f"<{name}{attributes}>{inside}</{name}>"
