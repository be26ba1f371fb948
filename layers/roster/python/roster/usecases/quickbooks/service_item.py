"""The item that lines of invoices stand on which are on none of the company's own."""

from roster.domain.sync.connection import NotConnected, QuickBooksFault
from roster.domain.sync.items import why_no_service
from roster.domain.sync.others import ITEM
from roster.usecases.quickbooks.connecting import connected
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.tokens import asked


def why_unusable(tenant: str, name: str, *, ports: QuickBooksPorts) -> str | None:
    """Why the lines of invoices cannot stand on QuickBooks' item of that name, as it says itself.

    While nothing is connected or QuickBooks does not answer, that shows with the first invoice.
    """
    try:
        realm = connected(tenant, ports=ports).realm
        (rows, _, _), _ = asked(
            tenant, ports, lambda token: ports.api.matching(realm, token, ITEM, "Name", name)
        )
    except (NotConnected, QuickBooksFault):
        return None
    found = [ports.money.wire.read_item(row) for row in rows]
    return why_no_service(found, name)
