"""What the repository promises that no single request shows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from roster import bootstrap
from roster.domain.customer import Customer, Origin, Status, new_customer
from roster.domain.customer_filter import CustomerFilter
from roster.domain.errors import Taken
from roster.domain.events import Actor
from roster.usecases.ports import NewCustomer

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def customer(id: str = "cus_1", **values: object) -> Customer:
    given = {"company_name": "Acme", **values}
    return new_customer(
        id=id, tenant="acme", values=given, source=Origin.MANUAL, actor=Actor("olga"), now=NOW
    )


def found(query: str = "acme") -> list[str]:
    page = bootstrap.customers().search("acme", query, [Status.ACTIVE], limit=25, after=None)
    return [c.id for c in page.items]


def test_adding_the_same_customer_again_changes_nothing(cloud: None) -> None:
    customers = bootstrap.customers()
    first = customers.add(NewCustomer(customer(number="7", external_id="x")))
    try:
        again = customers.add(NewCustomer(replace(first, number="8", external_id=None)))
    except Taken as clash:
        pytest.fail(str(clash))
    assert again == first
    assert found() == ["cus_1"]
    assert customers.get("acme", "cus_1") == first


def test_a_refused_add_leaves_no_trace(cloud: None) -> None:
    customers = bootstrap.customers()
    customers.add(NewCustomer(customer(external_id="x")))
    with pytest.raises(Taken):
        customers.add(NewCustomer(customer("cus_2", company_name="Zenith", external_id="x")))
    assert found("zenith") == []
    table = bootstrap.table()
    scanned = table.client.scan(TableName=table.name)["Items"]
    assert not [item for item in scanned if "cus_2" in str(item)]


def test_a_request_key_finds_the_first_customer(cloud: None) -> None:
    """Also when the function died before the first answer was remembered."""
    customers = bootstrap.customers()
    first = customers.add(NewCustomer(customer()), request_key="k")
    second = customers.add(NewCustomer(customer("cus_2")), request_key="k")
    assert second == first
    assert found() == ["cus_1"]


def test_what_a_crash_left_undone_is_passed_over_and_mended(cloud: None) -> None:
    """A row that was not refreshed and lookups that were not removed do no harm, and then go."""
    customers, table = bootstrap.customers(), bootstrap.table()
    before = customers.add(NewCustomer(customer(email="old@acme.example")))
    after = replace(before, email="new@acme.example", version=2)
    from roster.adapters.dynamodb import customer_items as items
    from roster.adapters.dynamodb import customer_lookups

    table.write_batch([items.head(after), *customer_lookups.lookups(after).values()])
    assert found("old@acme") == []
    assert found("new@acme") == ["cus_1"]
    customers.sweep(before, after)
    listed = customers.find("acme", CustomerFilter(), limit=5, after=None).items
    assert [c.email for c in listed] == ["new@acme.example"]
    scanned = str(table.client.scan(TableName=table.name)["Items"])
    assert "old@acme" not in scanned
