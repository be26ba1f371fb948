"""Seeing and correcting which column of a file feeds which field, through the function's door."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.api import Answer, Api
from tests.support.aws import IMPORTS_BUCKET
from tests.support.imports import Machine, csv_of, put, table_items
from tests.support.spreadsheets import inline, sheet_xml, workbook_parts, zipped
from tests.support.workbooks import xls

# Headings that nobody recognises, in any language.
STRANGE = ("Bez.", "Kd-Kontakt", "Dir.", "Gebiet")
ROWS = (
    ("Müller GmbH", "info@mueller.example", "Hauptstr. 5", "Nord"),
    ("Schulze KG", "post@schulze.example", "Am Markt 1", "Süd"),
)


@pytest.fixture
def api(cloud: None) -> Api:
    return Api("imports_api")


@pytest.fixture
def customers(cloud: None) -> Api:
    return Api("customers_api")


@pytest.fixture
def settings(cloud: None) -> Api:
    return Api("settings_api", role="admin")


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What executions were asked for."""
    asked: list[dict[str, Any]] = []

    def start(_: object, job: Any) -> None:
        phase = {"planning": "plan"}.get(job.status, "load")
        asked.append({"phase": phase, "tenant": job.tenant, "import_id": job.id,
                      "replaces": job.execution})  # fmt: skip

    monkeypatch.setattr("roster.adapters.stepfunctions.StepFunctionsExecutions.start", start)
    return asked


def sent(api: Api, content: bytes, *, name: str = "list.csv", **options: Any) -> dict[str, Any]:
    """An import of the file, carried on as far as it goes by itself."""
    made = api.post("/v1/imports", {"filename": name, "options": options})
    assert made.status == 201, made.text
    Machine().run(put(made.json["upload"]["fields"]["key"], content))
    job: dict[str, Any] = api.get(f"/v1/imports/{made.json['id']}").json
    return job


def mapping(api: Api, job: dict[str, Any]) -> dict[str, Any]:
    answer = api.get(f"/v1/imports/{job['id']}/mapping")
    assert answer.status == 200, answer.text
    read: dict[str, Any] = answer.json
    return read


def told(api: Api, job: dict[str, Any], **body: Any) -> Answer:
    return api.call("PUT", f"/v1/imports/{job['id']}/mapping", body)


def columns(*fields: str | None) -> list[dict[str, Any]]:
    return [{"index": index, "field": field} for index, field in enumerate(fields)]


def again(api: Api, job: dict[str, Any], started: list[dict[str, Any]]) -> dict[str, Any]:
    """The import after the execution that was asked for last."""
    assert api.get(f"/v1/imports/{job['id']}").json["status"] in ("planning", "loading")
    Machine().run(started.pop())
    now: dict[str, Any] = api.get(f"/v1/imports/{job['id']}").json
    return now


def by_index(read: dict[str, Any]) -> dict[int, str | None]:
    return {one["index"]: one["field"] for one in read["columns"]}


def names(customers: Api) -> list[str]:
    return sorted(c["display_name"] for c in customers.get("/v1/customers").json["data"])


def test_the_mapping_says_what_each_column_was_taken_for_and_why(api: Api) -> None:
    job = sent(api, csv_of(("Company", "E-mail", "Shoe size"), ("Acme", "a@x.example", "42")))
    read = mapping(api, job)
    assert (read["encoding"], read["delimiter"], read["header_row"]) == ("utf-8", ",", 1)
    assert (read["sheet"], read["sheets"], read["saved"], read["unmapped"]) == (None, [], False, 1)
    assert read["columns"][0] == {
        "index": 0, "heading": "Company", "field": "company_name", "confidence": 1.0,
        "source": "heading", "samples": ["Acme"], "alternatives": [],
    }  # fmt: skip
    assert read["columns"][2]["field"] is read["columns"][2]["source"] is None
    assert {"field": "company_name", "label": "Company name"} in read["fields"]


