"""What a person does in QuickBooks' own screens: no SyncToken, no requestid, no sparse update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import customers, entities, validation
from infra.local.quickbooks.entities import Write
from infra.local.quickbooks.lists import taxes, writing
from infra.local.quickbooks.sales import bills, payments
from infra.local.quickbooks.search import rows_of
from infra.local.quickbooks.shelf import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.local.quickbooks.company import Company, Entry
    from infra.local.quickbooks.world import World

Body = dict[str, Any]
# A folder of the door for each kind: customers, terms, taxrates, invoices, …
FOLDERS = {
    {"class": "classes", "taxagency": "taxagencies"}.get(name, f"{name}s"): kind
    for name, kind in entities.KINDS.items()
}


class ControlError(Exception):
    """A wrong call to the door; answered with `status` and `{"error": …}`."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def company_of(world: World, realm: str) -> Company:
    """Return a company; ControlError when there is none under this realm."""
    company = world.companies.get(realm)
    if company is None:
        raise ControlError(f"no company {realm}", 404)
    return company


def _book(world: World, _: Body, realm: str) -> Body:
    company = company_of(world, realm)
    return {
        kind: [entities.show(company, row, "read") for row in rows_of(company, kind)]
        for kind in entities.KINDS.values()
    }


def _list(world: World, _: Body, realm: str, folder: str) -> Body:
    company, kind = company_of(world, realm), FOLDERS[folder]
    return {kind: [entities.show(company, row, "read") for row in rows_of(company, kind)]}


def _create(world: World, body: Body, realm: str, folder: str) -> Body:
    company, kind, now = company_of(world, realm), FOLDERS[folder], world.clock.now()
    project = bool(body.pop("IsProject", False))
    if kind == "Customer" and "ParentRef" in body:
        body.setdefault("Job", True)
    if kind == "TaxCode":
        made = taxes.serve(company, body, now)
        return entities.show(company, company.shelf(kind).records[made["TaxCodeId"]], "read")
    shown: Body = entities.write(company, Write(kind, body, "create"), now)[kind]
    if project:
        entry = company.entries[int(shown["Id"])]
        entry.project = True
    return entities.show(company, entities.find(company, kind, shown["Id"]), "read")


def _edit(world: World, body: Body, realm: str, folder: str, number: str) -> Body:
    company, one = _one(world, realm, folder, number)
    now = world.clock.now()
    if not isinstance(one, Record):
        if one.kind == "Customer":
            customers.edit(company, one, body, now)
        else:
            token = {"Id": str(one.id), "SyncToken": str(one.sync_token), "sparse": True}
            entities.write(company, Write(one.kind, body | token, "update"), now)
    elif one.kind in entities.LISTS:
        writing.edit(entities.LISTS[one.kind], company, one, body, now)
    elif one.kind in entities.BILLS:
        bills.edit(company, one, body, now)
    elif one.kind == "Payment":
        payments.edit(company, one, body, now)
    elif one.kind == "TaxRate":
        one = _edit_rate(company, one, body, now)
    elif one.kind == "TaxCode":
        taxes.edit_code(company, one, body, now)
    else:
        raise ControlError(f"a {one.kind} is not edited")
    return entities.show(company, one, "read")


def _edit_rate(company: Company, rate: Record, body: Body, now: float) -> Record:
    if unknown := body.keys() - {"Name", "RateValue", "same_id"}:
        raise ControlError(f"a rate has Name and RateValue, no {', '.join(sorted(unknown))}")
    percent = None if "RateValue" not in body else float(body["RateValue"])
    if body.get("same_id"):
        if percent is None:
            raise ControlError("same_id changes RateValue")
        return taxes.change_rate(company, rate, now, percent=percent)
    return taxes.replace_rate(company, rate, now, name=body.get("Name"), percent=percent)


def _inactivate(world: World, _: Body, realm: str, folder: str, number: str) -> Body:
    company, one = _one(world, realm, folder, number)
    if isinstance(one, Record) and one.kind == "TaxRate":
        company.alter(one, one.fields | {"Active": False}, world.clock.now())
        return entities.show(company, one, "read")
    return _edit(world, {"Active": False}, realm, folder, number)


def _activate(world: World, _: Body, realm: str, folder: str, number: str) -> Body:
    one = _one(world, realm, folder, number)[1]
    body: Body = {"Active": True}
    if not isinstance(one, Record):
        body["DisplayName"] = customers.without_suffix(str(one.fields["DisplayName"]))
    return _edit(world, body, realm, folder, number)


def _touch(world: World, body: Body, realm: str, number: str) -> Body:
    company, entry = _customer(world, realm, number)
    sign = {"invoice": 1, "payment": -1}.get(str(body.get("kind", "invoice")))
    if sign is None:
        raise ControlError("kind is invoice or payment")
    cents = sign * validation.amount("amount", body.get("amount", 0))
    customers.touch(company, entry, cents, world.clock.now())
    return entities.show(company, entry, "read")


def _merge(world: World, body: Body, realm: str, number: str) -> Body:
    company, loser = _customer(world, realm, number)
    survivor = _customer(world, realm, str(body["into"]))[1]
    customers.merge(company, loser, survivor, world.clock.now())
    return entities.show(company, survivor, "read")


def _end(how: str) -> Callable[..., Body]:
    def act(world: World, _: Body, realm: str, folder: str, number: str) -> Body:
        company, one = _one(world, realm, folder, number)
        if not isinstance(one, Record) or one.kind not in entities.TRANSACTIONS:
            raise ControlError(f"a {one.kind} cannot be {how}d")
        body = {"Id": one.id, "SyncToken": str(one.sync_token)}
        write = Write(one.kind, body, how)
        shown: Body = entities.write(company, write, world.clock.now())[one.kind]
        return shown

    return act


def _one(world: World, realm: str, folder: str, number: str) -> tuple[Company, Entry | Record]:
    company = company_of(world, realm)
    return company, entities.find(company, FOLDERS[folder], number)


def _customer(world: World, realm: str, number: str) -> tuple[Company, Entry]:
    company = company_of(world, realm)
    entry = company.find("Customer", int(number))
    if entry is None:
        raise ControlError(f"no customer {number} in {realm}", 404)
    return company, entry


_REALM = r"/realms/(\d+)"
_FOLDER = rf"{_REALM}/({'|'.join(FOLDERS)})"
_ONE = _FOLDER + r"/(\w+)"
_CUSTOMER = _REALM + r"/customers/(\d+)"
ROUTES = [
    ("GET", _REALM + "/book", _book),
    ("GET", _FOLDER, _list),
    ("POST", _FOLDER, _create),
    ("POST", _CUSTOMER + "/touch", _touch),
    ("POST", _CUSTOMER + "/merge", _merge),
    ("POST", _ONE, _edit),
    ("POST", _ONE + "/inactivate", _inactivate),
    ("POST", _ONE + "/activate", _activate),
    ("POST", _ONE + "/void", _end("void")),
    ("POST", _ONE + "/delete", _end("delete")),
]
