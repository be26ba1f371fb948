"""Ten digits are read without the library's parser, and come out as the library has it."""

import random

import phonenumbers
import pytest

from roster.domain.customer_values import e164


def by_the_library(typed: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("region", ["US", "CA"])
@pytest.mark.parametrize("form", ["{}{}{}", "({}) {}-{}", "{}.{}.{}", "({}){}{}", "{} {} {}"])
def test_a_number_is_what_the_library_takes_it_for(region: str, form: str) -> None:
    chance = random.Random(form)  # noqa: S311 — numbers to try, no secret
    for _ in range(400):
        digits = f"{chance.randrange(10**10):010}"
        typed = form.format(digits[:3], digits[3:6], digits[6:])
        assert e164(typed, region) == by_the_library(typed, region), typed


def test_every_area_is_known() -> None:
    ends = ("2345678", "5550123", "9876543")
    for typed in (f"{area}{end}" for area in range(200, 1000) for end in ends):
        assert e164(typed, "US") == by_the_library(typed, "US"), typed
