"""What the chapters of the story share: both sides as people see them, and what must be so."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from infra.local.demo.api import Api
from infra.local.demo.story import syncing
from infra.local.home import CannotRunError
from infra.local.quickbooks.remote import Control


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Roster for an administrator, and QuickBooks for whoever keeps the books there.

    `consent` is held while the page is visited where a company is chosen.
    """

    api: Api
    books: Control
    consent: AbstractContextManager[object] | None = None

    def customer(self, name: str) -> dict[str, Any] | None:
        """The customer of that name, None unless there is just one."""
        found = self.api.get("/customers", q=name, limit=50)["data"]
        named = [c for c in found if c["display_name"] == name]
        return self.api.get(f"/customers/{named[0]['id']}") if len(named) == 1 else None

    def everybody(self) -> list[dict[str, Any]]:
        """All customers here."""
        return list(syncing.every(self.api, "/customers", status="all", limit=200))

    def both_sides(self) -> tuple[dict[str, int], dict[str, str]]:
        """How far every record is: versions here and there; they move with every write."""
        here = {c["id"]: c["version"] for c in self.everybody()}
        there = {row["Id"]: row["SyncToken"] for row in self.books.book()["Customer"]}
        return here, there


def as_told(what: object, otherwise: str) -> None:
    """Stop unless it is as the story has it."""
    if not what:
        raise CannotRunError(f"the story does not go as told: {otherwise}; see 'make logs'")
