"""The map of the business table, and the keys of customers and of what is the company's.

`record_keys`, `visit_keys`, `import_keys` and `quickbooks_keys` have those of their families.
Nothing else in the project spells a `pk` or an `sk`.

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
| choices for its customers, unsaved and saved | `<tenant>#Q#<realm>#DRAFT`, `…#DECISION` | same |
| decisions that no run has carried out | `<tenant>#Q#<realm>#DECIDED` | same |
| what was chosen for all others, unanswered writes | `<tenant>#Q#<realm>` | `MAPPING`, `OUTBOX` |
| customers the next push looks at | `<tenant>#Q#<realm>#OWED` | `<customer id>` |
| who has a name there | `<tenant>#Q#<realm>#NAME` | `<folded name>#<kind>#<QuickBooks id>` |
| its vendors and employees | `<tenant>#Q#<realm>#LISTED` | `<kind>#<QuickBooks id>` |
| customers whose name is taken | `<tenant>#Q#<realm>#WANTED` | `<folded name>#<customer id>` |
| fields edited on both sides | `<tenant>#Q#<realm>#CONFLICT` | `<QuickBooks id>#<field>` |
| QuickBooks runs | `<tenant>#Q#RUN` | `<run id>` |
| a run's report | `<tenant>#Q#RUN#<run id>` | `<position>` |
| what a run that only plans makes | `<tenant>#Q#RUN#<run id>#DRY` | `<kind>#<name>` |
| what was read of QuickBooks in a month | `<tenant>#Q` | `METER#<month>` |
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

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypedDict


class Key(TypedDict):
    """A primary key of the business table."""

    pk: str
    sk: str


def of(item: Mapping[str, Any]) -> Key:
    """The key of an item."""
    return Key(pk=item["pk"], sk=item["sk"])


HEAD = "HEAD"
EVENT_PREFIX = "EVT#"
LOCATION_PREFIX = "LOC#"
CONTACT_PREFIX = "CON#"
# Nothing else sorts between the two.
HEAD_AND_LOCATIONS = (HEAD, LOCATION_PREFIX + "\U0010ffff")
OUTSTANDING_ORDER, REVENUE_ORDER = "outstanding", "revenue"
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


def event(tenant: str, customer_id: str, event_id: str) -> Key:
    """One entry of a customer's history."""
    return Key(pk=customer_partition(tenant, customer_id), sk=EVENT_PREFIX + event_id)


def location(tenant: str, customer_id: str, location_id: str) -> Key:
    """One service location of a customer."""
    return Key(pk=customer_partition(tenant, customer_id), sk=LOCATION_PREFIX + location_id)


def contact(tenant: str, customer_id: str, contact_id: str) -> Key:
    """One contact of a customer."""
    return Key(pk=customer_partition(tenant, customer_id), sk=CONTACT_PREFIX + contact_id)


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


def exports_partition(tenant: str) -> str:
    """The company's exports, oldest first."""
    return f"{tenant}#X"


def export(tenant: str, export_id: str) -> Key:
    """An export."""
    return Key(pk=exports_partition(tenant), sk=export_id)


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
