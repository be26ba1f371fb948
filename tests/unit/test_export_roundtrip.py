"""Every field of a customer goes out as a file and comes back, through the writer and the reader.

The company that reads the file knows nobody: what it would create is what was exported.
"""

import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.adapters.spreadsheets.writing import whole_sheet
from roster.domain.custom_fields import CustomField, CustomType
from roster.domain.customer import EDITABLE, Customer, Origin, new_customer
from roster.domain.events import Actor
from roster.domain.export_columns import TOLD, ExportColumns, template_headings
from roster.domain.exports import ExportFormat, WholeCustomer
from roster.domain.imports.draft import Action, PlannedRow, new_row_customer
from roster.domain.imports.plan import CardIndex, Planner
from roster.domain.imports.reading import find_header, map_columns
from roster.domain.imports.row_reader import row_fields
from roster.domain.location import ADDRESS_FIELDS, Address, Location, address_from
from roster.domain.matching import match_card
from roster.domain.terms import Term, TermKind
from roster.domain.text import is_invisible
from roster.domain.vocabulary import Vocabulary

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
CHOICES = ("gold", "-silver", "'=odd", "a, b", "Ünï 🎉")
FIELDS = (
    CustomField(name="remark", type=CustomType.TEXT, label="Notes"),
    CustomField(name="floor_1", type=CustomType.NUMBER),
    CustomField(name="floor1", type=CustomType.NUMBER, label="Floor"),
    CustomField(name="since", type=CustomType.DATE),
    CustomField(name="is_vip", type=CustomType.BOOLEAN, label="VIP?"),
    CustomField(name="grade", type=CustomType.CHOICE, choices=CHOICES),
)
RATES = [
    Term(id="tax_1", kind=TermKind.TAX_RATE, name="GST 18 %", value="18"),
    Term(id="tax_2", kind=TermKind.TAX_RATE, name="=odd  'one'", value="1"),
    Term(id="tax_3", kind=TermKind.TAX_RATE, name="Twice", value="2"),
    Term(id="tax_4", kind=TermKind.TAX_RATE, name="twice ", value="3"),
    Term(id="tax_5", kind=TermKind.TAX_RATE, name="GST 18 %", value="18", active=False),
]
TERMS = [Term(id="term_1", kind=TermKind.PAYMENT_TERM, name="Net 30", value=30)]
WORDS = Vocabulary(
    terms={TermKind.TAX_RATE: RATES, TermKind.PAYMENT_TERM: TERMS}, custom_fields=FIELDS
)

_STARTS = st.sampled_from(["", "=", "+", "-", "@", "'", "''=", '="', "_x0041_", '"', "#N/A", "007"])
_LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Zs", "Cf"]) | st.just(" ")


def _line(most: int) -> st.SearchStrategy[str]:
    """One line as a cell gives it back: single spaces between words and none around them."""
    text = st.tuples(_STARTS, st.text(_LETTERS, max_size=most - 8)).map("".join)
    return text.map(lambda t: " ".join(t.split())).filter(lambda t: t and not is_invisible(t))


def _lines(most: int) -> st.SearchStrategy[str]:
    letters = _LETTERS | st.sampled_from("\n\t")
    text = st.tuples(_STARTS, st.text(letters, max_size=most)).map("".join)
    return text.map(str.strip).filter(lambda t: bool(t) and not is_invisible(t))


_PHONES = st.sampled_from(["+1 212 555 0100", "00431234567", "(020) 7946-0018", "'0155 1234567"])
_EMAILS = st.sampled_from(["ann@acme.example", "Zoë@exämple.example", "o'hara+x@acme.example"])
_ADDRESSES = st.fixed_dictionaries({"street": _line(60)}, optional={
    part: _line(40) for part in ADDRESS_FIELDS if part != "street"
})  # fmt: skip
_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15, allow_nan=False)
_CUSTOM = st.fixed_dictionaries({}, optional={
    "remark": _lines(100), "floor_1": _NUMBERS, "floor1": _NUMBERS, "is_vip": st.booleans(),
    "since": st.dates().map(str), "grade": st.sampled_from(CHOICES),
})  # fmt: skip
_TAX_IDS = st.sampled_from([("27AAPFU0939F1ZV", "AAPFU0939F"), ("27AAPFU0939F1ZV", None),
                            (None, "AAPFU0939F"), (None, None)])  # fmt: skip
