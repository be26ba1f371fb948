"""The keys of what hangs on customers; `keys` has the map of the whole table."""

from roster.adapters.dynamodb.keys import Key, customer_partition

DOCUMENT_PREFIX = "DOC#"
RECORD_PREFIX = "REC#"
OPEN_PREFIX = "OPEN#"
BODY_PREFIX = "BODY#"
ACTIVITY_PREFIX = "ACT#"
# Side by side, so that one query reads all that a customer comes to.
SUM_PREFIX = "SUM#"
STANDING, COUNTS, PROJECTS = "SUM#STANDING", "SUM#COUNTS", "SUM#PROJECTS"
PLACED_PREFIX = "ONLOC#"


def standing(tenant: str, customer_id: str) -> Key:
    """What the money that lies with a customer adds up to."""
    return Key(pk=customer_partition(tenant, customer_id), sk=STANDING)


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
