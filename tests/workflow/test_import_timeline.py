"""What an import did to a customer, in the customer's timeline."""

from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop
from tests.support.updates import announce


def test_the_timeline_says_that_a_customer_came_by_an_import(cloud: None) -> None:
    api = Api("customers_api")
    Machine().run(drop(csv_of(("ID", "Company"), ("1", "Acme"))))
    (row,) = api.get("/v1/customers").json["data"]
    (created,) = api.get(f"/v1/customers/{row['id']}/timeline").json["data"]
    assert (created["kind"], created["source"]) == ("created", "import")
    assert created["text"].endswith("created the customer by an import")
    (job,) = Api("imports_api").get("/v1/imports").json["data"]
    assert created["run"] == job["id"]


def test_the_timeline_says_what_an_import_changed_and_added(cloud: None) -> None:
    api = Api("customers_api")
    one = api.post("/v1/customers", {"company_name": "Acme"}).json
    head = ("Company", "Email", "Street", "City", "State", "Zip")
    rows = [("Acme", "a@acme.test", f"{n} Far Rd", "Omaha", "NE", "68102") for n in (1, 2)]
    announce(csv_of(head, *rows), mode="update", confirm=False)
    (changed, _) = api.get(f"/v1/customers/{one['id']}/timeline").json["data"]
    assert (changed["kind"], changed["source"]) == ("import", "import")
    assert changed["text"].endswith("set email to a@acme.test; added 2 locations")