_VALUES = st.fixed_dictionaries(
    {"company_name": _line(80), "billing_same_as_service": st.booleans(), "tax_ids": _TAX_IDS},
    optional={
        "display_name": _line(80), "full_name": _line(60), "first_name": _line(40),
        "last_name": _line(40), "number": _line(30), "external_id": _line(30),
        "kind": st.sampled_from(["company", "individual"]),
        "role": st.sampled_from(["end_customer", "distributor"]),
        "email": _EMAILS, "phone": _PHONES, "mobile": _PHONES,
        "website": st.just("http://acme.example/?a=1&b=2"), "notes": _lines(300),
        "tags": st.lists(_lines(30), max_size=4, unique=True),
        "billing_address": _ADDRESSES,
        "billing_contact": st.fixed_dictionaries(
            {"name": _line(40)}, optional={"email": _EMAILS, "phone": _PHONES}
        ),
        "tax_rate_id": st.sampled_from(["tax_1", "tax_2", "tax_3", "tax_4"]),
        "payment_term_id": st.just("term_1"),
        "default_discount_percent": st.decimals(0, 100, places=4).map(str),
        "verified": st.booleans(), "portal_access": st.booleans(), "custom": _CUSTOM,
    },
)  # fmt: skip


@st.composite
def customers(draw: st.DrawFn) -> tuple[Customer, Location | None]:
    """A customer with any of its fields, and its place."""
    values: dict[str, Any] = draw(_VALUES)
    values["gstin"], values["pan"] = values.pop("tax_ids")
    if values["billing_same_as_service"]:
        values.pop("billing_address", None)
    customer = new_customer(
        id="cus_1", tenant="acme", values=values, source=Origin.MANUAL, actor=Actor("olga"),
        now=NOW,
    )  # fmt: skip
    place = draw(st.none() | st.tuples(_ADDRESSES, st.none() | _line(40)))
    if place is None:
        return customer, None
    address = address_from(place[0]) or Address()
    return customer, Location(id="loc_1", customer_id="cus_1", address=address, name=place[1])


def read_back(
    customer: Customer, place: Location | None, file_format: ExportFormat, index: CardIndex
) -> PlannedRow:
    """The one row of the customer's file, as an import plans it."""
    columns = ExportColumns(WORDS)
    row = columns.row(WholeCustomer(customer, place, 1, 0), file_format)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"made.{file_format}"
        xlsx = file_format is ExportFormat.XLSX
        path.write_bytes(whole_sheet([columns.headings, row], xlsx=xlsx, made=NOW))
        sheet = open_spreadsheet(path)
        header = find_header(sheet.rows(), own=FIELDS)
        (read,) = [one for one in sheet.rows() if one.number > header.number]
    planner = Planner(columns=header.columns, index=index, auto_numbering=False, words=WORDS)
    return planner.plan(read.number, row_fields(header.columns, read))


@pytest.mark.parametrize("file_format", ExportFormat)
@settings(max_examples=150)
@given(customers())
def test_whoever_was_exported_is_known_again_and_nothing_is_planned(
    file_format: ExportFormat, made: tuple[Customer, Location | None]
) -> None:
    customer, place = made
    index = CardIndex([match_card(id=customer.id, display_name=customer.display_name)])
    planned = read_back(customer, place, file_format, index)
    assert (planned.action, planned.same_as, planned.issues) == (Action.SKIP, customer.id, ())


@pytest.mark.parametrize("file_format", ExportFormat)
@settings(max_examples=300)
@given(customers())
def test_a_company_that_knows_nobody_gets_every_field(
    file_format: ExportFormat, made: tuple[Customer, Location | None]
) -> None:
    customer, place = made
    planned = read_back(customer, place, file_format, CardIndex())
    assert planned.action is Action.CREATE, planned.issues
    # Warnings about what a person typed so: half an address, a number that looks shortened.
    refused = [i for i in planned.issues if i.rule not in ("incomplete_address", "damaged_number")]
    assert refused == []
    back = new_row_customer(planned.values, id="cus_1", tenant="acme", actor=Actor("olga"), now=NOW)
    assert replace(back, source=customer.source, created_by=customer.created_by) == customer
    there = planned.locations[0] if planned.locations else {}
    assert (address_from(there), there.get("name")) == (
        (place.address, place.name) if place else (None, None)
    )


def test_every_field_that_can_be_set_has_a_column_and_so_has_the_template() -> None:
    fields = {c.field for c in map_columns(ExportColumns(WORDS).headings, FIELDS) if c.field}
    assert {field.partition(".")[0] for field in fields} == {
        *EDITABLE, "roster_id", "service_location",
    }  # fmt: skip
    custom = {field for field in fields if field.startswith("custom.")}
    assert custom == {f"custom.{one.name}" for one in FIELDS}
    template = map_columns(template_headings(WORDS), FIELDS)
    assert {c.field for c in template} == fields - {"roster_id"}
    assert not TOLD & {c.heading for c in template}


