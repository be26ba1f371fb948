"""What plans are made from, kept and read again: the same decisions, to the byte."""

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import roster.domain
from roster.adapters.s3.sync_inputs import RULES, engine, packed, unpacked
from roster.domain.sync import push
from roster.domain.sync.replays import Inputs, Kept, PullInputs, PushInputs, differences, plain
from roster.domain.sync.steps import PushStep, Step, plan_as_text
from tests.support.sync_histories import history
from tests.support.sync_run import Run

_HISTORIES, _CHUNKS = 120, 6


def plans(monkeypatch: pytest.MonkeyPatch, seeds: Sequence[int]) -> list[tuple[bytes, str]]:
    """All plans of these histories that say or do anything: as kept, and as text."""
    found: list[tuple[bytes, str]] = []

    def planned(inputs: Inputs, steps: Sequence[Step | PushStep]) -> None:
        # At once: what a history works on goes on changing.
        if steps:
            found.append((packed(7, inputs, steps), plan_as_text(steps)))

    monkeypatch.setattr(Run, "planned", staticmethod(planned))
    for seed in seeds:
        history(seed)
    return found


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_every_plan_of_a_history_is_made_again_to_the_byte(
    monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    found = plans(monkeypatch, range(chunk, _HISTORIES, _CHUNKS))
    kinds = set()
    for content, text in found:
        kept = unpacked(content)
        kinds.add(type(kept.inputs))
        assert (kept.slice, kept.engine) == (7, engine())
        again = kept.inputs.decide()
        assert plan_as_text(again) == text
        assert packed(7, kept.inputs, again) == content
        assert differences(kept) == ()
    assert kinds == {PullInputs, PushInputs}


def test_what_a_changed_rule_decides_otherwise_is_told_by_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = [unpacked(content) for content, _ in plans(monkeypatch, range(8))]
    pushes = [kept for kept in every if isinstance(kept.inputs, PushInputs)]
    real = push.why_not
    monkeypatch.setattr(
        push, "why_not", lambda name, value: "is odd" if name == "phone" else real(name, value)
    )
    told = [one for kept in pushes for one in differences(kept)]
    assert told
    for one in told:
        assert one.then is not None
        assert one.now is not None
        assert one.record == one.then["customer_id"]
        assert "is odd" in str(one.now["actions"])
        assert "is odd" not in str(one.then["actions"])


def test_steps_that_are_gone_new_or_in_another_order_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every = [unpacked(content) for content, _ in plans(monkeypatch, range(8))]
    inputs = max(every, key=lambda kept: len(kept.steps)).inputs
    as_kept = [plain(step) for step in inputs.decide()]
    assert len(as_kept) > 1

    def told(kept_steps: Sequence[dict[str, object]]) -> list[tuple[bool, bool]]:
        kept = Kept(slice=1, engine="x", inputs=inputs, steps=tuple(kept_steps))
        return [(one.then is None, one.now is None) for one in differences(kept)]

    assert told(as_kept) == []
    assert told(as_kept[1:]) == [(True, False)]
    renamed = {**as_kept[0], "record": "0", "customer_id": "0"}
    assert sorted(told([renamed, *as_kept])) == [(False, True)]
    mixed = list(as_kept)
    while mixed == as_kept:
        random.Random(1).shuffle(mixed)  # noqa: S311 — chance, not a secret
        mixed.reverse()
    kept = Kept(slice=1, engine="x", inputs=inputs, steps=tuple(mixed))
    [one] = differences(kept)
    assert (one.record, one.then is not None, one.now is not None) == ("", True, True)


def test_tax_numbers_are_not_kept_and_nothing_is_decided_by_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, pan = "27AAPFU0939F1ZV", "AAPFU0939F"
    for content, text in plans(monkeypatch, range(4)):
        inputs = unpacked(content).inputs
        if isinstance(inputs, PushInputs):
            ours = tuple(replace(c, gstin=number, pan=pan) for c in inputs.ours)
            told: Inputs = replace(inputs, ours=ours)
        else:
            people = {
                i: replace(c, gstin=number, pan=pan) for i, c in inputs.here.customers.items()
            }
            told = replace(inputs, here=replace(inputs.here, customers=people))
        assert plan_as_text(told.decide()) == text
        assert packed(7, told, told.decide()) == content


def test_the_version_of_the_engine_is_that_of_all_the_code_that_decides() -> None:
    domain = Path(next(iter(roster.domain.__path__)))
    found: set[Path] = set()
    left = [domain / "sync/pull.py", domain / "sync/push.py"]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += _imported(one, domain)
    assert {one.stem for one in found if one.parent == domain} == set(RULES)
    assert {one.parent.name for one in found} == {"domain", "sync"}


def _imported(source: Path, domain: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("roster.domain"):
            place = domain.joinpath(*str(node.module).split(".")[2:])
            names = [place / f"{one.name}.py" for one in node.names]
            yield from (one for one in (place.with_suffix(".py"), *names) if one.is_file())
