"""Which field of a customer is which in QuickBooks, one by one and both ways, through the door."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.sync import Office
from tests.support.sync_doors import (
    CUSTOMERS,
    Json,
    choose,
    everybody,
    rows_of,
    synced,
)

SETTINGS = Api("settings_api", role="admin")
STREET = {"street": "1 Main St", "unit": "Suite 2", "city": "Tucson", "state": "AZ", "zip": "85701"}
LINES = {
    "Line1": "1 Main St", "Line2": "Suite 2", "City": "Tucson", "CountrySubDivisionCode": "AZ",
    "PostalCode": "85701",
}  # fmt: skip
# Our field, a value of it, and the same as QuickBooks has it.
FIELDS: list[tuple[str, Any, Json]] = [
    ("company_name", "Ada Bakes Ltd", {"CompanyName": "Ada Bakes Ltd"}),
    ("first_name", "Ada", {"GivenName": "Ada"}),
    ("last_name", "Byron", {"FamilyName": "Byron"}),
    ("phone", "(520) 555-0100", {"PrimaryPhone": {"FreeFormNumber": "(520) 555-0100"}}),
    ("email", "ada@bakes.example", {"PrimaryEmailAddr": {"Address": "ada@bakes.example"}}),
    ("mobile", "(520) 555-0101", {"Mobile": {"FreeFormNumber": "(520) 555-0101"}}),
    ("website", "https://bakes.example", {"WebAddr": {"URI": "https://bakes.example"}}),
    ("billing_address", STREET, {"BillAddr": LINES}),
    ("display_name", "Ada Bakes", {"DisplayName": "Ada Bakes"}),
]
each_field = pytest.mark.parametrize(("field", "value", "there"), FIELDS, ids=lambda f: str(f)[:16])
every_field = pytest.mark.shows("S4.014", "S4.015", "S4.016", "S4.017", "S4.018", "S4.019")
BOTH = {"mode": "two_way", "primary": "quickbooks"}


@pytest.fixture
def acme(both_ways: Office) -> Office:
    return both_ways


def here() -> Json:
    """The one customer, as the door shows it."""
    [found] = everybody().values()
    return found


def there_of(acme: Office) -> Json:
    """The one customer as QuickBooks has it, addresses without what it adds itself."""
    [row] = acme.control.book()["Customer"]
    for name in ("BillAddr", "ShipAddr"):
        if name in row:
            row[name] = {k: v for k, v in row[name].items() if k not in ("Id", "Lat", "Long")}
    return row


def held(value: Any) -> Any:
    """A value of an answer, without the parts of it that are empty or worked out."""
    return {k: v for k, v in value.items() if k in STREET} if isinstance(value, dict) else value


@every_field
@pytest.mark.parametrize("mode", [BOTH, {"mode": "roster_to_quickbooks"}], ids=["both", "ours"])
def test_a_customer_entered_here_has_every_field_there(acme: Office, mode: Json) -> None:
    choose(**mode)
    made = CUSTOMERS.post("/v1/customers", {name: value for name, value, _ in FIELDS})
    assert made.status == 201, made.text
    synced(acme)
    there = there_of(acme)
    wanted = {k: v for _, _, part in FIELDS for k, v in part.items()}
    assert {k: there.get(k) for k in wanted} == wanted


@pytest.mark.shows("S4.014")
def test_the_company_is_who_the_customer_is_there(acme: Office) -> None:
    assert CUSTOMERS.post("/v1/customers", {"company_name": "Ada Bakes Ltd"}).status == 201
    synced(acme)
    there = there_of(acme)
    assert (there["DisplayName"], there["CompanyName"]) == ("Ada Bakes Ltd", "Ada Bakes Ltd")


@every_field
@pytest.mark.shows("S4.013")
def test_a_customer_entered_there_has_every_field_here(acme: Office) -> None:
    choose(mode="quickbooks_to_roster")
    acme.control.create("Ada Bakes", **{k: v for *_, part in FIELDS for k, v in part.items()})
    synced(acme)
    found = here()
    assert {f: held(found[f]) for f, *_ in FIELDS} == {f: value for f, value, _ in FIELDS}


@every_field
@each_field
def test_an_edit_here_arrives_there_and_clears_there(
    acme: Office, field: str, value: Any, there: Json
) -> None:
    acme.control.create("Somebody")
    synced(acme)
    path = f"/v1/customers/{here()['id']}"
    assert CUSTOMERS.patch(path, {field: value}).status == 200
    [row] = rows_of(synced(acme))
    assert (row["action"], [c["field"] for c in row["changes"]]) == ("update_there", [field])
    assert there.items() <= there_of(acme).items()
    if field != "display_name":
        empty = dict.fromkeys(value) if isinstance(value, dict) else None
        assert CUSTOMERS.patch(path, {field: empty}).status == 200
        synced(acme)
        assert not there_of(acme).keys() & there.keys()
    assert rows_of(synced(acme)) == []


@every_field
@each_field
def test_an_edit_there_arrives_here_and_clears_here(
    acme: Office, field: str, value: Any, there: Json
) -> None:
    made = acme.control.create("Somebody")
    synced(acme)
    acme.control.edit(made["Id"], **there)
    [row] = rows_of(synced(acme))
    assert (row["action"], [c["field"] for c in row["changes"]]) == ("update_here", [field])
    assert held(here()[field]) == value
    if field != "display_name":
        [name] = there
        acme.control.edit(made["Id"], **{name: {} if isinstance(there[name], dict) else ""})
        synced(acme)
        assert not here()[field]
    assert rows_of(synced(acme)) == []
    assert here()["display_name"] == ("Ada Bakes" if field == "display_name" else "Somebody")


@pytest.mark.shows("S4.089")
def test_notes_are_nobody_elses_business(acme: Office) -> None:
    made = acme.control.create("Somebody", Notes="theirs")
    synced(acme)
    path = f"/v1/customers/{here()['id']}"
    assert CUSTOMERS.patch(path, {"notes": "ours", "phone": "520 555 0100"}).status == 200
    acme.control.edit(made["Id"], Notes="theirs, and more")
    synced(acme)
    assert (here()["notes"], there_of(acme)["Notes"]) == ("ours", "theirs, and more")


def term_here(name: str, days: int) -> Json:
    made = SETTINGS.post("/v1/payment-terms", {"name": name, "due_days": days})
    assert made.status == 201, made.text
    return dict(made.json)


def rate_here(name: str, percent: str) -> Json:
    made = SETTINGS.post("/v1/tax-rates", {"name": name, "rate_percent": percent})
    assert made.status == 201, made.text
    return dict(made.json)


def term_called(name: str) -> str:
    """The id of our payment term of that name."""
    listed = SETTINGS.get("/v1/payment-terms").json["data"]
    return next(str(term["id"]) for term in listed if term["name"] == name)


def terms_there(acme: Office) -> dict[str, str]:
    """QuickBooks' terms by name."""
    with acme.intuit.session() as api:
        return {row["Name"]: row["Id"] for row in api.query("select * from Term")["Term"]}


