"""A run that tries chosen lines of an earlier one's report again, and looks at nothing else.

First their records, read by their ids in one query; then, where the mode pushes, their customers.
It neither hears of other changes nor moves what the next whole run begins from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from roster.domain.sync.connection import Phase, ReportRow, Run
from roster.domain.sync.outcomes import Chosen, Code
from roster.domain.sync.records import LinkStatus, TheirCustomer, as_theirs
from roster.domain.sync.steps import Look, Verb
from roster.usecases.quickbooks.apply import apply_page
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.pulling import keep_names, skew_of
from roster.usecases.quickbooks.pushing import is_through, push_slice
from roster.usecases.quickbooks.tokens import asked

_CUSTOMER = "Customer"
_ROWS = 200


def chosen_slice(run: Run, ports: QuickBooksPorts) -> tuple[Run, bool]:
    """The records in one slice, then the customers in batches; whether it is through."""
    if run.phase is Phase.PULL:
        moved = _pulled(run, ports)
        customers = tuple(dict.fromkeys(c.customer for c in run.chosen if c.customer))
        if run.policy.mode.pushes and customers:
            return replace(moved, phase=Phase.CHANGED, again=customers), False
    else:
        moved = push_slice(run, ports)
        if not is_through(moved):
            return moved, False
    _tell_the_rest(run, ports)
    return moved, True


def _pulled(run: Run, ports: QuickBooksPorts) -> Run:
    ids = sorted({c.record for c in run.chosen if c.record.isdigit()})
    if not ids:
        return run

    def ask(token: str) -> tuple[Run, list[TheirCustomer]]:
        rows, time, calls = ports.api.by_ids(run.realm, token, _CUSTOMER, ids)
        read = replace(
            run, calls=run.calls + calls, reads=run.reads + calls, began=time,
            skew=skew_of(time, ports.clock()),
        )  # fmt: skip
        return read, [ports.wire.customer(row) for row in rows]

    (moved, theirs), in_vain = asked(run.tenant, ports, ask)
    moved = replace(moved, calls=moved.calls + in_vain, reads=moved.reads + in_vain)
    theirs += _not_there(run, sorted(set(ids) - {t.id for t in theirs}), ports)
    keep_names(run, theirs, ports)
    # When it was last looked at without what it shows now is not known: only its link may tell.
    apply_page(run, theirs, Look(None, moved.skew), ports=ports)
    return moved


def _not_there(run: Run, ids: Sequence[str], ports: QuickBooksPorts) -> list[TheirCustomer]:
    """Those that were merged into others, as they were; of those that are gone a line says so."""
    links = ports.state.links(run.tenant, run.realm, ids) if ids else {}
    told = ports.merges.merges(run.tenant, run.realm) if ids else {}
    merged = [
        link for i, link in links.items() if i in told and link.status is not LinkStatus.MERGED
    ]
    gone = [c for c in run.chosen if c.record in set(ids) - {o.quickbooks_id for o in merged}]
    rows = [
        _row(run, c, Verb.SKIP, f"“{c.name}” is gone from QuickBooks ({c.record}).", Code.GONE)
        for c in gone
    ]
    ports.state.add_rows(run, rows)
    return [as_theirs(link) for link in merged]


def _tell_the_rest(run: Run, ports: QuickBooksPorts) -> None:
    """Say of each line of which nothing was said that nothing is left to do, or why."""
    records, customers = set[str](), set[str]()
    for row in _rows(run, ports):
        records |= {row.quickbooks_id} if row.quickbooks_id else set()
        customers |= {row.customer_id} if row.customer_id else set()
    left = [c for c in run.chosen if c.record not in records and c.customer not in customers]
    ports.state.add_rows(run, [_rest(run, one) for one in left])


def _rows(run: Run, ports: QuickBooksPorts) -> Iterable[ReportRow]:
    after: str | None = None
    while True:
        page = ports.state.report(run.tenant, run.id, limit=_ROWS, after=after)
        yield from page.items
        after = page.next
        if after is None:
            return


def _rest(run: Run, one: Chosen) -> ReportRow:
    if not one.record and not run.policy.mode.pushes:
        reason = f"“{one.name}” was not looked at: in this mode nothing goes to QuickBooks."
        return _row(run, one, Verb.SKIP, reason, Code.NOT_PUSHED)
    return _row(run, one, Verb.UNCHANGED, f"Nothing is left to do about “{one.name}” by now.")


def _row(run: Run, one: Chosen, verb: Verb, reason: str, code: Code | None = None) -> ReportRow:
    place = f"{one.record:0>20}" if one.record else one.customer
    return ReportRow(
        position=f"{run.slice:06d}#{place}#{verb}",
        verb=str(verb),
        quickbooks_id=one.record,
        name=one.name,
        reason=reason,
        customer_id=one.customer or None,
        code=code,
    )
