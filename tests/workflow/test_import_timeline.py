"""What an import did to a customer, in the customer's timeline."""

from tests.support.api import Api
from tests.support.imports import Machine, csv_of, drop


def test_the_timeline_says_that_a_customer_came_by_an_import(cloud: None) -> None:
    api = Api("customers_api")
    Machine().run(drop(csv_of(("ID", "Company"), ("1", "Acme"))))
    (row,) = api.get("/v1/customers").json["data"]
    (created,) = api.get(f"/v1/customers/{row['id']}/timeline").json["data"]
    assert (created["kind"], created["source"]) == ("created", "import")
    assert created["text"].endswith("created the customer by an import")
    (job,) = Api("imports_api").get("/v1/imports").json["data"]
    assert created["run"] == job["id"]
