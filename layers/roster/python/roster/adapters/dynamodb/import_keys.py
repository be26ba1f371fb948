"""The keys of imports; `keys` has the map of the whole table."""

from roster.adapters.dynamodb.keys import Key


def imports_partition(tenant: str) -> str:
    """The company's imports, oldest first."""
    return f"{tenant}#I"


def job(tenant: str, import_id: str) -> Key:
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


def turn(tenant: str) -> Key:
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
