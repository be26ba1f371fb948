"""The first run with another QuickBooks company, chosen on purpose: every old link ends here.

A customer keeps only the id that it has in QuickBooks, not of which company: read in another one,
the id is somebody else's. Nothing is read of QuickBooks for it, and nothing is changed there.
"""

from collections.abc import Iterator
from dataclasses import replace

from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.records import Link, LinkKind
from roster.domain.sync.steps import Verb
from roster.domain.terms import TermKind
from roster.usecases.quickbooks.deciding import forgotten_on_customer
from roster.usecases.quickbooks.decisions import parted
from roster.usecases.quickbooks.ports import QuickBooksPorts

# Each takes a write of its own: a slice stays within seconds.
_AT_ONCE = 100


def part_slice(run: Run, ports: QuickBooksPorts) -> tuple[Run, bool]:
    """End some of the links with the first of the companies that are left; and whether all have."""
    former = run.former[0]
    page = ports.state.known(run.tenant, former, limit=_AT_ONCE, after=run.after)
    linked = [one for one in page.items if one.customer_id and one.kind is LinkKind.CUSTOMER]
    ports.state.add_rows(run, [_row(run, link, former) for link in linked])
    ports.state.save_links(run.tenant, former, list(_ended(run, linked, former, ports)))
    if page.next is not None:
        return replace(run, after=page.next), False
    for kind in TermKind:
        for term in ports.settings.terms(run.tenant, kind):
            if term.quickbooks is not None:
                ports.settings.save_term(run.tenant, replace(term, quickbooks=None))
    ports.connections.parted(run.tenant, former)
    left = run.former[1:]
    return replace(run, former=left, after=None), not left


def _ended(run: Run, links: list[Link], former: str, ports: QuickBooksPorts) -> Iterator[Link]:
    for link in links:
        forgotten_on_customer(run, link, _why(link, former), ports)
        yield replace(parted(link), reason=_why(link, former))


def _why(link: Link, former: str) -> str:
    return f"“{link.name}” was linked with QuickBooks company {former}, which is not used any more."


def _row(run: Run, link: Link, former: str) -> ReportRow:
    return ReportRow(
        position=f"{run.slice:06d}#{link.quickbooks_id:0>20}#{Verb.UNLINK}",
        verb=str(Verb.UNLINK),
        quickbooks_id=link.quickbooks_id,
        name=link.name,
        reason=_why(link, former),
        customer_id=link.customer_id,
    )
