"""Every key of the business table. Nothing else in the project spells a `pk` or an `sk`.

| item | pk | sk |
| --- | --- | --- |
| customer (head) | `<tenant>#C#<customer id>` | `HEAD` |
| its service locations, but for the first of an import | same | `LOC#<location id>` |
| its contacts | same | `CON#<contact id>` |
| its history | same | `EVT#<event id>` |
| its documents | same | `DOC#<document id>` |
| its records (tasks, quotes, invoices …) | same | `REC#<family>#<record id>` |
| what their lists do without | same | `BODY#<family>#<record id>` |
| those of them that are open | same | `OPEN#<family>#<what sorts them>#<record id>` |
| its timeline's own entries | same | `ACT#<activity id>` |
| what its money adds up to | same | `SUM#STANDING` |
| what is counted of it: assets, kinds of sites | same | `SUM#COUNTS` |
| its projects by phase, counted | same | `SUM#PROJECTS` |
| others' and own assets at its locations | same | `ONLOC#<asset id>` |
| what became of an asset | `<tenant>#A#<asset id>` | `<version>` |
| records across customers | `<tenant>#R#<family>#<shelf>` | `<what sorts them>#<record id>` |
| records to be carried elsewhere | `<tenant>#AWAIT#<family>#<queue>` | `<record id>` |
| who was seen at its locations | same | `SEEN#<date>#<location id>#<device>` |
| where a device was seen | `<tenant>#G#<location id>#<device>` | `P#<milliseconds>`, `MARK` |
| who came and went on a day | `<tenant>#V#<date>` | `<milliseconds>#<location id>#<device>` |
| list row | `<tenant>#L#<status>` | `<folded display name>#<customer id>` |
| the same on a shelf of that list | `<tenant>#L#<status>#<shelf>` | same |
| place in an order | `<tenant>#O#<order>` | `<what sorts it>#<customer id or batch>` |
| lookup | `<tenant>#W#<first character>` | `<token>#<kind>#<customer id>` |
| unique value | `<tenant>#U#<field>#<value>` | `UNIQUE` |
| QuickBooks connection, how its sync goes | `<tenant>#Q` | `CONNECTION`, `SETTINGS` |
| QuickBooks records and ours | `<tenant>#Q#<realm>#LINK` | `<QuickBooks id>` |
| items, invoices, payments | `<tenant>#Q#<realm>#OTHER#<entity>` | `ours#<id>`, `theirs#<id>` |
| customers that a record may be | `<tenant>#Q#<realm>#LIKELY` | `<customer id>#<QuickBooks id>` |
| jobs whose parent is not here | `<tenant>#Q#<realm>#WAITING` | `<QuickBooks id>` |
| QuickBooks runs | `<tenant>#Q#RUN` | `<run id>` |
| a run's report | `<tenant>#Q#RUN#<run id>` | `<position>` |
| QuickBooks customers merged there | `<tenant>#Q#<realm>#MERGED` | `<QuickBooks id>` |
| when a connection is due | `Q#DUE` | `<tenant>` |
| who is connected to a QuickBooks company | `Q#REALM#<realm>` | `<tenant>` |
| an authorization that was begun | `Q#STATE#<hash of its state>` | `STATE` |
| company settings, counters | `<tenant>#T` | `SETTINGS`, `COUNTER#<name>` |
| merges | `<tenant>#M` | `<merge id>` |
| tax rates, payment terms | `<tenant>#T` | `TERM#tax#<id>`, `TERM#term#<id>` |
| item (product or service) | `<tenant>#P` | `<item id>` |
| items by name | `<tenant>#P#<active or inactive>` | `<folded name> #<item id>` |
| import | `<tenant>#I` | `<import id>` |
| its chunks, loaded and undone | `<tenant>#I#<import id>` | `CHUNK#<number>`, `UNDO#<number>` |
| whose turn it is to import | `<tenant>#T` | `IMPORT_TURN` |
| saved mapping of columns | `<tenant>#T` | `MAPPING#<signature of the headings>` |
| imports something must be at work on | `#OPEN#IMPORTS` | `<tenant>#<import id>` |
| pairs that may be one customer | `<tenant>#D` | `<pair id>` |
| pairs decided on | `<tenant>#D#NOT` | `<customer id>#<customer id>` |
| the search for duplicates | `<tenant>#T` | `DUPLICATE_SCAN` |
| export | `<tenant>#X` | `<export id>` |

A lookup's kind is `n` for a word of the name, `e` for an e-mail address, `p` for a phone's digits,
`t` for a tax number. A list's shelves are `linked`, `portal` and `tag:<folded tag>`. Orders are
sorted by milliseconds: `fresh` holds who was created and never changed, `created` those that were
changed since, `changed` all last changes; a batch is what an import wrote together. The orders
`outstanding` and `revenue` are sorted by sums of 19 digits.
"""

