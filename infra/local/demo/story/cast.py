"""Who the story is about, entered on both sides as people would."""

from typing import Any

from infra.local.demo.api import Api
from infra.local.quickbooks.remote import Control

HOTEL = "Harbor Lights Hotel"
BAKERY, BAKERY_THERE = "Blue Mesa Bakery LLC", "Blue Mesa Bakery"
NAMESAKE = "Sam Rivera"
SUPPLIER = "Copper Kettle Supply"
UNWANTED = "Test Customer (do not use)"
JOB = "Boiler room"
MASKED = "XXXX56789"
# Whose lines of a report are told one by one; all others are counted.
NAMES = frozenset({HOTEL, BAKERY, BAKERY_THERE, NAMESAKE, SUPPLIER, UNWANTED, JOB})
# The customers of no name that fill the book in QuickBooks.
_CROWD, _CROWD_JOBS = 25, 6

_BAKERY = {"email": "orders@bluemesa.example", "phone": "(206) 555-0142"}
_HERE: tuple[dict[str, Any], ...] = (
    {"display_name": HOTEL, "phone": "(206) 555-0117", "email": "desk@harborlights.example"},
    {"display_name": BAKERY, **_BAKERY},
    {"display_name": NAMESAKE, "phone": "(509) 555-0163"},
    {"display_name": NAMESAKE, "phone": "(253) 555-0171", "email": "sam@rivera.example"},
    {"display_name": SUPPLIER, "phone": "(206) 555-0189"},
)


def enter_here(api: Api) -> None:
    """Add to Roster those of the story who are not there."""
    for name in dict.fromkeys(one["display_name"] for one in _HERE):
        there = [c for c in api.get("/customers", q=name)["data"] if c["display_name"] == name]
        wanted = [one for one in _HERE if one["display_name"] == name]
        for one in wanted[len(there) :]:
            api.post("/customers", **one)


def enter_there(books: Control) -> None:
    """Fill QuickBooks' company; one that has customers is left alone."""
    if books.book()["Customer"]:
        return
    books.seed(_CROWD, _CROWD_JOBS)
    hotel = books.create(
        HOTEL,
        PrimaryPhone=_phone("(206) 555-0118"),
        PrimaryEmailAddr={"Address": "desk@harborlights.example"},
        PrimaryTaxIdentifier="123456789",
    )
    site = {"Line1": "88 Pier Ave", "City": "Seattle", "CountrySubDivisionCode": "WA"}
    books.create(JOB, ParentRef={"value": hotel["Id"]}, Job=True, ShipAddr=site)
    email = {"Address": _BAKERY["email"]}
    books.create(BAKERY_THERE, PrimaryPhone=_phone(_BAKERY["phone"]), PrimaryEmailAddr=email)
    books.create(NAMESAKE, PrimaryEmailAddr={"Address": "sam@rivera.example"})
    books.create(UNWANTED)
    books.enter("vendors", DisplayName=SUPPLIER)


def _phone(number: str) -> dict[str, str]:
    return {"FreeFormNumber": number}
