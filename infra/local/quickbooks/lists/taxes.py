"""Tax codes, rates and agencies: made by the tax service, changed only by a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults, validation
from infra.local.quickbooks.clock import day
from infra.local.quickbooks.lists.writing import Fields, ListKind
from infra.local.quickbooks.schema import Schema

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company
    from infra.local.quickbooks.shelf import Record

AGENCY = ListKind(
    Schema(
        "TaxAgency",
        text={"DisplayName": 100, "TaxRegistrationNumber": 100},
        flags=frozenset({"TaxTrackedOnSales", "TaxTrackedOnPurchases"}),
    ),
    lambda _: {"TaxTrackedOnSales": True, "TaxTrackedOnPurchases": False},
    lambda *_: None,
    required=("DisplayName",),
    suffixed=False,
)
_DETAIL = ("TaxRateId", "TaxRateName", "RateValue", "TaxAgencyId", "TaxApplicableOn")
_NAME_LENGTH = 100


def serve(company: Company, body: Fields, now: float) -> Fields:
    """Make a tax code and its new rates, as `POST /taxservice/taxcode`; ServiceFault if refused.

    All is made or nothing. The answer is not wrapped in an entity.
    """
    known = ("TaxCode", "TaxCodeId", "TaxRateDetails", "domain", "sparse")
    for name in body:
        if name not in known:
            raise faults.unknown_property(name, "TaxService", known)
    name = _name("TaxCode", body.get("TaxCode"))
    if company.shelf("TaxCode").holder(name):
        raise _taken("tax code")
    details = body.get("TaxRateDetails")
    if not isinstance(details, list) or not details:
        raise faults.missing("TaxRateDetails")
    planned = [_detail(company, one) for one in details]
    fresh = [one["TaxRateName"].casefold() for one in planned if "TaxRateId" not in one]
    if len(set(fresh)) < len(fresh):
        raise _taken("tax rate")
    for one in planned:
        if "TaxRateId" not in one:
            agency, rate = one["TaxAgencyId"], one["RateValue"]
            made = add_rate(company, one["TaxRateName"], rate, now, agency=agency)
            one["TaxRateId"] = made.id
    sales = [one["TaxRateId"] for one in planned if one["TaxApplicableOn"] == "Sales"]
    purchases = [one["TaxRateId"] for one in planned if one["TaxApplicableOn"] == "Purchase"]
    code = add_code(company, name, sales, now, purchases=purchases)
    return {"TaxCode": name, "TaxCodeId": code.id, "TaxRateDetails": planned}


def add_rate(
    company: Company, name: str, percent: float, now: float, *, agency: str = "1"
) -> Record:
    """Enter a tax rate; `percent` is 8.25 for 8.25 %."""
    fields = {
        "Name": name,
        "Description": name,
        "Active": True,
        "RateValue": percent,
        "AgencyRef": {"value": agency},
        "SpecialTaxType": "NONE" if percent else "ZERO_RATE",
        "EffectiveTaxRate": [{"RateValue": percent, "EffectiveDate": day(now)}],
        "DisplayType": "ReadOnly",
    }
    return company.enter("TaxRate", fields, now)


def add_code(
    company: Company, name: str, sales: list[str], now: float, *, purchases: list[str] | None = None
) -> Record:
    """Enter a tax code made of rates."""
    return company.enter("TaxCode", code_fields(name, sales, purchases or []), now)


def code_fields(name: str, sales: list[str], purchases: list[str]) -> Fields:
    """Return what is written of a tax code with these rates."""
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "Hidden": False,
        "Taxable": bool(sales or purchases),
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": [_part(one) for one in sales]},
        "PurchaseTaxRateList": {"TaxRateDetail": [_part(one) for one in purchases]},
        "TaxCodeConfigType": "USER_DEFINED",
    }


def replace_rate(
    company: Company, record: Record, now: float, *, name: str | None, percent: float | None
) -> Record:
    """Edit a rate as the UI does: a new Id carries the new name or value, the old one is closed.

    Codes keep their Ids and point at the new rate; one that bore the old rate's name follows.
    """
    old = dict(record.fields)
    wanted = _name("Name", name) if name is not None else old["Name"]
    holder = company.shelf("TaxRate").holder(wanted)
    if holder is not None and holder is not record:
        raise _taken("tax rate")
    company.shelf("TaxRate").forget(record)
    value = old["RateValue"] if percent is None else percent
    fresh = add_rate(company, wanted, value, now, agency=old["AgencyRef"]["value"])
    fresh.fields["OriginalTaxRate"] = record.id
    company.alter(record, old | {"Active": False}, now)
    record.deleted = company.settings.old_tax_rates_vanish
    for code in company.shelf("TaxCode").records.values():
        repointed = _repointed(code.fields, record.id, fresh.id)
        if repointed == code.fields:
            continue
        if code.fields["Name"] == old["Name"] and not company.shelf("TaxCode").holder(wanted):
            repointed |= {"Name": wanted, "Description": wanted}
        company.alter(code, repointed, now)
    return fresh


def change_rate(company: Company, record: Record, now: float, *, percent: float) -> Record:
    """Edit a rate as companies outside the US can: same Id, another rate from today on."""
    periods = [dict(one) for one in record.fields["EffectiveTaxRate"]]
    periods[-1]["EndDate"] = day(now)
    periods.append({"RateValue": percent, "EffectiveDate": day(now)})
    changes = {"RateValue": percent, "EffectiveTaxRate": periods}
    company.alter(record, record.fields | changes, now)
    return record


def edit_code(company: Company, record: Record, body: Fields, now: float) -> Record:
    """Change a code's Name, Description or Active as a person does."""
    schema = Schema("TaxCode", text={"Name": 100, "Description": 100}, flags=frozenset({"Active"}))
    changes = validation.changes(body, schema)
    holder = company.shelf("TaxCode").holder(str(changes.get("Name") or ""))
    if holder is not None and holder is not record:
        raise _taken("tax code")
    kept = {name: value for name, value in changes.items() if value is not None}
    company.alter(record, record.fields | kept, now)
    return record


