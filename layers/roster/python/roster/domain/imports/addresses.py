"""Addresses written as free lines or in one cell, taken apart where that can be told for sure."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from roster.domain.places import country_code, state_code
from roster.domain.text import digits, fold

_US_ZIP = re.compile(r"(?<!\d)\d{5}(?:-\d{4})?$")
# By country: Canada and the United Kingdom write letters; the rest only stands behind a state.
_POSTAL = (
    _US_ZIP,
    re.compile(r"(?<![A-Za-z])[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d$"),
    re.compile(r"(?<!\d)\d{3} ?\d{3}$"),
    re.compile(r"(?<!\d)\d{4}$"),
)
_UK_POSTAL = re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}$")
_POSTAL_FIRST = re.compile(r"((?:[A-Z]{1,2}-)?\d{4,5}(?: ?[A-Z]{2})?) (\D+)")
_PHONES = re.compile(
    r"(?:(?:tel|telephone|ph|phone|cel|cell|fax|mobile|office)\b[.: ]*)?[\d().+/ ,;x-]{7,}",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"(?:#|suite|ste\b|unit|apt|apartment|floor|fl\b|room|rm\b|bldg|building|lot\b|space|pmb\b"
    r"|local\b|oficina|piso\b)|\d+(?:st|nd|rd|th) (?:floor|fl)\b",
    re.IGNORECASE,
)
# A piece of text, and which line it stands on.
type _Piece = tuple[int, str]
_BULLET = "•"
_STATE_WORDS = 3
_PHONE_DIGITS = 7


@dataclass(frozen=True, slots=True)
class FreeAddress:
    """What free text says: address `parts`, lines `left` that are no address, and how `sure`."""

    parts: dict[str, str]
    left: list[str] = field(default_factory=list)
    sure: bool = True


def from_lines(lines: Sequence[str], names: Collection[str] = ()) -> FreeAddress:
    """The address in lines such as "Calle 1 #5", "Añasco PR, 00610".

    `names` are the customer's, folded: programs repeat one in the first line.
    """
    kept, left = [], []
    for line in lines:
        if _is_phone(line) or "@" in line:
            left.append(line)
        elif not (names and fold(line) in names):
            kept.append(line)
    if not kept:
        return FreeAddress({}, left)
    parts = _parts([[p for piece in line.split(",") if (p := piece.strip())] for line in kept])
    if parts is None:
        return FreeAddress({"street": ", ".join(kept)}, left, sure=len(kept) == 1)
    return FreeAddress(parts, left)


def from_cell(text: str, names: Collection[str] = ()) -> FreeAddress:
    """The address in one cell, such as "12 Collins St, Melbourne, Australia"."""
    found = from_lines([line for part in text.split("\n") if (line := part.strip())], names)
    if found.parts.keys() == {"street"} and ("," in text or "\n" in text):
        return FreeAddress(found.parts, found.left, sure=False)
    return found


def without_tail(street: str) -> tuple[str, dict[str, str]] | None:
    """A street and the rest of "12 Elm St • Reno, Nevada 89501"; None where that does not end it.

    Jobber writes the whole address into the street like that.
    """
    if _BULLET not in street:
        return None
    bare, _, tail = street.rpartition(_BULLET)
    parts = _parts([[p for piece in tail.split(",") if (p := piece.strip())]])
    if not parts or "street" in parts or not bare.strip():
        return None
    return bare.strip(), parts


def _is_phone(line: str) -> bool:
    is_long = len(digits(line)) >= _PHONE_DIGITS
    return is_long and _PHONES.fullmatch(line) is not None and not _US_ZIP.fullmatch(line)


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _parts(lines: list[list[str]]) -> dict[str, str] | None:
    """The parts of pieces by line, read from the end; None where city and street run together."""
    pieces = [(i, piece) for i, line in enumerate(lines) for piece in line]
    found: dict[str, str] = {}
    last = pieces[-1][1] if pieces else ""
    if len(last) > 2 and country_code(last) and not state_code(last, "US"):
        found["country"] = last
        pieces.pop()
    if not (_state_and_zip(pieces, found) or _of_a_country(pieces, found)):
        return None
    rest: dict[int, list[str]] = {}
    for index, piece in pieces:
        rest.setdefault(index, []).append(piece)
    return _with_street(list(rest.values()), found)


def _state_and_zip(pieces: list[_Piece], found: dict[str, str]) -> bool:
    """Take city, state and postal code off the end; False leaves everything as it was."""
    kept = list(pieces)
    country = found.get("country")
    code = _take_postal(kept)
    if not kept or (state := _take_state(kept, country)) is None:
        return False
    if not kept or _has_digit(city := kept[-1][1]):
        return False
    pieces[:] = kept[:-1]
    found |= {"city": city, "state": state} | ({"zip": code} if code else {})
    return True


def _take_postal(pieces: list[_Piece]) -> str | None:
    if not pieces:
        return None
    index, last = pieces[-1]
    match = next((m for pattern in _POSTAL if (m := pattern.search(last))), None)
    if match is None:
        return None
    rest = last[: match.start()].rstrip(" -.")
    if rest:
        pieces[-1] = index, rest
    else:
        pieces.pop()
    return match[0]


def _take_state(pieces: list[_Piece], country: str | None) -> str | None:
    """The state at the end: a piece of its own, or the last words of one after a city."""
    index, last = pieces[-1]
    if state_code(last, country):
        pieces.pop()
        return last
    words = last.split()
    for count in range(min(_STATE_WORDS, len(words) - 1), 0, -1):
        state = " ".join(words[-count:])
        # "de" and "or" are words, "DE" and "OR" are states.
        is_word = len(state) == 2 and not state.isupper()
        if not is_word and state_code(state, country):
            pieces[-1] = index, " ".join(words[:-count])
            return state
    return None


def _of_a_country(pieces: list[_Piece], found: dict[str, str]) -> bool:
    """Take the city off the end, where a country told that the end is reached."""
    if "country" not in found or not pieces:
        return "country" in found
    last = pieces[-1][1]
    if match := _POSTAL_FIRST.fullmatch(last):
        found |= {"zip": match[1], "city": match[2].strip()}
        pieces.pop()
    elif country_code(found["country"]) == "GB" and (uk := _UK_POSTAL.search(last)):
        found["zip"] = uk[0]
        if city := last[: uk.start()].strip():
            found["city"] = city
            pieces.pop()
        else:
            pieces.pop()
            return _of_a_country(pieces, found)
    elif not _has_digit(last):
        found["city"] = last
        pieces.pop()
    elif len(pieces) > 1:
        return False
    return True


def _with_street(lines: list[list[str]], found: dict[str, str]) -> dict[str, str]:
    """`found` with what is left: the street, and the unit where a line or a piece is one."""
    pieces = lines[0] if len(lines) == 1 else [", ".join(line) for line in lines]
    units = [piece for piece in pieces[1:] if _UNIT.match(piece)]
    streets = [piece for piece in pieces if piece not in units]
    if streets:
        found["street"] = ", ".join(streets)
    if units:
        found["unit"] = ", ".join(units)
    return found


def streets(lines: Sequence[str], names: Collection[str] = ()) -> FreeAddress:
    """Lines of an address whose city stands elsewhere: the street and the unit."""
    left = [line for line in lines if _is_phone(line) or "@" in line]
    kept = [line for line in lines if line not in left and not (names and fold(line) in names)]
    return FreeAddress(_with_street([[line] for line in kept], {}), left)


def same_state(one: str, other: str) -> bool:
    """Whether two texts name one state, "NV" and "Nevada" say."""
    code = state_code(one, None)
    return code is not None and code == state_code(other, None)
