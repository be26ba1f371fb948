"""QuickBooks' other entities on the wire → ours. Unknown fields are ignored; absent means empty."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from roster.adapters.quickbooks.mapping import moment, plain_name
from roster.domain.sync.books import (
    TaxedOn,
    TheirAccount,
    TheirCodeRate,
    TheirCompany,
    TheirInvoice,
    TheirItem,
    TheirItemType,
    TheirName,
    TheirPayment,
    TheirTaxCode,
    TheirTaxRate,
    TheirTerm,
)

type Wire = Mapping[str, Any]
_VOIDED = "Voided"


def _id(wire: Wire, name: str) -> str | None:
    """The id of a reference; its name is decoration and may be old."""
    found = wire.get(name)
    value = found.get("value") if isinstance(found, Mapping) else found
    return str(value) if value not in (None, "") else None


def _part(wire: Wire, name: str) -> Wire:
    """A part of an entity; an empty one may come as an empty text."""
    found = wire.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(value: object) -> Decimal | None:
    try:
        # Through text: a float would bring its binary tail along.
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None


def _count(value: object) -> int | None:
    found = _number(value)
    return int(found) if found is not None else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def _base(wire: Wire) -> dict[str, Any]:
    return {"id": str(wire["Id"]), "sync_token": str(wire.get("SyncToken", "0"))}


def _is_deleted(wire: Wire) -> bool:
    return wire.get("status") == "Deleted"


def read_term(wire: Wire) -> TheirTerm:
    """Payment terms of either type."""
    return TheirTerm(
        **_base(wire),
        name=str(wire.get("Name") or ""),
        active=bool(wire.get("Active", True)) and not _is_deleted(wire),
        due_days=_count(wire.get("DueDays")),
        day_of_month=_count(wire.get("DayOfMonthDue")),
        next_month_days=_count(wire.get("DueNextMonthDays")),
        discount_percent=_number(wire.get("DiscountPercent")),
        discount_days=_count(wire.get("DiscountDays") or wire.get("DiscountDayOfMonth")),
    )


def read_tax_rate(wire: Wire) -> TheirTaxRate:
    """A tax rate."""
    return TheirTaxRate(
        id=str(wire["Id"]),
        name=str(wire.get("Name") or ""),
        percent=_percent_now(wire),
        agency_id=_id(wire, "AgencyRef"),
        active=bool(wire.get("Active", True)),
        created_at=moment(_part(wire, "MetaData").get("CreateTime")),
    )


def _percent_now(wire: Wire) -> Decimal:
    dated = [one for one in wire.get("EffectiveTaxRate") or [] if not one.get("EndDate")]
    value = _number(wire.get("RateValue"))
    if dated:
        latest = max(dated, key=lambda one: str(one.get("EffectiveDate") or ""))
        value = _number(latest.get("RateValue"))
    return value or Decimal(0)


def read_tax_code(wire: Wire) -> TheirTaxCode:
    """A tax code; the pseudo codes of US companies have words for ids."""
    return TheirTaxCode(
        id=str(wire["Id"]),
        name=str(wire.get("Name") or ""),
        active=bool(wire.get("Active", True)) and not wire.get("Hidden"),
        taxable=bool(wire.get("Taxable", True)),
        is_group=bool(wire.get("TaxGroup")),
        sales_rates=tuple(_rates(wire.get("SalesTaxRateList"))),
    )


def _rates(wire: Wire | str | None) -> Iterator[TheirCodeRate]:
    known = {str(on): on for on in TaxedOn}
    details = wire.get("TaxRateDetail") if isinstance(wire, Mapping) else None
    for one in sorted(details or [], key=lambda d: _count(d.get("TaxOrder")) or 0):
        if found := _id(one, "TaxRateRef"):
            on = known.get(str(one.get("TaxTypeApplicable")), TaxedOn.AMOUNT)
            yield TheirCodeRate(rate_id=found, on=on)


def read_item(wire: Wire) -> TheirItem:
    """A product or service."""
    known = {str(t): t for t in TheirItemType}
    taxable = wire.get("Taxable")
    return TheirItem(
        **_base(wire),
        name=plain_name(str(wire.get("Name") or "")),
        full_name=plain_name(str(wire.get("FullyQualifiedName") or wire.get("Name") or "")),
        type=known.get(str(wire.get("Type") or ""), TheirItemType.OTHER),
        active=bool(wire.get("Active", True)) and not _is_deleted(wire),
        deleted=_is_deleted(wire),
        sku=wire.get("Sku") or None,
        description=wire.get("Description") or None,
        unit_price=_number(wire.get("UnitPrice")),
        taxable=bool(taxable) if taxable is not None else None,
        income_account_id=_id(wire, "IncomeAccountRef"),
        expense_account_id=_id(wire, "ExpenseAccountRef"),
        asset_account_id=_id(wire, "AssetAccountRef"),
    )


def read_account(wire: Wire) -> TheirAccount:
    """An account of the chart."""
    name = plain_name(str(wire.get("Name") or ""))
    return TheirAccount(
        id=str(wire["Id"]),
        name=name,
        full_name=plain_name(str(wire.get("FullyQualifiedName") or "")) or name,
        kind=str(wire.get("AccountType") or ""),
        detail=str(wire.get("AccountSubType") or ""),
        active=bool(wire.get("Active", True)),
    )


def read_invoice(wire: Wire) -> TheirInvoice:
    """An invoice; also what is left of a deleted one."""
    total = _number(wire.get("TotalAmt")) or Decimal(0)
    return TheirInvoice(
        **_base(wire),
        number=str(wire.get("DocNumber") or "") or None,
        customer_id=_id(wire, "CustomerRef"),
        total=total,
        tax=_number(_part(wire, "TxnTaxDetail").get("TotalTax")) or Decimal(0),
        balance=_number(wire.get("Balance")) or Decimal(0),
        note=str(wire.get("PrivateNote") or ""),
        tax_code_id=_id(_part(wire, "TxnTaxDetail"), "TxnTaxCodeRef"),
        payments=tuple(
            str(linked["TxnId"])
            for linked in wire.get("LinkedTxn") or []
            if linked.get("TxnType") == "Payment"
        ),
        voided=_is_voided(wire, total),
        deleted=_is_deleted(wire),
    )


def _is_voided(wire: Wire, total: Decimal) -> bool:
    return total == 0 and str(wire.get("PrivateNote") or "").startswith(_VOIDED)


def read_payment(wire: Wire) -> TheirPayment:
    """A payment; money is its total, what an invoice gets stands on the lines."""
    amount = _number(wire.get("TotalAmt")) or Decimal(0)
    return TheirPayment(
        **_base(wire),
        customer_id=_id(wire, "CustomerRef"),
        date=_day(wire.get("TxnDate")),
        amount=amount,
        unapplied=_number(wire.get("UnappliedAmt")) or Decimal(0),
        currency=_id(wire, "CurrencyRef"),
        reference=str(wire.get("PaymentRefNum") or "") or None,
        settles=tuple(_settled(wire)),
        voided=_is_voided(wire, amount) and not _settled(wire),
        deleted=_is_deleted(wire),
    )


def _settled(wire: Wire) -> list[tuple[str, Decimal]]:
    settled: dict[str, Decimal] = {}
    for line in wire.get("Line") or []:
        amount = _number(line.get("Amount")) or Decimal(0)
        for linked in line.get("LinkedTxn") or []:
            if linked.get("TxnType") == "Invoice" and amount:
                invoice = str(linked["TxnId"])
                settled[invoice] = settled.get(invoice, Decimal(0)) + amount
    return list(settled.items())


def read_name(entity: str, wire: Wire) -> TheirName:
    """A customer's, vendor's or employee's place in the names they share."""
    return TheirName(
        id=str(wire["Id"]),
        entity=entity,
        name=str(wire.get("DisplayName") or ""),
        active=bool(wire.get("Active", True)),
    )


def read_company(company: Wire, preferences: Wire) -> TheirCompany:
    """The company's own entry and its preferences, as one."""
    told = {str(n.get("Name")): n.get("Value") for n in company.get("NameValue") or []}
    sales, taxes = _part(preferences, "SalesFormsPrefs"), _part(preferences, "TaxPrefs")
    money = _part(preferences, "CurrencyPrefs")
    closed = _part(preferences, "AccountingInfoPrefs").get("BookCloseDate")
    return TheirCompany(
        name=str(company.get("CompanyName") or ""),
        country=company.get("Country") or None,
        subscription=str(told.get("SubscriptionStatus") or "") or None,
        home_currency=_id(money, "HomeCurrency"),
        multi_currency=bool(money.get("MultiCurrencyEnabled")),
        uses_sales_tax=bool(taxes.get("UsingSalesTax")),
        automated_tax=bool(taxes.get("PartnerTaxEnabled")),
        own_numbers=bool(sales.get("CustomTxnNumbers")),
        books_closed=_day(closed),
        default_term_id=_id(sales, "DefaultTerms"),
    )
