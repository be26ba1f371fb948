"""QuickBooks' webhooks: whether one is genuine, and what it says, in both shapes it comes in.

Until 2026 a body was `{"eventNotifications": […]}`; CloudEvents are a bare array, possibly of
several companies. The signature is over the bytes as they came.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from roster.domain.sync.notices import Notice

# "qbo.customer.merged.v1"; the id may carry the entity: "-Customer-123".
_TYPE = re.compile(r"qbo\.(\w+)\.(\w+)\.v\d+")
_LAST_NUMBER = re.compile(r"(\d+)$")
# CloudEvents have nanoseconds, which datetime has no room for.
_NANOSECONDS = re.compile(r"(\.\d{6})\d+")


def is_genuine(body: bytes, signature: str, verifier: str) -> bool:
    """Whether `signature` (the header `intuit-signature`) is that of `body`, in constant time."""
    made = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(made), signature.strip().encode())


def read_notices(body: bytes) -> list[Notice]:
    """What a genuine body says; what is not understood of it is passed over."""
    told = orjson.loads(body) if body else None
    found = _cloud_events(told) if isinstance(told, list) else _notifications(told)
    return list(found)


def _cloud_events(told: list[Any]) -> Iterator[Notice]:
    for event in told:
        if not isinstance(event, dict):
            continue
        kind = _TYPE.fullmatch(str(event.get("type", "")))
        realm, entity_id = event.get("intuitaccountid"), _number(event.get("intuitentityid"))
        if kind is None or not realm or entity_id is None:
            continue
        data = event.get("data")
        loser = data.get("deletedid") if isinstance(data, dict) else None
        merged = kind[2] == "merged"
        yield Notice(
            realm=str(realm), entity=kind[1], id=entity_id, at=_moment(event.get("time")),
            loser=_number(loser) if merged else None,
        )  # fmt: skip


def _notifications(told: Any) -> Iterator[Notice]:
    listed = told.get("eventNotifications") if isinstance(told, dict) else None
    for one in listed if isinstance(listed, list) else ():
        change = one.get("dataChangeEvent") if isinstance(one, dict) else None
        entities = change.get("entities") if isinstance(change, dict) else None
        for entity in entities if isinstance(entities, list) else ():
            entity_id = _number(entity.get("id")) if isinstance(entity, dict) else None
            if entity_id is None or not one.get("realmId"):
                continue
            merged = str(entity.get("operation", "")).lower() == "merge"
            yield Notice(
                realm=str(one["realmId"]), entity=str(entity.get("name", "")).lower(),
                id=entity_id, at=_moment(entity.get("lastUpdated")),
                loser=_number(entity.get("deletedId")) if merged else None,
            )  # fmt: skip


def _number(given: object) -> str | None:
    found = _LAST_NUMBER.search(str(given)) if given is not None else None
    return found[1] if found else None


def _moment(given: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_NANOSECONDS.sub(r"\1", str(given)))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
