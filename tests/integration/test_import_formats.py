"""What is peculiar to the exports of other systems, through the import's door."""

import csv
import io
from collections.abc import Mapping

import pytest

from tests.support.books import address, book, imported, plan_rows
from tests.support.imports import csv_of

pytestmark = pytest.mark.usefixtures("cloud")

HOUSECALL = (
    "ID", "First Name", "Last Name", "Display Name", "Mobile Number", "Home Number", "Work Number",
    "Email", "Additional Emails", "Company", "Role", "Notes", "Do Not Service", "Customer Type",
    "Tags", "Lead Source", "Last service date", "Lifetime value", "Customer created at",
    "Send notifications", "Payment terms", "Referred by", "Attachments", "Credits",
    *(f"Address_{n} {part}" for n in range(1, 62) for part in (
        "Street Line 1", "Street Line 2", "City", "State", "Postal Code", "Billing?", "Notes")),
)  # fmt: skip


def table(headings: tuple[str, ...], *rows: Mapping[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def place(n: int, street: str, city: str, state: str, code: str, **more: str) -> dict[str, str]:
    values = {"Street Line 1": street, "City": city, "State": state, "Postal Code": code, **more}
    return {f"Address_{n} {part}": value for part, value in values.items()}


@pytest.mark.shows("S0.05")
def test_housecall_pro_with_61_addresses_in_451_columns() -> None:
    assert len(HOUSECALL) == 451
    many = {"Billing?": "false"}
    ann = {
        "ID": "cus_a1", "Display Name": "Ann Lee", "First Name": "Ann", "Last Name": "Lee",
        "Mobile Number": "5550102000", "Customer Type": "homeowner", "Do Not Service": "FALSE",
        **place(1, "1 Elm St", "Paterson", "NJ", '="07601"', Notes="gate 7", **many),
        **place(2, "PO Box 4", "Paterson", "NJ", '="07602"', **{"Billing?": "true"}),
        **place(61, "61 Last Ave", "Reno", "NV", "89501", **many),
    }  # fmt: skip
    bolt = {
        "ID": "cus_a2", "Display Name": "Bolt Inc", "Company": "Bolt Inc",
        "Customer Type": "business", "Do Not Service": "TRUE",
        **place(1, "9 Oak", "Reno", "NV", "89501", **{"Billing?": "true"}),
    }  # fmt: skip
    job = imported(table(HOUSECALL, ann, bolt), "customers.csv")
    assert (job["format_detected"], job["plan"]["create"]) == ("housecall_pro", 2)
    assert (job["errors"], job["warnings"]) == ([], [])
    found = book()
    assert found["Ann Lee"].places == (
        "1 Elm St, Paterson, NJ, 07601",
        "61 Last Ave, Reno, NV, 89501",
    )
    assert address(found["Ann Lee"].fields["billing_address"]) == "PO Box 4, Paterson, NJ, 07602"
    assert found["Ann Lee"].told("kind", "external_id", "mobile", "notes") == (
        "individual", "cus_a1", "5550102000", "Address_1 Notes: gate 7",
    )  # fmt: skip
    # Its only address is where the work is, too.
    assert found["Bolt Inc"].places == ("9 Oak, Reno, NV, 89501",)
    assert address(found["Bolt Inc"].fields["billing_address"]) == "9 Oak, Reno, NV, 89501"
    assert found["Bolt Inc"].told("kind", "notes") == ("company", "Do Not Service: TRUE")


ODOO = ("External ID", "Name", "Related Company", "Address Type", "Street", "Street2", "City",
        "State", "Zip", "Country", "Email", "Phone", "Is a Company", "Tax ID")  # fmt: skip
AZURE = (
    "__export__.2", "Azure Interior", "", "Contact", "4557 De Silva St", "", "Fremont",
    "California", "94538", "United States", "azure@azure.example", "(870)-931-0505", "TRUE", "US1",
)  # fmt: skip
CHILDREN = (
    ("__export__.1", "Azure Interior, Billing Desk", "Azure Interior", "Invoice Address",
     "PO Box 9", "", "Fremont", "California", "94538", "United States", "bills@azure.example"),
    ("__export__.3", "Azure Interior, Brandon Freeman", "Azure Interior", "Contact",
     "4557 De Silva St", "", "Fremont", "California", "94538", "United States",
     "brandon@azure.example", "(355)-687-3262"),
    ("__export__.4", "Azure Interior, Warehouse", "Azure Interior", "Delivery Address",
     "12 Dock Rd", "", "Newark", "California", "94560", "United States"),
)  # fmt: skip


@pytest.mark.parametrize("first", [0, 1, 3])
def test_odoo_children_belong_to_their_parent_wherever_its_row_stands(first: int) -> None:
    rows = [*CHILDREN[:first], AZURE, *CHILDREN[first:]]
    stranger = (
        "__export__.9",
        "Deco Addict",
        "",
        "Contact",
        "77 Santa Rd",
        "",
        "Reno",
        "NV",
        "89501",
    )
    rows.insert(2, stranger)
    job = imported(csv_of(ODOO, *rows), "contacts.csv")
    assert job["format_detected"] == "odoo"
    assert {k: n for k, n in job["plan"].items() if n} == {"create": 2, "join": 3}
    found = book()
    assert set(found) == {"Azure Interior", "Deco Addict"}
    azure = found["Azure Interior"]
    assert azure.told("email", "phone", "kind", "notes") == (
        "azure@azure.example", "(870)-931-0505", "company", "Tax ID: US1",
    )  # fmt: skip
    where = "PO Box 9, Fremont, California, 94538, United States"
    assert address(azure.fields["billing_address"]) == where
    assert set(azure.places) == {
        "4557 De Silva St, Fremont, California, 94538, United States",
        "Warehouse: 12 Dock Rd, Newark, California, 94560, United States",
    }
    assert set(azure.people) == {
        "Billing, Desk, bills@azure.example",
        "Brandon, Freeman, brandon@azure.example, (355)-687-3262",
    }


IIF = tuple(
    line.replace("|", "\t")
    for line in (
        "!CUST|NAME|BADDR1|BADDR2|SADDR1|SADDR2|SADDR3|SADDR1|SADDR2|PHONE1|EMAIL|HIDDEN",
        "CUST|Bolt:Kitchen|||Bolt|9 Job Rd|Reno, NV 89501|||||N",
        "CUST|Bolt|1 Elm|Reno, NV 89501|1 Elm|Reno, NV 89501||2 Oak|Elko, NV 89801|555010|b@x.io|N",
        "CUST|Bolt:Attic||||||||555-010-2009||Y",
        "CUST|Old Co||||||||||Y",
    )
)


@pytest.mark.shows("S4.088")
def test_jobs_of_quickbooks_desktop_are_places_of_their_customer() -> None:
    job = imported("\r\n".join((*IIF, "")).encode("cp1252"), "customers.iif")
    assert job["format_detected"] == "quickbooks_iif"
    assert {k: n for k, n in job["plan"].items() if n} == {"create": 2, "join": 2}
    assert [(w["line"], w["rule"]) for w in job["warnings"]] == [
        (3, "doubtful_phone"),
        (4, "job_without_address"),
    ]
    found = book()
    assert {name: one.status for name, one in found.items()} == {
        "Bolt": "active", "Old Co": "inactive",
    }  # fmt: skip
    bolt = found["Bolt"]
    assert bolt.places == (
        "Kitchen: 9 Job Rd, Reno, NV, 89501", "1 Elm, Reno, NV, 89501",
        "2 Oak, Elko, NV, 89801",
    )  # fmt: skip
    assert bolt.told("phone", "email", "notes") == (
        "555010", "b@x.io", "Job: Attic, inactive",
    )  # fmt: skip
    assert bolt.people == ("Attic, 555-010-2009",)
    assert address(bolt.fields["billing_address"]) == "1 Elm, Reno, NV, 89501"
    again = imported("\r\n".join((*IIF, "")).encode("cp1252"), "again.iif")
    assert {k: n for k, n in again["plan"].items() if n} == {"skip": 4}


def test_a_job_of_a_customer_we_have_makes_no_second_one() -> None:
    imported(csv_of(("Company", "City"), ("Bolt", "Reno")), "book.csv")
    content = "\n".join((IIF[0], IIF[1], "")).encode()
    job = imported(content, "job.iif")
    assert {k: n for k, n in job["plan"].items() if n} == {"skip": 1}
    assert set(book()) == {"Bolt"}


JOBBER = (
    "J-ID", "Display Name", "Company Name", "First Name", "Last Name", "Main Phone #s", "E-mails",
    "Tags", "Service Property Name", "Service Street 1", "Service Street 2", "Service City",
    "State", "Zip", "Lead Source", "Is Company?", "Archived", "CFT[Gate code]",
)  # fmt: skip


def test_jobber_tails_states_spelled_out_and_rows_far_apart() -> None:
    rows = [
        ("7_1", "Ann Lee", "", "Ann", "Lee", "555-010-2000", "ann@lee.example", "0, Client", "",
         "1 Elm St • Reno, Nevada 89501", "(RENTAL PROPERTY)", "", "", "", "Web", "false", "false",
         "4711"),
        *((f"{n}_1", f"Person {n}", "", "Person", str(n), "", "", "", "", f"{n} Oak St", "",
           "Elko", "Nevada", "89801", "", "false", "false", "") for n in range(100, 340)),
        ("7_2", "Ann Lee", "", "Ann", "Lee", "555-010-9999", "ANN@lee.example", "VIP", "Cabin",
         "2 Pine Rd", "", "Tahoe City", "California", "96145", "", "false", "false", ""),
    ]  # fmt: skip
    job = imported(csv_of(JOBBER, *rows), "clients.csv")
    assert {k: n for k, n in job["plan"].items() if n} == {"create": 241, "join": 1}
    assert job["status"] == "completed"
    assert [(w["line"], w["column"], w["rule"]) for w in job["warnings"]] == [
        (243, "Main Phone #s", "differs"),
    ]  # fmt: skip
    ann = book()["Ann Lee"]
    assert ann.places == (
        "1 Elm St, (RENTAL PROPERTY), Reno, Nevada, 89501",
        "Cabin: 2 Pine Rd, Tahoe City, California, 96145",
    )
    assert ann.told("phone", "external_id", "tags", "notes") == (
        "555-010-2000", "7", ["0", "Client", "VIP"],
        "Lead Source: Web\nCFT[Gate code]: 4711\nMain Phone #s: 555-010-9999",
    )  # fmt: skip


WAVE = (
    "customer_name", "email", "contact_first_name", "contact_last_name", "customer_currency",
    "account_number", "phone", "fax", "mobile", "toll_free", "website", "country",
    "province/state", "address_line_1", "address_line_2", "city", "postal_code/zip_code",
    "shipping_address", "ship-to_contact", "ship-to_country", "ship-to_province/state",
    "ship-to_address_line_1", "ship-to_address_line_2", "ship-to_city",
    "ship-to_postal_code/zip_code", "ship-to_phone", "delivery_instructions",
)  # fmt: skip


def test_wave_bills_and_ships_to_different_places() -> None:
    maple = {
        "customer_name": "Maple Co", "email": "ann@maple.example", "contact_first_name": "Ann",
        "contact_last_name": "Roy", "account_number": "A1", "country": "Canada",
        "province/state": "Ontario", "address_line_1": "1 King St", "city": "Toronto",
        "postal_code/zip_code": "M5H 1A1", "shipping_address": "True",
        "ship-to_contact": "Bob Dock", "ship-to_country": "Canada",
        "ship-to_province/state": "Quebec", "ship-to_address_line_1": "2 Rue Roy",
        "ship-to_city": "Montréal", "ship-to_postal_code/zip_code": "H2X 1Y4",
        "ship-to_phone": "514-555-0100", "delivery_instructions": "Ring twice",
    }  # fmt: skip
    job = imported(table(WAVE, maple), "customers.csv")
    assert (job["format_detected"], job["errors"], job["warnings"]) == ("wave", [], [])
    one = book()["Maple Co"]
    where = address(one.fields["billing_address"])
    assert where == "1 King St, Toronto, Ontario, M5H 1A1, Canada"
    assert one.places == ("2 Rue Roy, Montréal, Quebec, H2X 1Y4, Canada",)
    assert one.people == ("Bob, Dock, 514-555-0100",)
    assert one.told("full_name", "notes") == ("Ann Roy", "delivery_instructions: Ring twice")


def test_invoice_ninja_below_its_title_rows_with_two_phones() -> None:
    head = ("Name", "ID Number", "VAT Number", "Website", "Phone", "Street", "Apt/Suite", "City",
            "State/Province", "Postal Code", "Country", "First Name", "Last Name", "Email",
            "Phone")  # fmt: skip
    bolt = ("Bolt Ltd", "0007", "GB1", "https://bolt.example", "555-010-2000", "1 Elm St",
            "Suite 2", "Reno", "NV", "89501", "United States", "Ann", "Lee", "ann@bolt.example",
            "555-010-2001")  # fmt: skip
    job = imported(csv_of(("Invoice Ninja Export",), (), ("CLIENTS",), head, bolt), "export.csv")
    assert (job["format_detected"], job["plan"]["create"]) == ("invoice_ninja", 1)
    one = book()["Bolt Ltd"]
    assert one.told("external_id", "phone", "mobile", "full_name", "notes") == (
        "0007", "555-010-2000", "555-010-2001", "Ann Lee", "VAT Number: GB1",
    )  # fmt: skip
    assert one.places == ("1 Elm St, Suite 2, Reno, NV, 89501, United States",)


def test_rows_of_one_customer_join_without_any_format() -> None:
    head = ("Company", "Email", "Phone", "Street", "City", "State", "Zip", "Notes")
    job = imported(
        csv_of(
            head,
            ("Acme", "a@acme.example", "", "1 Elm St", "Reno", "NV", "89501", "north gate"),
            ("Bolt", "b@bolt.example", "", "5 Oak St", "Reno", "NV", "89501", ""),
            ("ACME", "A@acme.example", "555-010-2000", "2 Elm St", "Reno", "NV", "89501", "dog"),
            ("Acme", "a@acme.example", "555-010-2000", "1 ELM ST", "reno", "NV", "89501", ""),
        ),
        "list.csv",
    )
    rows = [(r["action"], r.get("same_as"), r["locations_added"]) for r in plan_rows(job)]
    assert rows == [
        ("create", None, 1), ("create", None, 1), ("join", "row 2", 1), ("skip", "row 2", 0),
    ]  # fmt: skip
    acme = book()["Acme"]
    assert acme.places == ("1 Elm St, Reno, NV, 89501", "2 Elm St, Reno, NV, 89501")
    assert acme.told("phone", "notes") == ("555-010-2000", "north gate\ndog")
    assert job["progress"]["joined"] == 1


def test_same_name_alone_joins_with_a_warning() -> None:
    head = ("First Name", "Last Name", "Street", "City")
    rows = (("John", "Smith", "1 Elm St", "Reno"), ("John", "Smith", "9 Oak St", "Elko"))
    job = imported(csv_of(head, *rows), "list.csv")
    assert [w["rule"] for w in job["warnings"]].count("joined_by_name") == 1
    assert book()["John Smith"].places == ("1 Elm St, Reno", "9 Oak St, Elko")


def test_a_format_is_never_told_by_one_column() -> None:
    for heading in ("J-ID", "Related Company", "*ContactName", "Record ID", "Square Customer ID"):
        job = imported(csv_of(("Company", heading), (f"Firm {heading}", "1_2")), "list.csv")
        assert job["format_detected"] is None, heading
