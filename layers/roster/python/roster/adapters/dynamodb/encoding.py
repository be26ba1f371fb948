"""Values as the table keeps them: JSON texts, moments in milliseconds, who did something."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from roster.domain.events import Actor, Source


def dump(value: Any) -> str:
    """JSON as the table keeps it."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()


def actor_doc(actor: Actor) -> list[str | None]:
    """Who did something."""
    return [actor.user, actor.source, actor.run]


def actor_from(stored: list[Any]) -> Actor:
    """Who did something, back."""
    return Actor(stored[0], Source(stored[1]), stored[2])


@lru_cache(maxsize=256)
def milliseconds(at: datetime) -> int:
    """A moment as the table keeps it."""
    return int(at.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """A moment as it was stored."""
    return datetime.fromtimestamp(ms / 1000, UTC)
