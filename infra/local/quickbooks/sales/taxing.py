"""The tax of a transaction, from its lines and the company's tax codes."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, validation
from infra.local.quickbooks.lists import taxes
from infra.local.quickbooks.sales.lines import Lines, cents

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry
    from infra.local.quickbooks.shelf import Record

Fields = dict[str, Any]
_DETAIL = ("TxnTaxCodeRef", "TotalTax", "TaxLine", "UseAutomatedSalesTax", "TaxReviewStatus")


def work_out(
    company: Company, customer: Entry, lines: Lines, sent: Fields, *, inclusive: bool
) -> tuple[Fields, int]:
    """Return TxnTaxDetail (amounts in cents) and the tax, in cents.

    In the United States TotalTax in `sent` overrides what the code gives. `inclusive`: the lines
    hold the tax already.
    """
    for name in sent:
        if name not in _DETAIL:
            raise faults.unknown_property(name, "TxnTaxDetail", _DETAIL)
    if not company.settings.using_sales_tax:
        return {"TotalTax": 0}, 0
    if company.settings.country == "US":
        return _american(company, customer, lines, sent)
    found: list[Fields] = []
    for code_id, amount in sorted(lines.taxable.items()):
        code = company.shelf("TaxCode").records[code_id]
        net = _net(company, code, amount) if inclusive else amount
        _add(found, _rates(company, code, net))
    total = sum(one["Amount"] for one in found)
    return {"TotalTax": total} | ({"TaxLine": found} if found else {}), total


def _american(company: Company, customer: Entry, lines: Lines, sent: Fields) -> tuple[Fields, int]:
    reference = validation.reference(sent.get("TxnTaxCodeRef") or {})
    if reference is not None:
        named = company.shelf("TaxCode").find(reference["value"])
        if named is None or not named.active:
            raise faults.bad_reference()
    taxable = lines.taxable.get("TAX", 0)
    if reference is None and customer.fields.get("Taxable"):
        reference = customer.fields.get("DefaultTaxCodeRef")
    code = company.shelf("TaxCode").find(reference["value"]) if reference else None
    if code is None or not taxable:
        return {"TotalTax": 0}, 0
    found = _rates(company, code, taxable)
    total = sum(one["Amount"] for one in found)
    if sent.get("TotalTax") is not None:
        total = cents(sent["TotalTax"], "TotalTax")
        if len(found) == 1:
            found[0]["Amount"] = total
    return {"TxnTaxCodeRef": {"value": code.id}, "TotalTax": total, "TaxLine": found}, total


def _rates(company: Company, code: Record, net: int) -> list[Fields]:
    found: list[Fields] = []
    by_order: dict[int, int] = {}
    for rate, detail in taxes.rates_of(company, code):
        base = net
        if detail["TaxTypeApplicable"] == "TaxOnAmountPlusTax":
            base += sum(by_order.values())
        elif detail["TaxTypeApplicable"] == "TaxOnTax":
            base = by_order.get(detail.get("TaxOnTaxOrder", 0), 0)
        percent = rate.fields["RateValue"]
        amount = _round(base * Decimal(str(percent)) / 100)
        by_order[detail["TaxOrder"]] = by_order.get(detail["TaxOrder"], 0) + amount
        inside = {
            "TaxRateRef": {"value": rate.id},
            "PercentBased": True,
            "TaxPercent": percent,
            "NetAmountTaxable": base,
        }
        found.append({"Amount": amount, "DetailType": "TaxLineDetail", "TaxLineDetail": inside})
    return found


def _net(company: Company, code: Record, gross: int) -> int:
    rates = (rate for rate, _ in taxes.rates_of(company, code))
    percent = sum((Decimal(str(rate.fields["RateValue"])) for rate in rates), Decimal(0))
    return _round(gross / (1 + percent / 100))


def _add(found: list[Fields], more: list[Fields]) -> None:
    # One line a rate, whichever codes brought it.
    for one in more:
        rate = one["TaxLineDetail"]["TaxRateRef"]
        same = next((old for old in found if old["TaxLineDetail"]["TaxRateRef"] == rate), None)
        if same is None:
            found.append(one)
            continue
        same["Amount"] += one["Amount"]
        same["TaxLineDetail"]["NetAmountTaxable"] += one["TaxLineDetail"]["NetAmountTaxable"]


def _round(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
