"""What a book of customers holds after an import, told in few words."""

from dataclasses import dataclass
from typing import Any

from tests.support.api import Api
from tests.support.imports import Machine, drop

_PARTS = ("street", "unit", "city", "state", "zip", "country")


@dataclass(frozen=True, slots=True)
class Seen:
    """A customer as the API tells it; places are "name: street, …", people "first last, …"."""

    status: str
    fields: dict[str, Any]
    places: tuple[str, ...]
    people: tuple[str, ...]

    def told(self, *names: str) -> tuple[Any, ...]:
        """Some of the fields."""
        return tuple(self.fields[name] for name in names)


def imported(content: bytes, name: str, tenant: str = "acme") -> dict[str, Any]:
    """Drop a file into the inbox, carry its import through, and read it."""
    Machine().run(drop(content, name, tenant))
    api = Api("imports_api", tenant)
    newest = api.get("/v1/imports").json["data"][0]["id"]
    job: dict[str, Any] = api.get(f"/v1/imports/{newest}").json
    return job


def plan_rows(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Every row of an import's plan."""
    api, cursor = Api("imports_api"), None
    rows: list[dict[str, Any]] = []
    while True:
        query = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = api.get(f"/v1/imports/{job['id']}/plan", **query).json
        rows += page["data"]
        cursor = page["next_cursor"]
        if not cursor:
            return rows


def address(values: dict[str, Any] | None) -> str | None:
    """An address on one line."""
    return ", ".join(values[p] for p in _PARTS if values.get(p)) if values else None


def book() -> dict[str, Seen]:
    """Every listed customer by display name, active or not; names must not come twice."""
    api = Api("customers_api")
    found: dict[str, Seen] = {}
    for status in ("active", "inactive"):
        cursor = None
        while True:
            query = {"status": status, "limit": 200} | ({"cursor": cursor} if cursor else {})
            page = api.get("/v1/customers", **query).json
            for row in page["data"]:
                assert row["display_name"] not in found, row["display_name"]
                found[row["display_name"]] = _seen(api, row["id"])
            cursor = page["next_cursor"]
            if not cursor:
                break
    return found


def _seen(api: Api, customer_id: str) -> Seen:
    path = f"/v1/customers/{customer_id}"
    whole = api.get(path).json
    places = api.get(f"{path}/locations", limit=200).json["data"]
    people = api.get(f"{path}/contacts", limit=200).json["data"]
    assert [p["primary"] for p in places] == [True, *[False] * (len(places) - 1)][: len(places)]
    assert whole["locations_count"] == len(places), whole
    return Seen(
        whole["status"],
        whole,
        tuple(f"{p['name']}: {address(p)}" if p["name"] else str(address(p)) for p in places),
        tuple(
            ", ".join(p[k] for k in ("first_name", "last_name", "title", "email", "phone", "mobile")
                      if p[k])
            for p in people
        ),
    )  # fmt: skip