from enum import StrEnum
from typing import TypedDict


class Key(TypedDict):
    """A primary key of the business table."""

    pk: str
    sk: str


HEAD = "HEAD"
EVENT_PREFIX = "EVT#"
LOCATION_PREFIX = "LOC#"
CONTACT_PREFIX = "CON#"
# Nothing else sorts between the two.
HEAD_AND_LOCATIONS = (HEAD, LOCATION_PREFIX + "\U0010ffff")
SIGHTING_PREFIX = "P#"
SEEN_PREFIX = "SEEN#"
DOCUMENT_PREFIX = "DOC#"
RECORD_PREFIX = "REC#"
OPEN_PREFIX = "OPEN#"
BODY_PREFIX = "BODY#"
ACTIVITY_PREFIX = "ACT#"
# Side by side, so that one query reads all that a customer comes to.
SUM_PREFIX = "SUM#"
STANDING, COUNTS, PROJECTS = "SUM#STANDING", "SUM#COUNTS", "SUM#PROJECTS"
OUTSTANDING_ORDER, REVENUE_ORDER = "outstanding", "revenue"
PLACED_PREFIX = "ONLOC#"
CUSTOMER_NUMBER = "customer_number"
# DynamoDB allows 1024 bytes; four bytes a character is the worst.
_NAME_CHARACTERS = 120
_TOKEN_CHARACTERS = 60
_TAG_CHARACTERS = 200
LINKED_SHELF, PORTAL_SHELF = "linked", "portal"


class LookupKind(StrEnum):
    """What a lookup's token is."""

    NAME = "n"
    EMAIL = "e"
    PHONE = "p"
    TAX = "t"


def customer_partition(tenant: str, customer_id: str) -> str:
    """The partition that holds a customer and everything of its own."""
    return f"{tenant}#C#{customer_id}"


def customer(tenant: str, customer_id: str) -> Key:
    """The head of a customer."""
    return Key(pk=customer_partition(tenant, customer_id), sk=HEAD)


def customer_of(pk: str) -> str:
    """The id of the customer whose partition it is."""
    return pk.split("#", 2)[2]


def standing(tenant: str, customer_id: str) -> Key:
    """What the money that lies with a customer adds up to."""
    return Key(pk=customer_partition(tenant, customer_id), sk=STANDING)


def event(tenant: str, customer_id: str, event_id: str) -> Key:
    """One entry of a customer's history."""
    return Key(pk=customer_partition(tenant, customer_id), sk=EVENT_PREFIX + event_id)


def location(tenant: str, customer_id: str, location_id: str) -> Key:
    """One service location of a customer."""
    return Key(pk=customer_partition(tenant, customer_id), sk=LOCATION_PREFIX + location_id)


def contact(tenant: str, customer_id: str, contact_id: str) -> Key:
    """One contact of a customer."""
    return Key(pk=customer_partition(tenant, customer_id), sk=CONTACT_PREFIX + contact_id)


def sightings_partition(tenant: str, location_id: str, device: str) -> str:
    """What one location has seen of one device."""
    return f"{tenant}#G#{location_id}#{device}"


def sighting(tenant: str, location_id: str, device: str, ms: int) -> Key:
    """Where the device was at one moment, seen from the location's fence."""
    partition = sightings_partition(tenant, location_id, device)
    return Key(pk=partition, sk=f"{SIGHTING_PREFIX}{ms:014d}")


def sighting_moment(sk: str) -> int:
    """The milliseconds of a sighting's sort key."""
    return int(sk.removeprefix(SIGHTING_PREFIX))


def sightings_mark(tenant: str, location_id: str, device: str) -> Key:
    """How often the crossings of a device were drawn up."""
    return Key(pk=sightings_partition(tenant, location_id, device), sk="MARK")


