"""What each operation costs in request units, against the budgets of the design."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import batched

import boto3
import pytest
from botocore.exceptions import ClientError

from roster import bootstrap
from roster.domain.customer import Customer, Origin, new_customer
from roster.domain.events import Actor
from roster.domain.ids import derived_id
from roster.usecases.ports import NewCustomer
from tests.support import aws, request_units
from tests.support.api import Api
from tests.support.request_units import Meter, budgeted, item_bytes

LOADED_AT = datetime(2026, 1, 1, tzinfo=UTC)
FULL = {
    "company_name": "Acme Fire Systems",
    "email": "office@acme.example",
    "phone": "+1 555 0100",
    "mobile": "+1 555 0101",
    "website": "https://acme.example",
    "external_id": "x-17",
    "notes": "n" * 200,
    "billing_address": {"street": "1 Main St", "city": "Tulsa", "state": "OK", "zip": "74103"},
    "service_location": {"street": "1 Main St", "city": "Tulsa", "state": "OK", "zip": "74103"},
}


@dataclass
class Metered:
    """The customers function and what its requests cost."""

    api: Api
    meter: Meter

    def create(self, **values: object) -> str:
        """A new customer's path; what it cost is forgotten."""
        answer = self.api.post("/v1/customers", values)
        assert answer.status == 201, answer.text
        self.meter.clear()
        return f"/v1/customers/{answer.json['id']}"

    @property
    def read(self) -> float:
        """Read units that count."""
        return self.meter.read(budgeted(aws.TABLE))

    @property
    def write(self) -> float:
        """Write units that count."""
        return self.meter.write(budgeted(aws.TABLE))


@pytest.fixture
def metered(customers_api: Api) -> Metered:
    meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
    return Metered(customers_api, meter)


def test_a_create_with_its_lookups_and_event(metered: Metered) -> None:
    answer = metered.api.post("/v1/customers", FULL)
    assert answer.status == 201, answer.text
    assert 0 < metered.write <= 18
    assert metered.meter.write() > metered.write, "the counter is not counted"


def test_everything_there_is_to_write_passes_the_budget_of_a_create_by_one(
    metered: Metered,
) -> None:
    """Ten ways to find or to know it again, under an Idempotency-Key (ADR 0012)."""
    assert metered.api.post("/v1/customers", FULL, idempotency_key="k").status == 201
    assert 0 < metered.write <= 18 + 1
    assert metered.meter.write() > metered.write, "the kept answer is not counted"


def test_a_read(metered: Metered) -> None:
    path = metered.create(**FULL)
    assert metered.api.get(path).status == 200
    assert (metered.read, metered.write) == (1, 0)


@pytest.mark.parametrize(
    ("change", "new_lookups"),
    [
        ({"notes": "Ring once."}, 0),
        ({"phone": "+1 555 0199"}, 1),
        ({"phone": "(415) 555-0199"}, 2),
        ({"email": "new@acme.example"}, 1),
    ],
)
def test_a_patch(metered: Metered, change: dict[str, str], new_lookups: int) -> None:
    """The 6 of a patch, and one for each new way to find the customer (ADR 0012)."""
    path = metered.create(**FULL)
    assert metered.api.patch(path, change).status == 200
    assert 0 < metered.write <= 6 + new_lookups


def test_what_a_shelf_costs(metered: Metered) -> None:
    """One unit in a patch; three where the rows move; two as the customer comes to stand on it."""

    def costs(*tags: str) -> list[float]:
        path = metered.create(company_name="Acme", tags=list(tags))
        spent = []
        for change in ({"notes": "n"}, {"company_name": "Zenith"}, {"tags": [*tags, "new"]}):
            metered.meter.clear()
            assert metered.api.patch(path, change).status == 200
            spent.append(metered.write)
        metered.meter.clear()
        metered.api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
        return [*spent, metered.write]

    none, one, two = costs(), costs("vip"), costs("vip", "late")
    assert [b - a for a, b in zip(none, one, strict=True)] == [1, 3, 1, 3]
    assert [b - a for a, b in zip(one, two, strict=True)] == [1, 3, 1, 3]
    assert none[2] == 6 + 2


