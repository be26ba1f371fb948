"""One parser for the four shapes of a refusal: fault, gateway fault, XML, and nothing at all."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from roster.domain.sync.connection import FaultAction, QuickBooksFault

# Intuit's advice after a throttle.
THROTTLE_PAUSE = timedelta(seconds=60)

_ACTIONS = {
    "3200": FaultAction.REFRESH,
    "3100": FaultAction.RECONNECT,
    "120": FaultAction.RECONNECT,
    "6190": FaultAction.RECONNECT,
    "3001": FaultAction.PAUSE,
    "10000": FaultAction.RETRY,
}
_BY_STATUS = {401: FaultAction.REFRESH, 403: FaultAction.RECONNECT, 429: FaultAction.PAUSE}
_SERVER_ERROR = 500
# The detail of a stale object names the person who changed it: not ours to keep.
_NAMES_A_PERSON = {"5010"}
_XML_CODE = re.compile(r'<Error[^>]*\bcode="0*(\d+)"', re.IGNORECASE)
_XML_MESSAGE = re.compile(r"<Message>([^<]*)</Message>", re.IGNORECASE)


def parse(status: int, headers: Mapping[str, str], body: bytes) -> QuickBooksFault | None:
    """The fault an answer carries (also one inside a 200), or None."""
    code, message, detail = _error_in(body)
    if status < 400 and not code:
        return None
    action = _action(status, code)
    text = message or f"HTTP {status}"
    if detail and detail != message and code not in _NAMES_A_PERSON:
        text = f"{text}: {detail}"
    return QuickBooksFault(
        action,
        f"QuickBooks says {code or status}: {text[:500]}",
        fault_code=code,
        status=status,
        tid=headers.get("intuit_tid", ""),
        wait=THROTTLE_PAUSE if action is FaultAction.PAUSE else None,
    )


def _action(status: int, code: str) -> FaultAction:
    if code in _ACTIONS:
        return _ACTIONS[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    # A 500 that carries the code 500 is "unsupported operation": it will never work.
    if status >= _SERVER_ERROR and code in ("", "0"):
        return FaultAction.RETRY
    return FaultAction.RETRY if status > _SERVER_ERROR else FaultAction.PERMANENT


def _error_in(body: bytes) -> tuple[str, str, str]:
    text = body.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if text.startswith("<"):
        code, message = _XML_CODE.search(text), _XML_MESSAGE.search(text)
        return (code[1] if code else "", message[1] if message else "", "")
    try:
        answer = json.loads(text)
    except ValueError:
        return "", "", ""
    return _json_error(answer) if isinstance(answer, dict) else ("", "", "")


def _json_error(answer: Mapping[str, Any]) -> tuple[str, str, str]:
    fault = answer.get("Fault") or answer.get("fault")
    if not isinstance(fault, dict):
        return "", "", ""
    listed = fault.get("Error") or fault.get("error") or [{}]
    first = {k.lower(): v for k, v in listed[0].items()}
    code = str(first.get("code") or "").lstrip("0") or "unknown"
    return code, str(first.get("message") or ""), str(first.get("detail") or "")
