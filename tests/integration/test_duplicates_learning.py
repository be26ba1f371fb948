"""What a company decided about its pairs weighs in its next search, and in nobody else's."""

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from roster.bootstrap import duplicates
from roster.domain.duplicate_learning import ENOUGH, ENOUGH_OF_A_KIND
from tests.support.api import Api
from tests.support.context import LambdaContext

# Branches of one name with numbers of their own, and one customer typed twice.
BRANCHES = [
    *("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gum", "Hazel", "Ironwood", "Juniper"),
    *("Kapok", "Larch", "Maple", "Nutmeg"),
]
TWICE = [
    *("Osprey", "Plover", "Quail", "Raven", "Swift", "Tern", "Umbrette", "Vulture", "Wren"),
    *("Xenops", "Yaffle", "Zeledonia"),
]
DISMISSED, MERGED = 12, 10


def search(api: Api, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    events: list[dict[str, str]] = []

    class Starter:
        def start(self, tenant: str, scan_id: str) -> None:
            events.append({"tenant": tenant, "scan_id": scan_id})

    monkeypatch.setattr(duplicates, "scans", Starter)
    assert api.post("/v1/duplicates/scan", None).status == 202
    worker = importlib.import_module("functions.duplicates_scan.app")
    worker.lambda_handler(events.pop(), LambdaContext("duplicates_scan"))
    found: dict[str, Any] = api.get("/v1/duplicates/scan").json
    assert found["status"] == "completed"
    return found


def pairs(api: Api) -> dict[str, dict[str, Any]]:
    """The pairs to review by the first word of the first one's name."""
    listed = api.get("/v1/duplicates", limit=50).json
    assert listed["next_cursor"] is None
    return {min(c["display_name"] for c in p["customers"]).split()[0]: p for p in listed["data"]}


def scores(api: Api) -> dict[str, float]:
    return {word: pair["score"] for word, pair in pairs(api).items()}


def book(tenant: str) -> Api:
    api = Api("customers_api", tenant=tenant)
    rows = [
        (f"{word} {word}house {word}yard", f"41555500{i:02}") for i, word in enumerate(BRANCHES)
    ]
    rows += [
        (f"{word} {word}house {word}yard", f"7078{i:02}9966") for i, word in enumerate(BRANCHES)
    ]
    rows += [(f"{word} Repairs", f"41555520{i:02}") for i, word in enumerate(TWICE)]
    rows += [(f"{word}s Repair Shop", f"41555520{i:02}") for i, word in enumerate(TWICE)]
    body = {"customers": [{"company_name": name, "phone": phone} for name, phone in rows]}
    answer = api.post("/v1/customers/batch", body)
    assert {one["status"] for one in answer.json["results"]} == {201}, answer.text
    return api


def merge(api: Api, pair: dict[str, Any]) -> str:
    survivor, loser = (customer["id"] for customer in pair["customers"])
    path = f"/v1/customers/{survivor}/merge"
    answer = api.post(path, {"loser_id": loser}, if_match="*")
    assert answer.status == 200, answer.text
    return str(answer.json["merge_id"])


def dismiss_branches(api: Api, count: int = DISMISSED) -> None:
    listed = pairs(api)
    for word in BRANCHES[:count]:
        assert api.post(f"/v1/duplicates/{listed[word]['id']}/dismiss", None).status == 204


def merge_doubles(api: Api) -> list[str]:
    listed = pairs(api)
    return [merge(api, listed[word]) for word in TWICE[:MERGED]]


@pytest.fixture
def reviewed(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Api]:
    """A company that has merged what was typed twice, all the same but for what it dismisses."""

    def make(tenant: str) -> Api:
        api = book(tenant)
        assert search(api, monkeypatch)["learned_from"] == 0
        assert set(pairs(api)) == {*BRANCHES, *TWICE}
        merge_doubles(api)
        return api

    return make


def test_reviews_move_the_scores_their_way(
    reviewed: Callable[[str], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    acme, zenith = reviewed("acme"), reviewed("zenith")
    dismiss_branches(acme)
    taught, fixed = search(acme, monkeypatch), search(zenith, monkeypatch)
    assert (taught["learned_from"], fixed["learned_from"]) == (DISMISSED + MERGED, 0)
    assert taught["customers"] == fixed["customers"]
    learned, other = scores(acme), scores(zenith)
    for word in BRANCHES[DISMISSED:]:
        assert learned.get(word, 0.0) < other[word] - 1
    for word in TWICE[MERGED:]:
        assert learned[word] > other[word] + 1
    # The same once more gives the same.
    assert search(acme, monkeypatch)["learned_from"] == DISMISSED + MERGED
    assert scores(acme) == learned


def test_a_merge_that_was_undone_teaches_nothing_and_a_later_merge_outdoes_a_dismissal(
    reviewed: Callable[[str], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = reviewed("acme")
    search(api, monkeypatch)
    listed = pairs(api)
    late = merge(api, listed[TWICE[MERGED]])
    dismiss_branches(api)
    assert search(api, monkeypatch)["learned_from"] == DISMISSED + MERGED + 1
    assert api.post(f"/v1/merges/{late}/undo", None).status == 200
    assert search(api, monkeypatch)["learned_from"] == DISMISSED + MERGED
    assert TWICE[MERGED] in pairs(api)
    merge(api, listed[BRANCHES[0]])
    again = search(api, monkeypatch)
    # Still as many, one of them says the opposite now.
    assert again["learned_from"] == DISMISSED + MERGED


def test_pairs_merged_during_the_search_are_learned_from_in_the_next_one(
    cloud: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roster.usecases import duplicates as usecases

    api = book("acme")
    search(api, monkeypatch)
    dismiss_branches(api)
    find = usecases.find_pairs

    def slow(records: Any, **options: Any) -> Any:
        found = find(records, **options)
        merge_doubles(api)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(usecases, "find_pairs", slow)
        assert search(api, monkeypatch)["learned_from"] == 0
    assert search(api, monkeypatch)["learned_from"] == DISMISSED + MERGED


def test_a_few_reviews_or_reviews_of_one_kind_change_nothing(
    reviewed: Callable[[str], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = reviewed("acme")
    search(api, monkeypatch)
    before = scores(api)
    few = ENOUGH_OF_A_KIND - 1
    assert MERGED + few < ENOUGH
    dismiss_branches(api, few)
    assert search(api, monkeypatch)["learned_from"] == 0
    assert scores(api) == {w: s for w, s in before.items() if w not in BRANCHES[:few]}
