"""Single values of a customer: which are refused, and the normal form beside what was typed.

The libraries are imported where they are used: most requests need none of them.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from roster.domain.errors import FieldError

_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)
_MAX_LOCAL_PART = 64
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_HOST_AND_PORT = re.compile(r"\s*[\w-]+(\.[\w-]+)+:\d{1,5}([/?#]|\s*$)")
_HOST = re.compile(r"(?!-)[\w-]{1,63}(\.(?!-)[\w-]{1,63})*\.[^\W\d_][\w-]{1,62}")
_KINDS_OF_LINES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number",
    "pager", "uan", "voicemail",
)  # fmt: skip
_PERCENT_PLACES = 4
# Most of what an American company types, and nothing in it to be found out.
_NORTH_AMERICA = ("US", "CA")
_TEN_DIGITS = re.compile(r"\(?([2-9][0-9]{2})\)?[ .-]?([0-9]{3})[ .-]?([0-9]{4})")


# A row of a spreadsheet asks twice: whether to keep the address, and whether all of it is right.
@lru_cache(maxsize=256)
def email_normalized(typed: str) -> str | None:
    """The address with its domain in lower case; the part before "@" as typed.

    None for what is no address. No name server is asked.
    """
    if _PLAIN_EMAIL.fullmatch(typed):
        local, _, domain = typed.rpartition("@")
        return f"{local}@{domain.lower()}" if len(local) <= _MAX_LOCAL_PART else None
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            typed, check_deliverability=False, allow_quoted_local=True, strict=False
        )
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.domain}"


def e164(typed: str | None, region: str | None) -> str | None:
    """A phone number as E.164 ("+12125550100"), read as one dials it in `region`.

    None where there is doubt, or no region is given: the number is kept as typed.
    """
    if not typed or region is None:
        return None
    if region in _NORTH_AMERICA and (plain := _TEN_DIGITS.fullmatch(typed)):
        return _north_american("".join(plain.groups()))
    import phonenumbers

    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _north_american(ten: str) -> str | None:
    """What the library says of ten digits, without asking it: there is nothing to parse.

    No region's numbers begin as those of another one do, so any pattern of any region will do.
    """
    if _american_lines().fullmatch(ten) or _lines_of_any_kind().fullmatch(ten):
        return f"+1{ten}"
    return None


@cache
def _american_lines() -> re.Pattern[str]:
    """The library's pattern of what most numbers are; it tries a dozen others as well."""
    import phonenumbers

    known = phonenumbers.PhoneMetadata.metadata_for_region("US", None)
    every, lines = _pattern(known, "general_desc"), _pattern(known, "fixed_line")
    return re.compile(f"(?=(?:{every})$)(?:{lines})")


def _pattern(region: Any, kind: str) -> str | None:
    """The library's pattern of one kind of lines in a region; None where it has none."""
    known = getattr(region, kind, None)
    return known.national_number_pattern if known is not None else None


@cache
def _lines_of_any_kind() -> re.Pattern[str]:
    """All patterns of all regions that share the code."""
    import phonenumbers

    known = [
        phonenumbers.PhoneMetadata.metadata_for_region(region, None)
        for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]
    ]
    patterns = {_pattern(region, kind) for region in known for kind in _KINDS_OF_LINES} - {None}
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def website_error(typed: str) -> FieldError | None:
    """What is wrong with a website: a scheme that is no web address, such as `javascript:`."""
    # Browsers skip line breaks and tabs inside a scheme.
    seen = typed if typed.isprintable() else "".join(c for c in typed if c.isprintable())
    scheme = _scheme(seen)
    if scheme and scheme not in ("http", "https"):
        return FieldError("/website", "website", "only http and https")
    return None


def _scheme(typed: str) -> str | None:
    # "acme.com:8080" has none; without the dot, "javascript:1/alert(1)" would have none either.
    found = None if _HOST_AND_PORT.match(typed) else _SCHEME.match(typed)
    return found[1].lower() if found else None


def website_url(typed: str | None) -> str | None:
    """A website as an address to follow; https where no scheme was typed, None if it is none."""
    if not typed or website_error(typed):
        return None
    text = typed.strip()
    try:
        parts = urlsplit(text if _scheme(text) else f"https://{text.lstrip('/')}")
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    if not _HOST.fullmatch(host) or parts.username is not None or " " in text:
        return None
    where = host if port is None else f"{host}:{port}"
    return parts._replace(scheme=parts.scheme.lower(), netloc=where).geturl()


def gstin(typed: str) -> str | None:
    """A GSTIN in capitals without spaces, its check character right; None otherwise."""
    from stdnum.exceptions import ValidationError
    from stdnum.in_ import gstin as numbers

    try:
        return str(numbers.validate(typed))
    except ValidationError:
        return None


def pan(typed: str) -> str | None:
    """A PAN in capitals without spaces; None for what cannot be one."""
    from stdnum.exceptions import ValidationError
    from stdnum.in_ import pan as numbers

    try:
        return str(numbers.validate(typed))
    except ValidationError:
        return None


def percent(given: Any) -> str | None:
    """A percentage of 0 to 100 as decimal text without idle zeros ("7.5"); None otherwise."""
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        return None
    try:
        value = Decimal(str(given).strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or not 0 <= value <= 100:
        return None
    if value != round(value, _PERCENT_PLACES):
        return None
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text not in ("-0", "") else "0"


PERCENT_RULE = f"a number from 0 to 100 with at most {_PERCENT_PLACES} decimals"
