"""A row's cells become a customer's fields, and every doubt is said."""

import pytest

from roster.domain.imports.reading import UNCALCULATED, RowIssue, RowReading, SourceRow, map_columns
from roster.domain.imports.row_reader import row_fields


def read(headings: str, cells: str) -> RowReading:
    return row_fields(map_columns(headings.split("|")), SourceRow(7, tuple(cells.split("|"))))


def rules(reading: RowReading) -> list[tuple[str, str, str | None]]:
    return [(issue.rule, issue.severity, issue.column) for issue in reading.issues]


def test_nested_fields_without_empty_ones() -> None:
    headings = "Company|First Name|Email|Street|City|State|ZIP|Billing City|Tags|Notes|Type|Fax"
    cells = " Acme |Ann||1 Main St|Reno|NV|89501||vip, late;vip|one\r\ntwo|Business|555"
    assert read(headings, cells) == RowReading(
        {
            "company_name": "Acme",
            "first_name": "Ann",
            "locations": [
                {"street": "1 Main St", "city": "Reno", "state": "NV", "zip": "89501"},
            ],
            "tags": ["vip", "late"],
            "notes": "one\ntwo",
            "kind": "company",
        },
        (),
        cells=tuple(cells.split("|")),
    )


def test_a_row_without_a_name_is_an_error() -> None:
    reading = read("Company|Name|Email", "||a@x.com")
    assert reading.fields == {"email": "a@x.com"}
    assert reading.issues == (
        RowIssue(
            line=7,
            column=None,
            value=None,
            rule="name_required",
            detail="the row names no customer: fill in Company or Name",
            severity="error",
            suggestion=None,
        ),
    )


def test_the_first_filled_column_of_a_field_wins_and_the_rest_is_told_and_kept() -> None:
    headings = "Name|email_work|email_home|email_other"
    assert read(headings, "Ann||b@x.com").fields["email"] == "b@x.com"
    reading = read(headings, "Ann|a@x.com|A@X.com|c@x.com")
    assert reading.fields["email"] == "a@x.com"
    assert rules(reading) == [("extra_value", "warning", "email_other")]
    assert reading.fields["kept"] == ["email_other: c@x.com"]


@pytest.mark.parametrize(
    ("typed", "kept", "rule"),
    [
        ("a@x.com", "a@x.com", None),
        ("a@x.com; b@x.com", "a@x.com", "several_emails"),
        ("Ann <a@x.com>", "a@x.com", None),
        ("mailto:a@x.com", "a@x.com", None),
        ("a(at)x.com", "a(at)x.com", "doubtful_email"),
        ("a@x", "a@x", "doubtful_email"),
    ],
)
def test_emails(typed: str, kept: str, rule: str | None) -> None:
    reading = read("Name|Email", f"Ann|{typed}")
    assert reading.fields["email"] == kept
    assert [issue.rule for issue in reading.issues] == ([rule] if rule else [])
    if rule == "several_emails":
        assert "b@x.com" in reading.issues[0].detail
        assert reading.fields["kept"] == ["Email: a@x.com; b@x.com"]


