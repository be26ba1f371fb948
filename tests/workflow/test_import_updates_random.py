"""Random files against random books: the plan, the load, the second time and the undo."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from roster import bootstrap
from roster.domain.customer import EDITABLE
from roster.domain.history import plain
from tests.support import aws, updates
from tests.support.api import Api
from tests.support.imports import csv_of

HEAD = ("Customer #", "External ID", "Company", "First Name", "Email", "Phone", "Tags", "Notes",
        "Website", "Billing Street", "Billing City", "Street", "City", "State", "Zip")  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["create", "update", "both"]),
        "match_by": st.sampled_from(["auto", "number", "external_id", "email", "name"]),
        "blank_cells": st.sampled_from(["keep", "clear"]),
    }
)
PLACES = [
    ("", "", "", ""),
    ("1 Main St", "Tulsa", "OK", "07601"),
    ("9 Far Rd", "Omaha", "NE", "68102"),
]
NUMBERS, IDS = ["", "N-1", "N-2", "n-1"], ["", "X1", "X2", "x1"]
NAMES = ["Acme", "ACME", "Bolt", "Coil & Sons"]
EMAILS = ["", "a@one.test", "A@one.test", "b@two.test", "no address"]
PHONES = ["", "918 555 0101", "918 555 0102"]


def cell(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


ROWS = st.lists(
    st.tuples(
        cell(*NUMBERS), cell(*IDS), cell(*NAMES), cell("", "Zoë"), cell(*EMAILS), cell(*PHONES),
        cell("", "vip", "vip, new"), cell("", "Gate 7", "Call first"),
        cell("", "https://acme.test", "no site"), cell("", "1 Bill St"), cell("", "Paris"),
        st.sampled_from(PLACES),
    ).map(lambda row: (*row[:-1], *row[-1])),
    min_size=1,
    max_size=6,
)  # fmt: skip
# The same row again, somewhere below.
DOUBLED = st.tuples(ROWS, st.lists(st.integers(0, 5), max_size=2)).map(
    lambda told: told[0] + [told[0][n % len(told[0])] for n in told[1]]
)
BOOK = st.lists(
    st.fixed_dictionaries(
        {"company_name": cell("Acme", "Bolt", "Dune")},
        optional={
            "first_name": st.just("Zoë"),
            "email": cell("a@one.test", "b@two.test"),
            "phone": cell("918 555 0101", "918 555 0103"),
            "tags": st.just(["old"]),
            "notes": cell("Gate 7", "Gate 7\nCall first", "Ours"),
            "billing_address": st.just({"street": "5 Old St", "zip": "10115"}),
            "service_location": st.just(
                {"street": "1 main st.", "city": "Tulsa", "state": "OK", "zip": "07601"}
            ),
        },
    ),
    max_size=4,
)


pytestmark = pytest.mark.usefixtures("small_and_quick")


def set_up(book: list[dict[str, Any]], chance: random.Random) -> None:
    updates.manual_numbers()
    for position, values in enumerate(book):
        keys = {"number": f"N-{position + 1}"} if chance.random() < 0.7 else {}
        if chance.random() < 0.7:
            keys["external_id"] = f"X{position + 1}"
        one = updates.made(**values, **keys)
        if chance.random() < 0.3:
            path = f"/v1/customers/{one['id']}/deactivate"
            Api("customers_api").post(path, {"confirm": True}, if_match="*")


def _by_id() -> dict[str, dict[str, Any]]:
    heads = bootstrap.customers().get_many("acme", (one["id"] for one in updates.everyone()))
    fields = {
        i: {name: plain(getattr(head, name)) for name in (*EDITABLE, "status")}
        for i, head in heads.items()
    }
    return {
        one["id"]: {
            **one,
            "fields": fields[one["id"]],
            "locations": updates.places(one),
            "contacts": updates.people(one),
        }
        for one in updates.everyone()
    }


def _told(plan: list[dict[str, Any]], before: dict[str, Any], after: dict[str, Any]) -> None:
    """What happened is what the plan said, row for row and field for field."""
    created = [after[i] for i in after if i not in before]
    assert before.keys() <= after.keys()
    assert sorted(one["display_name"] for one in created) == sorted(
        row["name"] for row in plan if row["action"] == "create"
    )
    changed = {row["customer_id"]: row for row in plan if row["action"] == "update"}
    assert len(changed) == sum(row["action"] == "update" for row in plan)
    for customer_id, was in before.items():
        is_now = after[customer_id]
        if customer_id not in changed:
            assert is_now == was
            continue
        row = changed[customer_id]
        rows = [row, *(r for r in plan if r.get("same_as") == f"row {row['line']}")]
        assert is_now["version"] == was["version"] + 1
        old, new = was["fields"], is_now["fields"]
        assert {n: (old[n], new[n]) for n in old if old[n] != new[n]} == {
            change["field"]: (change["old"], change["new"]) for change in row["changes"]
        }
        added = sum(r["locations_added"] for r in rows if r["action"] in ("update", "join"))
        assert len(is_now["locations"]) == len(was["locations"]) + added
        for place in was["locations"]:
            assert place in is_now["locations"]


PHASES = [Phase.explicit, Phase.generate]
SETTINGS = settings(
    phases=PHASES,
    max_examples=20,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)


@given(book=BOOK, rows=ROWS, options=OPTIONS, seed=st.integers(0, 1000))
@SETTINGS
def test_the_plan_is_what_happens_and_the_undo_leaves_the_book_as_it_was(
    asked_for: list[Any],
    stream: updates.Stream,
    book: list[Any],
    rows: list[Any],
    options: dict[str, Any],
    seed: int,
) -> None:
    with aws.cloud():
        asked_for.clear()
        stream.steps.clear()
        set_up(book, random.Random(seed))  # noqa: S311 — no secret
        stream.sweep()
        before, people_before = updates.book(), _by_id()
        job = updates.announce(csv_of(HEAD, *rows), **options)
        plan = updates.plan_of(job)
        assert len(plan) == len(rows)
        for action, count in job["plan"].items():
            assert sum(row["action"] == action for row in plan) == count
        assert updates.book() == before, "a plan writes nothing"
        job = updates.confirm(job, asked_for)
        assert job["status"] in ("completed", "completed_with_errors")
        progress = job["progress"]
        assert [progress[n] for n in ("created", "updated", "joined", "skipped", "failed")] == [
            job["plan"][n] for n in ("create", "update", "join", "skip", "error")
        ]
        after = _by_id()
        _told(plan, people_before, after)
        job = updates.undo(job, asked_for)
        assert (job["status"], updates.kept_of(job)) == ("undone", [])
        assert job["undo"]["restored"] == progress["updated"]
        stream.sweep()
        assert updates.book() == before


@given(book=BOOK, rows=DOUBLED, options=OPTIONS, seed=st.integers(0, 1000), auto=st.booleans())
@settings(SETTINGS, derandomize=True)
def test_a_file_imported_twice_does_no_more_than_once(
    book: list[Any], rows: list[Any], options: dict[str, Any], seed: int, *, auto: bool
) -> None:
    with aws.cloud():
        set_up(book, random.Random(seed))  # noqa: S311 — no secret
        admin = Api("settings_api", role="admin")
        assert admin.patch("/v1/settings", {"auto_numbering": auto}).status == 200
        content = csv_of(HEAD, *rows)
        first = updates.announce(content, **options, confirm=False)
        once = updates.book(with_past=True)
        job = updates.announce(content, **options, confirm=False)
        assert (job["progress"]["created"], job["progress"]["updated"]) == (0, 0)
        assert updates.book(with_past=True) == once
        plan, again = updates.plan_of(first), updates.plan_of(job)
        if updates.together(plan) == updates.together(again):
            assert updates.failed(plan) == updates.failed(again)


@given(book=BOOK, rows=ROWS, options=OPTIONS, seed=st.integers(0, 1000))
@SETTINGS
def test_workers_that_die_come_twice_or_in_another_order_change_nothing_of_it(
    asked_for: list[Any],
    stream: updates.Stream,
    dying: list[int],
    book: list[Any],
    rows: list[Any],
    options: dict[str, Any],
    seed: int,
) -> None:
    chance = random.Random(seed)  # noqa: S311 — no secret
    with aws.cloud():
        asked_for.clear()
        stream.steps.clear()
        set_up(book, chance)
        stream.sweep()
        before, people_before = updates.book(), _by_id()
        job = updates.announce(csv_of(HEAD, *rows), **options)
        plan = updates.plan_of(job)
        updates.ask(job, "confirm", plan_hash=job["plan_hash"])
        updates.carried_out(asked_for, dying, chance)
        job = updates.import_now(job)
        progress = job["progress"]
        assert [progress[n] for n in ("created", "updated", "joined", "skipped", "failed")] == [
            job["plan"][n] for n in ("create", "update", "join", "skip", "error")
        ]
        _told(plan, people_before, _by_id())
        updates.ask(job, "undo")
        updates.carried_out(asked_for, dying, chance)
        job = updates.import_now(job)
        assert (job["status"], updates.kept_of(job)) == ("undone", [])
        stream.sweep()
        assert updates.book() == before