def rates_of(company: Company, code: Record) -> list[tuple[Record, Fields]]:
    """Return the sales rates of a code with the details of each, in their order."""
    details = code.fields["SalesTaxRateList"]["TaxRateDetail"]
    shelf = company.shelf("TaxRate").records
    found = [(shelf[one["TaxRateRef"]["value"]], one) for one in details]
    return sorted(found, key=lambda one: one[1]["TaxOrder"])


def _repointed(fields: Fields, old: str, new: str) -> Fields:
    def details(name: str) -> Fields:
        return {
            "TaxRateDetail": [
                one | {"TaxRateRef": {"value": new}} if one["TaxRateRef"]["value"] == old else one
                for one in fields[name]["TaxRateDetail"]
            ]
        }

    return fields | {name: details(name) for name in ("SalesTaxRateList", "PurchaseTaxRateList")}


def _part(rate_id: str) -> Fields:
    return {"TaxRateRef": {"value": rate_id}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}


def _detail(company: Company, one: Any) -> Fields:
    if not isinstance(one, dict):
        raise faults.unreadable("failed to parse json object; a property")
    for name in one:
        if name not in _DETAIL:
            raise faults.unknown_property(name, "TaxRateDetails", _DETAIL)
    side = one.get("TaxApplicableOn", "Sales")
    if side not in ("Sales", "Purchase"):
        raise faults.wrong_choice("TaxApplicableOn", side)
    if one.get("TaxRateId") not in (None, ""):
        rate = company.shelf("TaxRate").find(one["TaxRateId"])
        if rate is None or not rate.active:
            raise faults.bad_reference()
        return {"TaxRateId": rate.id, "TaxApplicableOn": side}
    name = _name("TaxRateName", one.get("TaxRateName"))
    if "RateValue" not in one:
        raise faults.missing("RateValue")
    agency = company.shelf("TaxAgency").find(one.get("TaxAgencyId", ""))
    if agency is None:
        raise faults.bad_reference() if "TaxAgencyId" in one else faults.missing("TaxAgencyId")
    if company.shelf("TaxRate").holder(name):
        raise _taken("tax rate")
    return {
        "TaxRateName": name,
        "RateValue": validation.number("RateValue", one["RateValue"], 0, 100),
        "TaxAgencyId": agency.id,
        "TaxApplicableOn": side,
    }


def _name(attribute: str, value: object) -> str:
    text = str(value or "").strip()
    if not text:
        raise faults.missing(attribute)
    if len(text) > _NAME_LENGTH:
        raise faults.wrong_length(attribute, _NAME_LENGTH, len(text))
    return text


def _taken(what: str) -> faults.ServiceFault:
    # Captured with a line break inside; `element` is empty, not absent.
    tail = f"Another {what} is already using this \nname. Please use a different name."
    fault = faults.duplicate_name(tail)
    fault.element = ""
    return fault
