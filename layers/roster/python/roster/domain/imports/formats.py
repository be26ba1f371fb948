"""The exports of other systems, known by their headings, and what is peculiar to each.

A format is told by headings that must all be there and a number of those that usually are: never
by one column alone. It says what some headings mean in it; the others mean what they always do.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from roster.domain.custom_fields import CustomField
from roster.domain.imports.headings import Column, map_columns, normalise


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An export of another system.

    `fields` and `patterns` give headings (normalised) their field, None to leave a column out. With
    `names_jobs`, "Smith:Kitchen" is a place of the customer Smith, and "Smith (deleted)" is one
    that was made inactive.
    """

    name: str
    must: frozenset[str]
    usual: frozenset[str] = frozenset()
    least: int = 0
    fields: Mapping[str, str | None] = field(default_factory=dict)
    patterns: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]] = ()
    names_jobs: bool = False

    def fits(self, headings: frozenset[str]) -> bool:
        """Whether a file with these headings is one of this format."""
        return self.must <= headings and len(self.usual & headings) >= self.least

    def field_of(self, heading: str) -> tuple[str | None] | None:
        """The field of a heading in a tuple, or None where the format has nothing to say."""
        if heading in self.fields:
            return (self.fields[heading],)
        for pattern, meaning in self.patterns:
            if match := pattern.fullmatch(heading):
                return (meaning(match),)
        return None


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


def _fields(**named: str) -> dict[str, str | None]:
    """Headings by field; two underscores stand for the point, a last digit for the number."""
    found: dict[str, str | None] = {}
    for name, headings in named.items():
        group, _, part = name.partition("__")
        numbered = re.fullmatch(r"(contact|service_location)(\d+)", group)
        group = f"{numbered[1]}[{numbered[2]}]" if numbered else group
        found |= dict.fromkeys(headings.split("|"), f"{group}.{part}" if part else group)
    return found


def _numbered(group: str, number: str, part: str) -> str:
    return f"{group}.{part}" if number == "1" else f"{group}[{number}].{part}"


def _housecall_address(match: re.Match[str]) -> str | None:
    parts = {
        "street line 1": "street", "street line 2": "unit", "city": "city", "state": "state",
        "postal code": "zip", "zip": "zip", "country": "country", "name": "name",
        "billing": "is_billing", "notes": "notes",
    }  # fmt: skip
    part = parts[match[2]]
    return "note" if part == "notes" else _numbered("service_location", match[1], part)


_HOUSECALL_ADDRESS = re.compile(
    r"address (\d+) (street line 1|street line 2|city|state|postal code|zip|country|name|billing"
    r"|notes)"
)
_QUICKBOOKS_LINES = (
    (re.compile(r"bill to [1-5]"), lambda _: "billing_address.lines"),
    (re.compile(r"ship to [1-5]"), lambda _: "service_location.lines"),
    # The blocks after the first of an .iif file: "Ship to 1 (2)".
    (
        re.compile(r"ship to [1-5] (\d+)"),
        lambda match: _numbered("service_location", match[1], "lines"),
    ),
)
_QUICKBOOKS_DESKTOP = _fields(
    display_name="customer",
    contact1__full_name="secondary contact",
    status="active status",
    status__is_inactive="hidden",
    note="fax|job title|job description|job type|job status|resale no|resale num|credit limit"
    "|sales rep|rep|note|alt contact|cc email",
    payment_term_id="terms",
    external_id="account no|accnum",
    notes="notes|notepad",
)


