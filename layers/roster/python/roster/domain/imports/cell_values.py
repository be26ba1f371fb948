"""What a person typed into a cell, made into a field's value, with what is doubtful about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# Excel's error values; a formula nobody calculated reads as the last one (our own word for it).
UNCALCULATED = "#UNCALCULATED!"
ERROR_CELLS = _names(
    "#N/A|#REF!|#VALUE!|#DIV/0!|#NAME?|#NUM!|#NULL!|#SPILL!|#CALC!|#FIELD!|#BLOCKED!|#CONNECT!"
    "|#BUSY!|#UNKNOWN!|#GETTING_DATA|#PYTHON!|#EXTERNAL!|#TIMEOUT!|" + UNCALCULATED
)

# The first is taken, and the cell as it is kept in the notes.
SEVERAL = frozenset({"several_emails", "several_phones"})

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]{2,}")
# What most cells hold, and nothing to be found out about it.
_PLAIN_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[\w-]{2,}")
_PLAIN_PHONE = re.compile(r"[0-9 ().+-]+")
_EMAIL_BREAKS = re.compile(r"[;,/|\s]+")
_PHONE_BREAKS = re.compile(r"\s*(?:[;,/|\n]|\bor\b)\s*", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(?:x|ext\.?|extn\.?|extension|#|,)\s*\.?\s*\d{1,7}\s*$", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_LETTER = re.compile(r"[A-Za-z]")
_SHORT_ZIP = re.compile(r"\d{3,4}|\d{4}-\d{4}")
_FLOAT_ID = re.compile(r"\d{5,}\.0+|\d{3,}\.0")
# `'` put before a value to keep it text, by a spreadsheet or by our export, which puts one more
# before a value that has one of its own; a name may begin with one ('t Hooft).
_GUARDED = (
    r"'*[=+\-@\t\r\n]|'*[\d\s().+-]+$|'*(?:" + "|".join(map(re.escape, sorted(ERROR_CELLS))) + ")$"
)
_TEXT_GUARD = re.compile(f"'(?={_GUARDED})")
# What a spreadsheet program takes for a formula.
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_NO_BEGINNING = " '"
_INVISIBLE = "\ufeff\u200b\u200e\u200f\u2060"
_PHONE_DIGITS = range(7, 16)

_US = _names("us|usa|u s|u s a|united states|united states of america")
# States whose ZIP codes begin with 0; none of them reads as a region with four-digit codes.
_ZERO_ZIP_STATES = _names(
    "ct|ma|me|nh|nj|ri|vt|pr|vi|connecticut|massachusetts|maine|vermont|new hampshire|new jersey"
    "|rhode island|puerto rico"
)
_ISLANDS = _names("pr|vi|puerto rico|virgin islands|us virgin islands|u.s. virgin islands")
# Where an address needs state and postal code; no country named means the tenant's own.
_WITH_STATES = _US | _names("|ca|canada|au|australia|in|india|mx|mexico|br|brazil")

_COMPANY = _names("company|business|commercial|corporate|corporation|organization|organisation|b2b")
_INDIVIDUAL = _names("individual|person|private|residential|homeowner|consumer|household|b2c")
_END_CUSTOMER = _names("end customer|end_customer|end user|end-user|consumer|user")
_DISTRIBUTOR = _names("distributor|dealer|reseller|wholesaler|trader")
_ACTIVE = _names("active|enabled|open|current")
_INACTIVE = _names("inactive|not-active|not active|archived|disabled|closed|deleted|blocked")
_YES, _NO = _names("yes|y|true|t|1|x|on|✓"), _names("no|n|false|f|0|off|-")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
# A tag that holds what parts tags stands in quotes, as in CSV.
_TAG = re.compile(r'\s*(?:"((?:[^"]|"")*)"(?=\s*(?:[,;\n]|$))|([^,;\n]*))\s*(?:[,;\n]|$)')
_TAG_QUOTED = re.compile(r'[,;\n"]|^\s|\s$')


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about a value: the rule's name, a sentence for a person, a value to use instead."""

    rule: str
    detail: str
    suggestion: str | None = None


def clean(text: str, *, lines: bool = False) -> str:
    """`text` without surrounding space, text guards and control characters, on one line."""
    # Most cells are clean: the one blank that is printable is the space.
    if text.isprintable() and text[:1] not in _NO_BEGINNING and "  " not in text:
        return text.rstrip()
    text = text.strip().strip(_INVISIBLE).strip()
    if _TEXT_GUARD.match(text):
        text = text[1:]
    if lines:
        return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", " ".join(text.split())) if not text.isalnum() else text


def one_line(text: str) -> str:
    """`text` as `clean` reads it from a cell, but for guards: names are compared by this."""
    return _CONTROL.sub("", " ".join(text.strip().strip(_INVISIBLE).split()))


def guarded(text: str) -> str:
    """`text` for a CSV file: no program takes it for a formula, and `clean` gives it back."""
    return f"'{text}" if _FORMULA.match(text) else guarded_text(text)


def guarded_text(text: str) -> str:
    """`text` for a cell that is text already: guarded where `clean` would take it for guarded."""
    is_taken_for_guarded = _TEXT_GUARD.match(text) or text.startswith('="')
    return f"'{text}" if is_taken_for_guarded or text in ERROR_CELLS else text


def kept(text: str, *, csv: bool) -> str:
    """A cell as it was typed, guards of its own included, for a file that comes back.

    `clean` says of it what it says of `text`; no program takes it for a formula.
    """
    if text[:1].isalnum():
        return text
    bare = text.strip().strip(_INVISIBLE).strip()
    if _FORMULA.match(bare) if csv else bare.startswith('="'):
        return f"'{bare}"
    return bare if csv and _FORMULA.match(text) else text


