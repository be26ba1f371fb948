"""Saving more of the mapping than one request has the time for."""

from typing import Any

import pytest

from roster.usecases.quickbooks import mapping
from tests.support.api import Api
from tests.support.sync import Office

BOOKS = Api("quickbooks_api")
PATH = "/v1/quickbooks/mappings"


@pytest.fixture
def acme(acme: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(mapping, "SAVED_AT_ONCE", 3)
    acme.choose(default_option="dont_import", sync_taxes=False, sync_terms=False)
    return acme


def choose(quickbooks_id: str, option: str, **values: Any) -> None:
    answer = BOOKS.call("PUT", f"{PATH}/{quickbooks_id}", {"option": option, **values})
    assert answer.status == 200, answer.text


def save() -> dict[str, Any]:
    answer = BOOKS.post(f"{PATH}/save", {})
    assert answer.status == 202, answer.text
    return dict(answer.json)


def entered(acme: Office, count: int) -> list[str]:
    ids = [acme.control.create(f"Customer {n}")["Id"] for n in range(count)]
    acme.pull()
    return ids


def test_call_after_call_saves_what_is_left_and_the_last_one_begins_the_run(acme: Office) -> None:
    for one in entered(acme, 8):
        choose(one, "create")
    assert BOOKS.post(f"{PATH}/default", {"option": "existing"}).status == 200
    for one in acme.ports.state.known(acme.tenant, acme.intuit.realm, limit=20, after=None).items:
        choose(one.quickbooks_id, "create")
    said = [save() for _ in range(3)]
    assert [(one["saved"], one["left"]) for one in said] == [(3, 5), (3, 2), (2, 0)]
    assert [one["run_id"] is None for one in said] == [True, True, False]
    assert [one["default_option"] for one in said] == [None, None, "existing"]
    assert acme.work() == []
    assert len(acme.customers()) == 8
    assert save() == {"saved": 0, "left": 0, "default_option": None, "run_id": None}


def test_who_swap_their_customers_are_saved_together(acme: Office) -> None:
    ids = entered(acme, 6)
    ours = [acme.create(f"Ours {n}").id for n in range(6)]
    for one, customer in zip(ids, ours, strict=True):
        choose(one, "existing", customer_id=customer)
    save()
    save()
    assert acme.work() == []
    # The first takes what the last has, and so on round: they go in one request, or not at all.
    turned = [ours[-1], *ours[:-1]]
    choose(ids[0], "dont_import")
    for one, customer in zip(ids[1:], turned[1:], strict=True):
        choose(one, "existing", customer_id=customer)
    choose(ids[0], "existing", customer_id=turned[0])
    said = save()
    assert (said["saved"], said["left"]) == (6, 0)
    assert acme.work() == []
    now = {c.quickbooks: c.id for c in acme.customers().values() if c.quickbooks}
    assert [now[one] for one in ids] == turned


def test_a_customer_chosen_twice_is_refused_before_anything_is_saved(acme: Office) -> None:
    ids = entered(acme, 7)
    ours = acme.create("Ours").id
    for one in ids[1:-1]:
        choose(one, "create")
    choose(ids[0], "existing", customer_id=ours)
    choose(ids[-1], "existing", customer_id=ours)
    answer = BOOKS.post(f"{PATH}/save", {})
    assert (answer.status, answer.json["errors"][0]["code"]) == (422, "taken")
    assert acme.ports.decisions.saved(acme.tenant, acme.intuit.realm, ids) == {}
    choose(ids[-1], "create")
    assert [save()["left"] for _ in range(3)] == [4, 1, 0]


def test_a_draft_that_was_changed_while_it_was_saved_stays(acme: Office) -> None:
    ids = entered(acme, 2)
    for one in ids:
        choose(one, "create")
    decisions, realm = acme.ports.decisions, acme.intuit.realm
    before = decisions.drafts(acme.tenant, realm)
    choose(ids[1], "dont_import")
    decisions.drop_drafts(acme.tenant, realm, before)
    [left] = decisions.drafts(acme.tenant, realm)
    assert (left.quickbooks_id, left.option) == (ids[1], "dont_import")