@pytest.mark.shows("S4.073")
def test_where_roster_leads_terms_and_tax_of_a_customer_arrive(acme: Office) -> None:
    choose(mode="roster_to_quickbooks")
    same, new = term_here("net 30", 30), term_here("Net 75", 75)
    tax = rate_here("California", "8")
    for name, term in (("Ada", same), ("Bea", new), ("Cid", new)):
        values = {"display_name": name, "payment_term_id": term["id"], "tax_rate_id": tax["id"]}
        assert CUSTOMERS.post("/v1/customers", values).status == 201
    run = synced(acme)
    assert {(r["action"], r["name"]) for r in rows_of(run, "payment_term")} == {
        ("link", "net 30"), ("create_there", "Net 75"),
    }  # fmt: skip
    assert [(r["action"], r["name"]) for r in rows_of(run, "tax_rate")] == [("link", "California")]
    there = {row["DisplayName"]: row for row in acme.control.book()["Customer"]}
    known = terms_there(acme)
    assert {n: row["SalesTermRef"]["value"] for n, row in there.items()} == {
        "Ada": known["Net 30"], "Bea": known["Net 75"], "Cid": known["Net 75"],
    }  # fmt: skip
    assert {row["DefaultTaxCodeRef"]["value"] for row in there.values()} == {"2"}
    assert len(terms_there(acme)) == len(known)
    # What is edited here follows, and nothing of QuickBooks' lists has come here.
    path = f"/v1/customers/{everybody()['Bea']['id']}"
    assert CUSTOMERS.patch(path, {"payment_term_id": same["id"]}).status == 200
    [row] = rows_of(synced(acme))
    assert (row["action"], [c["field"] for c in row["changes"]]) == (
        "update_there", ["payment_term_id"],
    )  # fmt: skip
    bea = acme.control.customer(there["Bea"]["Id"])
    assert bea["SalesTermRef"]["value"] == known["Net 30"]
    names = {t["name"] for t in SETTINGS.get("/v1/payment-terms").json["data"]}
    assert names == {"net 30", "Net 75"}
    assert rows_of(synced(acme)) == []


