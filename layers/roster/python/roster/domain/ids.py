"""Prefixed, time-ordered identifiers: 48 bits of milliseconds and 80 bits, as 26 Crockford digits.

The layout is ULID's. An import derives the 80 bits from the row, so that a row keeps its id however
often its chunk runs.
"""

import secrets
import uuid
from datetime import datetime

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
# Two digits at a time, the first ones first: 26 of them.
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_SHIFTS = range(120, -1, -10)


def _encode(value: int) -> str:
    return "".join([_PAIRS[(value >> shift) & 1023] for shift in _SHIFTS])


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def new_id(prefix: str, at: datetime) -> str:
    """A fresh id such as `cus_01JD…`, ordered by `at` to the millisecond."""
    return f"{prefix}_{_encode(_milliseconds(at) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS))}"


def derived_id(prefix: str, at: datetime, *parts: str) -> str:
    """The one id that `parts` (an import and a row, say) have at the time `at`."""
    name = uuid.uuid5(uuid.NAMESPACE_OID, "\x1f".join(parts)).int >> (128 - _RANDOM_BITS)
    return f"{prefix}_{_encode(_milliseconds(at) << _RANDOM_BITS | name)}"
