"""The lines of an invoice or credit memo: read, checked, summed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, validation

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company

Fields = dict[str, Any]
_LINE = (
    "Id",
    "LineNum",
    "Description",
    "Amount",
    "Received",
    "LinkedTxn",
    "DetailType",
    "SalesItemLineDetail",
    "SubTotalLineDetail",
    "DiscountLineDetail",
    "DescriptionLineDetail",
    "GroupLineDetail",
    "CustomField",
    "LineEx",
)
_SALE = (
    "ItemRef",
    "ClassRef",
    "UnitPrice",
    "RatePercent",
    "PriceLevelRef",
    "MarkupInfo",
    "Qty",
    "UOMRef",
    "ItemAccountRef",
    "InventorySiteRef",
    "TaxCodeRef",
    "ServiceDate",
    "TaxInclusiveAmt",
    "DiscountRate",
    "DiscountAmt",
    "TaxClassificationRef",
)
_DISCOUNT = ("PercentBased", "DiscountPercent", "DiscountAccountRef", "DiscountRef", "TaxCodeRef")
_NUMBERS = ("Qty", "UnitPrice", "TaxInclusiveAmt", "RatePercent", "DiscountRate", "DiscountAmt")
_PLENTY = 99_999_999_999
_DESCRIPTION = 4000
_DEFAULT_ITEM = "1"


@dataclass(slots=True)
class Lines:
    """Checked lines, without the subtotal; money in cents.

    `taxable` maps the Id of a tax code to what is taxed by it.
    """

    kept: list[Fields] = field(default_factory=list)
    subtotal: int = 0
    discount: int = 0
    taxable: dict[str, int] = field(default_factory=dict)


def cents(value: object, name: str = "Amount") -> int:
    """Return money as whole cents, halves away from zero; ServiceFault 2080 when it is none."""
    try:
        return int((_decimal(name, value) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    except InvalidOperation as error:
        raise faults.wrong_type(name, "number", value) from error


def read(company: Company, sent: object) -> Lines:
    """Return the lines a client sent; ServiceFault 2010, 2020, 2050, 2080, 2500 or 6070."""
    if not isinstance(sent, list) or not sent:
        raise faults.missing("Line")
    lines = Lines()
    for one in sent:
        if not isinstance(one, dict):
            raise faults.unreadable("failed to parse json object; a property")
        for name in one:
            if name not in _LINE:
                raise faults.unknown_property(name, "Line", _LINE)
        match one.get("DetailType"):
            case "SalesItemLineDetail":
                _sale(company, one, lines)
            case "DiscountLineDetail":
                _discount(one, lines)
            case "DescriptionOnly":
                lines.kept.append(_line(one, lines, {"DescriptionLineDetail": {}}))
            case "SubTotalLineDetail":
                # QuickBooks adds its own; echoed ones count for nothing.
                continue
            case None:
                raise faults.missing("DetailType")
            case other:
                raise faults.wrong_choice("DetailType", other)
    return lines


def _sale(company: Company, one: Fields, lines: Lines) -> None:
    detail = _detail(one, _SALE)
    if one.get("Amount") is None:
        raise faults.missing("Amount")
    amount = cents(one["Amount"])
    for name in _NUMBERS:
        if name in detail:
            detail[name] = validation.number(name, detail[name], -_PLENTY, _PLENTY)
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is not None and price is not None:
        exact = _decimal("Qty", quantity) * _decimal("UnitPrice", price) * 100
        if int(exact.quantize(Decimal(1), ROUND_HALF_UP)) != amount:
            raise faults.wrong_amount(one["Amount"])
    item = _item(company, detail)
    kept: Fields = {"ItemRef": {"value": item}}
    kept |= {name: detail[name] for name in _SALE if name in detail and name not in kept}
    code = _code(company, kept)
    kept["TaxCodeRef"] = {"value": code}
    if code != "NON":
        lines.taxable[code] = lines.taxable.get(code, 0) + amount
    lines.subtotal += amount
    lines.kept.append(_line(one, lines, {"SalesItemLineDetail": kept}, amount))


def _item(company: Company, detail: Fields) -> str:
    reference = validation.reference(detail.get("ItemRef") or {}) or {"value": _DEFAULT_ITEM}
    item = company.shelf("Item").find(reference["value"])
    if item is None or not item.active or item.fields["Type"] == "Category":
        raise faults.bad_reference()
    return item.id


def _code(company: Company, detail: Fields) -> str:
    reference = validation.reference(detail.get("TaxCodeRef") or {})
    us = company.settings.country == "US"
    if reference is None:
        if us or not company.settings.using_sales_tax:
            return "NON"
        raise faults.business(
            "Business Validation Error: Make sure all your transactions have a tax rate before "
            "you save."
        )
    code = reference["value"]
    if us and code in {"TAX", "NON"}:
        return code
    known = company.shelf("TaxCode").find(code)
    # In the United States a line is taxed or not; which tax is the transaction's.
    if us or known is None or not known.active:
        raise faults.bad_reference()
    return code


def _discount(one: Fields, lines: Lines) -> None:
    detail = _detail(one, _DISCOUNT)
    if detail.get("PercentBased"):
        share = _decimal("DiscountPercent", detail.get("DiscountPercent"))
        exact = lines.subtotal * share / 100
        amount = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    else:
        amount = cents(one.get("Amount"))
    lines.discount += amount
    account = {"DiscountAccountRef": {"value": "10", "name": "Discounts given"}}
    lines.kept.append(_line(one, lines, {"DiscountLineDetail": account | detail}, amount))


def _detail(one: Fields, known: tuple[str, ...]) -> Fields:
    name = one["DetailType"]
    detail = one.get(name) or {}
    if not isinstance(detail, dict):
        raise faults.unreadable("failed to parse json object; a property")
    for key in detail:
        if key not in known:
            raise faults.unknown_property(key, name, known)
    return {key: value for key, value in detail.items() if value is not None}


def _line(one: Fields, lines: Lines, detail: Fields, amount: int | None = None) -> Fields:
    number = len(lines.kept) + 1
    line: Fields = {"Id": str(number), "LineNum": number}
    if one.get("Description"):
        line["Description"] = str(one["Description"])
        if len(line["Description"]) > _DESCRIPTION:
            size = len(line["Description"])
            raise faults.wrong_length("Description", _DESCRIPTION, size)
    if amount is not None:
        line["Amount"] = amount
    line["DetailType"] = one["DetailType"]
    return line | detail


def _decimal(name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise faults.wrong_type(name, "number", value)
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise faults.wrong_type(name, "number", value) from error
    if not found.is_finite():
        raise faults.wrong_type(name, "number", value)
    return found
