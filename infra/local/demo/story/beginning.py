"""The first half of the story: two full books meet, and a person decides who is who."""

import contextlib
from typing import Any

import requests

from infra.local.demo.story import cast, syncing
from infra.local.demo.story.telling import Teller, counted
from infra.local.demo.story.told import Scene, as_told

_UNDER_WAY = "run_under_way"
# Who is still news once the mapping has decided.
_KNOWN = cast.NAMES - {cast.UNWANTED}


def is_over(scene: Scene) -> bool:
    """Whether the books have met and the mapping was saved, by this story or by anybody."""
    chosen = scene.api.get("/quickbooks/settings")
    connected = scene.api.get("/quickbooks/status")["status"] == "connected"
    return bool(connected and chosen["mode"] and chosen["default_option"] != "existing")


def tell(scene: Scene, teller: Teller) -> None:
    """Connect, look, choose, rehearse, carry out, decide, sync."""
    cast.enter_here(scene.api)
    cast.enter_there(scene.books)
    _connect(scene, teller)
    _preflight(scene, teller)
    _choose(scene, teller)
    plan = _rehearse(scene, teller)
    _carry_out(scene, teller, plan)
    _decide(scene, teller)
    _go_both_ways(scene, teller)


def _connect(scene: Scene, teller: Teller) -> None:
    teller.step("Connect", "POST /v1/quickbooks/connect")
    api = scene.api
    if api.get("/quickbooks/status")["status"] != "connected":
        with scene.consent or contextlib.nullcontext():
            address = api.post("/quickbooks/connect")["authorize_url"]
            # What a person does in the browser: visit the address and be sent back.
            answer = requests.get(address, timeout=30)
        as_told(answer.ok, f"QuickBooks was not connected: {answer.status_code} at {answer.url}")
    status = api.get("/quickbooks/status")
    as_told(status["status"] == "connected", f"the connection is {status['status']}")
    there = scene.books.book()["Customer"]
    jobs = sum("ParentRef" in row for row in there)
    teller.line(
        f"Signed in at QuickBooks: company {status['realm']} has"
        f" {len(there) - jobs} customers and {jobs} jobs."
    )


def _preflight(scene: Scene, teller: Teller) -> None:
    teller.step("Preflight: what to know before", "GET /v1/quickbooks/preflight")
    found = scene.api.get("/quickbooks/preflight")
    checks = found["checks"]
    by_result = {r: [c for c in checks if c["result"] == r] for r in ("pass", "fail", "warn")}
    teller.line(f"{len(by_result['pass'])} of {len(checks)} checks passed.")
    for check in by_result["fail"]:
        teller.line(f"- In the way: {check['title']}. Do this: {check['steps'][0]}")
    warnings = "; ".join(map(_warning, by_result["warn"]))
    teller.paragraph(f"- To look at: {warnings or 'nothing'}.")


def _warning(check: dict[str, Any]) -> str:
    """What it is about, and whom where that is one."""
    names = [one["name"] for one in check["examples"]]
    return f"{check['title']} ({names[0]})" if len(names) == 1 else str(check["title"])


def _choose(scene: Scene, teller: Teller) -> None:
    teller.step("Choose which way", "PUT /v1/quickbooks/settings")
    scene.api.put("/quickbooks/settings", mode="quickbooks_to_roster", default_option="existing")
    teller.line("At first QuickBooks leads, and nothing goes there.")
    teller.line("Who has one namesake here is linked; everybody else waits for the mapping.")
    checks = scene.api.get("/quickbooks/preflight")["checks"]
    # The schedule may begin a run as soon as there is a mode.
    failed = [c["title"] for c in checks if c["result"] == "fail" and c["code"] != _UNDER_WAY]
    as_told(not failed, f"the preflight still says: {', '.join(failed)}")
    teller.line("Preflight again: nothing is in the way of a sync.")


def _rehearse(scene: Scene, teller: Teller) -> dict[str, Any]:
    teller.step(
        "Dry run: every field, and nothing written",
        "POST /v1/quickbooks/plan",
        "GET /v1/quickbooks/runs/{id}/report",
    )
    before, runs = scene.both_sides(), syncing.known_runs(scene.api)
    planned = syncing.run(scene.api, "/quickbooks/plan")
    teller.rows(syncing.report(scene.api, planned.run["id"]), cast.NAMES)
    after = scene.both_sides()
    if syncing.known_runs(scene.api) - runs == {planned.run["id"]}:
        as_told(after == before, "the dry run changed something")
    else:
        teller.line("A run of the schedule came in between.")
    return planned.run


