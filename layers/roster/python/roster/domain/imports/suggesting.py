"""What a column may hold, by its cells: for headings that tell nothing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from roster.domain.custom_fields import CustomField, CustomType
from roster.domain.imports.cell_values import clean, flag, status
from roster.domain.imports.foreign_words import spelled
from roster.domain.imports.headings import normalise
from roster.domain.places import country_code, state_code


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# Below this a suggestion is no more than noise.
_WORTH_TELLING, _AGREED = 0.5, 0.9
_MOST = 4
# A longer cell is prose, whatever it begins with.
_LONGEST = 300
_NAMES = ("display_name", "company_name", "full_name")

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]{2,}")
_PHONE = re.compile(r"\+?[\d\s().\-/]{7,24}(\s*(x|ext\.?)\s*\d{1,6})?", re.IGNORECASE)
# Addresses of computers, numbers with decimals, tax and social security numbers.
_NO_PHONE = re.compile(r"\d{1,3}(\.\d{1,3}){3}|[+-]?\d+\.\d+|\d{3}-\d{2}-\d{4}|\d{2}-\d{7}|-.*")
_URL = re.compile(r"(https?://|www\.)\S+|[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|net|org|io|de|fr|es|it"
                  r"|nl|pt|at|ch|be|in|eu|biz|info|co\.uk|com\.au|ca|us)(/\S*)?",
                  re.IGNORECASE)  # fmt: skip
_ZIP = re.compile(r"\d{5}(-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]? "
                  r"?\d[A-Z]{2}|\d{4}-\d{3}|(D|A|CH|F)-\d{4,5}", re.IGNORECASE)  # fmt: skip
_GSTIN = re.compile(r"\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]", re.IGNORECASE)
_PAN = re.compile(r"[A-Z]{5}\d{4}[A-Z]", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}( .*)?")
_NUMBER = re.compile(r"[+-]?[\d.,]+%?")
_STREET = re.compile(
    r"\d+[A-Za-z]?(-\d+)?[, ]+(?=.*[^\W\d]{3}).+|(?=.*[^\W\d]{3})\D+ \d+ ?[A-Za-z]?([ ,/-].*)?"
)
_COMPANY = re.compile(
    r".*\b(inc|llc|l\.l\.c|ltd|limited|corp|corporation|company|co|plc|llp|lp|pvt|gmbh|ag|kg|ohg"
    r"|ug|e\.?k|e\.?v|mbh|sarl|sas|sa|srl|spa|s\.?p\.?a|s\.?r\.?l|s\.?a|s\.?l|bv|b\.v|nv|n\.v|lda"
    r"|ltda|eurl|& sons|& co|group|services|enterprises)\b\.?",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_](?:[^\W\d_]|['’.-])*"
_PERSON = re.compile(rf"{_WORD}(,? {_WORD}){{1,3}}")

# Whoever's it is, it is not the customer's own, or it is another thing that looks alike.
_NOT_THEIRS = _names(
    "fax|telefax|rep|sales|seller|salesperson|vertreter|owner|assigned|created|modified"
    "|updated|by|manager|agent|vendor|supplier|lieferant|fournisseur|proveedor|employee"
    "|mitarbeiter|staff|user|username|login|referred|referral|referrer|emergency|iban|bic"
    "|bank|lat|lng|latitude|longitude|sku|order|invoice|quote|estimate|job|payment|balance"
    "|saldo|total|amount|price|date|datum|status|ip|linkedin|facebook|twitter|instagram"
    "|social|avatar|image|photo|logo|card|ssn|ein|parent|account|subscription|other|second"
    "|alternate|cc|bcc"
)
_OF_A_NAME = _names(
    "name|names|customer|client|company|business|organization|organisation|person|contact"
    "|kunde|kunden|firma|firmen|unternehmen|nom|nombre|nome|naam|cliente|clientes"
    "|entreprise|societe|empresa|azienda|bedrijf|klant|account|kd|auftraggeber|besteller"
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field that a column may feed; `confidence` runs from 0 to 1."""

    field: str
    confidence: float


def _is_phone(text: str) -> bool:
    if not _PHONE.fullmatch(text) or _DATE.fullmatch(text) or _NO_PHONE.fullmatch(text):
        return False
    digits = sum(c.isdigit() for c in text)
    if text.startswith(("+", "00")):
        return 7 <= digits <= 17
    # A bare number of nine digits may as well be an id, one of thirteen a card's.
    return 7 <= digits <= 12 and (digits >= 10 or not text.isdigit())


def _is_company(text: str) -> bool:
    return bool(_COMPANY.fullmatch(text)) and "@" not in text


def _is_person(text: str) -> bool:
    return bool(_PERSON.fullmatch(text)) and not _is_company(text) and text != text.lower()


def _is_name(text: str) -> bool:
    return (_is_person(text) or _is_company(text)) and len(text) <= 100


def _is_flag(text: str) -> bool:
    return flag(text) is not None


def _is_state(text: str) -> bool:
    return state_code(text, None) is not None


def _is_street(text: str) -> bool:
    return bool(_STREET.fullmatch(text)) and not _DATE.fullmatch(text) and "@" not in text