def test_a_row_of_an_import_costs_a_25th_of_an_entry_in_the_order_of_creation(
    metered: Metered,
) -> None:
    bootstrap.customers().load_first([NewCustomer(loaded(n)) for n in range(25)])
    assert (
        metered.meter.write(lambda charge: "#cus_" in charge.sk and charge.sk[:14].isdigit()) == 1
    )


def test_a_rename_costs_its_row_and_its_words(metered: Metered) -> None:
    """Beyond the 6 of a patch (ADR 0004): the row moves, and each lookup carries the names."""
    path = metered.create(**FULL)
    words, email, phones = 3, 1, 2
    assert metered.api.patch(path, {"company_name": "Zeta Fire Systems"}).status == 200
    assert 0 < metered.write <= 8 + words + email + phones


@pytest.mark.parametrize("verb", ["deactivate", "activate"])
def test_a_status_change(metered: Metered, verb: str) -> None:
    path = metered.create(**FULL)
    if verb == "activate":
        metered.api.post(f"{path}/deactivate", {"confirm": True}, if_match="*")
        metered.meter.clear()
    assert metered.api.post(f"{path}/{verb}", {"confirm": True}, if_match="*").status == 200
    assert 0 < metered.write <= 8


@pytest.fixture
def sixty(metered: Metered) -> Metered:
    """Sixty customers, more than two pages, that one search finds."""
    for n in range(60):
        values = {k: v for k, v in FULL.items() if k != "external_id"}
        metered.create(**{**values, "company_name": f"Acme Fire Systems {n:03}"})
    return metered


def test_a_page_of_a_list(sixty: Metered) -> None:
    answer = sixty.api.get("/v1/customers", limit=25)
    assert len(answer.json["data"]) == 25
    assert 0 < sixty.read <= 2


def test_a_page_of_a_search(sixty: Metered) -> None:
    answer = sixty.api.get("/v1/customers", q="fire", limit=25)
    assert len(answer.json["data"]) == 25
    assert 0 < sixty.read <= 15


def test_a_page_of_a_search_whose_words_are_a_number_too(sixty: Metered) -> None:
    number = sixty.api.get("/v1/customers", limit=1).json["data"][0]["number"]
    sixty.create(company_name=f"{number} Main")
    sixty.meter.clear()
    answer = sixty.api.get("/v1/customers", q=number, limit=25)
    assert len(answer.json["data"]) == 2
    assert 0 < sixty.read <= 15