def _carry_out(scene: Scene, teller: Teller, plan: dict[str, Any]) -> None:
    teller.step("That plan and no more", 'POST /v1/quickbooks/runs {"plan": "…"}')
    done = syncing.run(scene.api, plan=plan["id"])
    if done.schedule_was_first:
        teller.line("A run of the schedule was there first.")
    else:
        as_told(
            done.run["counts"] == plan["counts"],
            f"the plan was {counted(plan['counts'])}, done was {counted(done.run['counts'])}",
        )
        teller.line(f"As planned: {counted(done.run['counts'])}.")
    hotel = scene.customer(cast.HOTEL)
    as_told(hotel is not None and hotel["quickbooks"], f"{cast.HOTEL} is not linked")


def _decide(scene: Scene, teller: Teller) -> None:
    api = scene.api
    teller.step(
        "The mapping: who is who",
        "GET /v1/quickbooks/mappings?status=unlinked",
        "PUT …/mappings/{id}",
        "POST …/mappings/default",
        "POST …/mappings/save",
    )
    rows = list(syncing.every(api, "/quickbooks/mappings", status="unlinked", limit=50))
    undecided = [row for row in rows if row["kind"] == "customer"]
    teller.line(f"{len(undecided)} customers of QuickBooks wait.")
    api.post("/quickbooks/mappings/default", option="create")
    by_name = {row["name"]: row for row in undecided}
    for name in (cast.BAKERY_THERE, cast.NAMESAKE):
        if name in by_name:
            _choose_existing(scene, teller, by_name[name])
    if unwanted := by_name.get(cast.UNWANTED):
        api.put(f"/quickbooks/mappings/{unwanted['quickbooks_id']}", option="dont_import")
        teller.line(f"- {cast.UNWANTED}: not to be imported.")
    teller.line("- Everybody else: create. Saved; the run that follows:")
    before = syncing.known_runs(api)
    saved = api.post("/quickbooks/mappings/save")
    if saved["run_id"]:
        teller.rows(syncing.ended(api, saved["run_id"], before).rows, _KNOWN)
    for name in (cast.BAKERY_THERE, cast.NAMESAKE):
        if name in by_name:
            chosen = by_name[name]["quickbooks_id"]
            linked = [c for c in scene.everybody() if c["quickbooks"] == chosen]
            as_told(len(linked) == 1, f"{name} is linked with {len(linked)} customers")


def _go_both_ways(scene: Scene, teller: Teller) -> None:
    teller.step("Both ways from now on", "PUT /v1/quickbooks/settings", "POST /v1/quickbooks/runs")
    there = len(scene.books.book()["Customer"])
    scene.api.put("/quickbooks/settings", mode="two_way", primary="quickbooks")
    teller.line("The newer edit of a field wins, and QuickBooks where no order can be told.")
    ran = syncing.run(scene.api)
    teller.rows(ran.rows, _KNOWN)
    created = sum(row["action"] == "create_there" for row in ran.rows)
    now = len(scene.books.book()["Customer"])
    as_told(now == there + created, f"QuickBooks has {now} customers, not {there} + {created}")


def _choose_existing(scene: Scene, teller: Teller, row: dict[str, Any]) -> None:
    """Show the candidates and take the one that has its e-mail address."""
    teller.line(f"- {row['name']} ({row['email']}) may be:")
    chosen = None
    for candidate in row["candidates"]:
        customer = scene.api.get(f"/customers/{candidate['customer_id']}")
        contact = customer["email"] or customer["phone"]
        sure = f"{candidate['closeness']}, {candidate['score']} bits"
        takes = customer["email"] == row["email"]
        chosen = customer["id"] if takes else chosen
        mark = "  ← chosen" if takes else ""
        teller.line(
            f"    {customer['number']} {customer['display_name']}, {contact} ({sure}){mark}"
        )
    as_told(chosen, f"none of the candidates of {row['name']} has its e-mail address")
    path = f"/quickbooks/mappings/{row['quickbooks_id']}"
    scene.api.put(path, option="existing", customer_id=chosen)
