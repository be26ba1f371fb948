"""Bad days on demand: throttles, gateway pages, lost and slow answers, named faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.local.quickbooks import answers, faults
from infra.local.quickbooks.answers import Answer
from infra.local.quickbooks.oauth import OAuthError

if TYPE_CHECKING:
    from collections.abc import Callable

_HTML = """<html>\r
<head><title>{0}</title></head>\r
<body bgcolor="#ffffff">\r
<center><h1>{0}</h1></center>\r
<hr><center>nginx</center>\r
</body>\r
</html>\r
"""
_SERVICE: dict[str, Callable[[], faults.ServiceFault]] = {
    "500": lambda: faults.unsupported("Update"),
    "610": faults.not_found,
    "2500": faults.bad_reference,
    "5010": lambda: faults.stale("Dana Whitfield"),
    "6000": faults.books_closed,
    "6140": lambda: faults.duplicate_number("1001"),
    "6190": faults.subscription_ended,
    "6240": lambda: faults.duplicate_name("null"),
    "120": lambda: faults.ServiceFault(
        "120",
        "Authorization Failure",
        "AuthorizationFailure: -11014-You do not have access to use QuickBooks Online Plus. , "
        "statusCode: 401",
        status=401,
        kind="AuthorizationFault",
    ),
    "10000": lambda: faults.ServiceFault(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: Could not process the request.",
        status=500,
        kind="SystemFault",
    ),
}
_GATEWAY: dict[str, Callable[[], faults.GatewayFault]] = {
    "401": lambda: faults.token_rejected("Token expired: on demand"),
    "403": faults.wrong_realm,
    "json_429": faults.throttled,
    "xml_429": faults.throttled,
}
# Answers after which the call must have been carried out, or there would be nothing to spoil.
_CARRIED_OUT = frozenset({"half_body", "timeout"})
NAMES = frozenset(
    {*_SERVICE, *_GATEWAY, *_CARRIED_OUT}
    | {"xml_403", "html_502", "html_503", "empty", "drop", "invalid_grant"}
)


# As a rule's method: it strikes one item of a batch, whose path is `/batch/customer/update`.
ITEM = "ITEM"


@dataclass(slots=True)
class Failure:
    """A rule: the next `times` matching calls fail, after `skip` of them went well.

    `path` is a substring of path and query. `applied`: the call is carried out and only its
    answer is lost. `seconds`: how late a `timeout` answers. `status`: HTTP status of an `empty`.
    """

    fault: str
    times: int = 1
    method: str = ""
    path: str = ""
    skip: int = 0
    seconds: float = 30.0
    status: int = 503
    applied: bool = False

    def __post_init__(self) -> None:
        if self.fault not in NAMES:
            raise ValueError(f"unknown fault {self.fault!r}; known: {', '.join(sorted(NAMES))}")
        if self.method.upper() == ITEM and self.fault not in _SERVICE:
            raise ValueError(f"an item of a batch fails with one of: {', '.join(sorted(_SERVICE))}")

    @property
    def carries_out(self) -> bool:
        """Whether the call takes effect although its answer is spoiled."""
        return self.applied or self.fault in _CARRIED_OUT

    def answer(self, now: float, *, as_json: bool) -> Answer:
        """Return what the client gets instead."""
        if self.fault in _SERVICE:
            return answers.service_fault(_SERVICE[self.fault](), now, as_json=as_json)
        if self.fault in _GATEWAY:
            as_json = self.fault == "json_429" or (as_json and self.fault != "xml_429")
            return answers.gateway_fault(_GATEWAY[self.fault](), now, as_json=as_json)
        if self.fault == "xml_403":
            old = faults.GatewayFault(403, "3001", "ThrottleExceeded", "SERVICE", None)
            old.detail = faults.throttled().detail
            return answers.gateway_fault(old, now, as_json=False)
        if self.fault == "invalid_grant":
            error = OAuthError("invalid_grant", "Incorrect or invalid refresh token")
            return answers.plain_json(error.body(), error.status)
        if self.fault == "empty":
            return Answer(self.status, b"", "text/plain")
        title = "503 Service Temporarily Unavailable"
        if self.fault == "html_502":
            title = "502 Bad Gateway"
        return Answer(int(title[:3]), _HTML.format(title).encode(), "text/html")


@dataclass
class Failures:
    """The rules in force, oldest first."""

    rules: list[Failure] = field(default_factory=list)

    def strike(self, method: str, target: str) -> Failure | None:
        """Return the rule that spoils this call, if one does, and count it down."""
        for rule in list(self.rules):
            wanted = rule.method.upper()
            # Items of a batch are struck only by rules that say so.
            if wanted not in {"", method} or (method == ITEM) != (wanted == ITEM):
                continue
            if rule.path not in target:
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            rule.times -= 1
            if rule.times <= 0:
                self.rules.remove(rule)
            return rule
        return None

    def strike_item(self, target: str) -> faults.ServiceFault | None:
        """Return the fault a rule for ITEM names for one item of a batch, if one does."""
        rule = self.strike(ITEM, target)
        return _SERVICE[rule.fault]() if rule is not None else None
