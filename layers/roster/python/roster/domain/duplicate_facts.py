"""What is compared to find duplicates: names and addresses brought to one form."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from roster.domain.customer import Customer
from roster.domain.location import Address
from roster.domain.text import digits, fold

# What says how a firm is organised, and not which firm it is.
_LEGAL_FORMS = frozenset({
    "ab", "ag", "as", "bv", "co", "company", "corp", "corporation", "eirl", "gmbh", "inc",
    "incorporated", "kg", "kgaa", "lc", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv",
    "ohg", "oy", "oyj", "pc", "plc", "private", "pte", "pty", "pvt", "sa", "sarl", "sas", "spa",
    "srl", "ug",
})  # fmt: skip
_FILLING = frozenset({
    "a", "an", "and", "at", "by", "de", "del", "der", "die", "for", "in", "la", "le", "of", "on",
    "the", "und",
})  # fmt: skip
_SHORT = {
    "apartment": "apt", "associates": "assoc", "association": "assoc", "avenue": "ave",
    "av": "ave", "boulevard": "blvd", "blv": "blvd", "bros": "brothers", "center": "ctr",
    "centre": "ctr", "circuit": "cct", "close": "cl", "court": "ct", "crescent": "cres",
    "cr": "cres", "department": "dept", "doctor": "dr", "drive": "dr", "drv": "dr",
    "east": "e", "expressway": "expy", "floor": "fl", "fort": "ft", "highway": "hwy",
    "lane": "ln", "management": "mgmt", "manufacturing": "mfg", "mount": "mt", "north": "n",
    "northeast": "ne", "northwest": "nw", "parkway": "pkwy", "place": "pl", "plaza": "plz",
    "road": "rd", "room": "rm", "route": "rte", "saint": "st", "school": "sch",
    "service": "svc", "services": "svc", "south": "s", "southeast": "se", "southwest": "sw",
    "square": "sq", "str": "st", "strasse": "st", "street": "st", "suite": "ste",
    "terrace": "ter", "university": "univ", "west": "w",
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
}  # fmt: skip
# An apostrophe joins: "O'Brien" is one word, and "Arnie's" is "arnies".
_APOSTROPHES = re.compile(r"(?<=\w)['’`´?](?=\w)")
_JOINED_KIND = re.compile(
    r"\b(\w{3,}?)(street|strasse|place|crescent|circuit|avenue|close|drive|court|road)\b"
)
# The country's and the area's code are typed or not; the subscriber's digits always are.
_PHONE_TAIL, _PHONE_DIGITS = 10, 7

type Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """One customer as it is compared; an empty value is not known."""

    id: str
    name: Words = ()
    street: Words = ()
    house: str = ""
    unit: Words = ()
    city: Words = ()
    zip: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    born: str = ""
    extra: str = ""
    given: str = ""

    @property
    def place(self) -> Words:
        """Street and unit together: people type the one into the field of the other."""
        return tuple(dict.fromkeys(self.street + self.unit))


@lru_cache(maxsize=8192)
def name_words(text: str) -> Words:
    """The words of a name without its legal form: "The Müller Co., Inc." → ("muller",)."""
    found = _words(text)
    telling = tuple(w for w in found if w not in _LEGAL_FORMS and w not in _FILLING)
    return telling or found


def telling_words(text: str) -> Words:
    """The folded words of a name as they were typed, without its legal form."""
    found = tuple(fold(text).split())
    return tuple(w for w in found if w not in _LEGAL_FORMS and w not in _FILLING) or found


def _words(text: str) -> Words:
    folded = fold(_APOSTROPHES.sub("", text)).split()
    return tuple(dict.fromkeys(_SHORT.get(word, word) for word in folded))


def _place_words(text: str) -> Words:
    """The words of a street, its kind parted from its name as in "Hauptstraße"."""
    return _words(_JOINED_KIND.sub(r"\1 \2", fold(_APOSTROPHES.sub("", text))))


def phone_tail(text: str) -> str:
    """The last digits of a phone number, up to ten; empty for what is no number."""
    found = digits(text)
    return found[-_PHONE_TAIL:] if len(found) >= _PHONE_DIGITS else ""


def facts(
    *,
    id: str,
    names: Iterable[str | None] = (),
    street: str | None = None,
    unit: str | None = None,
    city: str | None = None,
    zip: str | None = None,
    emails: Iterable[str | None] = (),
    phones: Iterable[str | None] = (),
    born: str | None = None,
    extra: str | None = None,
    given: str | None = None,
) -> Facts:
    """The facts of a customer from what was typed; `given` is a person's first name."""
    house, rest = _house(_place_words(street or ""))
    return Facts(
        id=id,
        name=tuple(dict.fromkeys(w for name in names if name for w in name_words(name))),
        street=rest,
        house=house,
        unit=_place_words(unit or ""),
        city=_words(city or ""),
        zip="".join(_words(zip or "")),
        emails=frozenset(e.strip().casefold() for e in emails if e and e.strip()),
        phones=frozenset(tail for p in phones if p and (tail := phone_tail(p))),
        born=digits(born or ""),
        extra="".join(_words(extra or "")),
        given=fold(given or ""),
    )


def _house(street: Words) -> tuple[str, Words]:
    """The house number, the first word that begins with a digit, and the other words."""
    for at, word in enumerate(street):
        if word[0].isdigit() and not word.endswith(("st", "nd", "rd", "th")):
            return word, street[:at] + street[at + 1 :]
    return "", street


def facts_of(customer: Customer) -> Facts:
    """The facts of a customer: its display name, ways to reach it, and its billing address."""
    address = customer.billing_address or Address()
    return facts(
        id=customer.id,
        names=[customer.display_name],
        street=address.street,
        unit=address.unit,
        city=address.city,
        zip=address.zip,
        emails=[customer.email],
        phones=[customer.phone, customer.mobile],
        given=customer.first_name,
    )


def fingerprint(*several: Facts) -> str:
    """The same as long as nothing that is compared of these customers has changed."""
    parts = [
        [f.id, f.name, f.street, f.house, f.unit, f.city, f.zip, sorted(f.emails), sorted(f.phones),
         f.born, f.extra, f.given]
        for f in sorted(several, key=lambda f: f.id)
    ]  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]