@pytest.mark.parametrize(
    ("typed", "kept", "rule"),
    [
        ("(970) 555-0103", "(970) 555-0103", None),
        ("+55 (12) 3923-5555", "+55 (12) 3923-5555", None),
        ("846-790-4623x4715", "846-790-4623x4715", None),
        ("555-0103 ext. 12", "555-0103 ext. 12", None),
        ("'+1 555 010 0103", "+1 555 010 0103", None),
        ("(970) 555-0103, 970-555-0113", "(970) 555-0103", "several_phones"),
        ("787.787.7733/787.743.1273", "787.787.7733", "several_phones"),
        ("1.23E+10", "1.23E+10", "damaged_number"),
        ("call Ann", "call Ann", "doubtful_phone"),
        ("123", "123", "doubtful_phone"),
    ],
)
def test_phones(typed: str, kept: str, rule: str | None) -> None:
    reading = read("Name|Phone", f"Ann|{typed}")
    assert reading.fields.get("kept", []) == (
        [f"Phone: {typed}"] if rule == "several_phones" else []
    )
    assert reading.fields["phone"] == kept
    assert [issue.rule for issue in reading.issues] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("state", "code", "country", "suggestion"),
    [
        ("NJ", "7601", "", "07601"),
        ("", "2113", "USA", "02113"),
        ("MA", "2113-1234", "U.S.A.", "02113-1234"),
        ("NSW", "2000", "", None),
        ("WA", "6000", "", None),
        ("NJ", "07601", "", None),
        ("", "8001", "Switzerland", None),
    ],
)
def test_a_us_zip_that_lost_its_zero(
    state: str, code: str, country: str, suggestion: str | None
) -> None:
    reading = read("Name|Street|City|State|Zip|Country", f"A|1 Main|X|{state}|{code}|{country}")
    assert reading.fields["locations"][0]["zip"] == code
    found = [issue for issue in reading.issues if issue.rule == "damaged_zip"]
    assert [issue.suggestion for issue in found] == ([suggestion] if suggestion else [])


def test_an_incomplete_address_is_kept_with_a_warning() -> None:
    reading = read("Name|Street|City|State|Zip", "Ann|1 Main St||NV|")
    assert reading.fields["locations"] == [{"street": "1 Main St", "state": "NV"}]
    assert rules(reading) == [("incomplete_address", "warning", None)]
    assert reading.issues[0].detail.endswith("no city, no zip")


def test_countries_without_states_need_none() -> None:
    assert not read("Name|Street|City|Country", "Ann|Ullevålsveien 14|Oslo|Norway").issues


def test_identifiers_keep_their_text_and_names_their_apostrophe() -> None:
    reading = read("Name|Customer ID|Customer Number", "'t Hooft|'7210448301122|0042")
    assert reading.fields == {
        "display_name": "'t Hooft", "external_id": "7210448301122", "number": "0042",
    }  # fmt: skip
    assert reading.issues == ()


def test_damaged_identifiers() -> None:
    reading = read("Name|Customer ID|Customer Number", "Ann|7.21045E+12|100234.0")
    assert [(i.rule, i.column, i.suggestion) for i in reading.issues] == [
        ("damaged_number", "Customer ID", None),
        ("damaged_number", "Customer Number", "100234"),
    ]


def test_error_cells_are_left_out_and_told() -> None:
    reading = read("Name|Email|Phone|Fax", f"#N/A|a@x.com|{UNCALCULATED}|#REF!")
    assert reading.fields == {"email": "a@x.com"}
    assert rules(reading) == [
        ("cell_error", "warning", "Name"),
        ("formula_not_calculated", "warning", "Phone"),
        ("name_required", "error", None),
    ]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ("Total||1,500.00", "total_row"),
        ("TOTAL", "total_row"),
        ("|Total|-20", "total_row"),
        ("Customer|Email|Balance", "repeated_header"),
    ],
)
def test_rows_that_are_no_customers(cells: str, rule: str) -> None:
    reading = read("Customer|Email|Balance", cells)
    assert (reading.fields, reading.skipped) == ({}, True)
    assert [(issue.rule, issue.severity) for issue in reading.issues] == [(rule, "warning")]


def test_a_company_called_total_is_a_customer() -> None:
    reading = read("Customer|Email|Balance", "Total|office@total.example|0")
    assert (reading.skipped, reading.fields["display_name"]) == (False, "Total")


def test_values_beyond_the_headings_are_told() -> None:
    reading = read("Name|Email", "Ann|a@x.com|Smith")
    assert [(i.rule, i.value) for i in reading.issues] == [("no_heading", "Smith")]


def test_a_category_of_the_other_system_is_no_kind() -> None:
    reading = read("Name|Type", "Ann|Wholesale")
    assert reading.fields == {"display_name": "Ann"}
    assert [(i.rule, i.value) for i in reading.issues] == [("unknown_kind", "Wholesale")]


def test_invisible_characters_go() -> None:
    assert read("Name", "\ufeff\xa0Acme\u200b \x07Ltd\n").fields == {
        "display_name": "Acme\u200b Ltd"
    }
