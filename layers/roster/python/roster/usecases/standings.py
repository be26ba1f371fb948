"""How a customer stands: what it owes, what it has paid, what is overdue."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from roster.domain.customer import Customer
from roster.domain.standing import FORMULA, Standing, total
from roster.usecases.joining import owners
from roster.usecases.ledger_ports import Ledger
from roster.usecases.ports import Clock, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingNow:
    """The standing as of today, in minor units of `currency`; `formula` says how it adds up."""

    revenue: int
    outstanding: int
    overdue: int
    unapplied_credit: int
    billed: int
    received: int
    open_invoices: int
    project_billed: int
    project_received: int
    currency: str
    formula: str = FORMULA


def read_standing(
    customer: Customer, *, ledger: Ledger, settings: Settings, clock: Clock
) -> StandingNow:
    """The standing of a customer with all that were merged into it: one request unit for each."""
    held = ledger.standings(customer.tenant, owners(customer))
    currency = settings.get(customer.tenant).currency
    return standing_now(held.values(), currency, clock().date())


def standing_now(held: Iterable[Standing], currency: str, today: date) -> StandingNow:
    """The standing that these add up to on that day."""
    own = total(held, today)
    return StandingNow(
        revenue=own.received,
        outstanding=own.outstanding,
        overdue=own.overdue(today),
        unapplied_credit=own.unapplied,
        billed=own.billed,
        received=own.received,
        open_invoices=own.open_invoices,
        project_billed=own.project_billed,
        project_received=own.project_received,
        currency=currency,
    )