@pytest.mark.shows("S0.05")
def test_a_file_with_headings_nobody_knows_is_refused_mapped_and_loaded(
    api: Api, customers: Api, started: list[dict[str, Any]]
) -> None:
    job = sent(api, csv_of(STRANGE, *ROWS), confirm=False)
    assert (job["status"], job["reason"]["code"]) == ("rejected", "no_usable_header")
    read = mapping(api, job)
    assert [one["heading"] for one in read["columns"]] == list(STRANGE)
    assert read["columns"][0]["samples"] == ["Müller GmbH", "Schulze KG"]
    assert "company_name" in [one["field"] for one in read["columns"][0]["alternatives"]]
    assert read["columns"][0]["field"] is None

    wanted = columns("company_name", "email", "service_location.street", "notes")
    answer = told(api, job, columns=wanted)
    assert (answer.status, answer.json["status"]) == (200, "planning")
    planned = again(api, job, started)
    # What somebody mapped by hand is looked at before it is loaded.
    assert (planned["status"], planned["plan"]["create"]) == ("awaiting_confirmation", 2)
    assert {one["source"] for one in mapping(api, job)["columns"]} == {"user"}
    assert names(customers) == []

    api.post(f"/v1/imports/{job['id']}/confirm", {"plan_hash": planned["plan_hash"]})
    assert again(api, job, started)["status"] == "completed"
    assert names(customers) == ["Müller GmbH", "Schulze KG"]
    (found,) = [c for c in customers.get("/v1/customers").json["data"]
                if c["company_name"] == "Schulze KG"]  # fmt: skip
    whole = customers.get(f"/v1/customers/{found['id']}").json
    assert (whole["email"], whole["notes"]) == ("post@schulze.example", "Süd")
    (place,) = customers.get(f"/v1/customers/{found['id']}/locations").json["data"]
    assert place["street"] == "Am Markt 1"


def test_the_next_file_with_the_same_headings_loads_by_itself(
    api: Api, customers: Api, started: list[dict[str, Any]]
) -> None:
    job = sent(api, csv_of(STRANGE, *ROWS))
    told(api, job, columns=columns("company_name", "email", "service_location.street", None))
    again(api, job, started)
    # In another order and another spelling, below a title.
    other = csv_of(("Our list",), ("GEBIET", "dir", "bez", "KD Kontakt"),
                   ("West", "Ring 3", "Abel OHG", "abel@x.example"))  # fmt: skip
    job = sent(api, other, confirm=False)
    assert job["status"] == "completed"
    assert names(customers) == ["Abel OHG"]
    read = mapping(api, job)
    assert (read["saved"], read["header_row"]) == (True, 2)
    assert by_index(read) == {
        0: None, 1: "service_location.street", 2: "company_name", 3: "email",
    }  # fmt: skip
    assert {one["source"] for one in read["columns"]} == {"saved"}


def test_a_saved_mapping_is_the_companys_own(api: Api, started: list[dict[str, Any]]) -> None:
    job = sent(api, csv_of(STRANGE, *ROWS))
    told(api, job, columns=columns("company_name"))
    again(api, job, started)
    other = Api("imports_api", tenant="other")
    assert sent(other, csv_of(STRANGE, *ROWS))["status"] == "rejected"
    assert other.get(f"/v1/imports/{job['id']}/mapping").status == 404
    assert told(other, job, columns=columns("company_name")).status == 404


def test_saving_again_takes_the_place_of_the_earlier_mapping(
    api: Api, started: list[dict[str, Any]]
) -> None:
    for field in ("email", "notes"):
        job = sent(api, csv_of(("Company", "Odd"), ("Acme", "a@x.example")))
        told(api, job, columns=[{"index": 1, "field": field}])
        again(api, job, started)
    job = sent(api, csv_of(("Company", "Odd"), ("Bolt", "b@x.example")))
    assert by_index(mapping(api, job)) == {0: "company_name", 1: "notes"}


