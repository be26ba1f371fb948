"""The keys of what devices do at locations; `keys` has the map of the whole table."""

from roster.adapters.dynamodb.keys import Key, customer_partition

SIGHTING_PREFIX = "P#"
SEEN_PREFIX = "SEEN#"


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
