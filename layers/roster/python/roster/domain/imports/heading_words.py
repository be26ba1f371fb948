"""The English headings other systems give the columns of a customer list, already normalised."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


def _prefixes(text: str) -> tuple[str, ...]:
    return tuple(sorted(text.split("|"), key=len, reverse=True))


def _table(**fields: str) -> dict[str, str]:
    return {
        name.strip(): field.replace("__", ".")
        for field, names in fields.items()
        for name in names.split("|")
    }


EXACT = _table(
    display_name="customer|customer name|customer full name|client|client name|name|display name"
    "|customer display name|account name|display name as|customer or company|print on check name"
    "|customer company|billing name",
    company_name="company|company name|business|business name|organization|organization name"
    "|organisation|organisation name|firm|firm name|employer|trading name"
    "|associated company|default address company|account company|client company",
    full_name="full name|contact|contact name|contact person|primary contact|contact full name"
    "|person|person name|attention|attn|main contact|primary contact name|client full name",
    first_name="first name|given name|forename|first|fname|contact first name|customer first name"
    "|client first name|primary contact first name|name first",
    last_name="last name|surname|family name|last|lname|contact last name|customer last name"
    "|client last name|primary contact last name|name last",
    external_id="customer id|client id|external id|id|account number|record id|contact id"
    "|account id|customer account number|acct number|account no|acct no|customer account|uid"
    "|customer ref|customer reference|external reference",
    roster_id="roster id",
    number="customer number|customer no|client number|client no|cust number|cust no"
    "|customer code|client code",
    notes="notes|note|comments|comment|remarks|memo|customer notes|customer note|client notes",
    tags="tags|tag|labels|label|customer tags|client tags|keywords",
    kind="type|customer type|client type|account type|contact type|kind|customer kind",
)

MONEY = _table(
    gstin="gstin|gst no|gst number|gst|gst in|gstin no|gstin number|gstin uin|gst id"
    "|gst registration number|gst registration no|gst identification number",
    pan="pan|pan no|pan number|pan card|pan card no|pan card number|permanent account number",
    tax_rate_id="tax rate|tax code|tax rate name|tax name|default tax rate|default tax|gst rate"
    "|sales tax rate|tax rate id",
    payment_term_id="payment terms|payment term|terms|credit terms|invoice terms|net terms"
    "|terms of payment|default payment terms|payment term id|terms name",
    default_discount_percent="discount|discount percent|discount percentage|discount rate"
    "|default discount|default discount percent|default discount percentage",
    billing_same_as_service="billing same as service|billing address same as service address"
    "|billing same as service address|billing address same as service|same as service address",
    billing_contact__name="billing contact name|billing contact|billing contact person"
    "|accounts payable contact|ap contact",
    billing_contact__email="billing contact email|billing contact email address"
    "|accounts payable email|ap email",
    billing_contact__phone="billing contact phone|billing contact phone number"
    "|billing contact number|accounts payable phone|ap phone",
    role="customer role|trade role|channel role",
    verified="verified|verified customer|is verified",
    portal_access="portal access|customer portal access|client portal access|portal enabled",
)

CONTACT = _table(
    email="email|email address|emails|email addresses|main email|work email|email work"
    "|home email|email home|other email|email other|personal email|email personal|email 1"
    "|email 2|email 3|business email|email id|invoice email|billing email|primary email"
    "|alternate email|alt email|secondary email|cc email|mail|e mail address 1",
    phone="phone|phone number|phone numbers|phones|telephone|telephone number|tel|tel no|tel number"
    "|phone no|main phone|main phone number|main phone numbers|phone work|work phone"
    "|work phone number|phone main|phone 1|telephone 1|primary phone|business phone|office phone"
    "|day phone|daytime phone|landline|contact number|contact no|work|office|contact phone number"
    "|primary phone number|default address phone|billing phone|shipping phone",
    mobile="mobile|mobile phone|mobile number|mobile no|mobile phone number|mobile phone numbers"
    "|cell|cell phone|cell number|cellphone|cell phone number|phone mobile|phone cell|cellular",
    website="website|url|web|web site|website url|web address|homepage|home page|site url|www",
)

# Phones of another label: the mobile field takes the first of them when no column is a mobile's.
OTHER_PHONE = _names(
    "phone 2|phone 3|phone 4|telephone 2|phone home|home phone|home phone number|phone other|home"
    "|other phone|other phone number|alt phone|alternate phone|alternative phone|secondary phone"
    "|second phone|additional phone|evening phone|alt phone number"
)

ADDRESS = {
    name: part
    for part, names in {
        "street": "address|street|street 1|street address|street address 1|address 1|address line 1"
        "|address line|line 1|address street|addr|addr 1|street name|street line 1|street 1 address"
        "|full address|address address 1|address street 1",
        "unit": "unit|street 2|address 2|address line 2|line 2|suite|apt|apartment|unit number"
        "|street line 2|apt suite|street address 2|apt number|addr 2|address address 2|suite number"
        "|address street 2|apartment suite",
        "city": "city|town|suburb|city town|town city|locality|municipality|address city",
        "state": "state|province|region|state province|state region|province state|st"
        "|province code|state code|state name|address state|address province|state or province"
        "|address region|prov|address province code",
        "zip": "zip|zip code|zipcode|postal code|postcode|post code|postal|zip postal code|pincode"
        "|pin code|postal zip code|address zip|address zip code|address postal code|postal zip"
        "|zip or postal code|zip 5|address postcode",
        "country": "country|country code|country region|nation|address country|country name"
        "|address country code",
    }.items()
    for name in names.split("|")
}
LOCATION_NAME = _names(
    "property name|location name|site name|service property name|service location name"
    "|job site name|service name|address name"
)

# What stands before "city", "street"… and says whose they are; longer ones are tried first.
BILLING = _prefixes(
    "billing address|billing|bill to address|bill to|invoice address|invoice|invoicing"
    "|mailing address|mailing|po"
)
SERVICE = _prefixes(
    "service address|service location|service property|service|property address|property|job site"
    "|jobsite|job address|job|site address|site|ship to address|ship to|shipping address|shipping"
    "|delivery address|delivery|location|installation|sa"
)
PLAIN = _prefixes(
    "default address|primary address|physical address|home address|business address"
    "|company address|default|physical"
)
QUALIFIERS = _prefixes(
    "customer s|customer|client|contact|primary|main|company|business|account|default|your|person"
    "|cust|owner"
)
# Alone, these prefixes head a column with the whole address.
WHOLE_ADDRESS = ("address", " to", "service location", "job site")
