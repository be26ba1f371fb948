"""The exports we know, by the headings their systems write; a later one fits only if none before.

Facts of the formats: from published exports, help pages and the tests of other importers.
"""

import re

from roster.domain.imports.export_format import Format, fields, headings, numbered


def _housecall_address(match: re.Match[str]) -> str | None:
    parts = {
        "street line 1": "street", "street line 2": "unit", "city": "city", "state": "state",
        "postal code": "zip", "zip": "zip", "country": "country", "name": "name",
        "billing": "is_billing", "notes": "notes",
    }  # fmt: skip
    part = parts[match[2]]
    return "note" if part == "notes" else numbered("service_location", match[1], part)


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
        lambda match: numbered("service_location", match[1], "lines"),
    ),
)
_QUICKBOOKS_DESKTOP = fields(
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
        must=headings("roster id|display name|external id"),
        usual=headings("service street|customer role|billing street|kind|verified|status"),
        least=3,
        fields=fields(status="status"),
    ),
    Format(
        # Our template: an export without our ids.
        name="roster",
        must=headings("display name|company name|external id|customer role"),
        usual=headings("service street|billing street|kind|verified|location name"),
        least=3,
    ),
    Format(
        name="jobber",
        must=headings("j id|display name"),
        usual=headings("service property name|service street 1|main phone numbers|emails|is company"
                   "|archived|billing street 1|lead source"),
        least=4,
        fields=fields(
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
        must=headings("first name|last name|company name|is company|archived"),
        usual=headings("receives automatic visit reminders|receives automatic job follow ups"
                   "|text message enabled phone number|lead source|billing province|main phone"),
        least=3,
        fields=fields(
            status__is_inactive="archived",
            kind__is_company="is company",
            display_name="name",
            note="lead source|title|fax phone",
        ),
    ),
    Format(
        name="housecall_pro",
        must=headings("display name|address 1 street line 1|address 1 city"),
        usual=headings("mobile number|home number|address 1 billing|lifetime value|do not service"
                   "|last service date|customer created at|additional emails|address 2 city"),
        least=3,
        fields=fields(
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
        must=headings("active status|customer|main phone"),
        usual=headings("bill to 1|ship to 1|balance|balance total|sales tax code|primary contact"),
        least=3,
        fields=_QUICKBOOKS_DESKTOP,
        patterns=_QUICKBOOKS_LINES,
        names_jobs=True,
    ),
    Format(
        name="quickbooks_iif",
        must=headings("customer"),
        usual=headings("bill to 1|bill to 2|ship to 1|ship to 2|main phone|main email|hidden"
                       "|custfld 1"
                   "|refnum|timestamp"),
        least=3,
        fields=_QUICKBOOKS_DESKTOP,
        patterns=_QUICKBOOKS_LINES,
        names_jobs=True,
    ),
    Format(
        name="quickbooks_online_contact_list",
        must=headings("customer|email|billing address"),
        usual=headings("phone numbers|phone|full name|open balance|currency|shipping address"),
        least=2,
        fields=fields(
            display_name="customer",
            full_name="full name",
            billing_address__whole="billing address",
            service_location__whole="shipping address",
        ),
        names_jobs=True,
    ),
    Format(
        name="quickbooks_online_export",
        must=headings("name|email|street|city|state|zip"),
        usual=headings("opening balance|resale number|fax|mobile|website|date|company name"
                   "|customer type|attachments|open balance"),
        least=4,
        fields=fields(display_name="name", note="fax|resale number"),
        names_jobs=True,
    ),
    Format(
        name="xero",
        must=headings("contact name|account number|email address|po address line 1"
                      "|sa address line 1"),
        usual=headings("po attention to|sa attention to|person 1 first name|branding theme"
                       "|legal name"),
        least=2,
        fields=fields(
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
        must=headings("customer id|first name|last name|default address address 1"),
        usual=headings("accepts email marketing|total spent|total orders|tax exempt|note"),
        least=2,
        fields=fields(phone="phone|default address phone", notes="note"),
    ),
    Format(
        name="hubspot",
        must=headings("record id|first name|last name|email"),
        usual=headings("lead status|contact owner|create date|associated company|lifecycle stage"),
        least=2,
        fields=fields(company_name="associated company|company name", note="lead status"),
    ),
    Format(
        name="odoo",
        must=headings("name|related company"),
        usual=headings("address type|street|street 2|is a company|tax id|external id"
                   "|company type|email"),
        least=3,
        fields=fields(
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
        must=headings("name|parent id"),
        usual=headings("is company|type|street|street 2|state id|country id|zip|vat"),
        least=3,
        fields=fields(
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
        must=headings("customer name|customer type"),
        usual=headings("territory|customer group|id|series|lead name|default currency"),
        least=2,
        fields=fields(note="territory|customer group"),
    ),
    Format(
        name="zoho_books",
        must=headings("display name|company name|billing address|shipping address"),
        usual=headings("contact id|mobile phone|email id|billing attention|shipping attention"
                       "|status"
                   "|customer sub type|billing street 2|payment terms label"),
        least=3,
        fields=fields(
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
        must=headings("first name|last name|email address|phone number|square customer id"),
        usual=headings("reference id|creation source|street address 1|memo|transaction count"
                       "|birthday"),
        least=2,
        fields=fields(
            external_id="square customer id",
            note="reference id|nickname|birthday",
            notes="memo",
        ),
    ),
    Format(
        name="invoice_ninja",
        must=headings("name|street|apt suite"),
        usual=headings("id number|vat|website|phone|postal|postal code|first name|last name|country"
                   "|client|currency"),
        least=4,
        fields=fields(
            external_id="id number",
            note="vat|vat number",
            notes="public notes|private notes",
        ),
    ),
    Format(
        name="wave",
        must=headings("customer name|contact first name|contact last name"),
        usual=headings("ship to contact|ship to address line 1|delivery instructions"
                       "|customer currency"
                   "|address line 1|toll free|shipping address"),
        least=3,
        fields=fields(
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