def test_a_mapping_that_is_not_saved_is_gone_with_its_file(
    api: Api, started: list[dict[str, Any]]
) -> None:
    job = sent(api, csv_of(STRANGE, *ROWS))
    told(api, job, columns=columns("company_name"), save=False)
    assert again(api, job, started)["status"] == "awaiting_confirmation"
    assert sent(api, csv_of(STRANGE, *ROWS))["status"] == "rejected"


def test_two_columns_with_one_heading_are_saved_apart(
    api: Api, started: list[dict[str, Any]]
) -> None:
    file = csv_of(("Company", "Odd", "Odd"), ("Acme", "1", "2"))
    job = sent(api, file)
    told(api, job, columns=[{"index": 1, "field": "number"}, {"index": 2, "field": "external_id"}])
    again(api, job, started)
    assert by_index(mapping(api, sent(api, file))) == {
        0: "company_name", 1: "number", 2: "external_id",
    }  # fmt: skip


def test_columns_of_a_field_that_was_given_up_feed_nothing_again(
    api: Api, settings: Api, started: list[dict[str, Any]]
) -> None:
    declared = {"custom_fields": [{"name": "region", "type": "text"}]}
    assert settings.patch("/v1/settings", declared).status == 200
    file = csv_of(("Company", "Odd"), ("Acme", "North"))
    job = sent(api, file)
    assert {"field": "custom.region", "label": "region"} in mapping(api, job)["fields"]
    told(api, job, columns=[{"index": 1, "field": "custom.region"}])
    again(api, job, started)
    assert by_index(mapping(api, sent(api, file)))[1] == "custom.region"
    settings.patch("/v1/settings", {"custom_fields": []})
    job = sent(api, file)
    assert job["status"] == "awaiting_confirmation"
    assert mapping(api, job)["columns"][1]["field"] is None


def test_a_correction_makes_another_plan_with_another_hash(
    api: Api, customers: Api, started: list[dict[str, Any]]
) -> None:
    job = sent(api, csv_of(("Company", "Email", "Odd"), ("Acme", "a@x.example", "Nice people")))
    told(api, job, columns=[{"index": 2, "field": "notes"}, {"index": 1, "field": None}])
    planned = again(api, job, started)
    assert planned["plan_hash"] != job["plan_hash"]
    old = api.post(f"/v1/imports/{job['id']}/confirm", {"plan_hash": job["plan_hash"]})
    assert old.status == 412
    assert by_index(mapping(api, job)) == {0: "company_name", 1: None, 2: "notes"}
    # Named columns alone are told anew: what was told before stays.
    told(api, job, columns=[{"index": 1, "field": "email"}])
    planned = again(api, job, started)
    api.post(f"/v1/imports/{job['id']}/confirm", {"plan_hash": planned["plan_hash"]})
    again(api, job, started)
    (found,) = customers.get("/v1/customers").json["data"]
    whole = customers.get(f"/v1/customers/{found['id']}").json
    assert (whole["email"], whole["notes"]) == ("a@x.example", "Nice people")


def test_every_mistake_is_told_at_once_and_changes_nothing(api: Api) -> None:
    job = sent(api, csv_of(("Company", "Odd", "Id"), ("Acme", "x", "7")))
    before = table_items()
    answer = told(
        api, job, encoding="utf-99", delimiter="xyz", sheet="One", columns=[
            {"index": 1, "field": "shoe_size"}, {"index": 1, "field": "notes"},
        ],
    )  # fmt: skip
    assert answer.status == 422
    assert {(e["pointer"], e["code"]) for e in answer.json["errors"]} == {
        ("/encoding", "unknown_encoding"), ("/delimiter", "delimiter"), ("/sheet", "unknown_sheet"),
        ("/columns/0/field", "unknown_field"), ("/columns/1/index", "named_twice"),
    }  # fmt: skip
    answer = told(api, job, columns=[
        {"index": 9, "field": "notes"}, {"index": 1, "field": "external_id"},
        {"index": 0, "field": "service_location[1].street"},
    ])  # fmt: skip
    assert {(e["pointer"], e["code"]) for e in answer.json["errors"]} == {
        ("/columns/0/index", "no_such_column"), ("/columns/1/field", "fed_twice"),
        ("/columns/2/field", "unknown_field"),
    }  # fmt: skip
    answer = told(api, job, columns=[{"index": 0, "field": None}])
    assert [(e["pointer"], e["code"]) for e in answer.json["errors"]] == [
        ("/columns", "name_required")
    ]
    assert table_items() == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"encoding": "utf-99"}, "/options/encoding"), ({"delimiter": "ab"}, "/options/delimiter")],
)
def test_an_announcement_that_tells_what_cannot_be_is_refused(
    api: Api, body: dict[str, Any], pointer: str
) -> None:
    answer = api.post("/v1/imports", {"filename": "a.csv", "options": body})
    assert answer.status == 422
    assert [e["pointer"] for e in answer.json["errors"]] == [pointer]


