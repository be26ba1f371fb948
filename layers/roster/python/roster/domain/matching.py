"""When two descriptions are the same customer: the same name, and nothing that contradicts."""

from collections.abc import Iterable

from roster.domain.quick import quick_dataclass
from roster.domain.text import digits, fold

# Fewer digits are an extension or a typing error, not a number two people could share.
_PHONE_DIGITS = 7


@quick_dataclass(frozen=True, slots=True)
class MatchCard:
    """What is compared: folded names, e-mail in lower case, phone digits. Empty text: not known.

    `version` is that of the list row it was made of; `state` is empty for an active customer.
    """

    id: str
    name: str
    person: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    number: str = ""
    version: int = 0
    state: str = ""


def match_card(
    *,
    id: str,
    display_name: str,
    full_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    external_id: str | None = None,
    number: str | None = None,
    version: int = 0,
    state: str = "",
) -> MatchCard:
    """The card of a customer, or of a row that may become one."""
    return MatchCard(
        id=id,
        name=fold(display_name),
        person=fold(full_name or ""),
        email=(email or "").casefold(),
        phone=digits(phone or ""),
        external_id=external_id or "",
        number=number or "",
        version=version,
        state=state,
    )


def _contradicts(one: str, other: str) -> bool:
    return bool(one and other and one != other)


def _same_phone(one: str, other: str) -> bool:
    """Whether two numbers are one, with and without the country's code."""
    short, long = sorted((one, other), key=len)
    return len(short) >= _PHONE_DIGITS and long.endswith(short)


def may_be_same(one: MatchCard, other: MatchCard) -> bool:
    """Same name, and of two that differ only in how they are reached a person may be the judge."""
    return one.name == other.name and not (
        _contradicts(one.person, other.person)
        or _contradicts(one.number, other.number)
        or _contradicts(one.external_id, other.external_id)
    )


def is_same(one: MatchCard, other: MatchCard) -> bool:
    """Same name, and nothing that says otherwise.

    Another person, number or external id says otherwise. So does another e-mail address or phone,
    unless the other of the two is shared: people change one and keep the other.
    """
    if not may_be_same(one, other):
        return False
    same_phone = _same_phone(one.phone, other.phone)
    if same_phone or (one.email and one.email == other.email):
        return True
    return not (_contradicts(one.email, other.email) or _contradicts(one.phone, other.phone))


def find_same(card: MatchCard, candidates: Iterable[MatchCard]) -> MatchCard | None:
    """The first of `candidates` that is the same customer, one that shares most first."""
    return next(iter(all_same(card, candidates)), None)


def all_same(card: MatchCard, candidates: Iterable[MatchCard]) -> list[MatchCard]:
    """Those of `candidates` that are the same customer and share as much as any other that is."""
    same = [(c, _shared(card, c)) for c in candidates if is_same(card, c)]
    most = max((shared for _, shared in same), default=0)
    return [c for c, shared in same if shared == most]


def _shared(one: MatchCard, other: MatchCard) -> int:
    pairs = (
        (one.external_id, other.external_id),
        (one.number, other.number),
        (one.email, other.email),
        (one.phone, other.phone),
        (one.person, other.person),
    )
    return sum(bool(a) and a == b for a, b in pairs)
