"""Which attributes a Customer has, and what each one takes."""

from __future__ import annotations

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

# Read by the service, or sent back by clients that echo what they read, but never stored.
READ_ONLY = (
    "Id",
    "SyncToken",
    "MetaData",
    "sparse",
    "domain",
    "status",
    "FullyQualifiedName",
    "Level",
    "Balance",
    "BalanceWithJobs",
    "IsProject",
    "ClientEntityId",
    "V4IDPseudonym",
    "CustomField",
    "AttachableRef",
    "NameAndId",
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

CUSTOMER: tuple[str, ...] = (
    *READ_ONLY,
    *TEXT,
    *sorted(FLAGS),
    *CHOICES,
    *sorted(REFERENCES),
    *PARTS,
)
