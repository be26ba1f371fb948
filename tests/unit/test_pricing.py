"""What quotes and invoices come to, against a second calculation in exact fractions."""

import random
from dataclasses import asdict
from fractions import Fraction
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.errors import Invalid
from roster.domain.gst import Levy
from roster.domain.money import (
    MAX_AMOUNT,
    amount_text,
    decimal_text,
    exponent,
    is_currency,
    rounded,
    scaled,
)
from roster.domain.pricing import (
    MAX_LINES,
    Priced,
    Rate,
    given_line,
    price,
    priced_from,
    rate_ids,
)

CURRENCIES = ("INR", "USD", "JPY", "KWD")
# Numbers of real form: Maharashtra twice, Karnataka, Chandigarh.
PUNE, MUMBAI = "27AAPFU0939F1ZV", "27AAACR5055K1Z7"
BENGALURU, CHANDIGARH = "29AAGCB7383J1Z4", "04AABCU9603R1ZV"
RATES = {
    f"tax_{percent}": Rate(id=f"tax_{percent}", name=f"Tax {percent}", percent=percent)
    for percent in ("0", "0.25", "5", "7.25", "8.8750", "12", "18", "28", "100")
}


def line(**values: Any) -> dict[str, Any]:
    return {"description": "Service", "quantity": "1", "unit_price": 10_000, **values}


def priced(*lines: dict[str, Any], currency: str = "INR", **options: Any) -> Priced:
    return price(lines, currency=currency, rates=RATES, **options)


def broken(*lines: dict[str, Any], **options: Any) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        priced(*lines, **options)
    return [error.pointer for error in refusal.value.errors]


