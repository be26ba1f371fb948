"""Random lives of customers of two companies against a simple model of them in memory."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roster import bootstrap
from tests.support import aws
from tests.support.api import Answer, Api

if TYPE_CHECKING:
    from collections.abc import Callable

TENANTS = ("acme", "acme2")
FIELDS = ("company_name", "phone", "email", "notes", "tags", "external_id", "portal_access")
SHOWN = (*FIELDS, "display_name", "number", "status")
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "company_name": st.sampled_from(["Acme", "acme", "Zenith", "acme2#C#x"]),
    "phone": st.sampled_from([None, "1", "2"]),
    "email": st.sampled_from([None, "a@b.de", "c@d.de"]),
    "notes": st.sampled_from([None, "n"]),
    "tags": st.sampled_from([[], ["vip"], ["late", "vip"]]),
    "portal_access": st.booleans(),
    "external_id": st.sampled_from([None, "x1", "x2"]),
}
_PATCH = st.fixed_dictionaries({}, optional=_VALUES)
_ONCE = ("patch", "deactivate", "restore", "merge", "undo")
_ACTIONS = (*_ONCE, *_ONCE, "create", "activate", "delete")
_STEP = st.tuples(
    st.sampled_from(TENANTS),
    st.sampled_from(_ACTIONS),
    st.integers(0, 2),
    st.integers(0, 2),
    _PATCH,
)

type State = dict[str, Any]


class Clock:
    """A minute passes at every look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class Book:
    """What one company did, as a list of states for each customer, and what it should see."""

    def __init__(self, tenant: str, clock: Clock) -> None:
        self.api, self.clock = Api("customers_api", tenant=tenant), clock
        self.lives: dict[str, list[tuple[datetime, State]]] = {}
        self.merges: list[State] = []
        self.created = 0

    def state(self, customer: str) -> State:
        return self.lives[customer][-1][1]

    def set(self, customer: str, **values: Any) -> None:
        """The next version of a customer, if anything moves."""
        now = {**self.state(customer), **values}
        now["display_name"] = now["company_name"]
        if now != self.state(customer):
            self.lives[customer].append((self.clock.now, now))

    def holds(self, external_id: str | None, *, but: str = "") -> bool:
        return external_id is not None and any(
            life[-1][1]["external_id"] == external_id
            for customer, life in self.lives.items()
            if customer != but and life[-1][1]["status"] != "deleted"
        )

    def refusal(self, customer: str) -> int | None:
        """How a write to the customer is refused, whatever it is."""
        return {"deleted": 410, "merged": 409}.get(self.state(customer)["status"])

    def act(self, action: str, one: int, other: int, patch: State) -> None:
        if action == "create":
            self.create(patch)
        elif self.lives:
            ids = list(self.lives)
            verbs: dict[str, Callable[..., None]] = {
                "patch": self.patch,
                "restore": self.restore,
                "merge": self.merge,
                "undo": self.undo,
                "delete": self.delete,
                "deactivate": lambda *_: self.turn(picked, "deactivate", "active", "inactive"),
                "activate": lambda *_: self.turn(picked, "activate", "inactive", "active"),
            }
            picked = ids[one % len(ids)]
            verbs[action](picked, ids[other % len(ids)], patch, other)

    def create(self, patch: State) -> None:
        values = {"company_name": "Acme", **patch}
        answer = self.api.post("/v1/customers", values)
        self.created += 1
        if self.holds(values.get("external_id")):
            assert answer.status == 409
            return
        assert answer.status == 201, answer.text
        state = {**dict.fromkeys(FIELDS), "tags": [], "portal_access": False}
        state |= {**values, "status": "active"}
        state |= {"display_name": values["company_name"], "number": f"C-{self.created:05}"}
        state |= {"merged_into": None}
        self.lives[answer.json["id"]] = [(self.clock.now, state)]

    def edited(self, customer: str, answer: Answer, values: State) -> None:
        if refusal := self.refusal(customer):
            assert answer.status == refusal
        elif self.holds(values.get("external_id"), but=customer):
            assert answer.status == 409
        else:
            assert answer.status == 200, answer.text
            self.set(customer, **values)

    def patch(self, customer: str, _other: str, patch: State, _n: int) -> None:
        self.edited(customer, self.api.patch(f"/v1/customers/{customer}", patch), patch)

    def restore(self, customer: str, _other: str, _patch: State, n: int) -> None:
        """Take back one of the last edits that there are."""
        life = self.lives[customer]
        version = len(life) - n
        if version < 2 or self.refusal(customer):
            return
        old, new = life[version - 2][1], life[version - 1][1]
        back = {name: old[name] for name in FIELDS if old[name] != new[name]}
        events = self.api.get(f"/v1/customers/{customer}/history", limit=200).json["data"]
        event = next(e["id"] for e in events if e["version"] == version)
        path = f"/v1/customers/{customer}/history/{event}/restore"
        answer = self.api.post(path, {}, if_match="*")
        if back:
            self.edited(customer, answer, back)
        else:
            assert answer.status == 409

    def turn(self, customer: str, verb: str, origin: str, target: str) -> None:
        path, body = f"/v1/customers/{customer}/{verb}", {"confirm": True}
        answer = self.api.post(path, body, if_match="*")
        if refusal := self.refusal(customer):
            assert answer.status == refusal
        elif self.state(customer)["status"] != origin:
            assert answer.status == 409
        else:
            assert answer.status == 200
            self.set(customer, status=target)

    def delete(self, customer: str, *_: Any) -> None:
        path = f"/v1/customers/{customer}"
        answer = self.api.call("DELETE", path, query={"confirm": "true"}, headers={"if-match": "*"})
        if refusal := self.refusal(customer):
            assert answer.status == refusal
        elif self.state(customer)["status"] != "inactive":
            assert answer.status == 409
        else:
            assert answer.status == 204
            self.set(customer, status="deleted")

    def merge(self, survivor: str, loser: str, _patch: State, n: int) -> None:
        choices = {"phone": "loser"} if n % 2 else {}
        body = {"loser_id": loser, "fields": choices}
        answer = self.api.post(f"/v1/customers/{survivor}/merge", body, if_match="*")
        if refusal := self.refusal(survivor):
            assert answer.status == refusal
            return
        if survivor == loser or self.refusal(loser):
            assert answer.status == 422
            return
        assert answer.status == 200, answer.text
        one, two = self.state(survivor), self.state(loser)
        names = ("phone", "email", "notes", "tags", "portal_access")
        takes = {name: two[name] for name in names if choices.get(name) or not one[name]}
        before = {name: one[name] for name in takes if one[name] != takes[name]}
        self.lives[survivor].append((self.clock.now, {**one, **takes}))
        self.set(loser, status="merged", merged_into=survivor)
        self.merges.append(
            {
                "id": answer.json["merge_id"], "survivor": survivor, "loser": loser,
                "before": before, "taken": {name: takes[name] for name in before},
                "status": two["status"], "undone": False,
            }
        )  # fmt: skip

    def undo(self, _one: str, _other: str, _patch: State, n: int) -> None:
        if not self.merges:
            return
        merge = self.merges[-1 - n % len(self.merges)]
        survivor, loser = merge["survivor"], merge["loser"]
        answer = self.api.post(f"/v1/merges/{merge['id']}/undo", {})
        now = self.state(survivor)
        touched = any(now[name] != value for name, value in merge["taken"].items())
        if merge["undone"] or self.refusal(survivor) or touched:
            assert answer.status == 409
            return
        assert answer.status == 200, answer.text
        merge["undone"] = True
        self.lives[survivor].append((self.clock.now, {**now, **merge["before"]}))
        self.set(loser, status=merge["status"], merged_into=None)

    def steal(self, other: "Book") -> None:
        """Nothing of another company's can be read, changed or merged."""
        for customer in list(other.lives)[:1]:
            path = f"/v1/customers/{customer}"
            assert self.api.get(path).status == 404
            assert self.api.get(path, as_of="2030-01-01").status == 404
            assert self.api.patch(path, {"notes": "x"}).status == 404
            for ours in list(self.lives)[:1]:
                answer = self.api.post(
                    f"/v1/customers/{ours}/merge", {"loser_id": customer}, if_match="*"
                )
                assert answer.status in (409, 410, 422)

    def check(self) -> None:
        """Lists, search, every customer, its history and every moment of its past."""
        everyone = {customer: self.state(customer) for customer in self.lives}
        for status in ("active", "inactive"):
            rows = self.api.get("/v1/customers", status=status, limit=200).json["data"]
            wanted = {i: s["number"] for i, s in everyone.items() if s["status"] == status}
            assert {row["id"]: row["number"] for row in rows} == wanted
        found = self.api.get("/v1/customers", status="all", q="acme", limit=200).json["data"]
        assert {c["id"] for c in found} == {
            i
            for i, s in everyone.items()
            if s["status"] in ("active", "inactive") and "acme" in s["display_name"].casefold()
        }
        self.check_shelves_and_orders(everyone)
        numbers = [s["number"] for s in everyone.values()]
        assert len(set(numbers)) == len(numbers)
        for customer in self.lives:
            self.check_one(customer)

    def listed(self, **query: str) -> list[str]:
        """The ids on all pages of a list of the active and the inactive."""
        found: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.api.get("/v1/customers", status="all", limit=2, **query, **cursor).json
            found += [row["id"] for row in page["data"]]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def check_shelves_and_orders(self, everyone: dict[str, State]) -> None:
        here = {i: s for i, s in everyone.items() if s["status"] in ("active", "inactive")}
        for tag in ("vip", "late"):
            assert sorted(self.listed(tag=tag)) == sorted(
                i for i, s in here.items() if tag in s["tags"]
            )
        on_portal = sorted(i for i, s in here.items() if s["portal_access"])
        assert sorted(self.listed(portal="true")) == on_portal
        created = {i: self.lives[i][0][0] for i in here}
        assert self.listed(sort="-created_at") == sorted(here, key=created.__getitem__)[::-1]
        changed = {i: self.lives[i][-1][0] for i in here}
        found = self.listed(sort="-updated_at")
        assert sorted(found) == sorted(here)
        assert [changed[i] for i in found] == sorted(changed.values())[::-1]
        for moment in changed.values():
            quiet = self.listed(inactive_since=moment.isoformat())
            assert sorted(quiet) == sorted(i for i in here if changed[i] < moment)

    def final(self, customer: str) -> str:
        while into := self.state(customer)["merged_into"]:
            customer = into
        return customer

    def check_one(self, customer: str) -> None:
        path, final = f"/v1/customers/{customer}", self.final(customer)
        answer = self.api.get(path)
        if self.state(final)["status"] == "deleted":
            assert answer.status == 410
            if customer == final:
                archive = self.api.get(f"{path}/archive", limit=200).json
                assert shown(archive["customer"]) == shown(self.state(customer))
                self.check_history(customer, archive["history"]["data"])
            return
        assert answer.json["id"] == final
        assert shown(answer.json) == shown(self.state(final))
        assert answer.json["version"] == len(self.lives[final])
        self.check_history(customer, self.api.get(f"{path}/history", limit=200).json["data"])
        for at, _ in self.lives[customer]:
            self.check_moment(customer, at)
            self.check_moment(customer, at - timedelta(seconds=1))

    def check_history(self, customer: str, events: list[State]) -> None:
        """One entry a version, and each tells the step from one state to the next."""
        life = self.lives[customer]
        assert [e["version"] for e in events] == list(range(len(life), 0, -1))
        for (_, old), (_, new), event in zip(life, life[1:], events[-2::-1], strict=False):
            told = {c["field"]: (c["old"], c["new"]) for c in event["changes"]}
            told.pop("absorbed", None)
            names = (*SHOWN, "merged_into")
            assert told == {n: (old[n], new[n]) for n in names if old[n] != new[n]}

    def at(self, customer: str, moment: datetime) -> State | int:
        """What the customer was, or the status that says why there is nothing to tell."""
        if self.state(self.final(customer))["status"] == "deleted":
            return 410
        past = [state for at, state in self.lives[customer] if at <= moment]
        if not past:
            return 404
        into = past[-1]["merged_into"]
        return self.at(into, moment) if into else past[-1]

    def check_moment(self, customer: str, moment: datetime) -> None:
        answer = self.api.get(f"/v1/customers/{customer}", as_of=moment.isoformat())
        wanted = self.at(customer, moment)
        if isinstance(wanted, int):
            assert answer.status == wanted
        else:
            assert answer.status == 200, answer.text
            assert shown(answer.json) == shown(wanted)


def shown(state: State) -> State:
    return {name: state[name] for name in SHOWN}


@pytest.mark.shows("S0.13", "S3.34")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_STEP, min_size=3, max_size=12))
def test_states_lists_numbers_history_and_the_past_agree(
    steps: list[tuple[str, str, int, int, State]],
) -> None:
    clock = Clock()
    with aws.cloud(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(bootstrap, "clock", clock)
        books = {tenant: Book(tenant, clock) for tenant in TENANTS}
        for book in books.values():
            # Two that differ, so that a short life has something to merge and to part.
            book.create({})
            book.create({"phone": "2", "email": "a@b.de", "external_id": "x1"})
        for tenant, action, one, other, patch in steps:
            books[tenant].act(action, one, other, patch)
        for tenant, book in books.items():
            book.check()
            book.steal(books[TENANTS[1 - TENANTS.index(tenant)]])