def seen(tenant: str, customer_id: str, day: str, location_id: str, device: str) -> Key:
    """That a device was seen from a customer's location on a day (UTC, "2026-11-22")."""
    partition = customer_partition(tenant, customer_id)
    return Key(pk=partition, sk=f"{SEEN_PREFIX}{day}#{location_id}#{device}")


def seen_parts(sk: str) -> tuple[str, str, str]:
    """Day, location and device of such a key."""
    day, location_id, device = sk.removeprefix(SEEN_PREFIX).split("#", 2)
    return day, location_id, device


def crossing_end(location_id: str, device: str) -> str:
    """What the sort keys of one device's crossings at one location end with."""
    return f"#{location_id}#{device}"


def crossings_partition(tenant: str, day: str) -> str:
    """Who came and went on a day (UTC, "2026-11-22"), in the order of time."""
    return f"{tenant}#V#{day}"


def crossing(tenant: str, day: str, ms: int, location_id: str, device: str) -> Key:
    """One device's entry or exit."""
    return Key(pk=crossings_partition(tenant, day), sk=f"{ms:014d}#{location_id}#{device}")


def document(tenant: str, customer_id: str, document_id: str) -> Key:
    """One document of a customer."""
    return Key(pk=customer_partition(tenant, customer_id), sk=DOCUMENT_PREFIX + document_id)


def records_prefix(family: str) -> str:
    """What the sort keys of a customer's records of one family begin with."""
    return f"{RECORD_PREFIX}{family}#"


def record(tenant: str, customer_id: str, family: str, record_id: str) -> Key:
    """One record of a customer."""
    partition = customer_partition(tenant, customer_id)
    return Key(pk=partition, sk=records_prefix(family) + record_id)


def record_body(tenant: str, customer_id: str, family: str, record_id: str) -> Key:
    """What lists do without of one record: the lines of an invoice."""
    partition = customer_partition(tenant, customer_id)
    return Key(pk=partition, sk=f"{BODY_PREFIX}{family}#{record_id}")


def open_records_prefix(family: str) -> str:
    """What the sort keys of a customer's open records of one family begin with."""
    return f"{OPEN_PREFIX}{family}#"


def open_record(tenant: str, customer_id: str, family: str, order: str, record_id: str) -> Key:
    """An open record of a customer, in the order of when it is due, say."""
    partition = customer_partition(tenant, customer_id)
    return Key(pk=partition, sk=f"{open_records_prefix(family)}{order}#{record_id}")


def family_of_open(sk: str) -> str:
    """The family of an open record by its sort key."""
    return sk.split("#", 2)[1]


def shelf_partition(tenant: str, family: str, shelf: str) -> str:
    """The company's records of one family that stand on one shelf."""
    return f"{tenant}#R#{family}#{shelf}"


def shelf_row(tenant: str, family: str, shelf: str, order: str, record_id: str) -> Key:
    """A record on its shelf."""
    return Key(pk=shelf_partition(tenant, family, shelf), sk=f"{order}#{record_id}")


def awaiting(tenant: str, family: str, queue: str, record_id: str) -> Key:
    """A record in a queue of the company's."""
    return Key(pk=f"{tenant}#AWAIT#{family}#{queue}", sk=record_id)


def counts(tenant: str, customer_id: str) -> Key:
    """What is counted of the assets and sites in one customer's partition."""
    return Key(pk=customer_partition(tenant, customer_id), sk=COUNTS)


def project_counts(tenant: str, customer_id: str) -> Key:
    """How many projects in one customer's partition are in which phase."""
    return Key(pk=customer_partition(tenant, customer_id), sk=PROJECTS)


def placed_asset(tenant: str, customer_id: str, asset_id: str) -> Key:
    """An asset, whoever owns it, at a location that lies in the customer's partition."""
    return Key(pk=customer_partition(tenant, customer_id), sk=PLACED_PREFIX + asset_id)


def asset_history_partition(tenant: str, asset_id: str) -> str:
    """What became of an asset; it stays where it is when the asset gets another owner."""
    return f"{tenant}#A#{asset_id}"


