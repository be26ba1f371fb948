"""How names are compared: case, accents and punctuation do not count."""

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[\W_]+")
# Letters that carry no combining mark, so decomposition alone leaves them.
# "#" parts the keys of the table, and folded text is a part of them.
_PLAIN = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i", "#": "♯"}
)

_NO_DIGIT = re.compile(r"[^0-9]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PLAINLY_SEEN = re.compile(r"[!-~]")
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}
# Letters and symbols by their category, and empty all the same: Hangul fillers, a Braille blank.
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """`text` without case, accents or punctuation: "Café-Bar" → "cafe bar".

    A text of signs alone keeps them, as one word, or "!!!" and "🎉" would be the same name.
    """
    if text.isascii():
        # Nothing to decompose, and "#" alone is made another sign.
        bare = text.lower().replace("#", "♯")
        return _NOT_WORD.sub(" ", bare).strip() or "".join(bare.split())
    # Decomposed first: case folding does not know styled letters such as "𝕬".
    lowered = unicodedata.normalize("NFKD", text).casefold()
    lowered = unicodedata.normalize("NFKD", lowered).translate(_PLAIN)
    bare = "".join(c for c in lowered if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare).strip() or "".join((bare.strip() or lowered).split())


def words(text: str) -> tuple[str, ...]:
    """The distinct folded words of `text`, in order."""
    return tuple(dict.fromkeys(fold(text).split()))


def has_control_characters(text: str) -> bool:
    """Whether `text` holds control characters other than line breaks and tabs."""
    return _CONTROL.search(text) is not None


def is_invisible(text: str) -> bool:
    """Whether nothing of `text` can be seen: spaces, format characters, blank letters."""
    if _PLAINLY_SEEN.search(text):
        return False
    return all(c in _BLANK or unicodedata.category(c) in _UNSEEN for c in text)


def digits(text: str) -> str:
    """The decimal digits of a phone number as typed; letters and signs fall away."""
    return _NO_DIGIT.sub("", text)


# Calling codes of one and of two digits (ITU-T E.164); all others have three.
_ONE_DIGIT_CODES = "17"
_TWO_DIGIT_CODES = re.compile(r"2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")


# Fewer digits may begin with a country's code by chance.
_INTERNATIONAL_DIGITS = 7
_TRUNK, _RUSSIAN_TRUNK = "0", "8"


def dialled_otherwise(found: str, *, surely: bool = False) -> tuple[str, ...]:
    """How else the digits of a phone may have been typed.

    With a country's code (`surely`, or long enough for one): without it, and with the digit that
    is dialled before a number within the country. With such a digit: without it.
    """
    forms = []
    # No number within North America begins with its code.
    if surely or len(found) >= _INTERNATIONAL_DIGITS or found.startswith("1"):
        national = national_digits(found)
        forms = [national, _TRUNK + national]
        if found.startswith("7"):
            forms.append(_RUSSIAN_TRUNK + national)
    if found.startswith((_TRUNK, _RUSSIAN_TRUNK)):
        forms.append(found[1:])
    return tuple(form for form in dict.fromkeys(forms) if form)


def national_digits(e164: str) -> str:
    """The digits of an E.164 number without its country's code: "+442079460958" → "2079460958"."""
    found = digits(e164)
    if found and found[0] in _ONE_DIGIT_CODES:
        return found[1:]
    return found[2:] if _TWO_DIGIT_CODES.match(found) else found[3:]