def loaded(n: int) -> Customer:
    """A customer of an import that stands on every shelf."""
    return replace(
        new_customer(
            id=derived_id("cus", LOADED_AT, str(n)),
            tenant="acme",
            values={
                "company_name": f"Acme Fire Systems {n:05}",
                "full_name": "Ann Lee",
                "email": f"office{n}@acme.example",
                "phone": f"+1 555 {n:07}",
                "tags": ["vip"],
                "portal_access": True,
            },
            source=Origin.IMPORT,
            actor=Actor("olga"),
            now=LOADED_AT + timedelta(seconds=n // 1000),
        ),
        quickbooks=str(n),
    )


DRIVERS: dict[str, tuple[dict[str, str], float]] = {
    "list": ({}, 2),
    "tag": ({"tag": "VIP"}, 2),
    "linked": ({"quickbooks": "linked"}, 2),
    "portal": ({"portal": "true"}, 2),
    "search": ({"q": "fire"}, 15),
    "newest": ({"sort": "-created_at"}, 15),
    "last changed": ({"sort": "-updated_at"}, 15),
    "quiet": ({"inactive_since": "2040-01-01T00:00:00Z"}, 15),
    "quiet for long": ({"inactive_since": "2026-01-01T00:00:01Z"}, 15),
}


def driver_costs(size: int) -> dict[str, float]:
    """Read units of a page of 25 by each driver, where all customers are on all shelves."""
    with aws.cloud():
        everyone = [NewCustomer(loaded(n)) for n in range(size)]
        for some in batched(everyone, 25, strict=False):
            bootstrap.customers().load_first(some)
        api = Api("customers_api")
        for one in everyone[: size // 10]:
            api.patch(f"/v1/customers/{one.customer.id}", {"notes": "n"})
            after = bootstrap.customers().get("acme", one.customer.id)
            assert after is not None
            bootstrap.customers().sweep(replace(one.customer, batch=after.batch), after)
        meter = request_units.attach(bootstrap.dynamodb(), boto3.client("dynamodb"))
        costs = {}
        for driver, (query, _) in DRIVERS.items():
            meter.clear()
            assert len(api.get("/v1/customers", limit=25, **query).json["data"]) >= 20, driver
            costs[driver] = meter.read(budgeted(aws.TABLE))
        return costs


def test_each_driver_costs_the_same_whatever_the_number_of_customers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in aws.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    small, large = driver_costs(30), driver_costs(3000)
    for driver, (_, budget) in DRIVERS.items():
        assert 0 < large[driver] <= budget, driver
        assert large[driver] <= small[driver] + 1, driver


def test_a_narrowed_page_looks_at_500_rows_at_most(sixty: Metered) -> None:
    """160 KB of list rows: what a filter leaves out was read all the same."""
    (row,) = bootstrap.table().query("acme#L#active", limit=1)[0]
    bootstrap.table().write_batch({**row, "sk": f"b#cus_{n:04}"} for n in range(1000))
    sixty.meter.clear()
    answer = sixty.api.get("/v1/customers", updated_since="2040-01-01T00:00:00Z", limit=25)
    assert answer.json["next_cursor"]
    assert 0 < sixty.read <= 45


def test_sizes_are_those_of_dynamodb() -> None:
    assert item_bytes({"é": {"S": "ü"}}) == 4
    assert item_bytes({"n": {"N": "0"}}) == 1 + 1
    assert item_bytes({"n": {"N": "1200"}}) == 1 + 2
    assert item_bytes({"n": {"N": "-12.345"}}) == 1 + 3 + 2
    assert item_bytes({"b": {"BOOL": True}, "x": {"NULL": True}}) == 4
    assert item_bytes({"l": {"L": [{"S": "a"}, {"N": "1"}]}}) == 1 + 3 + 2 + 3
    assert item_bytes({"m": {"M": {"k": {"S": "v"}}}}) == 1 + 3 + 3
    assert item_bytes({"b": {"B": b"123"}}) == 4


class TestArithmetic:
    """Against sums done by hand, on items of known sizes."""

    @pytest.fixture(autouse=True)
    def _client(self, request: pytest.FixtureRequest) -> None:
        request.getfixturevalue("cloud")
        self.client = boto3.client("dynamodb")
        self.meter = request_units.attach(self.client, boto3.client("dynamodb"))

    def item(self, sk: str, size: int) -> dict[str, dict[str, str]]:
        frame = len("pk") + 1 + len("sk") + len(sk) + 1
        return {"pk": {"S": "p"}, "sk": {"S": sk}, "d": {"S": "x" * (size - frame)}}

    def put(self, sk: str, size: int) -> None:
        item = self.item(sk, size)
        assert item_bytes(item) == size
        self.client.put_item(TableName=aws.TABLE, Item=item)

    @pytest.mark.parametrize(("size", "units"), [(7, 1), (1024, 1), (1025, 2), (4000, 4)])
    def test_a_put_costs_a_unit_per_kilobyte(self, size: int, units: int) -> None:
        self.put("a", size)
        assert self.meter.write() == units

    def test_replacing_costs_the_larger_of_the_two(self) -> None:
        self.put("a", 3000)
        self.meter.clear()
        self.put("a", 100)
        assert self.meter.write() == 3
        self.put("a", 2000)
        assert self.meter.write() == 5

    def test_deleting_costs_what_was_there_and_nothing_costs_one(self) -> None:
        self.put("a", 3000)
        self.meter.clear()
        for _ in range(2):
            self.client.delete_item(TableName=aws.TABLE, Key={"pk": {"S": "p"}, "sk": {"S": "a"}})
        assert [c.write for c in self.meter.charges] == [3, 1]

    def test_an_update_costs_the_larger_of_before_and_after(self) -> None:
        self.put("a", 1000)
        self.meter.clear()
        for value in ("y" * 2000, "y"):
            self.client.update_item(
                TableName=aws.TABLE,
                Key={"pk": {"S": "p"}, "sk": {"S": "a"}},
                UpdateExpression="SET e = :v",
                ExpressionAttributeValues={":v": {"S": value}},
            )
        assert [c.write for c in self.meter.charges] == [3, 3]

    def test_a_transaction_costs_twice_even_when_refused(self) -> None:
        self.put("a", 1500)
        self.meter.clear()
        actions = [
            {
                "Put": {
                    "TableName": aws.TABLE,
                    "Item": self.item(sk, 1500),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
            }
            for sk in ("b", "a")
        ]
        with pytest.raises(ClientError):
            self.client.transact_write_items(TransactItems=actions)  # type: ignore[arg-type]
        assert [c.write for c in self.meter.charges] == [4, 4]

    def test_a_refused_put_costs_too(self) -> None:
        self.put("a", 2500)
        self.meter.clear()
        with pytest.raises(ClientError):
            self.client.put_item(
                TableName=aws.TABLE,
                Item=self.item("a", 100),
                ConditionExpression="attribute_not_exists(pk)",
            )
        assert self.meter.write() == 3

    def test_a_batch_write_costs_item_by_item(self) -> None:
        self.put("gone", 2100)
        self.meter.clear()
        self.client.batch_write_item(
            RequestItems={
                aws.TABLE: [
                    {"PutRequest": {"Item": self.item("a", 100)}},
                    {"PutRequest": {"Item": self.item("b", 1100)}},
                    {"DeleteRequest": {"Key": {"pk": {"S": "p"}, "sk": {"S": "gone"}}}},
                ]
            }
        )
        assert [c.write for c in self.meter.charges] == [1, 2, 3]

    @pytest.mark.parametrize(("consistent", "units"), [(True, 2), (False, 1)])
    def test_a_get_costs_by_four_kilobytes(self, consistent: bool, units: float) -> None:
        self.put("a", 4097)
        self.client.get_item(
            TableName=aws.TABLE,
            Key={"pk": {"S": "p"}, "sk": {"S": "a"}},
            ConsistentRead=consistent,
        )
        assert self.meter.read() == units

    def test_a_batch_get_rounds_each_item_up_and_what_is_missing_costs(self) -> None:
        self.put("a", 100)
        self.put("b", 5000)
        names = ("a", "b", "missing")
        keys = [{"pk": {"S": "p"}, "sk": {"S": name}} for name in names]
        self.client.batch_get_item(RequestItems={aws.TABLE: {"Keys": keys}})
        assert [c.read for c in self.meter.charges if c.read] == [0.5, 1, 0.5]

    @pytest.mark.parametrize(("limit", "units"), [(1, 1), (4, 1), (5, 2), (9, 3)])
    def test_a_query_rounds_up_once(self, limit: int, units: int) -> None:
        for n in range(9):
            self.put(f"{n}", 1000)
        self.client.query(
            TableName=aws.TABLE,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "p"}},
            Limit=limit,
            ConsistentRead=True,
        )
        assert self.meter.read() == units

    def test_what_it_does_not_know_it_refuses(self) -> None:
        with pytest.raises(request_units.NotMetered):
            self.client.scan(TableName=aws.TABLE)
        with pytest.raises(request_units.NotMetered):
            self.client.query(
                TableName=aws.TABLE,
                KeyConditionExpression="pk = :pk",
                FilterExpression="d = :pk",
                ExpressionAttributeValues={":pk": {"S": "p"}},
            )
