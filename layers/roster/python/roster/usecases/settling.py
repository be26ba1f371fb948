"""What every movement of money shares."""

from roster.domain.settings import TenantSettings
from roster.usecases.ports import Settings

# Others may move the customer, its money or its records meanwhile, which is no reason to refuse.
ATTEMPTS = 24


def keep_currency(tenant: str, ours: TenantSettings, *, settings: Settings) -> bool:
    """See that the company keeps the currency of `ours` for good; False when it has another."""
    return ours.money_in is not None or settings.keep_currency(tenant, ours.currency)
