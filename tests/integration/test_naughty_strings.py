"""Hostile texts through every text field of the API: taken as they are or refused with a reason."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.exports import exported
from tests.support.imports import Machine, drop

OWN = (
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE customers; --",
    "''=twice guarded",
    "_x0041_ \ufffe \uffff",
    "Añasco 田中 🎉 ﷽ \U0001f469\u200d\U0001f469\u200d\U0001f467",
    "acme#C#cus_0#HEAD",
    "\"quoted, tag\"; 'single'",
    "\u202eright to left\u202c",
    "#N/A",
    "1e10",
    "x\u0000y",
    "line\nbreak\tand tab",
    "\u200b\u2060",
    "İıŞß ǅ",
    "0" * 300,
    "../../etc/passwd\r\nX-Injected: 1",
)
NAMES = ("display_name", "company_name", "full_name", "first_name", "last_name")
PARTS = ("street", "unit", "city", "state", "zip", "country")
CONTACT = ("first_name", "last_name", "title", "email", "phone", "mobile")


def _blns() -> list[str]:
    found: list[str] = json.loads(
        (Path(os.environ["ROSTER_DATA"]) / "text/blns.json").read_text("utf-8")
    )
    return found


SOURCES = [
    pytest.param(lambda: list(OWN), id="own"),
    pytest.param(
        _blns,
        id="blns",
        marks=pytest.mark.skipif("ROSTER_DATA" not in os.environ, reason="ROSTER_DATA is not set"),
    ),
]


def everywhere(text: str) -> dict[str, Any]:
    """A customer with the text in every field that takes one."""
    plain = ("number", "email", "phone", "mobile", "website", "notes", "external_id", "gstin")
    own = dict.fromkeys((*NAMES, *plain, "pan", "tax_rate_id", "payment_term_id"), text)
    return {
        **own,
        "tags": [text],
        "custom": {"remark": text},
        "billing_contact": dict.fromkeys(("name", "email", "phone"), text),
        "billing_address": dict.fromkeys(PARTS, text),
        "service_location": dict.fromkeys((*PARTS, "name"), text),
    }


def without(body: Any, pointers: list[str]) -> Any:
    """The body without what the pointers name."""
    left: Any = json.loads(json.dumps(body))
    for pointer in pointers:
        *path, last = pointer.strip("/").split("/")
        inner = left
        for step in path:
            inner = inner[step]
        if isinstance(inner, list):
            inner.clear()
        else:
            del inner[last]
    return left


class Field(Counter[str]):
    """What became of the texts of each field, and what was refused nowhere a reason was given."""

    def judge(self, name: str, given: str, found: Any) -> None:
        found = "" if found is None else found
        assert found in (given, given.strip()), (name, given, found)
        self[f"{name}: {'as given' if found == given else 'trimmed'}"] += 1

    def refuse(self, pointers: list[str]) -> None:
        for pointer in pointers:
            self[f"{pointer.strip('/')}: refused"] += 1

    def share(self, name: str, texts: int) -> float:
        return self[f"{name}: as given"] / texts


def refusals(answer: Answer) -> list[str]:
    """Where a refusal points, once it is seen that it says why."""
    assert answer.status == 422, answer.text
    errors = answer.json["errors"]
    assert errors
    assert all(e["pointer"] and e["code"] and e["detail"] for e in errors)
    return sorted({e["pointer"] for e in errors})


def sent(api: Api, path: str, body: dict[str, Any], seen: Field) -> tuple[Answer, Any]:
    """POST; what is refused is left out until the rest is taken, or too little is left."""
    while True:
        answer = api.post(path, body)
        if answer.status == 201:
            return answer, body
        errors = answer.json["errors"]
        if any(error["code"] == "required" for error in errors):
            return answer, body
        where = refusals(answer)
        seen.refuse(where)
        body = without(body, where)


@pytest.mark.parametrize("source", SOURCES)
def test_every_text_field_takes_it_or_says_why_and_files_carry_it(
    cloud: None, customers_api: Api, source: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = list({text.strip(): text for text in source() if text.strip()}.values())
    admin = Api("settings_api", role="admin")
    declared = [{"name": "remark", "type": "text"}]
    given = {"auto_numbering": False, "custom_fields": declared}
    assert admin.patch("/v1/settings", given).status == 200
    seen, made, bare = Field(), 0, 0
    target = customers_api.post("/v1/customers", {"company_name": "Target", "number": "T"}).json
    for text in texts:
        body = everywhere(text)
        for field, path, value in (
            ("tax_rate_id", "/v1/tax-rates", {"rate_percent": 1}),
            ("payment_term_id", "/v1/payment-terms", {"due_days": 1}),
        ):
            term = admin.post(path, {"name": text, **value})
            if term.status == 201:
                seen.judge(f"{path} name", text, term.json["name"])
                body[field] = term.json["id"]
            else:
                assert refusals(term) == ["/name"]
                seen.refuse([f"{path} name"])
        answer, taken = sent(customers_api, "/v1/customers", body, seen)
        if answer.status != 201:
            # Nothing was left to be a name, or of the place to be a place.
            assert answer.json["errors"][0]["code"] == "required", answer.text
            bare += 1
            continue
        made += 1
        judge_customer(customers_api, answer.json, text, taken, seen)
        patched = {
            k: v for k, v in taken.items() if k not in ("number", "external_id", "service_location")
        }
        again = customers_api.patch(f"/v1/customers/{target['id']}", patched)
        assert again.status == 200, again.text
        assert again.json["notes"] == answer.json["notes"]
        judge_parts(customers_api, answer.json["id"], text, seen)
        label = [*declared, {"name": "other", "type": "choice", "label": text, "choices": [text]}]
        named = admin.patch("/v1/settings", {"custom_fields": label, "number_prefix": text})
        if named.status != 200:
            refusals(named)
        undo = {"custom_fields": declared, "number_prefix": None}
        assert admin.patch("/v1/settings", undo).status == 200
    with capsys.disabled():
        print(
            f"\n{len(texts)} texts, {made} customers, {bare} with too little left",
            dict(sorted(seen.items())),
        )
    if len(texts) > len(OWN):
        for name in (*NAMES, "notes"):
            assert seen.share(name, len(texts)) >= 0.95, name
    for file_format in ("csv", "xlsx"):
        content = exported(Api("exports_api"), file_format, status="all")
        Machine().run(drop(content, f"back.{file_format}"))
        imports = Api("imports_api")
        job = imports.get("/v1/imports").json["data"][0]
        whole = imports.get(f"/v1/imports/{job['id']}").json
        nothing_but_known = {**dict.fromkeys(whole["plan"], 0), "skip": made + 1}
        assert whole["plan"] == nothing_but_known, whole["errors"]
        assert (whole["errors"], whole["warnings"]) == ([], [])


def judge_customer(api: Api, made: Any, text: str, taken: Any, seen: Field) -> None:
    """What is read is what was written, field by field."""
    found = api.get(f"/v1/customers/{made['id']}").json
    skipped = ("tags", "custom", "default_discount_percent")
    for name, value in taken.items():
        if isinstance(value, str):
            if value == text and name not in ("gstin", "pan"):
                seen.judge(name, text, found[name])
        elif isinstance(value, dict) and name not in (*skipped, "service_location"):
            for part in value:
                seen.judge(f"{name}/{part}", text, (found[name] or {}).get(part))
    if taken.get("tags"):
        seen.judge("tags", text, found["tags"][0])
    if "remark" in taken.get("custom", {}):
        seen.judge("custom/remark", text, found["custom"]["remark"])
    if taken.get("service_location"):
        (place,) = api.get(f"/v1/customers/{made['id']}/locations").json["data"]
        for part in taken["service_location"]:
            seen.judge(f"service_location/{part}", text, place[part])


def judge_parts(api: Api, customer_id: str, text: str, seen: Field) -> None:
    """The same for contacts, further locations and documents."""
    path = f"/v1/customers/{customer_id}"
    answer, taken = sent(api, f"{path}/contacts", dict.fromkeys(CONTACT, text), Field())
    if answer.status == 201:
        for name in taken:
            seen.judge(f"contacts/{name}", text, answer.json[name])
    else:
        assert refusals(answer) == ["/first_name"]
    place = api.post(f"{path}/locations", dict.fromkeys((*PARTS, "name"), text))
    if place.status == 201:
        for part in (*PARTS, "name"):
            seen.judge(f"locations/{part}", text, place.json[part])
    else:
        assert {p.strip("/") for p in refusals(place)} <= {*PARTS, "name"}
    paper = {"filename": f"{text.strip()}.pdf", "content_type": "application/pdf", "size": 10}
    document = Api("records_api").post(f"{path}/documents", paper)
    if document.status == 201:
        seen.judge("documents/filename", text.strip(), document.json["filename"][:-4])
    else:
        assert refusals(document) == ["/filename"], text
        seen.refuse(["documents/filename"])