def asset_change(tenant: str, asset_id: str, version: int) -> Key:
    """The change that made one version of an asset."""
    return Key(pk=asset_history_partition(tenant, asset_id), sk=f"{version:010d}")


def activity(tenant: str, customer_id: str, activity_id: str) -> Key:
    """One of the timeline's own entries."""
    partition = customer_partition(tenant, customer_id)
    return Key(pk=partition, sk=ACTIVITY_PREFIX + activity_id)


def tag_shelf(folded_tag: str) -> str:
    """The shelf of those that have a tag."""
    return f"tag:{folded_tag[:_TAG_CHARACTERS]}"


def list_partition(tenant: str, status: str, shelf: str | None = None) -> str:
    """The rows of the list of one status, all of them or those on one shelf."""
    return f"{tenant}#L#{status}" if shelf is None else f"{tenant}#L#{status}#{shelf}"


def list_parts(pk: str) -> tuple[str, str]:
    """Tenant and status of a list row's partition."""
    tenant, _, status, *_ = pk.split("#", 3)
    return tenant, status


def list_row(
    tenant: str, status: str, folded_name: str, customer_id: str, shelf: str | None = None
) -> Key:
    """A customer's row in the list of its status, in the order of names."""
    return Key(
        pk=list_partition(tenant, status, shelf),
        sk=f"{folded_name[:_NAME_CHARACTERS]}#{customer_id}",
    )


def listed_customer(sk: str) -> str:
    """The id of the customer whose list row has this sort key."""
    return sk.rpartition("#")[2]


def order_partition(tenant: str, order: str) -> str:
    """The places of the company's customers in one order."""
    return f"{tenant}#O#{order}"


def order_entry(tenant: str, order: str, token: str, name: str) -> Key:
    """One place in an order: of a customer by its id, or of several under the name of a batch."""
    return Key(pk=order_partition(tenant, order), sk=f"{token}#{name}")


def order_parts(sk: str) -> tuple[str, str]:
    """What sorts an entry of an order, and its name."""
    token, _, name = sk.partition("#")
    return token, name


def lookup_partition(tenant: str, token: str) -> str:
    """The lookups whose token begins as `token` does."""
    return f"{tenant}#W#{token[0]}"


def lookup(tenant: str, token: str, kind: LookupKind, customer_id: str) -> Key:
    """The way from a word, an e-mail address or a phone number to a customer."""
    return Key(
        pk=lookup_partition(tenant, token),
        sk=f"{token[:_TOKEN_CHARACTERS]}#{kind}#{customer_id}",
    )


def lookup_prefix(token: str) -> str:
    """What the sort keys of lookups of tokens that begin with `token` begin with."""
    return token[:_TOKEN_CHARACTERS]


def lookup_parts(sk: str) -> tuple[str, str, str]:
    """Token, kind and customer id of a lookup's sort key."""
    token, kind, customer_id = sk.rsplit("#", 2)
    return token, kind, customer_id


def unique(tenant: str, field: str, value: str) -> Key:
    """The sentinel that makes `value` of `field` belong to one customer."""
    return Key(pk=f"{tenant}#U#{field}#{value}", sk="UNIQUE")


def settings(tenant: str) -> Key:
    """What the company has set."""
    return Key(pk=f"{tenant}#T", sk="SETTINGS")


def counter(tenant: str, name: str) -> Key:
    """A counter; counters stand outside transactions."""
    return Key(pk=f"{tenant}#T", sk=f"COUNTER#{name}")


def merge(tenant: str, merge_id: str) -> Key:
    """That one customer was merged into another."""
    return Key(pk=f"{tenant}#M", sk=merge_id)


def term(tenant: str, kind: str, term_id: str) -> Key:
    """A tax rate or a payment term."""
    return Key(pk=f"{tenant}#T", sk=f"TERM#{kind}#{term_id}")


def item(tenant: str, item_id: str) -> Key:
    """A product or service."""
    return Key(pk=f"{tenant}#P", sk=item_id)


def items_partition(tenant: str, *, active: bool) -> str:
    """The company's items in the order of their names."""
    return f"{tenant}#P#{'active' if active else 'inactive'}"


def item_row(tenant: str, folded_name: str, item_id: str, *, active: bool) -> Key:
    """An item in the order of names."""
    name = folded_name[:_NAME_CHARACTERS]
    # The space lets "filter" stand before "filter xl".
    return Key(pk=items_partition(tenant, active=active), sk=f"{name} #{item_id}")


