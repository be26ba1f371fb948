"""From a quote to a paid invoice on paper, through the deployed template."""

from collections.abc import Callable
from typing import Any

import requests

from tests.support.e2e import Api
from tests.support.papers import pages


def paper(office: Api, path: str) -> str:
    """The words of the PDF, as anybody fetches it who has the address."""
    found = office.get(f"{path}/pdf")
    assert found.status_code == 200, found.text
    fetched = requests.get(found.json()["url"], timeout=30)
    assert fetched.status_code == 200, fetched.text
    assert fetched.headers["Content-Type"] == "application/pdf"
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    return " ".join(pages(fetched.content))


def test_a_quote_becomes_an_invoice_and_both_are_fetched_as_pdf(
    api: Callable[..., Api], tenant: str
) -> None:
    office, admin = api(tenant), api(tenant, "admin")
    ours = {"currency": "INR", "gstin": "27AAPFU0939F1ZV", "company_name": "Sundar"}
    assert admin.patch("/v1/settings", json=ours).status_code == 200
    rate = admin.post("/v1/tax-rates", json={"name": "GST", "rate_percent": 18}).json()["id"]
    body: dict[str, Any] = {
        "company_name": "株式会社山田",
        "gstin": "29AAGCB7383J1Z4",
        "tax_rate_id": rate,
    }
    customer = office.post("/v1/customers", json=body).json()["id"]
    line = {"description": "वार्षिक रखरखाव", "quantity": "2", "unit_price": 100_000}
    made = office.post(f"/v1/customers/{customer}/quotes", json={"lines": [line]})
    assert made.status_code == 201, made.text
    path = f"/v1/customers/{customer}/quotes/{made.json()['id']}"
    drawn = paper(office, path)
    assert "Quote DRAFT" in drawn
    assert "株式会社山田" in drawn
    assert "IGST 18% on 2,000.00 360.00 Total ₹2,360.00" in drawn
    for step in ("send", "accept"):
        assert office.post(f"{path}/{step}").status_code == 200
    invoice = office.post(f"{path}/convert")
    assert invoice.status_code == 201, invoice.text
    assert office.post(f"{path}/convert").json()["id"] == invoice.json()["id"]
    drawn = paper(office, f"/v1/customers/{customer}/invoices/{invoice.json()['id']}")
    assert "Tax invoice Bill to 株式会社山田" in drawn
    assert "Total ₹2,360.00" in drawn
