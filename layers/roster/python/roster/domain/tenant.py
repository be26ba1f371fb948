"""What a company may be called in keys, paths and tokens."""

import re

# A part of every key and of object paths: nothing in it may part them.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def is_tenant(name: str) -> bool:
    """Whether a company can have this name: a-z, 0-9 and dashes, at most 63 of them."""
    return _NAME.fullmatch(name) is not None