def imports_partition(tenant: str) -> str:
    """The company's imports, oldest first."""
    return f"{tenant}#I"


def import_job(tenant: str, import_id: str) -> Key:
    """An import."""
    return Key(pk=imports_partition(tenant), sk=import_id)


def chunks_partition(tenant: str, import_id: str) -> str:
    """The chunks of an import that anybody began."""
    return f"{tenant}#I#{import_id}"


CHUNK_PREFIX, UNDO_PREFIX = "CHUNK#", "UNDO#"


def chunk(tenant: str, import_id: str, number: int, prefix: str = CHUNK_PREFIX) -> Key:
    """How far one chunk of an import is, or with UNDO_PREFIX, how far it is undone."""
    return Key(pk=chunks_partition(tenant, import_id), sk=f"{prefix}{number:06d}")


def chunk_number(sk: str) -> int:
    """The number of a chunk from its sort key."""
    return int(sk.rpartition("#")[2])


def import_turn(tenant: str) -> Key:
    """Which of the company's imports is at work."""
    return Key(pk=f"{tenant}#T", sk="IMPORT_TURN")


def saved_mapping(tenant: str, signature: str) -> Key:
    """How files with headings of this signature are read."""
    return Key(pk=f"{tenant}#T", sk=f"MAPPING#{signature}")


# The one partition that is no tenant's: no tenant's name is empty.
OPEN_IMPORTS = "#OPEN#IMPORTS"


def open_import(tenant: str, import_id: str) -> Key:
    """The mark of an import that something must be at work on."""
    return Key(pk=OPEN_IMPORTS, sk=f"{tenant}#{import_id}")


def open_import_parts(sk: str) -> tuple[str, str]:
    """Tenant and import id of such a mark."""
    tenant, _, import_id = sk.rpartition("#")
    return tenant, import_id


def exports_partition(tenant: str) -> str:
    """The company's exports, oldest first."""
    return f"{tenant}#X"


def export(tenant: str, export_id: str) -> Key:
    """An export."""
    return Key(pk=exports_partition(tenant), sk=export_id)


def quickbooks_connection(tenant: str) -> Key:
    """The company's connection to QuickBooks, with its sealed tokens."""
    return Key(pk=f"{tenant}#Q", sk="CONNECTION")


def quickbooks_settings(tenant: str) -> Key:
    """How the company's sync goes."""
    return Key(pk=f"{tenant}#Q", sk="SETTINGS")


