"""Two companies in one table: whatever both do, each finds exactly its own."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import aws
from tests.support.api import Api

TENANTS = ("acme", "acme2")
_NAMES = st.sampled_from(["Acme", "acme", "Acme Fire", "Zenith", "Ann Lee", "#", "acme2#C#x"])
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(TENANTS),
        st.sampled_from(["create", "bill", "rename", "deactivate", "activate", "delete", "steal"]),
        _NAMES,
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=10,
)


class Book:
    """What one company should find: names by customer id, and the archived ones."""

    def __init__(self, tenant: str) -> None:
        self.api = Api("customers_api", tenant=tenant)
        self.names: dict[str, str] = {}
        self.archived: set[str] = set()
        self.records = Api("records_api", tenant=tenant)
        self.invoices: dict[str, str] = {}

    def pick(self, n: int) -> str:
        ids = sorted(self.names)
        return ids[n % len(ids)] if ids else "cus_none"

    def act(self, action: str, name: str, n: int) -> None:
        customer = self.pick(n)
        path = f"/v1/customers/{customer}"
        if action == "create":
            made = self.api.post("/v1/customers", {"company_name": name, "tags": ["vip"]})
            self.names[made.json["id"]] = name
        elif action == "bill":
            line = {"description": name, "quantity": 1, "unit_price": n}
            made = self.records.post(f"{path}/invoices", {"lines": [line]})
            if made.status == 201:
                self.invoices[made.json["id"]] = customer
        elif action == "rename":
            if self.api.patch(path, {"company_name": name}).status == 200:
                self.names[customer] = name
        elif action == "delete":
            query = {"confirm": "true", "confirm_open_work": "true"}
            headers = {"if-match": "*"}
            if self.api.call("DELETE", path, query=query, headers=headers).status == 204:
                del self.names[customer]
                self.archived.discard(customer)
        elif self.api.post(f"{path}/{action}", {"confirm": True}, if_match="*").status == 200:
            if action == "deactivate":
                self.archived.add(customer)
            else:
                self.archived.discard(customer)

    def check(self) -> None:
        listed = self.api.get("/v1/customers", status="all", limit=200).json["data"]
        assert {c["id"]: c["display_name"] for c in listed} == self.names
        assert {c["id"] for c in listed if c["archived"]} == self.archived
        for query in ({"tag": "vip"}, {"sort": "-created_at"}, {"sort": "-updated_at"}):
            rows = self.api.get("/v1/customers", status="all", limit=200, **query).json["data"]
            assert {c["id"]: c["display_name"] for c in rows} == self.names
        found = self.api.get("/v1/customers", status="all", q="acme", limit=200).json["data"]
        fitting = {i for i, name in self.names.items() if "acme" in name.casefold()}
        assert {c["id"] for c in found} == fitting
        rows = self.records.get("/v1/invoices", limit=200).json["data"]
        billed = {i: customer for i, customer in self.invoices.items() if customer in self.names}
        assert {row["id"]: row["customer"]["id"] for row in rows} == billed


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=_STEPS)
def test_neither_finds_anything_of_the_other(
    steps: list[tuple[str, str, str, int]],
) -> None:
    with aws.cloud():
        books = {tenant: Book(tenant) for tenant in TENANTS}
        for tenant, action, name, n in steps:
            other = books[TENANTS[1 - TENANTS.index(tenant)]]
            if action == "steal":
                path = f"/v1/customers/{other.pick(n)}"
                api = books[tenant].api
                assert api.get(path).status == 404
                assert api.patch(path, {"notes": name}).status == 404
                assert api.get(f"{path}/history").status == 404
                assert books[tenant].records.get(f"{path}/invoices").status == 404
                assert books[tenant].records.post(f"{path}/payments", {"amount": 1}).status == 404
                records = Api("records_api", tenant=tenant)
                for family in ("assets", "projects"):
                    assert records.get(f"{path}/{family}").status == 404
                    assert records.post(f"{path}/{family}", {"name": name}).status == 404
            else:
                books[tenant].act(action, name, n)
        for book in books.values():
            book.check()


def test_nothing_that_hangs_on_a_customer_is_reached_from_another_company() -> None:
    with aws.cloud():
        office = Api("customers_api")
        ids = [office.post("/v1/customers", {"company_name": n}).json["id"] for n in ("A", "B")]
        survivor, loser = (f"/v1/customers/{i}" for i in ids)
        records = Api("records_api")
        body = {"filename": "a.pdf", "content_type": "application/pdf", "size": 9}
        document = records.post(f"{loser}/documents", body).json["id"]
        office.post(f"{survivor}/merge", {"loser_id": ids[1]}, if_match="*")
        for owner in (survivor, loser):
            path = f"{owner}/documents/{document}"
            assert records.get(path).status == 200
            theirs = Api("records_api", tenant="acme2", role="admin")
            assert theirs.get(path).status == 404
            assert theirs.get(path, document_version=1).status == 404
            assert theirs.patch(path, {"filename": "b.pdf"}).status == 404
            assert theirs.call("DELETE", path, headers={"if-match": "*"}).status == 404
            them = Api("customers_api", tenant="acme2", role="admin")
            assert them.get(f"{owner}/timeline").status == 404
            assert them.post(f"{owner}/erase", {"confirm": True}).status == 404
            assert records.get(path).json["filename"] == "a.pdf"


def test_work_for_a_customer_is_neither_read_nor_changed_from_another_company() -> None:
    with aws.cloud():
        office, records = Api("customers_api"), Api("records_api")
        made = office.post("/v1/customers", {"company_name": "A"}).json["id"]
        customer = f"/v1/customers/{made}"
        theirs = Api("records_api", tenant="acme2", role="admin")
        bodies = {
            "tasks": {"title": "ours"},
            "jobs": {"title": "ours"},
            "messages": {"subject": "ours", "body": "x", "to": "ann@x.example"},
        }
        for noun, body in bodies.items():
            record = records.post(f"{customer}/{noun}", body).json
            path = f"{customer}/{noun}/{record['id']}"
            assert theirs.get(path).status == 404
            assert theirs.get(f"{customer}/{noun}").status == 404
            assert theirs.post(f"{customer}/{noun}", body).status == 404
            if noun != "messages":
                assert theirs.get(f"/v1/{noun}").json["data"] == []
                assert theirs.get(f"/v1/{noun}", customer_id=made).status == 404
                assert theirs.patch(path, {"title": "theirs"}).status == 404
                gone = theirs.call("DELETE", path, headers={"if-match": "*"})
                assert gone.status == 404
            assert records.get(path).json == record
