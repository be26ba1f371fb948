"""A run's slices about items, invoices and payments: heard with the pull, sent at the end."""

from dataclasses import replace

from roster.domain.invoice import FOR_QUICKBOOKS
from roster.domain.sync.connection import PAGE_SIZE, Answer, Run, RunMode
from roster.domain.sync.others import ON_THE_WAY
from roster.usecases.quickbooks.money import hear_books, send_books
from roster.usecases.quickbooks.money_calls import MoneyCall
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.rehearsing_books import rehearse_hearing, rehearse_sending
from roster.usecases.quickbooks.tokens import asked


def hear_slice(run: Run, answer: Answer, ports: QuickBooksPorts) -> Run:
    """Take in what the last page of the pull came with, or everything where there was no feed."""
    if not _keeps_books(run):
        return run
    is_whole = run.mode is RunMode.CHANGES and _size(answer) < PAGE_SIZE
    fed = answer.others if is_whole else None

    def hear(token: str) -> MoneyCall:
        call = _call(run, token, ports)
        if run.dry:
            rehearse_hearing(call, run.policy, fed)
        else:
            hear_books(call, run.policy, fed)
        return call

    call, in_vain = asked(run.tenant, ports, hear)
    return _counted(run, call, in_vain)


def _keeps_books(run: Run) -> bool:
    """Not in a run that is limited to a plan or to some lines: those are of customers.

    It does not move the cursor, so that the next whole run hears what it left.
    """
    return run.plan is None and run.redrives is None


def _size(answer: Answer) -> int:
    """All that the feed holds: it cuts off at its thousand, whatever they are."""
    return len(answer.customers) + len(answer.gone) + sum(map(len, answer.others.values()))


def has_books(run: Run, ports: QuickBooksPorts) -> bool:
    """Whether any invoice is to be sent, or was and is not answered: two queries here."""
    money = ports.money
    return _keeps_books(run) and bool(
        money.invoices.awaiting(run.tenant, FOR_QUICKBOOKS)
        or money.links.all(run.tenant, run.realm, ON_THE_WAY)
    )


def send_slice(run: Run, ports: QuickBooksPorts) -> tuple[Run, bool]:
    """Send invoices; the run as it goes on, and whether none waits any more."""

    def send(token: str) -> tuple[MoneyCall, bool]:
        call = _call(run, token, ports)
        if run.dry:
            rehearse_sending(call, run.policy)
            return call, False
        _, left = send_books(call, run.policy)
        return call, left

    (call, left), in_vain = asked(run.tenant, ports, send)
    return _counted(run, call, in_vain), not left


def _call(run: Run, token: str, ports: QuickBooksPorts) -> MoneyCall:
    money = replace(ports.money, api=ports.api, clock=ports.clock)
    if run.dry:
        # Customers and links as they would be.
        money = replace(money, customers=ports.customers, customer_links=ports.state)
    # A line is kept as soon as what it tells of is done: done again, it is not told again.
    return MoneyCall(run, token, money, lambda row: ports.state.add_rows(run, [row]))


def _counted(run: Run, call: MoneyCall, in_vain: int) -> Run:
    reads = call.reads + in_vain
    return replace(run, calls=run.calls + reads + call.writes, reads=run.reads + reads)
