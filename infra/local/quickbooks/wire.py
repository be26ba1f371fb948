"""Render the book as QuickBooks puts it on the wire: attribute order, types and absences."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from infra.local.quickbooks import fields
from infra.local.quickbooks.clock import stamp
from infra.local.quickbooks.common import currency, identity, money

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry

# The same customer looks a little different in each: see `_address` and DefaultTaxCodeRef.
View = Literal["write", "read", "list"]

_MASKED = frozenset({"PrimaryTaxIdentifier", "SecondaryTaxIdentifier"})
_SHOWN = 5
_BEFORE_NAMES = (
    "Notes",
    "Job",
    "BillWithParent",
    "ParentRef",
    "Level",
    "Balance",
    "BalanceWithJobs",
    "CurrencyRef",
    "PreferredDeliveryMethod",
    "IsProject",
    "ClientEntityId",
)
_SETTLED = frozenset(
    {
        "Taxable",
        "BillAddr",
        "ShipAddr",
        *_BEFORE_NAMES,
        *fields.NAME_PARTS,
        "DisplayName",
        "CompanyName",
        "PrintOnCheckName",
        "Active",
        "OpenBalanceDate",
    }
)


def entity(company: Company, entry: Entry, view: View) -> dict[str, Any]:
    """Return a customer, vendor or employee as a JSON object; what has no value is absent."""
    if entry.kind == "Customer":
        return _customer(company, entry, view)
    return _other_name(company, entry, view)


def company_info(company: Company) -> dict[str, Any]:
    """Return the CompanyInfo object."""
    settings, opened = company.settings, stamp(company.opened)
    return {
        "CompanyName": settings.company_name,
        "LegalName": settings.company_name,
        "CustomerCommunicationAddr": {"Id": "1"},
        "FiscalYearStartMonth": "January",
        "Country": settings.country,
        "SupportedLanguages": "en",
        "NameValue": [
            {"Name": "IndustryType", "Value": "Field services"},
            {"Name": "CompanyType", "Value": "Other"},
            {"Name": "SubscriptionStatus", "Value": settings.subscription_status},
            {"Name": "OfferingSku", "Value": "QuickBooks Online Plus"},
            {"Name": "IsQbdtMigrated", "Value": "false"},
            {"Name": "DefaultTimeZone", "Value": "America/Los_Angeles"},
        ],
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "4",
        "MetaData": {"CreateTime": opened, "LastUpdatedTime": opened},
    }


def preferences(company: Company) -> dict[str, Any]:
    """Return the Preferences object."""
    settings, opened = company.settings, stamp(company.opened)
    closed = {"BookCloseDate": settings.book_close_date} if settings.book_close_date else {}
    return {
        "AccountingInfoPrefs": {
            **closed,
            "UseAccountNumbers": False,
            "TrackDepartments": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": False,
            "FirstMonthOfFiscalYear": "January",
            "TaxYearMonth": "January",
            "CustomerTerminology": "Customers",
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": settings.custom_txn_numbers,
            "AllowDeposit": False,
            "AllowDiscount": False,
            "AutoApplyCredit": True,
            "AutoApplyPayments": True,
            "DefaultTerms": {"value": settings.default_term},
        },
        "TaxPrefs": {
            "UsingSalesTax": settings.using_sales_tax,
            "PartnerTaxEnabled": settings.using_sales_tax and settings.country == "US",
        },
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": settings.multi_currency,
            "HomeCurrency": {"value": settings.currency},
        },
        "OtherPrefs": {
            "NameValue": [
                {"Name": "SalesFormsPrefs.DefaultCustomerMessage", "Value": "Thank you"},
                {"Name": "ProjectsEnabled", "Value": "true"},
            ]
        },
        "domain": "QBO",
        "sparse": False,
        "Id": "1",
        "SyncToken": "2",
        "MetaData": {"CreateTime": opened, "LastUpdatedTime": opened},
    }


def _customer(company: Company, entry: Entry, view: View) -> dict[str, Any]:
    written = entry.fields
    body: dict[str, Any] = {"Taxable": written["Taxable"]}
    for name in fields.ADDRESSES:
        if name in written:
            body[name] = _address(company, entry, written[name], view)
    level = len(company.line(entry)) - 1
    computed: dict[str, Any] = {
        "Level": level or None,
        "Balance": money(entry.balance),
        "BalanceWithJobs": money(company.balance_with_jobs(entry)),
        "IsProject": entry.project,
        "ClientEntityId": "0",
    }
    for name in _BEFORE_NAMES:
        value = computed[name] if name in computed else written.get(name)
        if value is not None:
            body[name] = value
    body |= identity(company, entry, listed=view == "list")
    body |= {name: written[name] for name in fields.NAME_PARTS if name in written}
    body["FullyQualifiedName"] = company.full_name(entry)
    for name in ("CompanyName", "DisplayName", "PrintOnCheckName", "Active"):
        if name in written:
            body[name] = written[name]
    body["V4IDPseudonym"] = _pseudonym(company, entry)
    for name, value in written.items():
        if name not in _SETTLED:
            body[name] = _mask(value) if name in _MASKED else value
    if view == "list":
        # Seen in real lists: the same customers carry it when read or written one by one.
        body.pop("DefaultTaxCodeRef", None)
    return body


def _other_name(company: Company, entry: Entry, view: View) -> dict[str, Any]:
    own: dict[str, Any] = {"BillableTime": False}
    if entry.kind == "Vendor":
        own = {
            "Balance": money(entry.balance),
            "Vendor1099": False,
            "CurrencyRef": currency(company),
        }
    written = entry.fields
    names = (*fields.NAME_PARTS, "CompanyName", "DisplayName", "PrintOnCheckName", "Active")
    ordered = {name: written[name] for name in names if name in written}
    return own | identity(company, entry, listed=view == "list") | ordered | written


def _address(company: Company, entry: Entry, address: dict[str, str], view: View) -> dict[str, str]:
    # Captured: one unchanged address answered with two Ids, depending on the call. Nobody may
    # key on them, so the stand-in never lets the two agree.
    if view == "read":
        return {"Id": str(100_000 + entry.id), **address}
    shared = str(company.address_id(address))
    return {"Id": shared, **address, "Lat": "INVALID", "Long": "INVALID"}


def _pseudonym(company: Company, entry: Entry) -> str:
    return _digest(f"{company.realm}:{entry.id}")


@lru_cache(maxsize=200_000)
def _digest(text: str) -> str:
    return "002098" + hashlib.sha256(text.encode()).hexdigest()[:32]


def _mask(value: str) -> str:
    return "X" * max(0, len(value) - _SHOWN) + value[-_SHOWN:]