def email(text: str) -> tuple[str, Finding | None]:
    """The first e-mail address of the cell; the cell as typed when none looks like one."""
    if _PLAIN_EMAIL.fullmatch(text):
        return text, None
    found = [part.strip("<>()\"'") for part in _EMAIL_BREAKS.split(text) if "@" in part]
    found = list(dict.fromkeys(p.removeprefix("mailto:") for p in found))
    good = [p for p in found if _EMAIL.fullmatch(p)]
    if not good:
        return text, Finding("doubtful_email", "this does not look like an e-mail address")
    others = [p for p in found if p.casefold() != good[0].casefold()]
    if others:
        detail = f"the cell has several e-mail addresses; kept in the notes: {', '.join(others)}"
        return good[0], Finding("several_emails", detail)
    return good[0], None


def phone(text: str) -> tuple[str, Finding | None]:
    """The first phone number of the cell, as typed, and what is doubtful about it."""
    if _PLAIN_PHONE.fullmatch(text) and _digits(text) in _PHONE_DIGITS:
        return text, None
    if _SCIENTIFIC.fullmatch(text):
        return text, damaged_number(text)
    bare = _EXTENSION.sub("", text)
    parts = [part for part in _PHONE_BREAKS.split(text) if _digits(part) >= _PHONE_DIGITS.start]
    if len(parts) > 1:
        detail = f"the cell has several phone numbers; kept in the notes: {', '.join(parts[1:])}"
        return parts[0], Finding("several_phones", detail)
    if _digits(bare) not in _PHONE_DIGITS or _LETTER.search(bare):
        return text, Finding("doubtful_phone", "this does not look like a phone number")
    return text, None


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def damaged_number(text: str) -> Finding | None:
    """What a spreadsheet program did to an identifier it took for a number, if it did."""
    if _SCIENTIFIC.fullmatch(text):
        return Finding(
            "damaged_number",
            "a spreadsheet program shortened this number and its last digits may be lost: "
            "take it from the original and format the column as text",
        )
    if _FLOAT_ID.fullmatch(text):
        whole = text.partition(".")[0]
        return Finding("damaged_number", "a decimal point was added to this number", whole)
    return None


def zip_code(text: str, *, state: str, country: str) -> Finding | None:
    """The doubt about a postal code: a US ZIP whose leading zeros a spreadsheet has eaten."""
    damaged = damaged_number(text)
    if damaged and damaged.suggestion is None:
        return damaged
    text = damaged.suggestion if damaged and damaged.suggestion else text
    american = _plain(country) in _US if country else state.casefold() in _ZERO_ZIP_STATES
    if american and _SHORT_ZIP.fullmatch(text):
        detail = "a US ZIP has five digits; its leading zeros seem to be lost"
        # Two zeros begin the codes of the islands alone.
        is_likely = len(text) > 3 or state.casefold() in _ISLANDS
        right = text.zfill(10 if "-" in text else 5) if is_likely else None
        return Finding("damaged_zip", detail, right)
    return damaged


@lru_cache(maxsize=256)
def _plain(country: str) -> str:
    return " ".join(country.casefold().replace(".", " ").split())


def missing_address_parts(parts: dict[str, str]) -> list[str]:
    """The parts a usable address still lacks: "street", "city", "state", "zip"."""
    needed = ["street", "city"]
    if _plain(parts.get("country", "")) in _WITH_STATES:
        needed += ["state", "zip"]
    return [part for part in needed if not parts.get(part)]


def name_parts(whole: str) -> dict[str, str]:
    """A person's name as first and last name; a single word is the first."""
    first, _, last = whole.rpartition(" ")
    return {"first_name": first, "last_name": last} if first else {"first_name": last}


def kind(text: str) -> str | None:
    """ "company" or "individual"; None for a word that is another system's own category."""
    word = text.casefold()
    if word in _COMPANY:
        return "company"
    return "individual" if word in _INDIVIDUAL else None


def role(text: str) -> str | None:
    """ "end_customer" or "distributor"; None for any other word."""
    word = text.casefold()
    if word in _END_CUSTOMER:
        return "end_customer"
    return "distributor" if word in _DISTRIBUTOR else None


def status(text: str) -> str | None:
    """ "active" or "inactive"; None for any other word."""
    word = text.casefold()
    if word in _ACTIVE:
        return "active"
    return "inactive" if word in _INACTIVE else None


def flag(text: str) -> bool | None:
    """What a cell says to a question; None for no answer."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def flag_text(value: bool) -> str:  # noqa: FBT001 - a cell's value, not a switch
    """A flag as a cell shows it."""
    return "Yes" if value else "No"


def percentage(text: str) -> str:
    """A percentage without its sign, and with a point where a comma was typed for it."""
    bare = text.replace("%", "").strip()
    return bare.replace(",", ".") if _DECIMAL_COMMA.fullmatch(bare) else bare


def tags(text: str) -> list[str]:
    """The tags of a cell, split at commas, semicolons and line breaks, each once."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _TAG.match(text, at)
        if match is None or match.end() == at:
            break
        quoted, plain = match.groups()
        found.append(plain.strip() if quoted is None else quoted.replace('""', '"'))
        at = match.end()
    return list(dict.fromkeys(tag for tag in found if tag.strip()))


def tags_text(given: Iterable[str]) -> str:
    """Tags as one cell, which `tags` takes apart again."""
    quoted = ('"' + tag.replace('"', '""') + '"' if _TAG_QUOTED.search(tag) else tag
              for tag in given)  # fmt: skip
    return ", ".join(quoted)
