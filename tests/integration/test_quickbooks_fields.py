"""Which field of a customer is which in QuickBooks, one by one and both ways, through the door."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.sync import Office
from tests.support.sync_doors import (
    CUSTOMERS,
    Json,
    choose,
    everybody,
    open_office,
    rows_of,
    synced,
)

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
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with open_office(monkeypatch) as one:
        one.connect()
        choose(**BOTH)
        yield one


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
