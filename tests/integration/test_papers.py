"""Quotes as PDF through the API: drawn once, kept, and fetched by address."""

import importlib
import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from roster.adapters.papers import PdfPrinter
from roster.domain.paper import Paper
from tests.support.api import Api
from tests.support.aws import PAPERS_BUCKET
from tests.support.context import LambdaContext
from tests.support.events import event
from tests.support.money import act, billed, paid
from tests.support.papers import fetched, pages

PAPERS, QUOTES = Api("papers_api", role="viewer"), Api("records_api")
VISIT = {"description": "Yearly inspection", "quantity": 2, "unit_price": 150_00}


@pytest.fixture
def customer(customers_api: Api) -> str:
    made = customers_api.post("/v1/customers", {"company_name": "Zenith गृह"})
    return f"/v1/customers/{made.json['id']}"


@pytest.fixture
def path(customer: str) -> str:
    """Of a quote with one line."""
    made = QUOTES.post(f"{customer}/quotes", {"lines": [VISIT]})
    assert made.status == 201, made.text
    return f"{customer}/quotes/{made.json['id']}"


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[Paper]:
    """Every paper that was drawn."""
    seen: list[Paper] = []
    draw = PdfPrinter.draw

    def noted(self: PdfPrinter, paper: Paper) -> bytes:
        seen.append(paper)
        return draw(self, paper)

    monkeypatch.setattr(PdfPrinter, "draw", noted)
    return seen


def paper(path: str) -> Any:
    answer = PAPERS.get(f"{path}/pdf")
    assert answer.status == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json


def test_a_quote_is_fetched_as_pdf(path: str) -> None:
    found = paper(path)
    left = datetime.fromisoformat(found["expires_at"]) - datetime.now(UTC)
    assert 200 < left.total_seconds() <= 300
    assert "Q-00001.pdf" in found["url"]
    _, content = fetched(found["url"])
    assert content.startswith(b"%PDF-")
    (page,) = pages(content)
    for words in ("Quote DRAFT", "Zenith", "Yearly inspection 2 150.00 300.00", "Total $300.00"):
        assert words in page


def test_a_paper_is_drawn_once_for_what_it_says(path: str, drawings: list[Paper]) -> None:
    first, _ = fetched(paper(path)["url"])
    again, _ = fetched(paper(path)["url"])
    assert first == again
    assert len(drawings) == 1
    QUOTES.call("POST", f"{path}/send")
    sent, content = fetched(paper(path)["url"])
    assert sent != first
    assert "DRAFT" not in pages(content)[0]
    admin = Api("settings_api", role="admin")
    admin.call("PATCH", "/v1/settings", {"company_name": "Lone Star Heating", "country": "DE"})
    headed, content = fetched(paper(path)["url"])
    assert headed != sent
    assert "Lone Star Heating" in pages(content)[0]
    assert len(drawings) == 3


def test_a_paper_that_was_forgotten_is_drawn_again(path: str, drawings: list[Paper]) -> None:
    url = paper(path)["url"]
    s3 = boto3.client("s3")
    for found in s3.list_objects_v2(Bucket=PAPERS_BUCKET)["Contents"]:
        s3.delete_object(Bucket=PAPERS_BUCKET, Key=found["Key"])
    assert fetched(paper(path)["url"])[0] == fetched(url)[0]
    assert len(drawings) == 2


def test_an_invoice_says_what_was_paid_and_how_to_pay_the_rest(
    customer: str, drawings: list[Paper]
) -> None:
    admin = Api("settings_api", role="admin")
    ours = {"gstin": "27AAPFU0939F1ZV", "payment_instructions": "By transfer to 123."}
    admin.call("PATCH", "/v1/settings", ours)
    invoice = billed(customer, 100_000)
    path = f"{customer}/invoices/{invoice['id']}"
    (page,) = pages(fetched(paper(path)["url"])[1])
    assert "Tax invoice Bill to Zenith" in page
    assert "Total $1,000.00 How to pay By transfer to 123." in page
    assert "INV-00001.pdf" in paper(path)["url"]
    assert len(drawings) == 1
    paid(customer, 40_000, invoice)
    (page,) = pages(fetched(paper(path)["url"])[1])
    assert "Total $1,000.00 Paid -400.00 Amount due $600.00 How to pay" in page
    paid(customer, 60_000, invoice)
    (page,) = pages(fetched(paper(path)["url"])[1])
    assert "Amount due $0.00" in page
    assert "How to pay" not in page
    other = billed(customer, 5)
    act(customer, "invoices", other, "cancel")
    (page,) = pages(fetched(paper(f"{customer}/invoices/{other['id']}")["url"])[1])
    assert "CANCELLED" in page
    assert PAPERS.get(f"{customer}/invoices/inv_none/pdf").status == 404
    assert Api("papers_api", tenant="globex").get(f"{path}/pdf").status == 404


def test_there_is_no_paper_of_what_is_not_there(customers_api: Api, customer: str) -> None:
    assert PAPERS.get(f"{customer}/quotes/quo_none/pdf").status == 404
    assert PAPERS.get("/v1/customers/cus_none/quotes/quo_none/pdf").status == 404
    made = QUOTES.post(f"{customer}/quotes", {"lines": [VISIT]}).json
    path = f"{customer}/quotes/{made['id']}/pdf"
    assert Api("papers_api", tenant="globex").get(path).status == 404
    assert PAPERS.get(path, colour="red").status == 400
    customers_api.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
    assert PAPERS.get(path).status == 200
    customers_api.call("DELETE", customer, query={"confirm": "true"}, headers={"if-match": "*"})
    assert PAPERS.get(path).status == 410


def test_the_event_of_the_gateway_is_understood(cloud: None) -> None:
    app = importlib.import_module("functions.papers_api.app")
    answer = app.lambda_handler(event("papers_api", "quote_pdf"), LambdaContext("papers_api"))
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["code"]) == (404, "not_found")
    assert problem["instance"].endswith("/pdf")
