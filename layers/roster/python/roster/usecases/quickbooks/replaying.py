"""Planning again from what a run was planned from: the same, or what the engine does otherwise."""

from dataclasses import dataclass
from datetime import timedelta

from roster.domain.errors import Gone, WrongState
from roster.domain.sync.connection import Run
from roster.domain.sync.replays import Difference, Kept, differences
from roster.usecases.quickbooks import connecting
from roster.usecases.quickbooks.ports import QuickBooksPorts

KEPT_FOR = timedelta(days=90)
# A page of plans ends after so many, or after so many records: a request has less than 30 s.
_PLANS, _RECORDS = 100, 3000
_MOST_SHOWN = 100


class InputsGone(Gone):
    """What the run was planned from is no longer kept."""

    code = "inputs_gone"


class InputsNeverKept(WrongState):
    """The run is older than the keeping of inputs."""

    code = "inputs_never_kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One page of a run's plans made again: of how many slices and records, and what differs.

    `differing` counts all differences of the page, of which the first hundred are shown.
    """

    run: Run
    slices: int
    records: int
    differing: int
    differences: tuple[Difference, ...]
    then: tuple[str, ...]
    now: str
    next: str | None


def replay(tenant: str, run_id: str, *, after: str | None, ports: QuickBooksPorts) -> Replayed:
    """Plan again, with today's engine, behind the plan named `after`; changes nothing.

    Raises NotFound, WrongState for a run that is not over or from before inputs were kept, and
    InputsGone.
    """
    run = connecting.run(tenant, run_id, ports=ports)
    names = _names(run, ports)
    left = [name for name in names if after is None or name > after]
    slices, engines = set[int](), set[str]()
    records = differing = 0
    shown: list[Difference] = []
    at = after
    for name in left[:_PLANS]:
        kept = _read(run, name, ports)
        slices.add(kept.slice)
        engines.add(kept.engine)
        records += kept.inputs.size
        found = differences(kept)
        differing += len(found)
        shown += found[: _MOST_SHOWN - len(shown)]
        at = name
        if records >= _RECORDS:
            break
    return Replayed(
        run=run, slices=len(slices), records=records, differing=differing,
        differences=tuple(shown), then=tuple(sorted(engines)), now=ports.kept.engine(),
        next=at if left and at != left[-1] else None,
    )  # fmt: skip


def _names(run: Run, ports: QuickBooksPorts) -> list[str]:
    if not run.is_over:
        raise WrongState("the run is not over", code="run_under_way")
    if run.kept is None:
        raise InputsNeverKept("the run is from before it was kept what runs are planned from")
    names = sorted(ports.kept.names(run.tenant, run.id))
    if len(names) < run.kept:
        raise _gone(run, ports)
    return names


def _read(run: Run, name: str, ports: QuickBooksPorts) -> Kept:
    kept = ports.kept.read(run.tenant, run.id, name)
    if kept is None:
        raise _gone(run, ports)
    return kept


def _gone(run: Run, ports: QuickBooksPorts) -> InputsGone:
    if ports.clock() - run.started_at >= KEPT_FOR:
        return InputsGone("what a run is planned from is kept for 90 days; this one is older")
    return InputsGone(
        "what the run was planned from was deleted when a customer's data were erased; its report"
        " still says what it did"
    )
