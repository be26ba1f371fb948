"""What every new company starts with: accounts, terms, items, payment methods, taxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.quickbooks.lists import taxes, writing
from infra.local.quickbooks.lists.items import ITEM
from infra.local.quickbooks.lists.kinds import ACCOUNT, PAYMENT_METHOD, TERM

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company

_ACCOUNTS = (
    ("Services", "Income", "ServiceFeeIncome"),
    ("Sales of Product Income", "Income", "SalesOfProductIncome"),
    ("Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Inventory Asset", "Other Current Asset", "Inventory"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Checking", "Bank", "Checking"),
    ("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    ("Purchases", "Expense", "SuppliesMaterials"),
    ("Discounts given", "Income", "DiscountsRefundsGiven"),
)
_TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60), ("Net 10", 10))
# In the United States lines bear one of these.
_PSEUDO_CODES = (("TAX", True, False), ("NON", False, False), ("CustomSalesTax", True, True))
# Code → its rates, and each rate's percentage.
_TAXES: dict[str, dict[str, dict[str, float]]] = {
    "US": {
        "California": {"California": 8},
        "Tucson": {"AZ State tax": 7.1, "Tucson City": 2},
    },
    "CA": {
        "Exempt": {},
        "Zero-rated": {"Zero-rated (S)": 0},
        "GST": {"GST (S)": 5},
        "HST ON": {"HST ON (S)": 13},
        "GST/PST BC": {"PST BC (S)": 7},
    },
    "*": {
        "Exempt": {},
        "0.0% Z": {"0.0% Z (S)": 0},
        "5.0% R": {"5.0% R (S)": 5},
        "20.0% S": {"20.0% S (S)": 20},
    },
}


def fill(company: Company) -> None:
    """Enter the lists of a new company; no webhook tells of them."""
    now, mark = company.opened, len(company.journal)
    for name, kind, subtype in _ACCOUNTS:
        body = {"Name": name, "AccountType": kind, "AccountSubType": subtype}
        writing.create(ACCOUNT, company, body, now)
    for name, days in _TERMS:
        writing.create(TERM, company, {"Name": name, "DueDays": days}, now)
    for name in ("Cash", "Check"):
        writing.create(PAYMENT_METHOD, company, {"Name": name}, now)
    card = {"Name": "Visa", "Type": "CREDIT_CARD"}
    writing.create(PAYMENT_METHOD, company, card, now)
    for name in ("Services", "Hours"):
        item = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": "1"}}
        writing.create(ITEM, company, item, now)
    fill_taxes(company)
    del company.journal[mark:]


def fill_taxes(company: Company) -> None:
    """Enter the taxes of the company's country, in place of those that were there."""
    now, mark = company.opened, len(company.journal)
    for kind in ("TaxAgency", "TaxCode", "TaxRate"):
        company.shelf(kind).clear()
        company.last_ids.pop(kind, None)
    country = company.settings.country
    if country == "US":
        # Id 1 is not a code anyone sees; the first county's is 2, as in real companies.
        company.last_ids["TaxCode"] = 1
        for name, taxable, group in _PSEUDO_CODES:
            fields = taxes.code_fields(name, [], [])
            fields |= {"Taxable": taxable, "TaxGroup": group}
            company.enter("TaxCode", fields, now, record_id=name)
    agency = writing.create(taxes.AGENCY, company, {"DisplayName": "Revenue agency"}, now)
    known: dict[str, str] = {}
    for name, rates in _TAXES.get(country, _TAXES["*"]).items():
        for rate, percent in rates.items():
            known[rate] = taxes.add_rate(company, rate, percent, now, agency=agency.id).id
        ids = [known[rate] for rate in rates]
        if name == "GST/PST BC":
            ids.insert(0, known["GST (S)"])
        taxes.add_code(company, name, ids, now)
    del company.journal[mark:]
