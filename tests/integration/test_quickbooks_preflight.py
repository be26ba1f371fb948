"""GET /v1/quickbooks/preflight: one call before a sync, and what to do first."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.sync import Office, office

ADMIN = Api("quickbooks_api", role="admin", user="ada")
VIEWER = Api("quickbooks_api", role="viewer", user="vic")
PATH = "/v1/quickbooks/preflight"


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with office(monkeypatch) as one:
        yield one


def looked() -> dict[str, Any]:
    answer = VIEWER.get(PATH)
    assert answer.status == 200, answer.text
    return dict(answer.json)


def test_print(acme: Office) -> None:
    import json
    print(json.dumps(looked(), indent=1, ensure_ascii=False))
    acme.connect()
    acme.control.seed(12, jobs=3)
    print(json.dumps(looked(), indent=1, ensure_ascii=False))
    print(acme.control.counters())
