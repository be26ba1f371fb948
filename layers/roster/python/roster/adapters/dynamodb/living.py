"""That a customer lives, as a condition of adding something to it."""

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.customer import Customer, Status

_LIVING = "attribute_exists(pk) AND #status IN (:active, :inactive)"


def living_check(table: Table, customer: Customer) -> Item:
    """The condition as a part of a transaction."""
    return table.check_action(
        keys.customer(customer.tenant, customer.id),
        _LIVING,
        names={"#status": "status"},
        active=str(Status.ACTIVE),
        inactive=str(Status.INACTIVE),
    )