def test_there_is_no_mapping_before_the_file_was_read_nor_of_what_is_no_list(api: Api) -> None:
    made = api.post("/v1/imports", {"filename": "list.csv"}).json
    assert api.get(f"/v1/imports/{made['id']}/mapping").status == 409
    assert told(api, made, columns=columns("email")).status == 409
    job = sent(api, b"%PDF-1.7 and so on")
    assert job["status"] == "rejected"
    assert api.get(f"/v1/imports/{job['id']}/mapping").status == 404
    assert told(api, job, columns=columns("email")).status == 409


def test_what_is_loaded_is_no_longer_mapped(api: Api) -> None:
    job = sent(api, csv_of(("Company",), ("Acme",)), confirm=False)
    assert job["status"] == "completed"
    assert mapping(api, job)["columns"][0]["field"] == "company_name"
    assert told(api, job, columns=columns("full_name")).status == 409


def test_a_viewer_sees_the_mapping_and_cannot_change_it(api: Api) -> None:
    job = sent(api, csv_of(("Company",), ("Acme",)))
    viewer = Api("imports_api", role="viewer")
    assert viewer.get(f"/v1/imports/{job['id']}/mapping").status == 200
    assert told(viewer, job, columns=columns("full_name")).status == 403


def test_another_row_may_hold_the_headings(
    api: Api, customers: Api, started: list[dict[str, Any]]
) -> None:
    file = csv_of(("Name", "Email"), ("Bez.", "Post"), ("Acme", "a@x.example"))
    job = sent(api, file)
    assert mapping(api, job)["header_row"] == 1
    wanted = columns("display_name", "email")
    told(api, job, header_row=2, columns=wanted)
    planned = again(api, job, started)
    assert (planned["plan"]["create"], mapping(api, job)["header_row"]) == (1, 2)


def test_a_row_of_headings_that_is_not_there_is_refused_and_can_be_told_again(
    api: Api, started: list[dict[str, Any]]
) -> None:
    file = csv_of(("Name", "Email"), ("Acme", "a@x.example"))
    job = sent(api, file)
    for row in (2, 77):
        told(api, job, header_row=row)
        refused = again(api, job, started)
        assert (refused["status"], refused["reason"]["code"]) == ("rejected", "wrong_header_row")
        assert str(row) in refused["reason"]["detail"]
        # As it reads if nothing is told.
        assert mapping(api, job)["header_row"] == 1
    told(api, job, header_row=1)
    assert again(api, job, started)["status"] == "awaiting_confirmation"


def test_columns_beyond_the_file_as_it_is_now_read_are_refused(
    api: Api, started: list[dict[str, Any]]
) -> None:
    job = sent(api, csv_of(("Name", "Email"), ("Acme", "a@x.example")))
    told(api, job, delimiter=";", columns=[{"index": 5, "field": "email"}])
    refused = again(api, job, started)
    assert (refused["status"], refused["reason"]["code"]) == ("rejected", "wrong_columns")
    told(api, job, delimiter="comma")
    assert again(api, job, started)["status"] == "awaiting_confirmation"


