"""The second half of the story, as often as it is told: edits on both sides, and who wins."""

import time
from typing import Any

from infra.local.demo.story import cast, syncing
from infra.local.demo.story.telling import Teller, counted, shown
from infra.local.demo.story.told import Scene, as_told

# QuickBooks' times are whole seconds: less would not tell which of two edits was the last.
_LATER_S = 2.0


def tell(scene: Scene, teller: Teller) -> None:
    """Edit, sync, resolve what was edited on both sides, sync, and find nothing left to do."""
    mode = scene.api.get("/quickbooks/settings")["mode"]
    if mode != "two_way":
        teller.step("Skipped: edits on both sides", "GET /v1/quickbooks/settings")
        teller.line(f"The mode is {mode} by now; where both ways are chosen there is more to tell.")
        return
    ours = _somebody_linked(scene)
    name, key = ours["display_name"], str(ours["quickbooks"])
    here, there, mobile = _new_numbers(ours["phone"])
    _edit(scene, teller, ours, (here, there, mobile))
    _sync(scene, teller, ours, (here, there, mobile))
    conflict = _resolve(scene, teller, ours["id"])
    teller.step("The next run takes it there", "POST /v1/quickbooks/runs")
    teller.rows(syncing.run(scene.api).rows, {name})
    as_told(_phones(scene, ours["id"], key) == (conflict["theirs"],) * 2, "the sides do not agree")
    teller.line(f"Both sides have {conflict['theirs']}.")
    _rest(scene, teller)


def _somebody_linked(scene: Scene) -> dict[str, Any]:
    """The hotel, or whoever is in both systems where the books are somebody else's."""
    hotel = scene.customer(cast.HOTEL)
    if hotel is not None and hotel["quickbooks"]:
        return hotel
    rows = syncing.every(scene.api, "/quickbooks/mappings", status="linked", limit=50)
    for row in rows:
        if row["kind"] == "customer" and row["active"] and row["customer"]:
            found: dict[str, Any] = scene.api.get(f"/customers/{row['customer']['id']}")
            if found["status"] == "active":
                return found
    as_told(None, "nobody is linked, so there is nobody to edit on both sides")
    return {}


def _new_numbers(phone: str | None) -> tuple[str, str, str]:
    """Three numbers that nobody has, other ones each time."""
    last = sum(map(ord, phone or "")) + int(time.time())
    first, second, third = (f"(206) 555-{(last * 7 + n) % 10_000:04d}" for n in range(3))
    return first, second, third


def _edit(scene: Scene, teller: Teller, ours: dict[str, Any], new: tuple[str, str, str]) -> None:
    here, there, mobile = new
    teller.step(f"{ours['display_name']} is edited on both sides", "PATCH /v1/customers/{id}")
    row = scene.books.customer(ours["quickbooks"])
    scene.books.edit(
        ours["quickbooks"],
        PrimaryPhone={"FreeFormNumber": there},
        Mobile={"FreeFormNumber": mobile},
    )
    old = row.get("PrimaryPhone", {}).get("FreeFormNumber")
    old_mobile = row.get("Mobile", {}).get("FreeFormNumber")
    teller.line(f"A person in QuickBooks: phone: {shown(old)} → {there}")
    teller.line(f"                        mobile: {shown(old_mobile)} → {mobile}")
    time.sleep(_LATER_S)
    scene.api.patch(f"/customers/{ours['id']}", phone=here)
    teller.line(
        f"A person in Roster, {_LATER_S:.0f} s later: phone: {shown(ours['phone'])} → {here}"
    )


def _sync(scene: Scene, teller: Teller, ours: dict[str, Any], new: tuple[str, str, str]) -> None:
    here, _, mobile = new
    teller.step("A run", "POST /v1/quickbooks/runs", "GET /v1/quickbooks/runs/{id}/report")
    ran = syncing.run(scene.api)
    teller.rows(ran.rows, {ours["display_name"]})
    verbs = {row["action"] for row in ran.rows if row["customer_id"] == ours["id"]}
    wanted = {"update_here", "update_there", "conflict"}
    as_told(wanted <= verbs, f"the report has only {', '.join(sorted(verbs)) or 'nothing'}")
    now = scene.api.get(f"/customers/{ours['id']}")
    as_told(now["mobile"] == mobile, f"the mobile number here is {now['mobile']}")
    phones = _phones(scene, ours["id"], ours["quickbooks"])
    as_told(phones == (here, here), f"the phone numbers are {phones}")


def _resolve(scene: Scene, teller: Teller, customer_id: str) -> dict[str, Any]:
    teller.step(
        "The conflict inbox",
        "GET /v1/quickbooks/conflicts?state=open",
        "POST …/conflicts/{id}/resolve",
    )
    query = {"state": "open", "customer_id": customer_id, "field": "phone"}
    found = list(syncing.every(scene.api, "/quickbooks/conflicts", **query))
    as_told(len(found) == 1, f"{len(found)} conflicts about the phone number are open")
    conflict: dict[str, Any] = found[0]
    teller.line(
        f"{conflict['name']}, phone: was {shown(conflict['base'])}, Roster {conflict['ours']},"
        f" QuickBooks {conflict['theirs']}"
    )
    teller.line(f"{conflict['winner'].capitalize()} won: {conflict['why']}.")
    scene.api.post(f"/quickbooks/conflicts/{conflict['id']}/resolve", take="theirs")
    now = scene.api.get(f"/customers/{customer_id}")
    as_told(now["phone"] == conflict["theirs"], f"the phone number here is {now['phone']}")
    teller.line(f"A person takes QuickBooks' number after all: {conflict['theirs']}")
    return conflict


def _rest(scene: Scene, teller: Teller) -> None:
    teller.step("The last run", "POST /v1/quickbooks/runs")
    before, hotel = scene.both_sides(), _masked(scene)
    last = syncing.run(scene.api)
    done = counted(last.run["counts"])
    # A record that was left out lately is looked at again, and left out again.
    as_told(set(last.run["counts"]) <= {"skip"}, f"it still did something: {done}")
    as_told(last.run["calls"] == 1, f"it asked QuickBooks {last.run['calls']} times")
    as_told(scene.both_sides() == before, "it wrote though nothing was edited")
    teller.line(f"1 question to QuickBooks; {done}; no record moved on either side.")
    if hotel is not None:
        as_told(hotel == cast.MASKED, f"its tax id is {hotel} now")
        teller.line(f"The tax id of {cast.HOTEL}, shown to us as {hotel}, was never written.")
    ids = [c["quickbooks"] for c in scene.everybody() if c["quickbooks"]]
    as_told(len(ids) == len(set(ids)), "somebody is here twice")


def _masked(scene: Scene) -> str | None:
    """The hotel's tax id in QuickBooks, None where it is not in this book."""
    for row in scene.books.book()["Customer"]:
        if row["DisplayName"] == cast.HOTEL:
            return row.get("PrimaryTaxIdentifier")
    return None


def _phones(scene: Scene, customer_id: str, key: str) -> tuple[Any, Any]:
    there = scene.books.customer(key).get("PrimaryPhone", {}).get("FreeFormNumber")
    return scene.api.get(f"/customers/{customer_id}")["phone"], there
