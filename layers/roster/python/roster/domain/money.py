"""Amounts of money: whole minor units beside a currency, and the one rule that rounds them.

Nothing here is a float. An amount is an `int` of minor units (paise, cents, yen, fils).
"""

import re
from decimal import Decimal

# Every amount stays a whole number in any JSON reader (2**53) and far below DynamoDB's 38 digits.
MAX_AMOUNT = 10**15 - 1

_MAX_DIGITS = 40
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")

# ISO 4217 as of 2026: the currencies one can pay in, without funds, metals and test codes.
_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL
HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT
MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
"""
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = {
    code: exponent
    for exponent, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))
    for code in codes.split()
}


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency, in capitals."""
    return code in _EXPONENTS


def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for INR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS[currency]


def rounded(numerator: int, denominator: int) -> int:
    """The whole minor units nearest to the quotient; a half goes away from zero.

    The only rounding of money in Roster. Half up is what section 170 of the CGST Act says and what
    QuickBooks does; away from zero, so that a credit is the exact mirror of the charge.
    """
    halves, whole = 2 * abs(numerator) + denominator, 2 * denominator
    return halves // whole if numerator >= 0 else -(halves // whole)


def scaled(given: object, places: int) -> int | None:
    """A decimal (text or number) times 10**places; None if that is no whole number, or no number.

    A float counts as it is written: 0.1 is a tenth.
    """
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        return None
    text = str(given).strip()
    if len(text) > _MAX_DIGITS or not _DECIMAL.fullmatch(text):
        return None
    value = Decimal(text)
    # Looked at before it is written out: "1e999999" has a million digits.
    if value and not -places <= value.adjusted() <= _MAX_DIGITS:
        return None
    numerator, denominator = value.as_integer_ratio()
    whole, rest = divmod(numerator * 10**places, denominator)
    return None if rest else whole


def decimal_text(scaled_value: int, places: int) -> str:
    """`scaled_value` / 10**places without idle zeros: (7500, 3) → "7.5"."""
    text = f"{Decimal(scaled_value).scaleb(-places):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount_text(amount: int, currency: str) -> str:
    """An amount in major units with all its decimals: (123450, "INR") → "1234.50"."""
    return f"{Decimal(amount).scaleb(-exponent(currency)):f}"


def minor_units(amount: Decimal, currency: str) -> int:
    """A decimal amount in minor units, rounded where it has more decimals than the currency."""
    numerator, denominator = amount.as_integer_ratio()
    return rounded(numerator * 10 ** exponent(currency), denominator)
