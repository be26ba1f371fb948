"""How names are compared: case, accents and punctuation do not count."""

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[\W_]+")
# Letters that carry no combining mark, so decomposition alone leaves them.
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i"})


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`text` without case, accents or punctuation: "Café-Bar" → "cafe bar"."""
    # Decomposed first: case folding does not know styled letters such as "𝕬".
    lowered = unicodedata.normalize("NFKD", text).casefold()
    lowered = unicodedata.normalize("NFKD", lowered).translate(_PLAIN)
    bare = "".join(c for c in lowered if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare).strip()


def words(text: str) -> tuple[str, ...]:
    """The distinct folded words of `text`, in order."""
    return tuple(dict.fromkeys(fold(text).split()))


def digits(text: str) -> str:
    """The decimal digits of a phone number as typed; letters and signs fall away."""
    return "".join(c for c in text if c.isascii() and c.isdigit())
