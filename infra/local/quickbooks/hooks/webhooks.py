"""What Intuit tells an application of: gathered, worded, signed, queued and tried again."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from infra.local.quickbooks.clock import PACIFIC

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Change

SECONDS_TO_ANSWER = 3.0
# After these pauses Intuit tries again; then it gives the endpoint up.
PAUSES = (20 * 60.0, 30 * 60.0, 50 * 60.0)
_WORTH_RETRYING = frozenset({408, 500, 502, 503, 504})
_SILENT = frozenset({"TaxCode", "TaxRate", "TaxAgency"})
_TYPES = {
    "Create": "created",
    "Update": "updated",
    "Delete": "deleted",
    "Merge": "merged",
    "Void": "voided",
}
_NAMESPACE = uuid.UUID("6f1c2a52-7c07-4c2e-9f52-0d6a6d0a6c11")
_REMEMBERED = 1000


@dataclass(slots=True)
class Endpoint:
    """Where notices go and what happens to them on the way.

    `shape`: `legacy` (eventNotifications) or `cloudevents` (a bare array). `gather`: seconds in
    which changes are put into one notice. `duplicate`: every notice comes twice. `reorder`:
    the latest notice comes first, and inside a notice the latest change. `lose`: how many of
    the next notices never come (-1: none ever does). `late`: seconds each is held back.
    """

    url: str = ""
    verifier: str = ""
    shape: Literal["legacy", "cloudevents"] = "legacy"
    gather: float = 0.0
    duplicate: bool = False
    reorder: bool = False
    lose: int = 0
    late: float = 0.0

    def __post_init__(self) -> None:
        if self.shape not in {"legacy", "cloudevents"}:
            raise ValueError("shape is legacy or cloudevents")


@dataclass(slots=True)
class Notice:
    """One signed message; `due` and `made` are epoch seconds, `tries` counts failed deliveries."""

    body: str
    made: float
    due: float
    serial: int
    tries: int = 0

    def headers(self, verifier: str) -> dict[str, str]:
        """Return the headers Intuit sends, the signature over the raw bytes among them."""
        digest = hmac.new(verifier.encode(), self.body.encode(), hashlib.sha256).digest()
        return {
            "Content-Type": "application/json",
            "intuit-signature": base64.b64encode(digest).decode(),
            "intuit-t-id": str(uuid.uuid5(_NAMESPACE, f"t:{self.serial}")),
            "intuit-created-time": _zulu(self.made),
            "intuit-notification-schema-version": "1.0.0",
        }


@dataclass
class Webhooks:
    """The endpoint, the changes not yet told and the notices not yet delivered.

    `log` holds the latest deliveries as JSON objects. `given_up`: the endpoint failed too often
    and hears nothing until it is configured anew.
    """

    endpoint: Endpoint = field(default_factory=Endpoint)
    pending: list[tuple[str, Change]] = field(default_factory=list)
    queue: list[Notice] = field(default_factory=list)
    serial: int = 0
    given_up: bool = False
    log: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def configure(self, endpoint: Endpoint) -> None:
        """Tell another endpoint, or the same one in another way; what is queued stays."""
        self.endpoint, self.given_up = endpoint, False

    def collect(self, realm: str, changes: list[Change]) -> None:
        """Take over what changed in a company."""
        if self.endpoint.url and not self.given_up:
            self.pending += [(realm, one) for one in changes if one.entity not in _SILENT]

    def flush(self, now: float) -> None:
        """Put what has been gathered long enough into a notice."""
        if not self.pending or now < self.pending[0][1].at + self.endpoint.gather:
            return
        told, self.pending = self.pending, []
        # Several saves of one thing are told once, with the latest time.
        latest = {(realm, one.entity, one.id, one.operation): (realm, one) for realm, one in told}
        events = list(latest.values())
        if self.endpoint.reorder:
            events.reverse()
        if self.endpoint.lose:
            self.endpoint.lose -= 1 if self.endpoint.lose > 0 else 0
            self.log.append({"lost": len(events), "at": now})
            return
        words = _legacy(events) if self.endpoint.shape == "legacy" else self._cloud_events(events)
        body = json.dumps(words, separators=(",", ":"))
        for _ in range(2 if self.endpoint.duplicate else 1):
            self.serial += 1
            self.queue.append(Notice(body, now, now + self.endpoint.late, self.serial))

    def take(self, now: float) -> Notice | None:
        """Return the next notice that is due and take it off the queue."""
        due = [one for one in self.queue if one.due <= now]
        if not due or self.given_up:
            return None
        chosen = due[-1] if self.endpoint.reorder else due[0]
        self.queue.remove(chosen)
        return chosen

    def settle(self, notice: Notice, status: int | None, now: float) -> None:
        """Note how a delivery ended: the answer's status, or None when none came in time."""
        good = status is not None and 200 <= status < 300
        self.log.append({"status": status, "body": notice.body, "try": notice.tries + 1, "at": now})
        if good or (status is not None and status not in _WORTH_RETRYING):
            return
        if notice.tries < len(PAUSES):
            notice.due = now + PAUSES[notice.tries]
            notice.tries += 1
            self.queue.append(notice)
            return
        self.given_up = True
        self.queue.clear()
        self.pending.clear()

    def dump(self) -> dict[str, Any]:
        """Return the endpoint and the queue as JSON values; `log` is not kept."""
        return {
            "endpoint": asdict(self.endpoint),
            "queue": [asdict(one) for one in self.queue],
            "serial": self.serial,
            "given_up": self.given_up,
        }

    @classmethod
    def load(cls, saved: dict[str, Any]) -> Webhooks:
        """Rebuild from `dump()`."""
        queue = [Notice(**one) for one in saved["queue"]]
        endpoint = Endpoint(**saved["endpoint"])
        return cls(endpoint, [], queue, saved["serial"], saved["given_up"])

    def _cloud_events(self, events: list[tuple[str, Change]]) -> list[dict[str, Any]]:
        told = []
        for realm, one in events:
            self.serial += 1
            event: dict[str, Any] = {
                "specversion": "1.0",
                "id": str(uuid.uuid5(_NAMESPACE, f"{realm}:{self.serial}")),
                "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
                "type": f"qbo.{one.entity.lower()}.{_TYPES[one.operation]}.v1",
                "datacontenttype": "application/json",
                "time": _zulu(one.at),
                "intuitentityid": one.id,
                "intuitaccountid": realm,
                "data": {},
            }
            if one.deleted_id is not None:
                event["data"] = {"deletedid": one.deleted_id}
            told.append(event)
        return told


def _legacy(events: list[tuple[str, Change]]) -> dict[str, Any]:
    by_realm: dict[str, list[dict[str, str]]] = {}
    for realm, one in events:
        entity = {
            "name": one.entity,
            "id": one.id,
            "operation": one.operation,
            "lastUpdated": datetime.fromtimestamp(one.at, PACIFIC).strftime("%Y-%m-%dT%H:%M:%S%z"),
        }
        if one.deleted_id is not None:
            entity["deletedId"] = one.deleted_id
        by_realm.setdefault(realm, []).append(entity)
    return {
        "eventNotifications": [
            {"realmId": realm, "dataChangeEvent": {"entities": listed}}
            for realm, listed in by_realm.items()
        ]
    }


def _zulu(moment: float) -> str:
    whole = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{whole}000Z"
