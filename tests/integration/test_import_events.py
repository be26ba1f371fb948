"""The events in `events/` are what the functions are given: each is answered without a fuss."""

import json
from typing import Any

import pytest

from tests.support.imports import call
from tests.support.template import ROOT


def event(name: str) -> Any:
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


pytestmark = pytest.mark.usefixtures("cloud")


def test_a_dropped_file_is_claimed_and_read() -> None:
    claimed = call("import_split", event("import_split/claim_dropped"))
    assert (claimed["next"], claimed["tenant"]) == ("plan", "acme")
    assert claimed["manifest"]["key"].startswith(f"acme/work/{claimed['import_id']}/")
    asked = {**event("import_split/split"), "import_id": claimed["import_id"]}
    assert call("import_split", asked)["next"] == "done"


@pytest.mark.parametrize("name", ["claim_announced", "claim_own_file", "claim_again"])
def test_what_nobody_waits_for_is_ignored(name: str) -> None:
    assert call("import_split", event(f"import_split/{name}")) == {"next": "ignore"}


def test_late_tasks_of_an_import_that_is_gone_do_nothing() -> None:
    assert call("import_split", event("import_split/split")) == {"next": "ignore"}
    assert call("import_load", event("import_load/chunk")) == {"chunk": 1}
    for name in ("loaded", "planning_failed"):
        assert call("import_report", event(f"import_report/{name}")) == {"status": None}
    assert call("import_resume", event("import_resume/schedule")) == {"resumed": [], "failed": []}


@pytest.mark.parametrize(
    ("name", "status"), [("start", 201), ("list", 200), ("confirm", 404), ("errors", 404)]
)
def test_requests_are_answered(name: str, status: int) -> None:
    assert call("imports_api", event(f"imports_api/{name}"))["statusCode"] == status