def nearest(value: Fraction) -> int:
    """Half away from zero, calculated another way than the code does."""
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def random_document(dice: random.Random) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Lines of any size, some with discounts, taxes and negative prices; never below zero."""
    lines = []
    for _ in range(dice.randint(1, 8)):
        places = dice.randint(0, 6)
        given = line(
            quantity=decimal_text(dice.randint(1, 10 ** dice.randint(1, 7)), places),
            unit_price=dice.randint(0, 10 ** dice.randint(0, 6)),
        )
        if dice.random() < 0.7:
            given["tax_rate_id"] = dice.choice([None, *RATES])
        if dice.random() < 0.4:
            given["discount_percent"] = dice.choice(["0", "100", "33.3333", "2.5", "12.5"])
        lines.append(given)
    if dice.random() < 0.3:
        credit = dice.randint(1, 10**6)
        lines.append(line(description="Goodwill", unit_price=-credit, tax_rate_id="tax_7.25"))
        lines.append(line(unit_price=credit, tax_rate_id="tax_7.25"))
    pair = dice.choice([(None, None), (PUNE, None), (PUNE, MUMBAI), (PUNE, BENGALURU)])
    options = {
        "default_rate_id": dice.choice([None, "tax_18", "tax_7.25"]),
        "default_discount_percent": dice.choice(["0", "10", "0.0001"]),
        "seller_gstin": pair[0],
        "buyer_gstin": pair[1],
    }
    return lines, options


def check(document: Priced, given: list[dict[str, Any]], options: dict[str, Any]) -> None:
    for want, line in zip(given, document.lines, strict=True):
        amount = nearest(Fraction(want["quantity"]) * want["unit_price"])
        off = want.get("discount_percent", options["default_discount_percent"])
        discount = nearest(Fraction(amount) * Fraction(off) / 100)
        rate_id = want.get("tax_rate_id", options["default_rate_id"])
        rate = Fraction(RATES[rate_id].percent) if rate_id else Fraction(0)
        within_state = options["buyer_gstin"] == MUMBAI
        tax = (
            2 * nearest((amount - discount) * rate / 200)
            if within_state
            else nearest((amount - discount) * rate / 100)
        )
        assert (line.amount, line.discount, line.tax) == (amount, discount, tax)
        assert line.net == line.amount - line.discount
        assert line.total == line.net + line.tax
    assert document.subtotal == sum(line.amount for line in document.lines)
    assert document.discount == sum(line.discount for line in document.lines)
    assert document.tax == sum(line.tax for line in document.lines)
    assert document.tax == sum(by_rate.tax for by_rate in document.taxes)
    assert document.total == document.subtotal - document.discount + document.tax
    assert document.total == sum(line.total for line in document.lines)
    for by_rate in document.taxes:
        having = [line for line in document.lines if line.tax_rate_id == by_rate.tax_rate_id]
        assert by_rate.tax == sum(line.tax for line in having)
        assert by_rate.taxable == sum(line.net for line in having)
        if by_rate.parts:
            percents = [Fraction(part.percent) for part in by_rate.parts]
            assert sum(percents) == Fraction(by_rate.percent)
            assert sum(part.tax for part in by_rate.parts) == by_rate.tax
            assert len({part.tax for part in by_rate.parts}) == 1


@pytest.mark.parametrize("currency", CURRENCIES)
def test_totals_are_the_sums_of_their_lines_and_of_tax_by_rate(currency: str) -> None:
    """2 500 random documents in each of four currencies."""
    dice = random.Random(f"documents in {currency}")  # noqa: S311 — documents, not secrets
    for _ in range(2_500):
        lines, options = random_document(dice)
        document = priced(*lines, currency=currency, **options)
        check(document, lines, options)
        assert priced_from(asdict(document)) == document
        again = map(given_line, document.lines)
        assert priced(*again, currency=currency, **options) == document


@given(st.randoms(use_true_random=False), st.sampled_from(CURRENCIES))
def test_totals_add_up_whatever_the_dice_say(dice: random.Random, currency: str) -> None:
    lines, options = random_document(dice)
    check(priced(*lines, currency=currency, **options), lines, options)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**8))
def test_rounding_is_to_the_nearest_and_a_half_goes_away_from_zero(n: int, d: int) -> None:
    assert rounded(n, d) == nearest(Fraction(n, d))
    assert rounded(-n, d) == -rounded(n, d)


def test_a_half_of_the_smallest_coin_is_rounded_up() -> None:
    document = priced(line(quantity="0.5", unit_price=1), line(quantity="0.5", unit_price=3))
    assert [one.amount for one in document.lines] == [1, 2]
    assert priced(line(unit_price=10), line(quantity=0.5, unit_price=-1)).total == 9


@pytest.mark.parametrize(
    ("currency", "decimals", "text"),
    [("INR", 2, "1234.50"), ("USD", 2, "1234.50"), ("JPY", 0, "123450"), ("KWD", 3, "123.450")],
)
def test_each_currency_has_its_decimals(currency: str, decimals: int, text: str) -> None:
    assert exponent(currency) == decimals
    assert amount_text(123_450, currency) == text


def test_only_currencies_of_the_standard_are_known() -> None:
    assert is_currency("EUR")
    assert not any(map(is_currency, ("", "usd", "XXX", "EURO", "DEM")))


@pytest.mark.parametrize(
    ("given", "hundredths"),
    [("2", 200), (2, 200), (0.1, 10), (" 1.50 ", 150), ("1e2", 10_000)],
)
def test_decimals_are_read_exactly_or_not_at_all(given: object, hundredths: int) -> None:
    assert scaled(given, 2) == hundredths


@pytest.mark.parametrize(
    "given",
    ["", "x", "1.505", "1_0", "١", "nan", "1e999999", "1e-999999", True, None, [], "9" * 41],
)
def test_what_is_no_decimal_is_refused(given: object) -> None:
    assert scaled(given, 2) is None


def test_decimals_lose_only_idle_zeros() -> None:
    assert [decimal_text(n, 3) for n in (7_500, 1_000_000, 1, 0)] == ["7.5", "1000", "0.001", "0"]


def test_a_line_starts_with_the_default_rate_and_discount_and_null_is_none() -> None:
    document = priced(
        line(),
        line(tax_rate_id=None, discount_percent=None),
        line(tax_rate_id="tax_5", discount_percent="50"),
        default_rate_id="tax_18",
        default_discount_percent="10",
    )
    assert [(one.discount, one.tax) for one in document.lines] == [
        (1000, 1620),
        (0, 0),
        (5000, 250),
    ]
    assert [(tax.percent, tax.taxable, tax.tax) for tax in document.taxes] == [
        ("18", 9000, 1620),
        ("5", 5000, 250),
    ]
    assert (document.subtotal, document.discount, document.tax, document.total) == (
        *(30_000, 6_000, 1_870),
        25_870,
    )


def test_the_rates_to_look_up_are_those_of_lines_and_the_default_where_it_counts() -> None:
    lines = [line(), line(tax_rate_id="tax_5"), line(tax_rate_id=None), line(tax_rate_id=7)]
    assert rate_ids(lines, "tax_18") == {"tax_18", "tax_5"}
    assert rate_ids([line(tax_rate_id=None)], "tax_18") == set()


def test_within_a_state_gst_is_central_and_state_tax_in_equal_halves() -> None:
    # 18 % of 100.05 is 18.009; each half of it is 9.0045, so 9.00.
    document = priced(
        line(unit_price=10_005, tax_rate_id="tax_18"), seller_gstin=PUNE, buyer_gstin=MUMBAI
    )
    (tax,) = document.taxes
    assert [(part.name, part.percent, part.tax) for part in tax.parts] == [
        (Levy.CGST, "9", 900),
        (Levy.SGST, "9", 900),
    ]
    assert document.tax == tax.tax == 1800


def test_between_states_gst_is_integrated() -> None:
    document = priced(
        line(unit_price=10_005, tax_rate_id="tax_18"), seller_gstin=PUNE, buyer_gstin=BENGALURU
    )
    assert [(p.name, p.percent, p.tax) for p in document.taxes[0].parts] == [
        (Levy.IGST, "18", 1801)
    ]
    assert document.tax == 1801


def test_a_union_territory_levies_its_own_tax() -> None:
    document = priced(line(tax_rate_id="tax_0.25"), seller_gstin=CHANDIGARH, buyer_gstin=CHANDIGARH)
    assert [(p.name, p.percent) for p in document.taxes[0].parts] == [
        (Levy.CGST, "0.125"),
        (Levy.UTGST, "0.125"),
    ]


@pytest.mark.parametrize("pair", [(None, None), (PUNE, None), (None, MUMBAI), ("", "")])
def test_without_both_numbers_rates_are_plain(pair: tuple[str | None, str | None]) -> None:
    document = priced(line(tax_rate_id="tax_18"), seller_gstin=pair[0], buyer_gstin=pair[1])
    assert document.taxes[0].parts == ()
    assert document.tax == 1800


def test_nothing_comes_to_zero_and_a_gift_does_too() -> None:
    assert priced().total == 0
    assert priced(line(unit_price=0)).total == 0
    assert priced(line(), line(unit_price=-10_000)).total == 0


def test_a_total_below_zero_or_too_large_is_refused() -> None:
    assert broken(line(), line(unit_price=-10_001)) == ["/lines"]
    assert priced(line(unit_price=MAX_AMOUNT)).total == MAX_AMOUNT
    assert broken(line(unit_price=MAX_AMOUNT), line(unit_price=1)) == ["/lines"]
    assert broken(line(unit_price=MAX_AMOUNT, tax_rate_id="tax_5")) == ["/lines/0/unit_price"]
    assert broken(line(unit_price=MAX_AMOUNT, quantity="2")) == ["/lines/0/unit_price"]


def test_every_bad_field_of_every_line_is_named_at_once() -> None:
    bad = {
        "description": "x" * 1001,
        "quantity": "0",
        "unit_price": 1.5,
        "item_id": "",
        "tax_rate_id": "tax_gone",
        "discount_percent": "101",
    }
    assert broken(line(), bad, {"description": "No price"}, {"unit_price": 1, "quantity": "1"}) == [
        *(f"/lines/1/{name}" for name in bad),
        "/lines/2/quantity",
        "/lines/2/unit_price",
        "/lines/3/description",
    ]


@pytest.mark.parametrize(
    "quantity", ["-1", "0.0000001", "1000000001", "two", "", None, True, "nan", "inf", [1]]
)
def test_a_quantity_is_a_number_above_zero(quantity: object) -> None:
    assert broken(line(quantity=quantity)) == ["/lines/0/quantity"]


@pytest.mark.parametrize("unit_price", ["1", True, 10.0, MAX_AMOUNT + 1, -MAX_AMOUNT - 1])
def test_a_price_is_a_whole_number_of_minor_units(unit_price: object) -> None:
    assert broken(line(unit_price=unit_price)) == ["/lines/0/unit_price"]


@pytest.mark.parametrize("description", [" ", "\u200b", "a\x00b", 7])
def test_a_description_can_be_seen(description: object) -> None:
    assert broken(line(description=description)) == ["/lines/0/description"]


def test_a_document_has_limits() -> None:
    assert len(priced(*[line()] * MAX_LINES).lines) == MAX_LINES
    assert broken(*[line()] * (MAX_LINES + 1)) == ["/lines"]
    assert broken(*[line(description="ह" * 1000)] * 40) == ["/lines"]
    assert broken(currency="XXX") == ["/currency"]
