"""The story of `make run`, told to a test: its turning points are so on both sides."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from infra.local.demo import quickbooks
from infra.local.demo.api import Api as DemoApi
from infra.local.demo.story import cast
from infra.local.demo.story.told import Scene
from infra.local.home import CannotRunError
from infra.local.quickbooks.remote import Control
from tests.e2e.test_door3_quickbooks import consent_to, new_realm
from tests.support.e2e import Api, Deployed

_READABLE_LINES = 82


class Told:
    """A telling: the lines as they were printed."""

    def __init__(self, scene: Scene) -> None:
        self.lines: list[str] = []
        quickbooks.tell(scene, lambda text: self.lines.extend(text.split("\n")))

    def said(self, *words: str) -> bool:
        """Whether one line has all of these words."""
        return any(all(word in line for word in words) for line in self.lines)


@pytest.fixture
def scene(deployed: Deployed, standin: Control, tenant: str) -> Scene:
    books = Control(standin.base_url, new_realm(standin))
    api = DemoApi(deployed.home, tenant=tenant, role="admin")
    return Scene(api=api, books=books, consent=consent_to(books, books.realm))


def _everybody(office: Api) -> list[dict[str, Any]]:
    page = office.get("/v1/customers", params={"status": "all", "limit": 200}).json()
    assert page["next_cursor"] is None
    found: list[dict[str, Any]] = page["data"]
    return found


def test_two_full_books_meet_and_rest(api: Callable[..., Api], scene: Scene, tenant: str) -> None:
    told = Told(scene)
    assert len(told.lines) <= _READABLE_LINES, "\n".join(told.lines)

    # The dry run had shown the link, the field that differs and the job before anything was so.
    office = api(tenant)
    first = office.get("/v1/quickbooks/runs", params={"limit": 200}).json()["data"][-1]
    if first["trigger"] == "request":
        assert told.said("linked", cast.HOTEL)
        assert told.said("(206) 555-0117 → (206) 555-0118")
    assert told.said("likely", cast.BAKERY, "chosen")
    assert told.said("skipped", "vendor", cast.SUPPLIER)

    rows = scene.books.book()["Customer"]
    there = {row["DisplayName"]: row for row in rows}
    here = _everybody(office)
    linked = {c["quickbooks"]: c["display_name"] for c in here if c["quickbooks"]}
    assert len(linked) == sum(1 for c in here if c["quickbooks"])
    for name in (cast.HOTEL, cast.BAKERY_THERE, cast.NAMESAKE):
        assert linked[there[name]["Id"]] == name
    # Of the two with one name the chosen one is linked; the other stays, and none was created.
    assert [c["display_name"] for c in here].count(cast.NAMESAKE) == 2
    assert [row["DisplayName"] for row in rows].count(cast.NAMESAKE) == 1
    assert cast.UNWANTED not in {c["display_name"] for c in here}
    assert cast.SUPPLIER not in there

    [hotel] = [c for c in here if c["display_name"] == cast.HOTEL]
    sites = office.get(f"/v1/customers/{hotel['id']}/locations").json()["data"]
    assert [site["street"] for site in sites] == ["88 Pier Ave"]
    assert there[cast.HOTEL]["PrimaryTaxIdentifier"] == cast.MASKED
    assert there[cast.HOTEL]["PrimaryPhone"]["FreeFormNumber"] == hotel["phone"]

    # It can be told again: only what people do happens once more.
    again = Told(scene)
    assert again.said("Skipped")
    assert {c["id"] for c in _everybody(office)} == {c["id"] for c in here}
    resolved = office.get("/v1/quickbooks/conflicts", params={"state": "resolved"}).json()["data"]
    assert {one["field"] for one in resolved if one["customer_id"] == hotel["id"]} == {"phone"}


class Deaf(Control):
    """QuickBooks where nobody gets to write what the story says they do."""

    def edit(self, entity_id: str | int, **_: Any) -> dict[str, Any]:
        return self.customer(entity_id)


def test_a_story_that_goes_otherwise_stops_and_says_where(scene: Scene) -> None:
    deaf = replace(scene, books=Deaf(scene.books.base_url, scene.books.realm))
    with pytest.raises(CannotRunError, match=r"not go as told: the report has only update_there"):
        Told(deaf)


def test_who_chose_one_way_is_told_no_more_than_that(scene: Scene) -> None:
    Told(scene)
    before = scene.both_sides()
    scene.api.put("/quickbooks/settings", mode="roster_to_quickbooks", primary="roster")
    assert Told(scene).said("roster_to_quickbooks")
    assert scene.both_sides() == before
