"""What a refusal means: QuickBooks' code or status → what to do about it.

A refusal comes in four shapes: a service fault (400, or one of a batch that is 200), a gateway
fault with keys in lower case, XML (a throttle even to who asks for JSON), and nothing of use.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from roster.adapters.quickbooks.wire import decode
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
    "500": FaultAction.PERMANENT,
    "610": FaultAction.MISSING,
    "2500": FaultAction.RESYNC,
    "5010": FaultAction.REREAD,
    "6140": FaultAction.NUMBER_TAKEN,
    "6210": FaultAction.NUMBER_TAKEN,
    "6240": FaultAction.NAME_TAKEN,
}
# In place of a gateway's text, or of one that does not say what to do: people read it in reports.
_IN_WORDS = {
    "3001": "there were too many calls, or this month's are used up. The sync waits and goes on by"
    " itself.",
    "3100": "Roster may not open this company. Connect again, as an administrator of the company.",
    "120": "whoever connected this company may not open it any more. Connect again, as an"
    " administrator of the company.",
    "6190": "the company's subscription has ended or was not paid. Renew it in QuickBooks, then"
    " connect again.",
    "10000": "something failed on its side. It is tried again.",
}
_WITHOUT_WORDS = {
    FaultAction.PAUSE: _IN_WORDS["3001"],
    FaultAction.RECONNECT: _IN_WORDS["3100"],
    FaultAction.RETRY: "it does not answer as it should just now. It is tried again.",
}
_BY_STATUS = {401: FaultAction.REFRESH, 403: FaultAction.RECONNECT, 429: FaultAction.PAUSE}
_SERVER_ERROR = 500
# The detail of a stale object names the person who changed it: not ours to keep.
_NAMES_A_PERSON = {"5010"}
# The end of the detail is there in every language, the sentence before it is not.
_HOLDER = re.compile(r"\bId=(\d+)\s*$")
_XML_CODE = re.compile(r'<Error[^>]*\bcode="0*(\d+)"', re.IGNORECASE)
_XML_MESSAGE = re.compile(r"<Message>([^<]*)</Message>", re.IGNORECASE)


def parse(status: int, headers: Mapping[str, str], body: bytes) -> QuickBooksFault | None:
    """The fault an answer carries (also one inside a 200), or None."""
    tid = headers.get("intuit_tid", "")
    try:
        fault = fault_in(decode(body, tid), status=status, tid=tid)
    except QuickBooksFault:
        fault = None
        if status >= 400 and body.lstrip().startswith(b"<"):
            fault = _torn(status, body.decode("utf-8", "replace"), tid)
    if fault is None and status >= 400:
        fault = _made(status, {}, tid)
    if fault is not None and fault.action is FaultAction.PAUSE:
        fault.wait = max(THROTTLE_PAUSE, _retry_after(headers))
    return fault


def fault_in(answer: Mapping[str, Any], *, status: int = 400, tid: str = "") -> (
    QuickBooksFault | None
):  # fmt: skip
    """The fault of an answer, or of one item of a batch; None where it carries none."""
    fault = answer.get("Fault") or answer.get("fault")
    if not isinstance(fault, dict):
        return None
    listed = fault.get("Error") or fault.get("error") or [{}]
    errors = [{k.lower(): v for k, v in one.items()} for one in listed if isinstance(one, dict)]
    return _made(status, errors[0] if errors else {}, tid)


def _torn(status: int, text: str, tid: str) -> QuickBooksFault:
    """A fault of XML that is not whole."""
    code, message = _XML_CODE.search(text), _XML_MESSAGE.search(text)
    error = {"code": code[1] if code else "", "message": message[1] if message else ""}
    return _made(status, error, tid)


def _made(status: int, error: Mapping[str, Any], tid: str) -> QuickBooksFault:
    code = str(error.get("code") or "").lstrip("0") or ("unknown" if error.get("code") else "")
    message, detail = str(error.get("message") or ""), str(error.get("detail") or "")
    text = message or f"HTTP {status}"
    if detail and detail != message and code not in _NAMES_A_PERSON:
        text = f"{text}: {detail}"
    action = _action(status, code)
    if code in _IN_WORDS:
        text = _IN_WORDS[code]
    elif not message:
        text = _WITHOUT_WORDS.get(action, text)
    holder = _HOLDER.search(detail)
    return QuickBooksFault(
        action,
        f"QuickBooks says {code or status}: {text[:500]}",
        fault_code=code,
        status=status,
        tid=tid,
        field=str(error.get("element") or ""),
        holder=holder[1] if holder else "",
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


def _retry_after(headers: Mapping[str, str]) -> timedelta:
    asked = headers.get("Retry-After", "")
    return timedelta(seconds=int(asked)) if asked.isdigit() else timedelta()
