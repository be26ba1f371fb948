"""Which attributes customers, vendors and employees have, and what each one takes."""

from __future__ import annotations

from infra.local.quickbooks.schema import COMMON_READ_ONLY, Schema

NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")

# Text attributes and their longest value, in characters.
TEXT: dict[str, int] = {
    "DisplayName": 500,
    "Title": 16,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "Suffix": 16,
    "CompanyName": 100,
    "PrintOnCheckName": 110,
    "Notes": 2000,
    "ResaleNum": 16,
    "PrimaryTaxIdentifier": 20,
    "SecondaryTaxIdentifier": 20,
    "GSTIN": 15,
    "BusinessNumber": 10,
    "AcctNum": 100,
    "TaxExemptionReasonId": 4,
    "OpenBalanceDate": 10,
    "Source": 100,
}
# A colon parts a parent from its sub-customer, so no name may hold one.
NO_COLON = frozenset({"DisplayName", "PrintOnCheckName", *NAME_PARTS})

FLAGS = frozenset({"Active", "Job", "BillWithParent", "Taxable"})
CHOICES: dict[str, frozenset[str]] = {
    "PreferredDeliveryMethod": frozenset({"Print", "Email", "None"}),
    "GSTRegistrationType": frozenset(
        {"GST_REG_REG", "GST_REG_COMP", "GST_UNREG", "CONSUMER", "OVERSEAS", "SEZ", "DEEMED"}
    ),
}
REFERENCES = frozenset(
    {
        "ParentRef",
        "CurrencyRef",
        "DefaultTaxCodeRef",
        "SalesTermRef",
        "PaymentMethodRef",
        "CustomerTypeRef",
        "ARAccountRef",
    }
)

_PHONE = {"FreeFormNumber": 30}
_ADDRESS = {f"Line{number}": 500 for number in range(1, 6)} | {
    "City": 255,
    "Country": 255,
    "CountrySubDivisionCode": 255,
    "PostalCode": 30,
}
# Attributes that are objects: class on Intuit's side, and what can be written inside.
PARTS: dict[str, tuple[str, dict[str, int]]] = {
    "PrimaryPhone": ("TelephoneNumber", _PHONE),
    "AlternatePhone": ("TelephoneNumber", _PHONE),
    "Mobile": ("TelephoneNumber", _PHONE),
    "Fax": ("TelephoneNumber", _PHONE),
    "PrimaryEmailAddr": ("EmailAddress", {"Address": 100}),
    "WebAddr": ("WebSiteAddress", {"URI": 1000}),
    "BillAddr": ("PhysicalAddress", _ADDRESS),
    "ShipAddr": ("PhysicalAddress", _ADDRESS),
}
ADDRESSES = ("BillAddr", "ShipAddr")
# What else the schema lets a client send inside an object, without effect.
PARTS_IGNORED: dict[str, tuple[str, ...]] = {
    "TelephoneNumber": (
        "Id",
        "DeviceType",
        "CountryCode",
        "AreaCode",
        "ExchangeCode",
        "Extension",
        "Default",
        "Tag",
    ),
    "EmailAddress": ("Id", "Default", "Tag"),
    "WebSiteAddress": ("Id", "Default", "Tag"),
    "PhysicalAddress": (
        "Id",
        "CountryCode",
        "County",
        "CountrySubDivision",
        "PostalCodeSuffix",
        "Lat",
        "Long",
        "Tag",
        "Note",
    ),
}
ADDRESS_TOTAL = 2000

READ_ONLY = (
    *COMMON_READ_ONLY,
    "Balance",
    "BalanceWithJobs",
    "IsProject",
    "ClientEntityId",
    "V4IDPseudonym",
    "IntuitId",
    "UserId",
    "Organization",
    "ClientCompanyId",
    "OverDueBalance",
    "TotalRevenue",
    "TotalExpense",
    "CreditLimit",
    "CCDetail",
    "JobInfo",
    "RootCustomerRef",
    "ContactName",
    "AltContactName",
    "OtherContactInfo",
    "OtherAddr",
    "DefaultShipTo",
    "TaxRegime",
    "PriceLevelRef",
    "CustomerEx",
    "TenantId",
    "FreeFormAddress",
)

CUSTOMER = Schema(
    "Customer",
    text=TEXT,
    flags=FLAGS,
    choices=CHOICES,
    references=REFERENCES,
    parts=PARTS,
    no_colon=NO_COLON,
    read_only=READ_ONLY,
)
_PERSON = ("DisplayName", "PrintOnCheckName", *NAME_PARTS)
VENDOR = Schema(
    "Vendor",
    text={name: TEXT[name] for name in (*_PERSON, "CompanyName", "AcctNum", "Notes")}
    | {"TaxIdentifier": 20},
    flags=frozenset({"Active", "Vendor1099"}),
    references=frozenset({"TermRef", "CurrencyRef", "APAccountRef"}),
    parts={name: part for name, part in PARTS.items() if name != "ShipAddr"},
    no_colon=NO_COLON,
    read_only=READ_ONLY,
)
EMPLOYEE = Schema(
    "Employee",
    text={name: TEXT[name] for name in (*_PERSON, "Notes")}
    | {"EmployeeNumber": 100, "SSN": 100, "Gender": 10},
    flags=frozenset({"Active", "BillableTime"}),
    dates=frozenset({"BirthDate", "HiredDate", "ReleasedDate"}),
    parts={"PrimaryAddr": PARTS["BillAddr"]}
    | {name: PARTS[name] for name in ("PrimaryPhone", "Mobile", "PrimaryEmailAddr")},
    no_colon=NO_COLON,
    read_only=READ_ONLY,
)
