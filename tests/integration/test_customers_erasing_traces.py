"""An erasure reaches what a customer left beside its own record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests

from roster import bootstrap
from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.bootstrap import duplicates, whole
from roster.domain.sync.connection import RunStatus
from tests.support import documents as contents
from tests.support.api import Answer, Api
from tests.support.aws import DOCUMENTS_BUCKET
from tests.support.context import LambdaContext
from tests.support.imports import table_items
from tests.support.places import TULSA, TULSA_POSITION, found, use_amazon_location
from tests.support.sync import Office
from tests.support.uploads import announce, send, tell

ADMIN = Api("customers_api", role="admin", user="ada")
RECORDS = Api("records_api")
DEVICE = "zebra-van-7"


def made(**values: Any) -> str:
    answer = ADMIN.post("/v1/customers", values)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def delete(customer: str) -> None:
    for action in ("deactivate", "delete"):
        body = {"action": action, "ids": [customer], "confirm": True}
        assert ADMIN.post("/v1/customers/bulk", body).json["results"][0]["status"] < 300


def erase(customer: str) -> Answer:
    return ADMIN.post(f"/v1/customers/{customer}/erase", {"confirm": True})


def files() -> list[str]:
    """Keys of every stored version and every mark of a deletion."""
    listed = boto3.client("s3").list_object_versions(Bucket=DOCUMENTS_BUCKET)
    return [
        stored["Key"] for kind in ("Versions", "DeleteMarkers") for stored in listed.get(kind, [])
    ]


def mentioned(*words: str) -> list[str]:
    """Which of the words the table still holds, in any item."""
    everything = str(table_items()).casefold()
    return [word for word in words if word.casefold() in everything]


def with_documents(customer: str) -> None:
    """A document in two versions, one deleted, and one nobody owns any more."""
    first = announce(RECORDS, customer, contents.PDF, name="quetzal.pdf").json
    assert tell(send(first["upload"], contents.PDF)) == "activated"
    path = f"/v1/customers/{customer}/documents"
    second = RECORDS.patch(f"{path}/{first['id']}", {"size": len(contents.PDF)}).json
    assert tell(send(second["upload"], contents.PDF)) == "activated"
    gone = announce(RECORDS, customer, contents.PDF).json
    assert tell(send(gone["upload"], contents.PDF)) == "activated"
    deleted = RECORDS.call("DELETE", f"{path}/{gone['id']}", headers={"if-match": "*"})
    assert deleted.status == 204


def with_visits(customer: str) -> None:
    """A device that comes and goes at the customer's location, on two days."""
    base = f"/v1/customers/{customer}/locations"
    [one] = ADMIN.get(base).json["data"]
    assert ADMIN.post(f"{base}/{one['id']}/validate-address", None).status == 200
    start = datetime(2026, 11, 19, 23, 50, tzinfo=UTC)
    latitude, longitude = TULSA_POSITION
    points = [
        {
            "device": DEVICE,
            "at": (start + timedelta(minutes=15 * n)).isoformat(),
            "latitude": latitude + (0 if n % 2 else 0.1),
            "longitude": longitude,
        }
        for n in range(6)
    ]
    sent = ADMIN.post(f"{base}/{one['id']}/positions", {"positions": points})
    assert sent.status == 200, sent.text
    assert len(sent.json["events"]) == 5


def with_work(customer: str) -> None:
    """A task, a message and a job that name the person; the open ones are ended."""
    base = f"/v1/customers/{customer}"
    words = "grumpy Ximena"
    task = {"title": words, "notes": words, "remind_at": "2026-11-23T08:00:00Z", "status": "done"}
    job = {"title": words, "description": words, "location_id": None, "status": "done"}
    message = {"subject": words, "body": words, "to": "ximena@zumba.example"}
    for noun, body in {"tasks": task, "jobs": job, "messages": message}.items():
        answer = RECORDS.post(f"{base}/{noun}", body)
        assert answer.status == 201, answer.text


def visits() -> int:
    query = {"from": "2026-11-18", "to": "2026-11-21"}
    return len(RECORDS.get("/v1/reports/activity", **query).json["data"])