FORMATS = (
    Format(
        name="roster",
        must=_set("roster id|display name|external id"),
        usual=_set("service street|customer role|billing street|kind|verified|status"),
        least=3,
        fields=_fields(status="status"),
    ),
    Format(
        name="jobber",
        must=_set("j id|display name"),
        usual=_set("service property name|service street 1|main phone numbers|emails|is company"
                   "|archived|billing street 1|lead source"),
        least=4,
        fields=_fields(
            external_id__of_property="j id",
            status__is_inactive="archived",
            kind__is_company="is company",
            note="lead source|title|fax|text message enabled phone number",
            phone="main phone numbers|main phone number|work|work phone numbers",
            mobile="mobile phone numbers|home|home phone numbers",
        ),
        patterns=((re.compile(r"(?:cft|cfs|pft|pfi|pfs|cfi) .+"), lambda _: "note"),),
    ),
    Format(
        name="jobber_import",
        must=_set("first name|last name|company name|is company|archived"),
        usual=_set("receives automatic visit reminders|receives automatic job follow ups"
                   "|text message enabled phone number|lead source|billing province|main phone"),
        least=3,
        fields=_fields(
            status__is_inactive="archived",
            kind__is_company="is company",
            display_name="name",
            note="lead source|title|fax phone",
        ),
    ),
    Format(
        name="housecall_pro",
        must=_set("display name|address 1 street line 1|address 1 city"),
        usual=_set("mobile number|home number|address 1 billing|lifetime value|do not service"
                   "|last service date|customer created at|additional emails|address 2 city"),
        least=3,
        fields=_fields(
            external_id="id",
            mobile="mobile number",
            phone="home number|work number",
            note="additional emails|role|lead source|do not service|job title|additional notes",
            notes="notes|customer notes",
        ),
        patterns=((_HOUSECALL_ADDRESS, _housecall_address),),
    ),
    Format(
        name="quickbooks_desktop",
        must=_set("active status|customer|main phone"),
        usual=_set("bill to 1|ship to 1|balance|balance total|sales tax code|primary contact"),
        least=3,
        fields=_QUICKBOOKS_DESKTOP,
        patterns=_QUICKBOOKS_LINES,
        names_jobs=True,
    ),
    Format(
        name="quickbooks_iif",
        must=_set("customer"),
        usual=_set("bill to 1|bill to 2|ship to 1|ship to 2|main phone|main email|hidden|custfld 1"
                   "|refnum|timestamp"),
        least=3,
        fields=_QUICKBOOKS_DESKTOP,
        patterns=_QUICKBOOKS_LINES,
        names_jobs=True,
    ),
    Format(
        name="quickbooks_online_contact_list",
        must=_set("customer|email|billing address"),
        usual=_set("phone numbers|phone|full name|open balance|currency|shipping address"),
        least=2,
        fields=_fields(
            display_name="customer",
            full_name="full name",
            billing_address__whole="billing address",
            service_location__whole="shipping address",
        ),
        names_jobs=True,
    ),
    Format(
        name="quickbooks_online_export",
        must=_set("name|email|street|city|state|zip"),
        usual=_set("opening balance|resale number|fax|mobile|website|date|company name"
                   "|customer type|attachments|open balance"),
        least=4,
        fields=_fields(display_name="name", note="fax|resale number"),
        names_jobs=True,
    ),
    Format(
        name="xero",
        must=_set("contact name|account number|email address|po address line 1|sa address line 1"),
        usual=_set("po attention to|sa attention to|person 1 first name|branding theme|legal name"),
        least=2,
        fields=_fields(
            display_name="contact name",
            external_id="account number",
            billing_contact__name="po attention to",
            contact6__full_name="sa attention to",
            company_name="legal name",
            note="tax number|company number|fax number|ddi number|skype name",
            default_discount_percent="discount",
        ) | {"bank account number": None, "bank account name": None},
        patterns=(
            (
                re.compile(r"person ([1-5]) ?(first name|last name|email)"),
                lambda match: f"contact[{match[1]}].{match[2].replace(' ', '_')}",
            ),
            (
                re.compile(r"(po|sa) address line \d"),
                lambda match: ("billing_address" if match[1] == "po" else "service_location")
                + ".lines",
            ),
        ),
    ),
    Format(
        name="shopify",
        must=_set("customer id|first name|last name|default address address 1"),
        usual=_set("accepts email marketing|total spent|total orders|tax exempt|note"),
        least=2,
        fields=_fields(phone="phone|default address phone", notes="note"),
    ),
    Format(
        name="hubspot",
        must=_set("record id|first name|last name|email"),
        usual=_set("lead status|contact owner|create date|associated company|lifecycle stage"),
        least=2,
        fields=_fields(company_name="associated company|company name", note="lead status"),
    ),
    Format(
        name="odoo",
        must=_set("name|related company"),
        usual=_set("address type|street|street 2|is a company|tax id|external id"
                   "|company type|email"),
        least=3,
        fields=_fields(
            parent__name="related company",
            parent__role="address type|type|contact type",
            kind__is_company="is a company",
            external_id="reference|internal reference",
            service_location__unit="street 2",
            note="tax id|job position",
            notes="notes|internal notes",
        ) | {"external id": None, "id": None},
    ),
    Format(
        name="odoo",
        must=_set("name|parent id"),
        usual=_set("is company|type|street|street 2|state id|country id|zip|vat"),
        least=3,
        fields=_fields(
            parent__name="parent id|parent id name",
            parent__role="type",
            kind__is_company="is company",
            external_id="ref",
            service_location__unit="street 2",
            service_location__state="state id",
            service_location__country="country id",
            note="vat|function",
            notes="comment",
        ) | {"id": None},
    ),
    Format(
        name="erpnext",
        must=_set("customer name|customer type"),
        usual=_set("territory|customer group|id|series|lead name|default currency"),
        least=2,
        fields=_fields(note="territory|customer group"),
    ),
    Format(
        name="zoho_books",
        must=_set("display name|company name|billing address|shipping address"),
        usual=_set("contact id|mobile phone|email id|billing attention|shipping attention|status"
                   "|customer sub type|billing street 2|payment terms label"),
        least=3,
        fields=_fields(
            external_id="contact id|customer number",
            status="status",
            kind="customer sub type",
            payment_term_id="payment terms label",
            billing_address__street="billing address",
            service_location__street="shipping address",
            billing_address__unit="billing street 2",
            service_location__unit="shipping street 2",
            billing_contact__name="billing attention",
            contact1__full_name="shipping attention",
            note="billing fax|shipping fax|department|designation|salutation",
        ) | {"payment terms": None, "contact type": None},
    ),
    Format(
        name="square",
        must=_set("first name|last name|email address|phone number|square customer id"),
        usual=_set("reference id|creation source|street address 1|memo|transaction count|birthday"),
        least=2,
        fields=_fields(
            external_id="square customer id",
            note="reference id|nickname|birthday",
            notes="memo",
        ),
    ),
    Format(
        name="invoice_ninja",
        must=_set("name|street|apt suite"),
        usual=_set("id number|vat|website|phone|postal|postal code|first name|last name|country"
                   "|client|currency"),
        least=4,
        fields=_fields(
            external_id="id number",
            note="vat|vat number",
            notes="public notes|private notes",
        ),
    ),
    Format(
        name="wave",
        must=_set("customer name|contact first name|contact last name"),
        usual=_set("ship to contact|ship to address line 1|delivery instructions|customer currency"
                   "|address line 1|toll free|shipping address"),
        least=3,
        fields=_fields(
            display_name="customer name",
            billing_address__street="address line 1",
            billing_address__unit="address line 2",
            billing_address__city="city",
            billing_address__state="province state|state province|province",
            billing_address__zip="postal code zip code|postal code|zip code",
            billing_address__country="country",
            service_location__street="ship to address line 1",
            service_location__unit="ship to address line 2",
            service_location__city="ship to city",
            service_location__state="ship to province state|ship to province",
            service_location__zip="ship to postal code zip code|ship to postal code",
            service_location__country="ship to country",
            contact1__full_name="ship to contact",
            contact1__phone="ship to phone",
            note="fax|toll free|delivery instructions",
            external_id="account number",
        ) | {"shipping address": None},
    ),
)  # fmt: skip


def detect(headings: Sequence[str]) -> Format | None:
    """The format of a file with these headings, the first that fits."""
    seen = frozenset(normalise(heading) for heading in headings)
    return next((one for one in FORMATS if one.fits(seen)), None)


def columns_of(
    headings: Sequence[str], own: Sequence[CustomField] = ()
) -> tuple[tuple[Column, ...], Format | None]:
    """One Column per heading, as the format of the file has it, and that format.

    A heading of which the format says something feeds what it says; fields it gives away are no
    longer fed by headings that would stand in for them.
    """
    known = detect(headings)
    if known is None:
        return map_columns(headings, own), None
    said = [known.field_of(normalise(heading)) if heading else None for heading in headings]
    plain = map_columns([h if s is None else "" for h, s in zip(headings, said, strict=True)], own)
    settled = [
        column if s is None else replace(column, heading=heading.strip(), field=s[0],
                                         confidence=1.0 if s[0] else 0.0)
        for column, s, heading in zip(plain, said, headings, strict=True)
    ]  # fmt: skip
    return tuple(settled), known