@pytest.mark.shows("S4.073")
def test_what_quickbooks_has_otherwise_is_told_and_the_rest_is_sent(acme: Office) -> None:
    choose(mode="roster_to_quickbooks")
    term, tax = term_here("Net 30", 45), rate_here("Nowhere", "3.5")
    values = {"display_name": "Ada", "payment_term_id": term["id"], "tax_rate_id": tax["id"]}
    assert CUSTOMERS.post("/v1/customers", {**values, "phone": "520 555 0100"}).status == 201
    run = synced(acme)
    [said] = rows_of(run, "payment_term")
    assert (said["action"], "worth something else" in said["reason"]) == ("skip", True)
    [said] = rows_of(run, "tax_rate")
    assert (said["action"], "none of QuickBooks' tax codes" in said["reason"]) == ("skip", True)
    assert sorted(r["action"] for r in rows_of(run)) == ["create_there", "skip"]
    [left] = [r for r in rows_of(run) if r["action"] == "skip"]
    assert "payment terms is none of those in QuickBooks" in left["reason"]
    there = there_of(acme)
    assert (there["PrimaryPhone"]["FreeFormNumber"], "SalesTermRef" in there) == (
        "520 555 0100", False,
    )  # fmt: skip
    # Its own creation there was a change here, which the next run looks at once more.
    synced(acme)
    assert rows_of(synced(acme)) == []


@pytest.mark.shows("S4.077")
@pytest.mark.parametrize("leads", ["quickbooks", "roster"])
def test_in_both_directions_the_terms_of_a_customer_go_both_ways(acme: Office, leads: str) -> None:
    choose(mode="two_way", primary=leads)
    known = terms_there(acme)
    made = acme.control.create("Ada", SalesTermRef={"value": known["Net 30"]})
    synced(acme)
    assert here()["payment_term_id"] == term_called("Net 30")
    path = f"/v1/customers/{here()['id']}"
    assert CUSTOMERS.patch(path, {"payment_term_id": term_called("Net 15")}).status == 200
    synced(acme)
    assert there_of(acme)["SalesTermRef"]["value"] == known["Net 15"]
    acme.control.edit(made["Id"], SalesTermRef={"value": known["Net 60"]})
    [row] = rows_of(synced(acme))
    assert [c["field"] for c in row["changes"]] == ["payment_term_id"]
    assert here()["payment_term_id"] == term_called("Net 60")
    acme.control.edit(made["Id"], SalesTermRef={"value": ""})
    synced(acme)
    assert here()["payment_term_id"] is None
    assert CUSTOMERS.patch(path, {"payment_term_id": term_called("Net 15")}).status == 200
    synced(acme)
    assert CUSTOMERS.patch(path, {"payment_term_id": None}).status == 200
    synced(acme)
    assert "SalesTermRef" not in there_of(acme)
    assert rows_of(synced(acme)) == []


def test_a_tax_that_quickbooks_sets_by_itself_is_nobodys_edit(acme: Office) -> None:
    choose(mode="roster_to_quickbooks")
    tax = rate_here("Ours", "7")
    choose(**BOTH)
    made = acme.control.create("Ada")
    values = {"display_name": "Bea", "tax_rate_id": tax["id"]}
    assert CUSTOMERS.post("/v1/customers", values).status == 201
    acme.control.create("Bea")
    synced(acme)
    acme.control.edit(made["Id"], DefaultTaxCodeRef={"value": "3"})
    assert not [r for r in rows_of(synced(acme)) if r["action"] != "skip"]
    found = everybody()
    assert (found["Ada"]["tax_rate_id"], found["Bea"]["tax_rate_id"]) == (None, tax["id"])


def test_a_sync_without_terms_leaves_them_alone_and_takes_them_up_later(acme: Office) -> None:
    choose(mode="quickbooks_to_roster", sync_terms=False, sync_taxes=False)
    known = terms_there(acme)
    acme.control.create("Ada", SalesTermRef={"value": known["Net 30"]})
    synced(acme)
    assert here()["payment_term_id"] is None
    choose(mode="two_way", primary="quickbooks")
    synced(acme)
    assert here()["payment_term_id"] == term_called("Net 30")