def test_the_encoding_is_as_told(api: Api, customers: Api, started: list[dict[str, Any]]) -> None:
    file = csv_of(("Company", "Email"), ("Рога и Копыта", "a@x.example")).decode().encode("cp1251")
    job = sent(api, file, encoding="windows-1251", confirm=False)
    assert job["status"] == "completed"
    assert names(customers) == ["Рога и Копыта"]
    job = sent(api, file)
    assert mapping(api, job)["encoding"] != "cp1251"
    told(api, job, encoding="utf-8")
    refused = again(api, job, started)
    assert (refused["status"], refused["reason"]["code"]) == ("rejected", "wrong_encoding")
    told(api, job, encoding="cp1251")
    again(api, job, started)
    read = mapping(api, job)
    assert (read["encoding"], read["columns"][0]["samples"]) == ("cp1251", ["Рога и Копыта"])


@pytest.mark.parametrize("delimiter", ["tab", "\t"])
def test_the_delimiter_is_as_told(api: Api, customers: Api, delimiter: str) -> None:
    file = b"Company\tNotes, mostly; short\nAcme\ta, b; c\nBolt\td, e; f\n"
    job = sent(api, file, delimiter=delimiter, confirm=False)
    assert job["status"] == "completed"
    assert mapping(api, job)["delimiter"] == "\t"
    assert names(customers) == ["Acme", "Bolt"]


SHEETS: dict[str, list[tuple[str, ...]]] = {
    "Old": [("Name", "Email"), ("Acme", "")],
    "New ": [("Name", "Email"), ("Bolt", ""), ("Cole", "")],
    "Notes": [],
}


def xlsx(path: Path, sheets: dict[str, list[tuple[str, ...]]]) -> Path:
    parts = {name: sheet_xml(inline(rows)) for name, rows in sheets.items()}
    return zipped(path, workbook_parts(parts))


@pytest.mark.parametrize("write", [xlsx, xls])
def test_the_sheet_is_as_told(
    api: Api, started: list[dict[str, Any]], tmp_path: Path, write: Callable[..., Path]
) -> None:
    file = write(tmp_path / "a", SHEETS).read_bytes()
    job = sent(api, file, name="a.xlsx")
    read = mapping(api, job)
    assert (read["sheet"], read["sheets"]) == ("Old", ["Old", "New ", "Notes"])
    assert (read["encoding"], read["delimiter"]) == (None, None)
    told(api, job, sheet="New ")
    assert again(api, job, started)["plan"]["create"] == 2
    assert mapping(api, job)["sheet"] == "New "
    told(api, job, sheet="Notes")
    assert again(api, job, started)["reason"]["code"] == "wrong_sheet"
    wrong = told(api, job, encoding="utf-8", delimiter=";", sheet="Nowhere")
    assert [e["pointer"] for e in wrong.json["errors"]] == ["/encoding", "/delimiter", "/sheet"]
    refused = sent(api, file, name="a.xlsx", sheet="Nowhere")
    assert (refused["status"], refused["reason"]["code"]) == ("rejected", "wrong_sheet")
    assert "Old, New " in refused["reason"]["detail"]


def test_a_format_says_what_its_headings_mean(api: Api) -> None:
    headings = ("J-ID", "Display Name", "Service Property Name", "Emails", "Archived", "Is Company",
                "Shoe size")  # fmt: skip
    row = ("1_2", "Acme", "Shop", "a@x.example", "false", "true", "42")
    job = sent(api, csv_of(headings, row))
    read = mapping(api, job)
    assert read["format_detected"] == "jobber"
    assert [(one["field"], one["source"]) for one in read["columns"]] == [
        ("external_id.of_property", "format"), ("display_name", "heading"),
        ("service_location.name", "heading"), ("email", "heading"),
        ("status.is_inactive", "format"), ("kind.is_company", "format"), (None, None),
    ]  # fmt: skip


