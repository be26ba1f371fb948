"""Dates as people type them into spreadsheets."""

import re
from datetime import UTC, date, datetime, time

# Countries that write the month first; elsewhere 3/4/2024 is the third of April.
MONTH_FIRST = frozenset({"US", "PR", "PH", "FM", "MH", "PW", "GU", "VI", "AS", "MP"})
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})\b")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b")
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%d-%b-%y")
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p")
_ENDS_WITH_TIME = re.compile(
    r"(.+?)[\s,]+(?:at\s+)?(\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?)"
)
_NOON = time(12)
# "Wednesday, September 25th, 2024 at 12:00:00 a.m." and then some.
_LONGEST = 100
# Two digits of a year: those up to here are of this century.
_PIVOT = 69
_MONTHS = 12
# What is said of such a date: what it was read as, and what comes first in others.
TURNED = "read as {}, though dates such as 3/4/2024 are read with the {} first"


def typed_moment(text: str, *, month_first: bool) -> datetime | None:
    """The moment that `text` means, in UTC, noon where it names a day only; None if it names none.

    3/4/2024 is read by `month_first`, unless only the other way gives a date.
    """
    text = " ".join(text.split())
    if len(text) > _LONGEST:
        return None
    try:
        iso = datetime.fromisoformat(text)
    except ValueError:
        return _typed(text, month_first=month_first)
    if len(text) <= len("2024-03-05"):
        iso = datetime.combine(iso.date(), _NOON)
    try:
        return iso.astimezone(UTC) if iso.tzinfo else iso.replace(tzinfo=UTC)
    except OverflowError:
        return None


def typed_day(text: str, *, month_first: bool) -> date | None:
    """The day that `text` means where it stands, a time of day left out; None if it names none."""
    text = " ".join(text.split())
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        found = _typed(text, month_first=month_first)
    return found.date() if found else None


def is_turned(text: str, *, month_first: bool) -> bool:
    """Whether `text` makes a date only with day and month the other way round."""
    found = _NUMBERS.match(text.strip())
    if found is None:
        return False
    month = found[1] if month_first and found[2] != "." else found[3]
    return int(month) > _MONTHS


def names_a_day_only(text: str) -> bool:
    """Whether a typed moment has no time of day."""
    return ":" not in text


def _typed(text: str, *, month_first: bool) -> datetime | None:
    parted = _ENDS_WITH_TIME.fullmatch(text)
    day, hour = parted.groups() if parted else (text, None)
    found = _day(day, month_first=month_first)
    at = _hour(hour) if hour else _NOON
    return datetime.combine(found, at, UTC) if found and at else None


def _hour(text: str) -> time | None:
    plain = text.replace(".", "").upper()
    for form in _TIMES:
        try:
            return datetime.strptime(plain, form).time()  # noqa: DTZ007 - a time of day alone
        except ValueError:
            continue
    return None


def _day(text: str, *, month_first: bool) -> date | None:
    if found := _YEAR_FIRST.fullmatch(text):
        return _date(*map(int, found.groups()))
    if found := _NUMBERS.fullmatch(text):
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        if len(found[4]) == 2:
            year += 2000 if year < _PIVOT else 1900
        # With dots the day comes first wherever dots are used.
        days = [_date(year, other, one), _date(year, one, other)]
        if month_first and found[2] != ".":
            days.reverse()
        return days[0] or days[1]
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text.replace(",", " "), flags=re.IGNORECASE)
    plain = " ".join(plain.replace(". ", " ").split())
    for form in _NAMED:
        try:
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a day alone
        except ValueError:
            continue
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
