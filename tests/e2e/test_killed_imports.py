"""An import whose workers are killed in the middle of their work ends as if nothing had been."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.test_door2_imports import HEAD, csv_of, ended, everyone, found, people
from tests.support.e2e import Api, Deployed, new_tenant, wait_for

ROWS, KILLS = 8000, 10
TOLD = ("number", "display_name", "email", "phone", "status", "locations_count")


def _told(office: Api) -> Iterator[tuple[Any, ...]]:
    for customer in everyone(office):
        yield tuple(customer[name] for name in TOLD)


@pytest.mark.restarts
def test_ten_killed_workers_leave_the_same_customers_and_every_edit(
    deployed: Deployed, api: Callable[..., Api], upload: Callable[..., str]
) -> None:
    calm, stormy = new_tenant(), new_tenant()
    content = csv_of(HEAD, *people(ROWS))
    upload(calm, "calm.csv", content)
    assert ended(api(calm), "calm.csv", within_s=300)["status"] == "completed"
    office = api(stormy)
    upload(stormy, "stormy.csv", content)
    edited: dict[str, str] = {}
    killed = 0
    chance = random.Random(20261122)  # noqa: S311  # moments, not secrets

    def loading() -> bool:
        job = found(office, "stormy.csv")
        return bool(job and job["status"] == "loading")

    wait_for(loading, within_s=120, every_s=0.05, what="the load to begin")
    while killed < KILLS and loading():
        time.sleep(chance.uniform(0.05, 0.5))
        if workers := deployed.workers("ImportLoadFunction"):
            os.kill(chance.choice(workers), signal.SIGKILL)
            killed += 1
        page = office.get("/v1/customers", params={"limit": "100", "sort": "-created_at"}).json()
        for customer in chance.sample(page["data"], k=min(2, len(page["data"]))):
            notes = f"edited after {killed} kills"
            answer = office.patch(
                f"/v1/customers/{customer['id']}", json={"notes": notes}, headers={"If-Match": "*"}
            )
            assert answer.status_code == 200, answer.text
            edited[customer["id"]] = notes
    assert killed >= KILLS, f"the import was over after {killed} kills"
    job = ended(office, "stormy.csv", within_s=600)
    assert job["status"] == "completed", job
    assert job["progress"]["created"] == job["progress"]["rows_total"] == ROWS
    assert sorted(_told(office)) == sorted(_told(api(calm)))
    assert edited
    for customer_id, notes in edited.items():
        assert office.get(f"/v1/customers/{customer_id}").json()["notes"] == notes
