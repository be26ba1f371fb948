"""What must hold of the state machine's definition, and of how the template wires it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.imports import DEFINITION, definition
from tests.support.template import properties

MACHINE = definition()


def state_sets(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine, and those inside its Maps."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from state_sets(state["ItemProcessor"])


def tasks() -> list[tuple[str, dict[str, Any]]]:
    """Every task, by name."""
    return [
        (name, state)
        for machine in state_sets(MACHINE)
        for name, state in machine["States"].items()
        if state["Type"] == "Task"
    ]


def following(state: dict[str, Any]) -> set[str]:
    """Every state that may come next."""
    found = {state[key] for key in ("Next", "Default") if key in state}
    for key in ("Choices", "Catch"):
        found |= {one["Next"] for one in state.get(key, ())}
    return found


def test_every_state_is_reached_and_every_way_leads_somewhere() -> None:
    for machine in state_sets(MACHINE):
        reached, open_ends = set(), {machine["StartAt"]}
        while open_ends:
            name = open_ends.pop()
            reached.add(name)
            open_ends |= following(machine["States"][name]) - reached
        assert reached == set(machine["States"])
        for name, state in machine["States"].items():
            ends = state.get("End") or state["Type"] in ("Succeed", "Fail")
            assert ends or following(state), f"{name} leads nowhere"


@pytest.mark.parametrize(("name", "task"), tasks())
def test_every_task_is_tried_again_and_bounded_in_time(name: str, task: dict[str, Any]) -> None:
    (retry,) = task["Retry"]
    assert "States.TaskFailed" in retry["ErrorEquals"]
    assert retry["MaxAttempts"] >= 3
    assert retry["BackoffRate"] > 1
    function = {"import_split": "Split", "import_load": "Load", "import_report": "Report"}[
        task["Parameters"]["FunctionName"]
    ]
    timeout = properties(f"Import{function}Function")["Timeout"]
    if name not in ("Claim", "ReportFailure"):
        assert task["TimeoutSeconds"] > timeout, "the workflow gives up before the function does"


def test_a_broken_machine_fails_the_load_and_nothing_hides_it() -> None:
    load = MACHINE["States"]["LoadChunks"]
    assert "Catch" not in load
    assert load["ToleratedFailurePercentage"] == 0
    assert load["MaxConcurrency"] > 0
    assert load["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"


def test_the_replay_of_a_chunk_comes_after_the_lease_of_the_one_before() -> None:
    from roster.usecases.imports.load import LEASE
    from roster.usecases.imports.undo import LOAD_MAY_LINGER

    (retry,) = MACHINE["States"]["LoadChunks"]["ItemProcessor"]["States"]["LoadChunk"]["Retry"]
    waited = sum(
        min(retry["IntervalSeconds"] * retry["BackoffRate"] ** n, retry["MaxDelaySeconds"])
        for n in range(retry["MaxAttempts"])
    )
    assert waited > 2 * LEASE.total_seconds()
    # An undo waits for a load that was given up besides, and that for its function's limit.
    assert LOAD_MAY_LINGER.total_seconds() >= properties("ImportLoadFunction")["Timeout"]
    assert waited > (LEASE + LOAD_MAY_LINGER).total_seconds()


def test_the_template_gives_every_placeholder_its_function() -> None:
    machine = properties("CustomerImport")
    assert machine["DefinitionUri"] == "statemachines/customer_import.asl.json"
    given = machine["DefinitionSubstitutions"]
    text = DEFINITION.read_text()
    for name, function in given.items():
        assert f"${{{name}}}" in text
        assert function == {"Fn::GetAtt": f"{name.removesuffix('Arn')}.Arn"}
    assert text.count("${") == sum(text.count(f"${{{name}}}") for name in given)
    json.loads(text)


def test_the_rule_listens_to_uploads_and_not_to_our_own_files() -> None:
    import fnmatch

    from roster.usecases.imports import names

    pattern = properties("ImportArrivals")["EventPattern"]
    wildcards = [one["wildcard"] for one in pattern["detail"]["object"]["key"]]

    def heard(key: str) -> bool:
        return any(fnmatch.fnmatchcase(key, wildcard) for wildcard in wildcards)

    assert heard("acme/inbox/any.xlsx")
    assert heard(names.upload_key("acme", "imp_1", "any.xlsx"))
    for name in (names.PLAN, names.NAMES, names.MANIFEST, names.chunk(1), names.result(1)):
        assert not heard(names.work_key("acme", "imp_1", name))
        assert names.arrival(names.work_key("acme", "imp_1", name)) is None
