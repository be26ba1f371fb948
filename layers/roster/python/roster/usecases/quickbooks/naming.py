"""Names in QuickBooks: who has which, and who here waits for one to be free."""

from collections.abc import Iterable, Mapping, Sequence

from roster.domain.sync.books import TheirName
from roster.domain.sync.connection import CUSTOMER_KIND, Run
from roster.domain.sync.records import Link
from roster.domain.text import fold
from roster.usecases.quickbooks.ports import QuickBooksPorts


def name_of(quickbooks_id: str, name: str, *, active: bool) -> TheirName:
    """The entry of a customer."""
    return TheirName(id=quickbooks_id, entity=CUSTOMER_KIND, name=name, active=active)


def learn_names(
    run: Run, now: Iterable[TheirName], before: Mapping[str, Link], ports: QuickBooksPorts
) -> None:
    """Keep the names of customers that are news, and see to who waited for the old ones."""
    known = {i: (link.name, link.active) for i, link in before.items() if not run.anew}
    news = [one for one in now if known.get(one.id) != (one.name, one.active)]
    ports.names.save(run.tenant, run.realm, news)
    freed = [
        link.name
        for one in news
        if (link := before.get(one.id)) and fold(link.name) != fold(one.name)
    ]
    _see_to(run, freed, ports)


def learn_list(run: Run, kind: str, names: Sequence[TheirName], ports: QuickBooksPorts) -> None:
    """Keep all names of vendors or employees, and see to who waited for one that is gone."""
    left = {(one.id, fold(one.name)) for one in names}
    known = ports.names.listed(run.tenant, run.realm, kind)
    freed = [one.name for one in known if (one.id, fold(one.name)) not in left]
    _see_to(run, freed, ports)
    ports.names.list_again(run.tenant, run.realm, kind, names)


def _see_to(run: Run, freed: Sequence[str], ports: QuickBooksPorts) -> None:
    wanting = ports.names.wanting(run.tenant, run.realm, freed) if freed else {}
    if wanting:
        ports.outbox.owe(run.tenant, run.realm, wanting)
        ports.names.forget_wanted(run.tenant, run.realm, wanting)
