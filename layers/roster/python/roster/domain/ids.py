"""Prefixed, time-ordered identifiers: 48 bits of milliseconds and 80 bits, as 26 Crockford digits.

The layout is ULID's. An import derives the 80 bits from the row, so that a row keeps its id however
often its chunk runs.
"""

import hashlib
import secrets
import uuid
from datetime import datetime
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
# Two digits at a time, the first ones first: 10 digits of time, 16 of what follows.
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_SHIFTS_OF_TIME, _SHIFTS = range(40, -1, -10), range(70, -1, -10)
# Where a UUID says that it is one of version 5: of its first 80 bits.
_VERSION_BITS, _VERSION_5 = ~(0xF000 << 16 | 0xC000), 5 << 28 | 0x8000


def _encode(at: datetime, low: int) -> str:
    return _of_time(at) + "".join([_PAIRS[(low >> shift) & 1023] for shift in _SHIFTS])


# An import makes all its ids of a moment or two.
@lru_cache(maxsize=256)
def _of_time(at: datetime) -> str:
    value = _milliseconds(at)
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS_OF_TIME])


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def new_id(prefix: str, at: datetime) -> str:
    """A fresh id such as `cus_01JD…`, ordered by `at` to the millisecond."""
    return f"{prefix}_{_encode(at, secrets.randbits(_RANDOM_BITS))}"


def derived_id(prefix: str, at: datetime, *parts: str) -> str:
    """The one id that `parts` (an import and a row, say) have at the time `at`."""
    # The first 80 bits of a UUID by name (RFC 9562, 5.5), without the object made for it.
    name = uuid.NAMESPACE_OID.bytes + "\x1f".join(parts).encode()
    digest = hashlib.sha1(name, usedforsecurity=False).digest()
    first = int.from_bytes(digest[: _RANDOM_BITS // 8])
    return f"{prefix}_{_encode(at, first & _VERSION_BITS | _VERSION_5)}"