_FITS: tuple[tuple[Callable[[str], object], tuple[str, ...]], ...] = (
    (_EMAIL.fullmatch, ("email", "billing_contact.email")),
    (_is_phone, ("phone", "mobile", "billing_contact.phone")),
    (_URL.fullmatch, ("website",)),
    (_GSTIN.fullmatch, ("gstin",)),
    (_PAN.fullmatch, ("pan",)),
    (_ZIP.fullmatch, ("service_location.zip", "billing_address.zip")),
    (_is_state, ("service_location.state", "billing_address.state")),
    (country_code, ("service_location.country", "billing_address.country")),
    (_is_street, ("service_location.street", "billing_address.street")),
    (_is_company, ("company_name", "display_name")),
    (_is_person, ("full_name", "display_name")),
    (_is_name, ("display_name",)),
    (_is_flag, ("verified", "portal_access", "billing_same_as_service")),
)
# Kinds of which one cell is proof; of the others it takes some to be sure.
_SURE = frozenset({"email", "website", "gstin", "pan"})
# Headings of whether a customer is active, and what their cells have to be: others have a status
# of "lead" or "won".
_STANDING: dict[str, tuple[frozenset[str], Callable[[str], object]]] = {
    "status": (_names("status|customer status|client status|account status|record status"), status),
    "status.is_active": (_names("active|is active|active customer|enabled"), flag),
    "status.is_inactive": (
        _names("inactive|is inactive|not active|archived|is archived|disabled|is disabled"),
        flag,
    ),
}
STATUS_FIELDS = frozenset(_STANDING)
# What may be taken without a word from anybody.
_TAKEN = _names(
    "email|phone|mobile|website|gstin|pan|service_location.zip|service_location.state"
    "|service_location.country|service_location.street"
)
_OWN_FITS: dict[CustomType, Callable[[str], object]] = {
    CustomType.DATE: _DATE.fullmatch,
    CustomType.NUMBER: _NUMBER.fullmatch,
    CustomType.BOOLEAN: _is_flag,
}


def suggestions(values: Sequence[str], own: Sequence[CustomField] = ()) -> tuple[Suggestion, ...]:
    """What the cells of a column may be, likeliest first; blank cells say nothing."""
    cells = [text for value in values if (text := clean(value[:_LONGEST]))]
    if not cells:
        return ()
    found: dict[str, float] = {}
    for fits, fields in _FITS:
        share = sum(1 for text in cells if fits(text)) / len(cells)
        sure = fields[0] in _SURE
        share = share if sure else share * len(cells) / (len(cells) + 1)
        for place, name in enumerate(fields):
            # The second of two fields a kind may mean is less likely than the first.
            found[name] = max(found.get(name, 0.0), share * (1 - 0.1 * place))
    if _counts_up(cells):
        found |= {name: 0.0 for name in found if name.endswith((".zip", "phone", "mobile"))}
    for declared in own:
        found[f"custom.{declared.name}"] = _share_of_own(declared, cells)
    told = [Suggestion(name, round(share, 2)) for name, share in found.items()
            if share >= _WORTH_TELLING]  # fmt: skip
    # Of two that fit alike, the one that says more goes first.
    told.sort(key=lambda one: (-one.confidence, one.field == "display_name"))
    return tuple(told[:_MOST])


def standing(heading: str, values: Sequence[str]) -> Suggestion | None:
    """The field of a column that says whether customers are active, as far as its cells agree."""
    name = normalise(heading)
    cells = [text for value in values if (text := clean(value[:_LONGEST]))]
    for field, (called, fits) in _STANDING.items():
        if name in called and cells:
            share = sum(fits(text) is not None for text in cells) / len(cells)
            return Suggestion(field, round(share, 2)) if share >= _AGREED else None
    return None


def _counts_up(cells: Sequence[str]) -> bool:
    """Whether the cells are ids given in turn, which look like postal codes or phone numbers."""
    numbers = [int(text) for text in cells if text.isascii() and text.isdigit()]
    return len(numbers) == len(cells) > 2 and all(
        0 < after - before < 100 for before, after in pairwise(numbers)
    )


def _share_of_own(declared: CustomField, cells: Sequence[str]) -> float:
    if declared.type is CustomType.CHOICE:
        choices = {choice.casefold() for choice in declared.choices}
        share = sum(1 for text in cells if text.casefold() in choices) / len(cells)
    else:
        fits = _OWN_FITS.get(declared.type)
        share = sum(1 for text in cells if fits(text)) / len(cells) if fits else 0.0
    return share * 0.9


def taken(heading: str, found: Sequence[Suggestion], claimed: frozenset[str]) -> Suggestion | None:
    """The suggestion that is good enough to be used unasked, where nobody claims its field.

    A name is taken only where the heading speaks of one.
    """
    words = set(spelled(heading).split())
    if words & _NOT_THEIRS:
        return None
    named = bool(words & _OF_A_NAME)
    for one in found:
        if one.confidence < 0.9 or one.field in claimed:
            continue
        if one.field in _TAKEN and not (named and one.field not in ("email", "phone", "mobile")):
            return one
        if one.field in _NAMES and named and not claimed & frozenset(_NAMES):
            return one
    return None
