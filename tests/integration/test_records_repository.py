"""Records in the table: where they are listed, what a list reads, and what a race may not mix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from roster import bootstrap
from roster.adapters.dynamodb.records import DynamoRecords
from roster.domain.customer import Customer, Origin, new_customer
from roster.domain.errors import StaleVersion
from roster.domain.events import Actor
from roster.domain.record import Family, Record, moved, record_id
from roster.usecases.ports import NewCustomer
from tests.support.api import Api

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLGA = Actor("olga")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Record):
    """A record with all that a family can have."""

    family: ClassVar[Family] = Family.JOB
    status: str = "open"
    due: str = "2026-12-01"
    lines: tuple[str, ...] = ()

    @property
    def shelf(self) -> str:
        return self.status

    @property
    def sorted_by(self) -> str:
        return self.due

    @property
    def open_by(self) -> str | None:
        return self.due if self.status == "open" else None


@pytest.fixture
def orders(customers_api: Api) -> DynamoRecords[Order]:
    assert customers_api, "the table is there"
    return DynamoRecords(bootstrap.table(), Order, row_omits=["lines"])


@pytest.fixture
def customer(customers_api: Api) -> Customer:
    assert customers_api, "the table is there"
    values = {"company_name": "Acme"}
    made = new_customer(
        id="cus_1", tenant="acme", values=values, source=Origin.MANUAL, actor=OLGA, now=NOW
    )
    return bootstrap.customers().add(NewCustomer(made))


def order(customer: Customer, **values: Any) -> Order:
    return Order(
        id=record_id(Family.JOB, NOW),
        tenant=customer.tenant,
        customer_id=customer.id,
        created_at=NOW,
        updated_at=NOW,
        created_by=OLGA,
        **values,
    )


def test_a_record_is_read_whole_and_listed_without_its_body(
    orders: DynamoRecords[Order], customer: Customer
) -> None:
    lines = tuple(f"line {n}" for n in range(200))
    made = orders.add(customer, order(customer, lines=lines), [])
    assert orders.get("acme", ["cus_0", "cus_1"], made.id) == made
    thin = replace(made, lines=())
    assert list(orders.page("acme", ["cus_1"], limit=5, after=None).items) == [thin]
    assert list(orders.open("acme", ["cus_1"], limit=5)) == [thin]
    assert list(orders.across("acme", ["open"], limit=5, after=None).items) == [thin]


def test_a_step_moves_the_record_and_leaves_its_body_alone(
    orders: DynamoRecords[Order], customer: Customer
) -> None:
    made = orders.add(customer, order(customer, lines=("a", "b")), [])
    done = moved(made, replace(made, status="done"), NOW)
    assert len(orders.change_actions(made, done)) == 4, "record, both old rows, the new row"
    orders.save(customer, made, done, [])
    assert orders.get("acme", ["cus_1"], made.id) == done
    assert orders.open("acme", ["cus_1"], limit=5) == []
    assert orders.across("acme", ["open"], limit=5, after=None).items == []
    assert [o.id for o in orders.across("acme", ["open", "done"], limit=5, after=None).items] == [
        made.id
    ]
    with pytest.raises(StaleVersion):
        orders.save(customer, made, done, [])
    orders.save(customer, done, None, [])
    client, table = bootstrap.dynamodb(), bootstrap.table().name
    left = [i["sk"]["S"] for i in client.scan(TableName=table)["Items"]]
    assert not [sk for sk in left if made.id in sk], "nothing of it is left anywhere"


def test_a_reader_never_joins_the_halves_of_two_versions(
    orders: DynamoRecords[Order], customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = orders.add(customer, order(customer, lines=("old",)), [])
    table = bootstrap.table()
    read = table.get_many
    later = moved(made, replace(made, lines=("new",)), NOW)
    raced = [True]

    def between(wanted: Any, **options: Any) -> Any:
        found = list(read(wanted, **options))
        if raced:
            raced.clear()
            orders.save(customer, made, later, [])
            fresh = {item["sk"]: item for item in read(wanted, **options)}
            found = [i if i["sk"].startswith("REC#") else fresh[i["sk"]] for i in found]
        return iter(found)

    monkeypatch.setattr(table, "get_many", between)
    assert orders.get("acme", ["cus_1"], made.id) == later


@pytest.mark.parametrize("newest_first", [True, False])
def test_shelves_are_merged_in_order_page_by_page(
    orders: DynamoRecords[Order],
    customer: Customer,
    newest_first: bool,
) -> None:
    days = [f"2026-12-{day:02d}" for day in range(1, 29)]
    for n, day in enumerate(days):
        orders.add(customer, order(customer, due=day, status=("open", "done", "late")[n % 3]), [])

    def walk(shelves: Sequence[str], **options: Any) -> list[str]:
        seen: list[str] = []
        after: str | None = None
        while True:
            page = orders.across(
                "acme", shelves, limit=4, after=after, newest_first=newest_first, **options
            )
            assert len(page.items) <= 4
            seen += [o.due for o in page.items]
            if (after := page.next) is None:
                return seen if not newest_first else seen[::-1]

    assert walk(["open", "done", "late"]) == days
    assert walk(["open"]) == days[::3]
    assert walk(["open", "done", "late"], since=days[3], until=days[7]) == days[3:8]
    assert walk(["open", "late"], until=days[2]) == [days[0], days[2]]
    assert walk(["open", "done", "late"], keeps=lambda o: o.due > days[20]) == days[21:]


def test_nothing_is_left_of_what_is_forgotten(
    orders: DynamoRecords[Order], customer: Customer
) -> None:
    for n in range(30):
        orders.add(customer, order(customer, lines=(f"line {n}",)), [])
    for _ in range(2):
        orders.forget(customer)
    client, table = bootstrap.dynamodb(), bootstrap.table().name
    left = [i["sk"]["S"] for i in client.scan(TableName=table)["Items"]]
    assert not [sk for sk in left if "job_" in sk]
    assert "HEAD" in left