@pytest.mark.parametrize(
    ("headings", "field"),
    [
        ("GSTIN|GST No.|GST Number|GST|GSTIN/UIN|Customer GSTIN|gstNumber", "gstin"),
        ("PAN|PAN No|PAN Number|PAN Card No.|Client PAN", "pan"),
        ("Payment Terms|Terms|Credit Terms|payment_terms|Payment Term", "payment_term_id"),
        ("Tax Rate|Tax Code|tax_rate|Default Tax Rate|GST Rate", "tax_rate_id"),
        ("Discount %|Discount|Default Discount|Discount Percentage", "default_discount_percent"),
        ("Billing Contact Name|Billing Contact|AP Contact", "billing_contact.name"),
        ("Billing Contact Email|Accounts Payable Email", "billing_contact.email"),
        ("Billing Contact Phone|billingContactPhone", "billing_contact.phone"),
        ("Billing same as service|Same as service address", "billing_same_as_service"),
        ("Custom: since|Since|custom since", "custom.since"),
        ("VIP?|is_vip|Custom: VIP?", "custom.is_vip"),
        ("Custom: floor_1", "custom.floor_1"),
        ("Floor|Custom: floor1", "custom.floor1"),
        # A heading everybody understands is no own field's, unless it says so.
        ("Notes|Comments", "notes"),
        ("Custom: Notes|Remark", "custom.remark"),
    ],
)
def test_the_headings_people_use(headings: str, field: str) -> None:
    for heading in headings.split("|"):
        (column,) = map_columns([heading], FIELDS)
        assert column.field == field, heading


def planned_row(words: Vocabulary = WORDS, **cells: str) -> PlannedRow:
    names = [re.sub("_", " ", name) for name in cells]
    columns = map_columns(["Company", *names], words.custom_fields)
    planner = Planner(columns=columns, index=CardIndex(), auto_numbering=True, words=words)
    from roster.domain.imports.reading import SourceRow

    return planner.plan(2, row_fields(columns, SourceRow(2, ("Acme", *cells.values()))))


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"Tax_Rate": "VAT 20 %"}, "unknown_tax_rate"),
        ({"Tax_Rate": "TWICE"}, "ambiguous_tax_rate"),
        ({"Tax_Rate": "tax_5"}, "retired_tax_rate"),
        ({"Payment_Terms": "Net 15"}, "unknown_payment_term"),
        ({"GSTIN": "27AAPFU0939F1ZX"}, "gstin"),
        ({"PAN": "12345"}, "pan"),
        ({"Discount": "110 %"}, "percent"),
        ({"Since": "22/22/2026"}, "date"),
        ({"Floor": "third"}, "number"),
        ({"is_vip": "perhaps"}, "boolean"),
        ({"grade": "bronze"}, "choice"),
        ({"Billing_Contact_Email": "nobody"}, "email"),
    ],
)
def test_a_value_that_cannot_be_is_an_error_of_its_column(cells: dict[str, str], rule: str) -> None:
    row = planned_row(**cells)
    heading, value = next(iter(cells.items()))
    assert row.action is Action.ERROR
    assert [(i.rule, i.severity, i.value) for i in row.issues] == [
        (rule, "error", value.removesuffix(" %") if heading == "Discount" else value)
    ]
    assert row.issues[0].column == heading.replace("_", " ")


def test_values_as_people_write_them() -> None:
    row = planned_row(
        Tax_Rate="gst 18 %", Payment_Terms="NET 30", Discount="7,5 %", Portal_Access="y",
        Verified="TRUE", Customer_Role="Dealer", Floor="1,204.5", is_vip="no",
        Since="2026-11-22 00:00:00", grade="GOLD",
    )  # fmt: skip
    assert (row.action, row.issues) == (Action.CREATE, ())
    customer = new_row_customer(row.values, id="c", tenant="t", actor=Actor("x"), now=NOW)
    assert (customer.tax_rate_id, customer.payment_term_id) == ("tax_1", "term_1")
    assert (customer.default_discount_percent, customer.role) == ("7.5", "distributor")
    assert (customer.portal_access, customer.verified) == (True, True)
    assert customer.custom == {
        "floor1": 1204.5, "is_vip": False, "since": "2026-11-22", "grade": "gold",
    }  # fmt: skip


def test_where_nothing_is_defined_a_foreign_name_goes_to_the_notes() -> None:
    row = planned_row(Vocabulary(), Tax_Rate="VAT", Terms="Net 30")
    assert row.action is Action.CREATE
    assert [i.rule for i in row.issues] == ["no_tax_rates", "no_payment_terms"]
    assert row.values["notes"] == "tax rate as imported: VAT\npayment term as imported: Net 30"


def test_a_billing_address_beside_the_word_that_there_is_none_is_left_out_and_said() -> None:
    row = planned_row(
        Billing_Same_As_Service="Yes", Service_Street="1 Main St", Billing_Street="2 Side St"
    )
    assert row.action is Action.CREATE
    assert "two_billing_addresses" in [i.rule for i in row.issues]
    assert "billing_address" not in row.values
