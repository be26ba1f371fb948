"""Several imports of the same customers, undone one after the other in any order."""

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import aws, updates
from tests.support.api import Api
from tests.support.imports import ExecutionFailed, Machine, call, csv_of
from tests.support.updates import announce, ask, kept_of, made, now, places, undo
from tests.workflow.test_import_updates_random import BOOK, HEAD, ROWS, SETTINGS, set_up

type Json = dict[str, Any]
FIELDS = ("Company", "Email", "Phone", "Street", "City", "State", "Zip")
FIRST = ("Acme", "one@acme.test", "", "1 Main St", "Tulsa", "OK", "07601")
SECOND = ("Acme", "", "918 555 0101", "9 Far Rd", "Omaha", "NE", "68102")


pytestmark = pytest.mark.usefixtures("small_and_quick")


def imported(row: tuple[str, ...]) -> Json:
    """A file of one row, imported to its end."""
    job = announce(csv_of(FIELDS, row), mode="both", match_by="name", confirm=False)
    assert job["status"] == "completed"
    return job


def without_time(customer: Json) -> Json:
    """All that an undo brings back."""
    return {k: v for k, v in customer.items() if k not in ("version", "updated_at")}


def figures(job: Json) -> tuple[int, int, int]:
    return job["undo"]["removed"], job["undo"]["restored"], job["undo"]["kept"]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("is_made", [True, False])
def test_undone_from_the_last_on_imports_leave_nothing(
    asked_for: list[Any], stream: updates.Stream, *, is_made: bool
) -> None:
    if is_made:
        made(company_name="Acme", notes="Ours", tags=["old"])
    stream.sweep()
    before = updates.book()
    first = imported(FIRST)
    second = imported(SECOND)
    assert second["progress"]["updated"] == 1
    assert figures(undo(second, asked_for)) == (0, 1, 0)
    first = undo(first, asked_for)
    assert figures(first) == ((0, 1, 0) if is_made else (1, 0, 0))
    assert first["undo_until"] is None
    stream.sweep()
    assert updates.book() == before


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("is_made", [True, False])
def test_what_a_later_import_changed_is_left_until_that_one_is_undone(
    asked_for: list[Any], stream: updates.Stream, *, is_made: bool
) -> None:
    if is_made:
        made(company_name="Acme", notes="Ours", tags=["old"])
    stream.sweep()
    before = updates.book()
    first, second = imported(FIRST), imported(SECOND)
    (one,) = updates.everyone()
    first = undo(first, asked_for)
    assert figures(first) == (0, 0, 1)
    (kept,) = kept_of(first)
    assert (kept["code"], kept["customer_id"]) == ("imported", one["id"])
    assert second["id"] in kept["detail"]
    assert first["undo_until"], "it can be asked for again"
    assert len(places(one)) == 2
    undo(second, asked_for)
    assert now(one)["email"] == "one@acme.test"
    first = undo(first, asked_for)
    assert figures(first) == ((0, 1, 0) if is_made else (1, 0, 0))
    assert kept_of(first) == []
    answer = Api("imports_api").post(f"/v1/imports/{first['id']}/undo", {})
    assert (answer.status, answer.json["code"]) == (409, "wrong_state")
    stream.sweep()
    assert updates.book() == before


