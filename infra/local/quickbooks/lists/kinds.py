"""The lists with few rules: terms, accounts, classes, payment methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.local.quickbooks import faults
from infra.local.quickbooks.lists.writing import Fields, ListKind
from infra.local.quickbooks.schema import COMMON_READ_ONLY, Schema

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.shelf import Record

_STANDARD = ("DueDays", "DiscountDays")
_DATE_DRIVEN = ("DayOfMonthDue", "DueNextMonthDays", "DiscountDayOfMonth")
# Type of account → (classification, sub-type when none is named).
_ACCOUNTS = {
    "Accounts Receivable": ("Asset", "AccountsReceivable"),
    "Bank": ("Asset", "Checking"),
    "Cost of Goods Sold": ("Expense", "SuppliesMaterialsCogs"),
    "Credit Card": ("Liability", "CreditCard"),
    "Equity": ("Equity", "OpeningBalanceEquity"),
    "Expense": ("Expense", "OtherMiscellaneousServiceCost"),
    "Income": ("Revenue", "SalesOfProductIncome"),
    "Other Current Asset": ("Asset", "Inventory"),
    "Other Current Liability": ("Liability", "SalesTaxPayable"),
    "Other Income": ("Revenue", "OtherMiscellaneousIncome"),
}


def _nothing(company: Company, record: Record | None, merged: Fields) -> None:
    """Most lists have no rule beyond the name."""


def _active(_: Company) -> Fields:
    return {"Active": True}


def _settle_term(_: Company, __: Record | None, merged: Fields) -> None:
    date_driven = "DayOfMonthDue" in merged
    if date_driven and "DueDays" in merged:
        # The kind follows what is given; both together describe no term.
        raise faults.business(
            "Business Validation Error: A term is either due after a number of days or on a day "
            "of the month."
        )
    if not date_driven and "DueDays" not in merged:
        raise faults.missing("DueDays")
    merged["Type"] = "DATE_DRIVEN" if date_driven else "STANDARD"
    merged.setdefault("DiscountPercent", 0)
    for name in _STANDARD if date_driven else _DATE_DRIVEN:
        merged.pop(name, None)


def _settle_account(company: Company, record: Record | None, merged: Fields) -> None:
    if record is not None and merged["AccountType"] != record.fields["AccountType"]:
        raise faults.business("Business Validation Error: The type of an account cannot change.")
    classification, subtype = _ACCOUNTS[merged["AccountType"]]
    merged["Classification"] = classification
    merged.setdefault("AccountSubType", subtype)
    merged["CurrencyRef"] = {"value": company.settings.currency}
    merged["SubAccount"] = "ParentRef" in merged
    if "ParentRef" in merged:
        parent = company.shelf("Account").find(merged["ParentRef"]["value"])
        if parent is None or not parent.active:
            raise faults.bad_reference()


TERM = ListKind(
    Schema(
        "Term",
        text={"Name": 100},
        flags=frozenset({"Active"}),
        numbers={
            "DueDays": (0, 999),
            "DiscountPercent": (0, 100),
            "DiscountDays": (0, 999),
            "DayOfMonthDue": (1, 31),
            "DueNextMonthDays": (0, 999),
            "DiscountDayOfMonth": (0, 31),
        },
        read_only=(*COMMON_READ_ONLY, "Type"),
    ),
    _active,
    _settle_term,
    suffixed=False,
)
ACCOUNT = ListKind(
    Schema(
        "Account",
        text={"Name": 100, "Description": 4000, "AcctNum": 20, "AccountSubType": 100},
        flags=frozenset({"Active"}),
        choices={"AccountType": frozenset(_ACCOUNTS)},
        references=frozenset({"ParentRef", "TaxCodeRef"}),
        no_colon=frozenset({"Name"}),
        read_only=(
            *COMMON_READ_ONLY,
            "SubAccount",
            "Classification",
            "CurrentBalance",
            "CurrentBalanceWithSubAccounts",
            "CurrencyRef",
        ),
    ),
    _active,
    _settle_account,
    required=("Name", "AccountType"),
    kept=("AccountType", "AccountSubType"),
)
CLASS = ListKind(
    Schema(
        "Class",
        text={"Name": 100},
        flags=frozenset({"Active"}),
        references=frozenset({"ParentRef"}),
        no_colon=frozenset({"Name"}),
        read_only=(*COMMON_READ_ONLY, "SubClass"),
    ),
    _active,
    _nothing,
)
PAYMENT_METHOD = ListKind(
    Schema(
        "PaymentMethod",
        text={"Name": 31},
        flags=frozenset({"Active"}),
        choices={"Type": frozenset({"CREDIT_CARD", "NON_CREDIT_CARD"})},
    ),
    lambda _: {"Active": True, "Type": "NON_CREDIT_CARD"},
    _nothing,
    suffixed=False,
)
