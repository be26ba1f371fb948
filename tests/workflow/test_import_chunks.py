"""How many rows of a file are loaded together, and under which name."""

import pytest

from roster import bootstrap
from roster.bootstrap import imports
from tests.support import updates
from tests.support.imports import Machine, csv_of, drop

pytestmark = pytest.mark.usefixtures("cloud")


def test_a_load_of_new_customers_takes_four_hundred_at_once_and_names_them_by_two_hundred() -> None:
    rows = [(f"Customer {n}",) for n in range(401)]
    Machine().run(drop(csv_of(("Company",), *rows)))
    (job,) = imports.repository().list("acme", limit=2, after=None).items
    assert (job.chunks, job.chunk_rows, job.tally.created) == (2, 400, 401)
    customers = bootstrap.customers()
    heads = customers.get_many("acme", customers.every_id("acme"))
    batch = {head.company_name: head.batch for head in heads.values()}
    ends = [batch[f"Customer {n}"] for n in (0, 199, 200, 399, 400)]
    assert ends == [f"{job.id}#00000{group}#00{place}" for group, place in
                    ((1, 0), (1, 7), (2, 0), (2, 7), (3, 0))]  # fmt: skip


def test_a_load_that_may_change_customers_takes_two_hundred_at_once() -> None:
    job = updates.announce(csv_of(("Company",), ("Acme",)), mode="both", confirm=False)
    stored = imports.repository().get("acme", job["id"])
    assert stored is not None
    assert (stored.chunk_rows, stored.tally.created) == (200, 1)
