"""Who has a customer's name in QuickBooks; what asks is loaded by who needs it."""

from roster import bootstrap
from roster.domain.sync.steps import NameHolder
from roster.usecases.quickbooks.namesakes import already_there, namesakes

__all__ = ["already_there", "in_quickbooks"]


def in_quickbooks(tenant: str, name: str) -> tuple[NameHolder, ...]:
    """Customers, vendors and employees of that name in the company that is synced."""
    return namesakes(tenant, name, policies=bootstrap.sync_policies(), known=bootstrap.known_names)