def test_content_is_told_and_used_where_it_is_sure(api: Api) -> None:
    rows = [(f"Acme {n}", f"a{n}@x.example", f"918-555-01{n:02}") for n in range(20)]
    read = mapping(api, sent(api, csv_of(("Company", "Col B", "Fax"), *rows)))
    assert [(one["field"], one["source"]) for one in read["columns"]] == [
        ("company_name", "heading"), ("email", "content"), (None, None),
    ]  # fmt: skip
    assert read["columns"][1]["confidence"] == 1.0
    assert read["columns"][2]["alternatives"][0]["field"] == "phone"


@pytest.mark.shows("S0.05")
def test_a_list_in_another_language_loads_by_itself(api: Api, customers: Api) -> None:
    headings = ("Firma", "Straße", "PLZ", "Ort", "E-Mail-Adresse")
    row = ("Müller GmbH", "Hauptstr. 5", "10115", "Berlin", "info@mueller.example")
    file = csv_of(headings, row)
    job = sent(api, file.decode().encode("cp1252"), confirm=False)
    assert job["status"] == "completed"
    (found,) = customers.get("/v1/customers").json["data"]
    (place,) = customers.get(f"/v1/customers/{found['id']}/locations").json["data"]
    assert (found["company_name"], place["street"], place["zip"], place["city"]) == (
        "Müller GmbH", "Hauptstr. 5", "10115", "Berlin",
    )  # fmt: skip


# What a cell says to a field that takes few words; any other field takes any text.
SAID = {
    "kind": "company", "kind.is_company": "yes", "role": "distributor", "status": "active",
    "status.is_inactive": "yes", "verified": "yes", "portal_access": "yes",
    "billing_same_as_service": "yes", "email": "a@x.example", "website": "https://x.example",
    "gstin": "27AAPFU0939F1ZV", "pan": "AAPFU0939F", "phone": "918-555-0101",
    "mobile": "918-555-0102", "default_discount_percent": "12.5", "is_billing": "yes",
}  # fmt: skip


# Fields that say something about others of the same row: tests of their own show them.
APART = (
    "tax_rate_id", "payment_term_id", "roster_id", "external_id.of_property", "kind.is_company",
    "status.is_active", "status.is_inactive", "parent.name", "parent.role",
    "billing_same_as_service",
)  # fmt: skip


def test_every_field_that_is_offered_can_be_fed_and_reaches_the_customer(
    api: Api, started: list[dict[str, Any]]
) -> None:
    settings = Api("settings_api", role="admin")
    settings.patch("/v1/settings", {"auto_numbering": False})
    offered = mapping(api, sent(api, csv_of(("Name",), ("X",))))["fields"]
    labels = {one["field"]: one["label"] for one in offered}
    assert len(labels) == len(offered) > 60
    assert all(labels.values())
    left_out = ("whole", "lines", "full_name", "role", "is_billing")
    texts = {
        field: SAID.get(field) or SAID.get(field.rpartition(".")[2]) or f"Value {n}"
        for n, field in enumerate(labels)
        if field not in APART and not ("." in field and field.endswith(left_out))
    }
    headings = [f"Odd {n}" for n in range(len(texts))]
    job = sent(api, csv_of(headings, list(texts.values())))
    assert told(api, job, columns=columns(*texts)).status == 200
    planned = again(api, job, started)
    assert (planned["status"], planned["plan"]["create"]) == ("awaiting_confirmation", 1), planned
    listed = boto3.client("s3").list_objects_v2(Bucket=IMPORTS_BUCKET)["Contents"]
    (key,) = [one["Key"] for one in listed if job["id"] in one["Key"] and "chunk-" in one["Key"]]
    content = boto3.client("s3").get_object(Bucket=IMPORTS_BUCKET, Key=key)["Body"].read()
    (entry,) = json.loads(content)
    kept = json.dumps([entry["values"], entry["locations"], entry["contacts"]])
    lost = {f: text for f, text in texts.items() if text.startswith("Value") and text not in kept}
    assert lost == {}
    assert (len(entry["locations"]), len(entry["contacts"])) == (3, 3)
    assert entry["values"]["gstin"] == SAID["gstin"]
