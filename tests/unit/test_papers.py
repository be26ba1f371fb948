"""Quotes and invoices on paper: what is said, and that any text can be drawn."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.adapters.papers.pdf import draw
from roster.domain.events import Actor
from roster.domain.location import Address
from roster.domain.paper import Paper, Total, grouped, money, quote_paper, sales_paper
from roster.domain.pricing import Rate, price
from roster.domain.quote import Quote, QuoteStatus
from roster.domain.sales import with_prices
from roster.domain.settings import TenantSettings
from tests.support.papers import pages

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TODAY = NOW.date()
PUNE, MUMBAI, BENGALURU = "27AAPFU0939F1ZV", "27AAACR5055K1Z7", "29AAGCB7383J1Z4"
RATES = {"gst": Rate(id="gst", name="GST", percent="18")}
OURS = TenantSettings(
    country="IN",
    company_name="Sundar & Co.",
    company_address="12 MG Road\nPune 411001",
    company_phone="+91 20 5550 0000",
)


def quote(*lines: dict[str, Any], currency: str = "INR", **fields: Any) -> Quote:
    priced = price(
        [{"quantity": "1", "unit_price": 150_000, "tax_rate_id": "gst", **line} for line in lines],
        currency=currency,
        rates=RATES,
        seller_gstin=fields.get("seller_gstin"),
        buyer_gstin=fields.get("gstin"),
    )
    empty = Quote(
        id="quo_1",
        tenant="acme",
        customer_id="cus_1",
        created_at=NOW,
        updated_at=NOW,
        created_by=Actor("olga"),
        number="Q-00042",
        date=date(2026, 11, 22),
        currency=currency,
        **{"customer_name": "Reliance Cool", "status": QuoteStatus.SENT, **fields},
    )
    return with_prices(empty, priced)


def drawn(one: Quote, ours: TenantSettings = OURS) -> list[str]:
    return pages(draw(quote_paper(one, ours, TODAY)))


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (123_456_789, "INR", "12,34,567.89"),
        (100_000, "INR", "1,000.00"),
        (-1_234_567_800, "INR", "-1,23,45,678.00"),
        (99_900, "INR", "999.00"),
        (123_456_789, "USD", "1,234,567.89"),
        (5, "USD", "0.05"),
        (1_234_567, "JPY", "1,234,567"),
        (-1_234_567, "KWD", "-1,234.567"),
    ],
)
def test_amounts_are_grouped_as_people_write_them(amount: int, currency: str, text: str) -> None:
    assert grouped(amount, currency) == text


def test_an_amount_says_its_currency() -> None:
    found = [money(n, c) for n, c in ((-150, "INR"), (150, "USD"), (1500, "KWD"), (9, "JPY"))]
    assert found == ["-₹1.50", "$1.50", "KWD 1.500", "¥9"]


@pytest.mark.shows("S1.03")
def test_a_paper_says_who_sells_what_to_whom() -> None:
    (page,) = drawn(
        quote(
            {"description": "Yearly inspection", "quantity": "1.5", "discount_percent": "10"},
            {"description": "Goodwill", "unit_price": -10_000, "tax_rate_id": None},
            seller_gstin=PUNE,
            gstin=MUMBAI,
            pan=MUMBAI[2:12],
            email="buy@reliance.example",
            billing_address=Address(street="1 Marine Drive", unit="3", city="Mumbai", zip="400001"),
            valid_until=date(2026, 12, 22),
            payment_term_name="Net 15",
            reference="PO 7",
            notes="Through the side gate.",
        )
    )
    for words in (
        "Sundar & Co. 12 MG Road Pune 411001 +91 20 5550 0000",
        f"GSTIN {PUNE}",
        f"PAN {PUNE[2:12]}",
        "Reliance Cool 1 Marine Drive, 3 Mumbai, 400001 buy@reliance.example",
        f"GSTIN {MUMBAI} PAN {MUMBAI[2:12]}",
        "Number Q-00042 Date 22 Nov 2026 Valid until 22 Dec 2026 Reference PO 7 Terms Net 15",
        "Description Quantity Unit price Discount Tax Amount",
        "Yearly inspection 1.5 1,500.00 10% 18% 2,250.00",
        "Goodwill 1 -100.00 -100.00",
        "Subtotal 2,150.00 Discount -225.00",
        "CGST 9% on 2,025.00 182.25 SGST 9% on 2,025.00 182.25 Total ₹2,289.50",
        "Notes Through the side gate.",
        "Page 1 of 1",
    ):
        assert words in page


def test_between_states_the_paper_says_igst_and_without_gst_the_rate() -> None:
    line = {"description": "Visit"}
    (igst,) = drawn(quote(line, seller_gstin=PUNE, gstin=BENGALURU))
    assert "IGST 18% on 1,500.00 270.00 Total ₹1,770.00" in igst
    (plain,) = drawn(quote(line, currency="USD"))
    assert "GST (18%) on 1,500.00 270.00 Total $1,770.00" in plain
    (untaxed,) = drawn(quote({**line, "tax_rate_id": None}, currency="JPY"))
    assert "Description Quantity Unit price Amount Visit 1 150,000 150,000" in untaxed
    assert "Total ¥150,000" in untaxed
    assert "Subtotal" not in untaxed


@pytest.mark.parametrize(
    ("status", "until", "mark"),
    [
        (QuoteStatus.DRAFT, None, "DRAFT"),
        (QuoteStatus.REJECTED, None, "REJECTED"),
        (QuoteStatus.SENT, date(2026, 11, 21), "EXPIRED"),
        (QuoteStatus.SENT, TODAY, None),
        (QuoteStatus.ACCEPTED, None, None),
    ],
)
def test_what_a_reader_must_not_miss_is_marked(
    status: QuoteStatus, until: date | None, mark: str | None
) -> None:
    paper = quote_paper(quote(status=status, valid_until=until), OURS, TODAY)
    assert paper.mark == mark
    assert (f"Quote {mark}" in pages(draw(paper))[0]) is (mark is not None)


def test_an_invoice_goes_on_over_pages_with_its_headings() -> None:
    lines = [{"description": f"Visit {n}, filter"} for n in range(65)]
    invoice = quote(*lines)
    paper = sales_paper(
        invoice,
        OURS,
        title="Tax invoice",
        addressed="Bill to",
        mark=None,
        dates=[("Due", "7 Dec 2026")],
        settled=[Total("Paid", "-10.00"), Total("Amount due", "₹1.00", strong=True)],
        texts=[("How to pay", "By transfer.")],
    )
    found = pages(draw(paper))
    assert len(found) == 3
    for n, page in enumerate(found, start=1):
        assert "Description Quantity Unit price Tax Amount" in page
        assert f"Page {n} of 3" in page
        assert "Tax invoice" in page
    whole = " ".join(found)
    assert [f"Visit {n}, filter" in whole for n in range(65)] == [True] * 65
    assert "Due 7 Dec 2026" in found[0]
    assert "Paid -10.00 Amount due ₹1.00 How to pay By transfer." in found[-1]


def test_a_line_may_be_longer_than_a_page() -> None:
    long = quote({"description": "line\n" * 120 + "end"}, {"description": "z" * 1000})
    found = drawn(long)
    assert len(found) == 4
    assert " ".join(found).count("line") == 120
    assert "".join(found).replace(" ", "").count("z") == 1000


@pytest.mark.parametrize(
    "name",
    [
        "Café Zürich Łódź Đặng",
        "Ελληνική ΑΕ",
        "ООО Тепло",
        "株式会社山田製作所",
        "エアコン・サービス",
        "深圳市空调服务有限公司",
        "臺灣冷氣工程",
        "한국냉동",
    ],
)
def test_names_are_printed_in_their_script(name: str) -> None:
    (page,) = drawn(quote({"description": f"für {name}"}, customer_name=name))
    assert page.count(name) == 2


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("شركة الخليج للتكييف", "شركةالخليجلتف"),
        ("חברת קירור", "חברתקיו"),
        ("श्री क्षत्रिय शीतगृह", "रतगह"),
        ("বাংলা সেবা", "বংল"),
        ("தமிழ் சேவை", "தமழ"),
        ("తెలుగు సేవ", "తలగ"),
        ("บริษัท แอร์", "บรษท"),
    ],
)
def test_scripts_that_are_shaped_lose_no_letter(name: str, letters: str) -> None:
    """What is read back from ligatures is in no fixed order."""
    (page,) = drawn(quote({"description": name}, customer_name=name))
    assert set(letters) <= set(page)
    assert "?" not in page
    assert "\ufffd" not in page


def test_what_no_font_has_is_a_question_mark_and_no_box() -> None:
    (page,) = drawn(quote({"description": "Done 😀\u2007✓ \u202egnp.exe"}))
    assert "Done ? ✓ gnp.exe" in page


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.text(min_size=1, max_size=300))
def test_no_text_can_stop_a_paper(name: str, description: str) -> None:
    def one(text: str) -> str:
        return text.encode(errors="replace").decode() + "."

    paper = quote_paper(quote({"description": "x"}, customer_name=one(name)), OURS, TODAY)
    paper = replace(paper, rows=((one(description), *paper.rows[0][1:]),))
    assert "Total" in pages(draw(paper))[-1]


def test_the_same_paper_gives_the_same_bytes() -> None:
    paper = quote_paper(quote({"description": "Visit हिन्दी"}), OURS, TODAY)
    assert draw(paper) == draw(paper)


def test_offices_get_the_paper_their_printers_hold() -> None:
    def size(country: str) -> str:
        ours = replace(OURS, country=country)
        found: Paper = quote_paper(quote(), ours, TODAY)
        return found.page_format

    assert [size("US"), size("CA"), size("IN"), size("DE")] == ["Letter", "Letter", "A4", "A4"]
