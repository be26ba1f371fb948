"""Foreign headings find their field."""

import pytest

from roster.domain.imports.reading import (
    Column,
    SourceRow,
    UnreadableFile,
    find_header,
    map_columns,
)


def fields(*headings: str) -> list[str | None]:
    return [column.field for column in map_columns(headings)]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Company", "company_name"),
        ("COMPANY_NAME", "company_name"),
        ("Customer", "display_name"),
        ("Customer full name", "display_name"),
        ("Client Name", "display_name"),
        ("Name", "display_name"),
        ("Display Name", "display_name"),
        ("*ContactName", "full_name"),
        ("First Name", "first_name"),
        ("FirstName", "first_name"),
        ("Given Name", "first_name"),
        ("Surname", "last_name"),
        ("E-mail", "email"),
        ("Email Address", "email"),
        ("email_work", "email"),
        ("E-mails", "email"),
        ("Customer E-Mail", "email"),
        ("Phone 1", "phone"),
        ("Main Phone #s", "phone"),
        ("Telephone", "phone"),
        ("Cell", "mobile"),
        ("Mobile Phone", "mobile"),
        ("Website", "website"),
        ("URL", "website"),
        ("Address", "service_location.whole"),
        ("Street 1", "service_location.street"),
        ("Address Line 2", "service_location.unit"),
        ("Unit #", "service_location.unit"),
        ("Town", "service_location.city"),
        ("State/Province", "service_location.state"),
        ("ZIP", "service_location.zip"),
        ("Zip Code", "service_location.zip"),
        ("PostalCode", "service_location.zip"),
        ("Country/Region", "service_location.country"),
        ("Billing Street", "billing_address.street"),
        ("Billing Address City", "billing_address.city"),
        ("Bill-to ZIP", "billing_address.zip"),
        ("POAddressLine1", "billing_address.street"),
        ("Service Address City", "service_location.city"),
        ("Ship to State", "service_location.state"),
        ("Service Property Name", "service_location.name"),
        ("CustomerId", "external_id"),
        ("External ID", "external_id"),
        ("Account No.", "external_id"),
        ("Customer Number", "number"),
        ("Notes", "notes"),
        ("Tags", "tags"),
        ("Customer Type", "kind"),
        ("Name (required)", "display_name"),
        ("Open Balance", None),
        ("Lead Source", None),
        ("CompanyNumber", None),
        ("", None),
    ],
)
def test_a_heading_in_any_spelling(heading: str, field: str | None) -> None:
    assert fields(heading) == [field]


@pytest.mark.shows("S0.05")
def test_a_list_of_another_system_is_mapped() -> None:
    headings = ("CustomerId", "FirstName", "LastName", "Company", "Address", "City", "Fax")
    assert map_columns(headings) == (
        Column(0, "CustomerId", "external_id", 1.0),
        Column(1, "FirstName", "first_name", 1.0),
        Column(2, "LastName", "last_name", 1.0),
        Column(3, "Company", "company_name", 1.0),
        Column(4, "Address", "service_location.street", 0.9),
        Column(5, "City", "service_location.city", 0.9),
        Column(6, "Fax", None, 0.0),
    )


def test_phones_without_a_mobile_column() -> None:
    assert fields("Phone 1", "Phone 2", "Phone 3") == ["phone", "mobile", "phone"]
    assert fields("Home Phone", "Work Phone") == ["mobile", "phone"]
    assert fields("Home Phone") == ["phone"]


def test_phones_beside_a_mobile_column() -> None:
    assert fields("Phone", "Mobile", "Home Phone") == ["phone", "mobile", "phone"]


def test_a_second_id_is_not_a_stand_in_for_the_first() -> None:
    assert fields("id", "Account Number") == ["external_id", None]


def test_addresses_without_a_prefix_are_where_the_work_is() -> None:
    assert fields("Street", "Billing Street") == [
        "service_location.street",
        "billing_address.street",
    ]


def test_addresses_without_a_prefix_beside_a_shipping_address_are_where_the_bill_goes() -> None:
    assert fields("Street", "City", "Shipping Street", "Shipping City") == [
        "billing_address.street",
        "billing_address.city",
        "service_location.street",
        "service_location.city",
    ]


def test_parts_without_a_prefix_complete_a_service_address() -> None:
    headings = ("Billing Street", "Service Street 1", "Service City", "State", "Zip", "Street")
    assert fields(*headings) == [
        "billing_address.street",
        "service_location.street",
        "service_location.city",
        "service_location.state",
        "service_location.zip",
        None,
    ]


def table(*rows: str) -> list[SourceRow]:
    return [SourceRow(n, tuple(row.split("|"))) for n, row in enumerate(rows, 1) if row]


def test_title_lines_and_a_blank_first_column_are_passed_over() -> None:
    header = find_header(table("Acme Ltd", "Customer", "", "|Customer|Fax|City", "|Bolt|1|Reno"))
    assert header.number == 4
    assert [(c.index, c.field) for c in header.columns if c.field] == [
        (1, "display_name"),
        (3, "service_location.city"),
    ]
    assert [c.heading for c in header.unrecognised] == ["Fax"]


def test_values_that_read_like_headings_do_not_win() -> None:
    rows = table("Customer Name|Customer Type", "ABC|Company", "Name|Company")
    assert find_header(rows).number == 1


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "empty"),
        (table("Name|Email"), "empty"),
        (table("Email|City", "a@x.com|Reno"), "no_usable_header"),
        (table("Acme|a@x.com|Reno", "Bolt|b@x.com|Elko"), "no_usable_header"),
        (table("ABC|Company|North", "DEF|Company|South"), "no_usable_header"),
        (table("Acme|Company|555-0101", "Bolt|Person|555-0102"), "no_usable_header"),
    ],
)
def test_files_without_a_usable_header(rows: list[SourceRow], code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        find_header(rows)
    assert refused.value.code == code


def test_a_header_below_the_rows_looked_at_is_not_found() -> None:
    with pytest.raises(UnreadableFile):
        find_header(table(*["x|y"] * 50, "Name|Email", "Acme|a@x.com"))
