"""The item that lines of invoices stand on which are on none of the company's own."""

from collections.abc import Mapping
from typing import Any

from roster.domain.errors import FieldError, Invalid
from roster.domain.sync.connection import NotConnected, QuickBooksFault
from roster.domain.sync.items import item_name_rule, why_no_service
from roster.domain.sync.others import ITEM
from roster.domain.sync.policy import SERVICE_ITEM
from roster.usecases.quickbooks.connecting import connected
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.tokens import asked


def require_service_item(tenant: str, values: Mapping[str, Any], *, ports: QuickBooksPorts) -> None:
    """Raise Invalid where QuickBooks says that the item these settings name cannot be used.

    While nothing is connected or QuickBooks does not answer, that shows with the first invoice.
    """
    name = values.get("service_item")
    now = ports.policies.get(tenant).policy
    known = now.service_item if now else SERVICE_ITEM
    if name is None or name in (SERVICE_ITEM, known) or item_name_rule(name):
        return
    try:
        realm = connected(tenant, ports=ports).realm
        (rows, _, _), _ = asked(
            tenant, ports, lambda token: ports.api.matching(realm, token, ITEM, "Name", name)
        )
    except (NotConnected, QuickBooksFault):
        return
    found = [ports.money.wire.read_item(row) for row in rows]
    if why := why_no_service(found, name):
        raise Invalid([FieldError("/service_item", "unusable", why)])