def quickbooks_link(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """What is remembered of one QuickBooks record."""
    return Key(pk=f"{tenant}#Q#{realm}#LINK", sk=quickbooks_id)


def quickbooks_waiting(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """The mark of a QuickBooks job whose parent is not here."""
    return Key(pk=f"{tenant}#Q#{realm}#WAITING", sk=quickbooks_id)


def quickbooks_other(tenant: str, realm: str, entity: str, side: str, entity_id: str) -> Key:
    """What is remembered of an item, invoice or payment, by its id on that side."""
    return Key(pk=f"{tenant}#Q#{realm}#OTHER#{entity}", sk=f"{side}#{entity_id}")


def quickbooks_mapping(tenant: str, realm: str) -> Key:
    """What was chosen for all QuickBooks customers that have no relationship."""
    return Key(pk=f"{tenant}#Q#{realm}", sk="MAPPING")


def quickbooks_draft(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """What was chosen for a QuickBooks customer and is not saved yet."""
    return Key(pk=f"{tenant}#Q#{realm}#DRAFT", sk=quickbooks_id)


def quickbooks_decision(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """What was chosen for a QuickBooks customer and saved."""
    return Key(pk=f"{tenant}#Q#{realm}#DECISION", sk=quickbooks_id)


def quickbooks_decided(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """The mark of a decision that no run has carried out yet."""
    return Key(pk=f"{tenant}#Q#{realm}#DECIDED", sk=quickbooks_id)


def quickbooks_owed(tenant: str, realm: str, customer_id: str) -> Key:
    """The mark of a customer that the next push is to look at."""
    return Key(pk=f"{tenant}#Q#{realm}#OWED", sk=customer_id)


def quickbooks_likely(tenant: str, realm: str, customer_id: str, quickbooks_id: str) -> Key:
    """The mark of a customer that a QuickBooks record without one may be, under another name."""
    return Key(pk=f"{tenant}#Q#{realm}#LIKELY", sk=f"{customer_id}#{quickbooks_id}")


def quickbooks_outbox(tenant: str, realm: str) -> Key:
    """The batch of writes that QuickBooks has not answered yet."""
    return Key(pk=f"{tenant}#Q#{realm}", sk="OUTBOX")


def quickbooks_name(tenant: str, realm: str, folded: str, kind: str, quickbooks_id: str) -> Key:
    """Who has a name in QuickBooks; names by `folded` are found by their prefix."""
    return Key(pk=f"{tenant}#Q#{realm}#NAME", sk=f"{folded}#{kind}#{quickbooks_id}")


def quickbooks_listed(tenant: str, realm: str, kind: str, quickbooks_id: str) -> Key:
    """A vendor or an employee as it was listed last."""
    return Key(pk=f"{tenant}#Q#{realm}#LISTED", sk=f"{kind}#{quickbooks_id}")


def quickbooks_wanted(tenant: str, realm: str, folded: str, customer_id: str) -> Key:
    """A customer here that cannot go to QuickBooks while somebody has its name there."""
    return Key(pk=f"{tenant}#Q#{realm}#WANTED", sk=f"{folded}#{customer_id}")


def quickbooks_conflict(tenant: str, realm: str, quickbooks_id: str, field: str) -> Key:
    """A field that was edited on both sides."""
    return Key(pk=f"{tenant}#Q#{realm}#CONFLICT", sk=f"{quickbooks_id}#{field}")


def quickbooks_meter(tenant: str, month: str) -> Key:
    """What was read of QuickBooks in a month (2026-11)."""
    return Key(pk=f"{tenant}#Q", sk=f"METER#{month}")


def quickbooks_run(tenant: str, run_id: str) -> Key:
    """One run of the sync; a company's runs are in the order of time."""
    return Key(pk=f"{tenant}#Q#RUN", sk=run_id)


def quickbooks_row(tenant: str, run_id: str, position: str) -> Key:
    """One line of a run's report."""
    return Key(pk=f"{tenant}#Q#RUN#{run_id}", sk=position)


def quickbooks_rehearsed(tenant: str, run_id: str, kind: str, name: str) -> Key:
    """Something as it would be after a run that only plans."""
    return Key(pk=f"{tenant}#Q#RUN#{run_id}#DRY", sk=f"{kind}#{name}")


def quickbooks_due(tenant: str) -> Key:
    """When the company's connection is due: all companies in one small partition."""
    return Key(pk="Q#DUE", sk=tenant)


def quickbooks_realm(realm: str, tenant: str) -> Key:
    """A company that is connected to this QuickBooks company: a webhook names nothing else."""
    return Key(pk=f"Q#REALM#{realm}", sk=tenant)


def quickbooks_merge(tenant: str, realm: str, loser: str) -> Key:
    """That a QuickBooks customer was merged into another there."""
    return Key(pk=f"{tenant}#Q#{realm}#MERGED", sk=loser)


def quickbooks_state(state_hash: str) -> Key:
    """An authorization that was begun; who comes back with its state has no token yet."""
    return Key(pk=f"Q#STATE#{state_hash}", sk="STATE")


def duplicates_partition(tenant: str) -> str:
    """The pairs to review: a pair's id begins with how good it is, the best first."""
    return f"{tenant}#D"


def duplicate(tenant: str, pair_id: str) -> Key:
    """A pair of customers that may be one."""
    return Key(pk=duplicates_partition(tenant), sk=pair_id)


def no_duplicates_partition(tenant: str) -> str:
    """The pairs somebody decided on: that they are two, or by merging them that they are one."""
    return f"{tenant}#D#NOT"


def no_duplicate(tenant: str, one: str, other: str) -> Key:
    """A pair that somebody decided on; the smaller id first."""
    return Key(pk=no_duplicates_partition(tenant), sk=f"{one}#{other}")


def duplicate_scan(tenant: str) -> Key:
    """How far the last search for duplicates is."""
    return Key(pk=f"{tenant}#T", sk="DUPLICATE_SCAN")