@pytest.mark.usefixtures("cloud")
def test_an_undo_that_is_asked_for_again_leaves_what_a_person_edited(
    asked_for: list[Any],
) -> None:
    one, other = made(company_name="Acme"), made(company_name="Bolt")
    job = announce(
        csv_of(("Company", "Email"), ("Acme", "a@a.test"), ("Bolt", "b@b.test")),
        mode="update", confirm=False,
    )  # fmt: skip
    for customer in (one, other):
        path = f"/v1/customers/{customer['id']}"
        assert Api("customers_api").patch(path, {"notes": "ours"}).status == 200
    for _ in range(2):
        job = undo(job, asked_for)
        assert figures(job) == (0, 0, 2)
        assert [row["code"] for row in kept_of(job)] == ["edited", "edited"]
        assert job["undo"]["percent"] == 100
    assert now(one)["email"] == "a@a.test"


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("death", range(2, 12, 2))
def test_a_worker_that_dies_in_the_later_undo_leaves_nothing_once_both_are_through(
    asked_for: list[Any], stream: updates.Stream, dying: list[int], death: int
) -> None:
    """What is tidied up behind a change may come when the customer is gone."""
    before = updates.book()
    head = ("Company", "Email", "Phone", "Tags")
    options: Json = {"mode": "both", "match_by": "name", "confirm": False}
    first = announce(csv_of(head, ("Acme", "", "", "vip")), **options)
    second = announce(csv_of(head, ("ACME", "a@a.test", "918 555 0101", "new, hot")), **options)
    ask(second, "undo")
    dying[:] = [death]
    with contextlib.suppress(updates.Died, ExecutionFailed):
        Machine().run(asked_for.pop())
    dying.clear()
    while call("import_resume", {})["resumed"]:
        Machine().run(asked_for.pop())
    assert figures(updates.import_now(second)) == (0, 1, 0)
    assert figures(undo(first, asked_for)) == (1, 0, 0)
    stream.sweep()
    assert updates.book() == before


@pytest.mark.usefixtures("cloud")
def test_an_import_that_only_met_the_customer_does_not_keep_the_first_from_being_undone(
    asked_for: list[Any],
) -> None:
    first = imported(FIRST)
    again = imported(FIRST)
    assert again["progress"]["skipped"] == 1
    assert figures(undo(first, asked_for)) == (1, 0, 0)
    assert updates.everyone() == []
    assert figures(undo(again, asked_for)) == (0, 0, 0)


OPTIONS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["create", "update", "both", "both"]),
        "match_by": st.sampled_from(["auto", "number", "external_id", "email", "name"]),
        "blank_cells": st.sampled_from(["keep", "clear"]),
    }
)


@given(
    book=BOOK,
    files=st.lists(st.tuples(ROWS, OPTIONS), min_size=2, max_size=3),
    edits=st.integers(0, 2),
    seed=st.integers(0, 1000),
)
@SETTINGS
def test_undone_in_any_order_and_asked_again_imports_leave_what_nobody_else_touched(
    asked_for: list[Any],
    stream: updates.Stream,
    dying: list[int],
    book: list[Any],
    files: list[Any],
    edits: int,
    seed: int,
) -> None:
    """Workers die before random writes, and come twice."""
    chance = random.Random(seed)  # noqa: S311 — an order, not a secret
    with aws.cloud():
        asked_for.clear()
        stream.steps.clear()
        set_up(book, chance)
        stream.sweep()
        before = updates.book()
        known = {one["id"]: one for one in updates.everyone()}
        jobs = [announce(csv_of(HEAD, *rows), **options, confirm=False) for rows, options in files]
        touched: dict[str, Json] = {}
        changed = [
            one for one in updates.everyone() if one["version"] > 1 or one["id"] not in known
        ]
        for one in chance.sample(changed, min(edits, len(changed))):
            path = f"/v1/customers/{one['id']}"
            assert Api("customers_api").patch(path, {"website": "https://ours.test"}).status == 200
            touched[one["id"]] = now(one)
        for _ in jobs:
            chance.shuffle(jobs)
            for job in jobs:
                as_it_is = updates.import_now(job)
                if as_it_is["undo"] is None or as_it_is["undo"]["kept"]:
                    ask(job, "undo")
                    updates.carried_out(asked_for, dying, chance)
        kept = [row for job in jobs for row in kept_of(updates.import_now(job))]
        stream.sweep()
        if not touched:
            assert kept == []
            assert updates.book() == before
            return
        for row in kept:
            # A number that somebody edited has by now, or what lies below what that has kept.
            assert row["customer_id"] in touched or row["code"] in ("value_taken", "imported"), row
        for one in touched.values():
            assert now(one) == one
        left = touched.keys() | {row["customer_id"] for row in kept}
        there = {one["id"]: one for one in updates.everyone()}
        assert known.keys() <= there.keys() <= known.keys() | left
        for customer_id in known.keys() - left:
            assert without_time(there[customer_id]) == without_time(known[customer_id])
