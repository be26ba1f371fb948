"""Formats are told by several headings, and leave every other heading its meaning."""

import pytest

from roster.domain.imports.export_format import Format
from roster.domain.imports.formats import columns_of, detect
from roster.domain.imports.known_formats import FORMATS

REAL = {
    "zoho_books": "Display Name|Company Name|First Name|EmailID|MobilePhone|Billing Attention"
    "|Billing Address|Billing Street2|Billing City|Shipping Address|Shipping City|Status"
    "|Contact ID",
    "square": "Reference ID|First Name|Last Name|Email Address|Phone Number|Company Name"
    "|Street Address 1|City|State|Postal Code|Memo|Square Customer ID|Creation Source",
    "quickbooks_online_export": "Name|Company name|Street|City|State|Country|ZIP|Phone|Email"
    "|Website|Fax|Open balance|Attachments",
    "odoo": "id|name|parent_id|type|street|street2|city|state_id|zip|country_id|email|is_company",
}


@pytest.mark.parametrize("name", REAL)
def test_a_list_is_known_by_its_headings(name: str) -> None:
    known = detect(REAL[name].split("|"))
    assert known is not None
    assert known.name == name


@pytest.mark.parametrize("known", FORMATS, ids=lambda one: one.name)
def test_no_format_is_told_by_one_column(known: Format) -> None:
    assert len(known.must) + known.least >= 4
    for heading in known.must | known.usual:
        assert detect([heading]) is None


def test_the_fields_of_zoho_and_square() -> None:
    columns, _ = columns_of(REAL["zoho_books"].split("|"))
    fields = {column.heading: column.field for column in columns}
    assert (fields["Billing Address"], fields["Billing Street2"], fields["Billing City"]) == (
        "billing_address.street", "billing_address.unit", "billing_address.city",
    )  # fmt: skip
    assert (fields["Shipping Address"], fields["Shipping City"], fields["Status"]) == (
        "service_location.street", "service_location.city", "status",
    )  # fmt: skip
    columns, _ = columns_of(REAL["square"].split("|"))
    fields = {column.heading: column.field for column in columns}
    assert (fields["Square Customer ID"], fields["Memo"], fields["City"]) == (
        "external_id", "notes", "service_location.city",
    )  # fmt: skip
