"""What syncing a large QuickBooks costs: calls, requests, request units, CPU and memory.

The first pull of all customers, then a pull with nothing changed, then edits here on their way
there. The books and the table stand in this process; the CPU they take is not counted as ours.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest import mock

import boto3
import pytest
from moto.core import botocore_stubber

from bench.report import Table, figure
from roster import bootstrap
from roster.adapters.quickbooks.client import QuickBooksClient
from roster.domain.sync.connection import Run, RunStatus
from roster.domain.sync.policy import MappingOption, Mode
from roster.domain.sync.records import LinkKind
from roster.usecases.quickbooks.mapping import choose, save_mapping
from roster.usecases.quickbooks.runs import message_of, sync_slice
from tests.support import aws, request_units
from tests.support.quickbooks import DirectPool
from tests.support.sync import Office, office

LEARNED, CREATED = 100_000, 10_000
EDITS = (1, 30, 100)
_PAGE = 1000


@dataclass(slots=True)
class Others:
    """The CPU seconds that the books and the table took."""

    seconds: float = 0.0

    def timed[**P, T](self, call: Callable[P, T]) -> Callable[P, T]:
        """The call, its time counted."""

        def counting(*args: P.args, **kwargs: P.kwargs) -> T:
            began = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                self.seconds += time.process_time() - began

        return counting


@dataclass(slots=True)
class Bench:
    """A company, its QuickBooks without HTTP, and what is counted."""

    office: Office
    others: Others
    seen: dict[str, int] = field(default_factory=dict)

    def run(self, watched: Callable[[int], Any] | None = None) -> tuple[Run, float, int]:
        """A whole run: as it ended, our CPU seconds, and the requests to the table.

        Slices for which `watched` gives a context are done within it and timed in vain.
        """
        self.office.control.reset_counters()
        run = self.office.start()
        message: Any = message_of(run)
        spent, requests = 0.0, 0

        def counted(**_: object) -> None:
            nonlocal requests
            requests += 1

        events = bootstrap.dynamodb().meta.events
        events.register("before-send.dynamodb.*", counted, unique_id="bench")
        try:
            while message is not None:
                within = watched(message.slice) if watched else None
                if within is not None:
                    with within:
                        message = sync_slice(message, ports=self.office.ports)
                    continue
                began, others = time.process_time(), self.others.seconds
                message = sync_slice(message, ports=self.office.ports)
                spent += time.process_time() - began - (self.others.seconds - others)
        finally:
            events.unregister("before-send.dynamodb.*", unique_id="bench")
        self.seen = self.office.control.counters()
        done = self.office.run(run.id)
        assert done.status is RunStatus.COMPLETED, done
        return done, spent, requests


@contextmanager
def connected(customers: int) -> Iterator[Bench]:
    """A company whose QuickBooks holds so many customers, none of which has come yet."""
    others = Others()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.ENVIRONMENT.items():
            patch.setenv(name, value)
        with office(patch, as_allowed=False) as one:
            one.connect()
            direct = one.intuit.direct()
            direct.control.seed(customers)
            pool = DirectPool(direct)
            patch.setattr(pool, "request", others.timed(pool.request))
            api = QuickBooksClient(one.intuit.base_url, http=pool, sleep=lambda _: None)
            one.ports = replace(one.ports, api=api)
            stub = botocore_stubber.BotocoreStubber
            with mock.patch.object(stub, "__call__", others.timed(stub.__call__)):
                yield Bench(one, others)


@dataclass(slots=True)
class Slice:
    """What one page cost, its requests looked at one by one."""

    read: float = 0.0
    write: float = 0.0
    requests: int = 0


def _watching(found: dict[int, Slice]) -> Callable[[int], Any]:
    """Contexts that meter those of the slices that `found` has a place for."""

    @contextmanager
    def metered(at: int) -> Iterator[None]:
        client, looking = bootstrap.dynamodb(), boto3.client("dynamodb")
        with request_units.attached(client, looking) as meter:
            yield
        found[at] = Slice(meter.read(), meter.write(), meter.requests)

    return lambda at: metered(at) if at in found else None


def table(learned: int = LEARNED, created: int = CREATED) -> Table:
    """The costs, and what misses its budget."""
    over: list[str] = []
    rows = [*_learning(learned, over), *_creating(created, over)]
    head = [
        "run", "queries", "all calls", "requests to the table", "RRU", "WRU", "CPU ms",
    ]  # fmt: skip
    return Table("quickbooks-large", head, rows, over)


def _learning(customers: int, over: list[str]) -> Iterator[list[str]]:
    """Everything is read for the mapping; then few are linked, and edits here go out."""
    with connected(customers) as bench:
        bench.office.choose(
            default_option=MappingOption.DONT_IMPORT, sync_taxes=False, sync_terms=False
        )
        _, spent, requests = bench.run()
        pages = customers // _PAGE
        if _all(bench) > pages + 2:
            over.append(f"first read: {_all(bench)} calls for {pages} pages")
        yield _row(
            f"{customers:,} read for the mapping", bench, cpu=spent / customers * 1e3,
            requests=requests / customers,
        )  # fmt: skip
        _create_some(bench.office, max(EDITS))
        bench.run()
        _, spent, requests = bench.run()
        yield _row("nothing changed", bench, requests=requests, cpu=spent * 1e3)
        if _all(bench) != 1:
            over.append(f"nothing changed: {_all(bench)} calls")
        _both_ways(bench.office)
        bench.run()
        linked = [c.id for c in bench.office.customers().values()]
        for n in EDITS:
            for customer_id in linked[:n]:
                bench.office.edit_id(customer_id, {"phone": f"206-555-{n:04}"})
            _, spent, requests = bench.run()
            batches = bench.seen.get("batch", 0)
            yield _row(f"edits here: {n}", bench, cpu=spent / n * 1e3, requests=requests / n)
            if batches != -(-n // 30) or _all(bench) != batches + 1:
                over.append(f"{n} edits here: {batches} batches, {_all(bench)} calls")


def _create_some(one: Office, count: int) -> None:
    """Somebody chooses in the mapping that the first so many are to be created."""
    after = None
    left = count
    while left:
        page = one.ports.state.known(one.tenant, one.intuit.realm, limit=left, after=after)
        for link in page.items:
            if link.kind is LinkKind.CUSTOMER and link.active:
                choose(
                    one.tenant, link.quickbooks_id, option=MappingOption.CREATE,
                    customer_id=None, name=None, by="bench", ports=one.ports,
                )  # fmt: skip
                left -= 1
        after = page.next
    save_mapping(one.tenant, ports=one.ports)
    one.finish_run(one.ports.state.runs(one.tenant, limit=1, after=None).items[0])


def _creating(customers: int, over: list[str]) -> Iterator[list[str]]:
    """Everything becomes a customer here; some pages are looked at request by request."""
    with connected(customers) as bench:
        pages = customers // _PAGE
        slices = {at: Slice() for at in sorted({1, max(pages // 2, 1), pages})}
        run, spent, requests = bench.run(_watching(slices))
        # Pages that are looked at request by request are timed in vain.
        created = max(run.counts["create_here"] * (pages - len(slices)) / pages, 1)
        if _all(bench) > pages + 2:
            over.append(f"first pull: {_all(bench)} calls for {pages} pages")
        yield _row(
            f"{customers:,} created here", bench, cpu=spent / created * 1e3,
            requests=requests / run.counts["create_here"],
        )  # fmt: skip
        for at, one in slices.items():
            requests_each = one.requests / _PAGE
            yield _row(
                f"page {at} of them", None, read=one.read / _PAGE, write=one.write / _PAGE,
                requests=requests_each,
            )  # fmt: skip


def _both_ways(one: Office) -> None:
    """Edits here go to QuickBooks from now on, without a look at every record before."""
    kept = one.ports.policies.get(one.tenant).policy
    assert kept is not None
    one.ports.policies.save(one.tenant, replace(kept, mode=Mode.TWO_WAY), anew=False)


def _all(bench: Bench) -> int:
    return sum(count for name, count in bench.seen.items() if not name.startswith("_control"))


def _row(
    name: str,
    bench: Bench | None,
    *,
    requests: float | None = None,
    read: float | None = None,
    write: float | None = None,
    cpu: float | None = None,
) -> list[str]:
    cells = (requests, read, write, cpu)
    calls = [figure(bench.seen.get("query", 0)), figure(_all(bench))] if bench else ["", ""]
    return [name, *calls, *("" if one is None else figure(one) for one in cells)]


if __name__ == "__main__":
    print(table(*map(int, sys.argv[1:])).text())
