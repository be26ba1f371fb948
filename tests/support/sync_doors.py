"""A company's sync as its people see it: through the doors, with the worker behind them."""

import importlib
from typing import Any

from tests.support.api import Answer, Api, http_event
from tests.support.context import LambdaContext
from tests.support.sync import Office

type Json = dict[str, Any]

BOOKS = Api("quickbooks_api", role="admin")
CUSTOMERS = Api("customers_api")


def callback(query: dict[str, str], *, accept: str = "*/*") -> Answer:
    """What Intuit's redirect does: no token."""
    handler: Any = importlib.import_module("functions.quickbooks_api.app").lambda_handler
    event = http_event("GET", "/v1/quickbooks/callback", query=query)
    event["headers"]["accept"] = accept
    answer = handler(event, LambdaContext())
    return Answer(answer["statusCode"], answer["headers"], answer["body"])


def choose(**chosen: Any) -> None:
    """Choose how the sync goes."""
    answer = BOOKS.call("PUT", "/v1/quickbooks/settings", chosen)
    assert answer.status == 200, answer.text


def started(acme: Office, **body: Any) -> Json:
    """A run that somebody asks for, some time after whatever went before it, worked on."""
    acme.clock.advance(minutes=16)
    acme.control.clock(advance=16 * 60)
    answer = BOOKS.call("POST", "/v1/quickbooks/runs", body or None)
    assert answer.status == 202, answer.text
    assert acme.work() == []
    run: Json = BOOKS.get(f"/v1/quickbooks/runs/{answer.json['id']}").json
    return run


def synced(acme: Office) -> Json:
    """A run that was completed."""
    run = started(acme)
    assert run["status"] == "completed", run["reason"]
    return run


def rows_of(run: Json, kind: str = "customer") -> list[Json]:
    """The lines of its report about records of the kind."""
    listed = BOOKS.get(f"/v1/quickbooks/runs/{run['id']}/report", limit=200).json["data"]
    return [row for row in listed if row["kind"] == kind]


def told(run: Json) -> list[tuple[str, str]]:
    """What its report says was done about which customer."""
    return [(row["action"], row["name"]) for row in rows_of(run)]


def everybody() -> dict[str, Json]:
    """All customers as the door shows them, by name; of one name there is one."""
    listed = CUSTOMERS.get("/v1/customers", status="all", limit=200).json["data"]
    found = [CUSTOMERS.get(f"/v1/customers/{row['id']}").json for row in listed]
    names = {one["display_name"]: one for one in found}
    assert len(names) == len(found)
    return names


def places_of(customer: Json) -> list[Json]:
    """The customer's service locations."""
    path = f"/v1/customers/{customer['id']}/locations"
    found: list[Json] = CUSTOMERS.get(path, limit=200).json["data"]
    return found