@pytest.fixture
def both(cloud: None, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A customer with another one merged into it, each with traces everywhere; not deleted."""
    monkeypatch.setattr(bootstrap, "clock", lambda: datetime(2026, 11, 22, 5, 0, tzinfo=UTC))
    use_amazon_location(monkeypatch, found(), found(), found())
    survivor, loser = (
        made(company_name="Quetzal", phone="+1 918 555 0123", service_location=TULSA)
        for _ in range(2)
    )
    for customer in (survivor, loser):
        with_documents(customer)
        with_visits(customer)
        note = RECORDS.post(f"/v1/customers/{customer}/notes", {"text": "grumpy"})
        assert note.status == 201, note.text
        with_work(customer)
    scanned(monkeypatch)
    answer = ADMIN.post(f"/v1/customers/{survivor}/merge", {"loser_id": loser}, if_match="*")
    assert answer.status == 200
    return survivor, loser


def scanned(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let a review find the one pair there is; its id."""
    from functions.duplicates_scan import app

    events: list[dict[str, str]] = []

    class Starter:
        def start(self, tenant: str, scan_id: str) -> None:
            events.append({"tenant": tenant, "scan_id": scan_id})

    monkeypatch.setattr(duplicates, "scans", Starter)
    assert ADMIN.post("/v1/duplicates/scan", None).status == 202
    app.lambda_handler(events.pop(), LambdaContext("duplicates_scan"))
    [pair] = ADMIN.get("/v1/duplicates").json["data"]
    return str(pair["id"])


def test_a_visit_tells_the_name_of_the_survivor(both: tuple[str, str]) -> None:
    survivor, loser = both
    ADMIN.patch(f"/v1/customers/{survivor}", {"company_name": "Survivor"})
    query = {"from": "2026-11-18", "to": "2026-11-21"}
    data = RECORDS.get("/v1/reports/activity", **query).json["data"]
    assert {row["customer_id"] for row in data} == {survivor, loser}
    assert {row["customer_name"] for row in data} == {"Survivor"}


def pairs() -> list[str]:
    return [i["pk"]["S"] for i in table_items() if i["pk"]["S"].startswith("acme#D")]


def test_pairs_go_reviewed_or_not(cloud: None, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _ = (made(company_name="Quetzal", phone="+1 918 555 0123") for _ in range(2))
    pair = scanned(monkeypatch)
    assert ADMIN.post(f"/v1/duplicates/{pair}/dismiss", None).status in (200, 204)
    assert pairs() == ["acme#D#NOT"]
    delete(one)
    assert erase(one).status == 200
    assert pairs() == []


def test_an_erasure_reaches_files_visits_notes_and_pairs(both: tuple[str, str]) -> None:
    survivor, loser = both
    other = made(company_name="Bolt", service_location=TULSA)
    with_documents(other)
    with_visits(other)
    delete(survivor)
    assert len([key for key in files() if other not in key]) == 8
    named = (DEVICE, "quetzal", "grumpy", "ximena")
    assert mentioned(*named) == list(named)
    assert (visits(), pairs()) == (15, ["acme#D"])
    assert erase(survivor).status == 200
    assert len(files()) == len([key for key in files() if f"/{other}/" in key]) == 4
    assert mentioned("quetzal", "grumpy", "ximena") == ["quetzal"], "another's document has it"
    assert visits() == 5, "what others saw stays"
    of_them = [i for i in table_items() if survivor in str(i) or loser in str(i)]
    kinds = {i["sk"]["S"].partition("#")[0] for i in of_them if "#C#" in i["pk"]["S"]}
    assert kinds == {"HEAD", "EVT", "ACT", "REC"}
    records = [i["sk"]["S"] for i in of_them if i["sk"]["S"].startswith("REC#")]
    assert [sk.split("#")[1] for sk in records] == ["job", "job"], "that there was work stays"
    seen = [i["pk"]["S"] for i in table_items() if "#G#" in i["pk"]["S"]]
    assert len(set(seen)) == 1
    assert pairs() == []
    [document] = RECORDS.get(f"/v1/customers/{other}/documents").json["data"]
    read = RECORDS.get(f"/v1/customers/{other}/documents/{document['id']}").json
    assert requests.get(read["download"]["url"], timeout=5).content == contents.PDF


TRACES = range(12)


@pytest.mark.parametrize("at", TRACES)
def test_an_erasure_that_died_anywhere_is_finished_by_the_next(
    both: tuple[str, str], monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    survivor, _ = both
    delete(survivor)
    kinds = whole.traces()
    assert len(kinds) == len(TRACES)

    class Dying:
        def forget(self, customer: Any) -> None:
            kinds[at].forget(customer)
            raise TimeoutError

    with monkeypatch.context() as broken:
        given = (*kinds[:at], Dying(), *kinds[at + 1 :])
        broken.setattr(whole, "traces", lambda: given)
        assert erase(survivor).status == 500
    with monkeypatch.context() as broken:

        def die(*_: Any) -> None:
            raise TimeoutError

        broken.setattr(DynamoCustomers, "save", die)
        assert erase(survivor).status == 500
    assert erase(survivor).status == 200
    assert files() == []
    assert mentioned(DEVICE, "quetzal", "grumpy", "ximena") == []
    assert erase(survivor).status == 200


def test_a_link_is_emptied_and_quickbooks_does_not_bring_the_person_back(acme: Office) -> None:
    words = ("quetzal", "ximena", "zumba.example", "yonder")
    theirs = acme.control.create(
        "Quetzal", GivenName="Ximena", PrimaryEmailAddr={"Address": "x@zumba.example"}
    )
    job = {"ParentRef": {"value": theirs["Id"]}, "Job": True}
    ship = {"Line1": "9 Yonder", "City": "Tulsa", "PostalCode": "74103"}
    acme.control.create("Yonder shed", **job, ShipAddr=ship)
    run = acme.pull()
    assert run.status is RunStatus.COMPLETED
    acme.control.create("Bolt")
    acme.control.edit(theirs["Id"], GivenName="Ximena Zoe")
    acme.pull()
    [quetzal] = [c for c in acme.customers().values() if c.quickbooks == theirs["Id"]]
    delete(quetzal.id)
    assert mentioned(*words) == list(words)
    assert erase(quetzal.id).status == 200
    assert mentioned(*words) == []
    acme.control.edit(theirs["Id"], GivenName="Ximena Yoko")
    acme.control.create("Yonder barn", **job, ShipAddr=ship)
    run = acme.pull()
    assert (run.status, run.counts) == (RunStatus.COMPLETED, {})
    assert mentioned(*words) == [], "not even in a report"
    assert list(acme.customers()) == ["Bolt"]
