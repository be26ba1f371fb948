"""Fill a book with the customers of a field-service company: same seed, same book."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import customers

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry

_GIVEN = (
    "Amy",
    "Benoît",
    "Carmen",
    "Dieter",
    "Elena",
    "Farah",
    "Gary",
    "Hélène",
    "Inés",
    "Jörg",
    "Kate",
    "Luis",
    "María",
    "Noah",
    "Olga",
    "Priya",
    "Quinn",
    "Renée",
    "Siobhán",
    "Tomás",
    "Ulla",
    "Víctor",
    "Wanda",
    "Xavier",
    "Yasmin",
    "Zoë",
    "Anjali",
    "Björn",
    "Chloé",
    "Dawn",
)
_FAMILY = (
    "Abbott",
    "Bélanger",
    "Castillo",
    "D'Angelo",
    "Eriksson",
    "Fischer",
    "García",
    "Hughes",
    "Ibáñez",
    "Johnson",
    "Kowalski",
    "Lauterbach",
    "Muñoz",
    "Nguyen",
    "O'Brien",
    "Peña",
    "Quintero",
    "Ramírez",
    "Sørensen",
    "Tillou",
    "Underwood",
    "Vásquez",
    "Whelan",
    "Xu",
    "Young",
    "Zimmermann",
    "Patel",
    "Sharma",
    "St. Clair",
    "Müller",
)
_TRADES = (
    "Apartments",
    "Auto Repair",
    "Bakery",
    "Bistro",
    "Builders",
    "Car Wash",
    "Cold Storage",
    "Dental Care",
    "Facilities",
    "Farm & Dairy",
    "Fitness",
    "Gardens",
    "Hardware",
    "Hotel",
    "Laundry",
    "Logistics",
    "Market",
    "Medical Group",
    "Pharmacy",
    "Pools & Spas",
    "Property Management",
    "Restaurant",
    "School",
    "Self Storage",
    "Veterinary Clinic",
)
_TOWNS = (
    ("Bayshore", "CA", "94326"),
    ("Fresno", "CA", "93650"),
    ("Half Moon Bay", "CA", "94213"),
    ("Middlefield", "CA", "94482"),
    ("Palo Alto", "CA", "94303"),
    ("Petaluma", "CA", "94952"),
    ("Reno", "NV", "89501"),
    ("San José", "CA", "95112"),
    ("Tucson", "AZ", "85719"),
    ("Cañon City", "CO", "81212"),
    ("Bend", "OR", "97701"),
    ("Yuma", "AZ", "85364"),
)
_STREETS = (
    "Alvarado Rd.",
    "Birch Ln.",
    "California Ave.",
    "Easy St.",
    "El Camino Real",
    "Finch St.",
    "Harbor Blvd.",
    "Main St.",
    "Ocean View Road",
    "Peña Ct.",
    "Redwood Dr.",
    "Twin Lane",
)
_SITES = ("Annex", "Kitchen", "North wing", "Roof units", "Store 2", "Warehouse")
_DAY = 86_400.0
_INACTIVE_SHARE = 0.03
_PERSON_SHARE = 0.6


def seed(company: Company, *, people: int, jobs: int, number: int, now: float) -> dict[str, int]:
    """Add `people` customers and `jobs` sub-customers; return how many, and how many inactive.

    Names come from `number` alone; entries look one day to three years old.
    """
    dice = random.Random(number)  # noqa: S311 - the same book every time is the point
    tops = [_customer(company, dice, now) for _ in range(people)]
    parents = tops or [one for one in company.of_kind("Customer") if one.active]
    subs = [_job(company, dice, dice.choice(parents), now) for _ in range(jobs if parents else 0)]
    with_jobs = {one.parent_id for one in subs}
    inactive = 0
    for entry in tops:
        if entry.id not in with_jobs and dice.random() < _INACTIVE_SHARE:
            inactive += 1
            entry.balance = 0
            customers.edit(company, entry, {"Active": False}, entry.updated + 60)
    return {"customers": len(tops), "jobs": len(subs), "inactive": inactive}


def _customer(company: Company, dice: random.Random, now: float) -> Entry:
    given, family = dice.choice(_GIVEN), dice.choice(_FAMILY)
    town, state, postcode = dice.choice(_TOWNS)
    body: dict[str, Any] = {"GivenName": given, "FamilyName": family}
    business = dice.random() >= _PERSON_SHARE
    name = f"{family} {dice.choice(_TRADES)}" if business else f"{given} {family}"
    body["DisplayName"] = _free(company, dice, name, town)
    if business:
        body["CompanyName"] = body["DisplayName"]
    number = dice.randrange(1, 9900)
    body["BillAddr"] = {
        "Line1": f"{number} {dice.choice(_STREETS)}",
        "City": town,
        "CountrySubDivisionCode": state,
        "PostalCode": postcode,
    }
    if dice.random() < 0.5:
        body["ShipAddr"] = body["BillAddr"]
    area = dice.randrange(201, 990)
    body["PrimaryPhone"] = {"FreeFormNumber": f"({area}) 555-{dice.randrange(10_000):04d}"}
    if dice.random() < 0.3:
        body["Mobile"] = {"FreeFormNumber": f"({area}) 555-{dice.randrange(10_000):04d}"}
    if dice.random() < 0.75:
        mailbox = f"{given}.{family}{company.next_id}".encode("ascii", "ignore").decode()
        body["PrimaryEmailAddr"] = {"Address": f"{mailbox.replace(' ', '')}@example.com"}
    if dice.random() < 0.1:
        body["Notes"] = "Call before arriving."
    entry = customers.create(company, body, now - dice.uniform(30, 1095) * _DAY)
    entry.updated = min(now - _DAY, entry.created + dice.uniform(0, 200) * _DAY)
    if dice.random() < 0.2:
        entry.balance = dice.randrange(5_00, 2_500_00)
    return entry


def _job(company: Company, dice: random.Random, parent: Entry, now: float) -> Entry:
    site = f"{dice.randrange(1, 9900):04d} {dice.choice(_STREETS)}"
    if dice.random() < 0.25:
        site = dice.choice(_SITES)
    while company.holder(parent.id, site) is not None:
        site = f"{dice.randrange(1, 99_000)} {dice.choice(_STREETS)}"
    # A sub-customer made in the UI starts as a copy of its parent's contact data.
    copied = ("GivenName", "FamilyName", "CompanyName", "BillAddr", "PrimaryPhone")
    body = {name: parent.fields[name] for name in copied if name in parent.fields}
    body |= {"DisplayName": site, "Job": True, "ParentRef": {"value": str(parent.id)}}
    entry = customers.create(company, body, min(now - _DAY, parent.created + 30 * _DAY))
    parent.updated = max(parent.updated, entry.updated)
    return entry


def _free(company: Company, dice: random.Random, name: str, town: str) -> str:
    given, _, family = name.partition(" ")
    candidates = [name, f"{name} of {town}"]
    if given in _GIVEN:
        initials = dice.sample("ABCDEFGHJKLMNPRSTW", 18)
        candidates = [name, *(f"{given} {initial}. {family}" for initial in initials)]
    else:
        partners = dice.sample(_FAMILY, 12)
        candidates += [f"{given} & {other} {family}" for other in partners if other != given]
    candidates.append(f"{name} {company.next_id}")
    return next(one for one in candidates if company.holder(0, one) is None)
