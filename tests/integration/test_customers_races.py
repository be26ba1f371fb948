"""Two who write the same customer at once, one a moment before the other."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from roster import bootstrap
from roster.adapters.dynamodb.customers import DynamoCustomers
from roster.domain.events import Actor, Source
from roster.usecases import customers as usecases
from tests.support.api import Api

type Rivals = Callable[[int], None]


@pytest.fixture
def path(customers_api: Api) -> str:
    return f"/v1/customers/{customers_api.post('/v1/customers', {'company_name': 'A'}).json['id']}"


@pytest.fixture
def rivals(path: str, monkeypatch: pytest.MonkeyPatch) -> Rivals:
    """Somebody else's edits between our look and our write, as many times as asked for."""
    left = 0
    save = DynamoCustomers.save

    def late(self: DynamoCustomers, *given: Any) -> None:
        nonlocal left
        if left:
            left -= 1
            usecases.edit_customer(
                "acme",
                path.rsplit("/", 1)[1],
                {"phone": f"{1000 + left}"},
                if_version=None,
                actor=Actor("rita", Source.API),
                customers=_Undisturbed(),
                settings=bootstrap.company_settings(),
                clock=lambda: datetime.now(UTC),
            )
        save(self, *given)

    class _Undisturbed(DynamoCustomers):
        def __init__(self) -> None:
            super().__init__(bootstrap.table())

        def save(self, *given: Any) -> None:
            save(self, *given)

    monkeypatch.setattr(DynamoCustomers, "save", late)

    def come(times: int) -> None:
        nonlocal left
        left = times

    return come


def test_whoever_means_any_version_loses_no_race(
    customers_api: Api, path: str, rivals: Rivals
) -> None:
    rivals(3)
    edited = customers_api.patch(path, {"notes": "mine"})
    assert (edited.status, edited.json["version"]) == (200, 5)
    assert (edited.json["notes"], edited.json["phone"]) == ("mine", "1000")
    kinds = [e["kind"] for e in customers_api.get(f"{path}/history").json["data"]]
    assert kinds == ["edited"] * 4 + ["created"]
    rivals(1)
    body = {"confirm": True}
    assert customers_api.post(f"{path}/deactivate", body, if_match="*").status == 200


def test_whoever_names_a_version_is_told_that_it_is_another(
    customers_api: Api, path: str, rivals: Rivals
) -> None:
    rivals(1)
    refused = customers_api.patch(path, {"notes": "mine"}, if_match='"1"')
    assert refused.status == 412
    now = customers_api.get(path).json
    assert (now["notes"], now["phone"], now["version"]) == (None, "1000", 2)
