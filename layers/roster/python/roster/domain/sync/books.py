"""What else the bookkeeping system holds: its terms, taxes, items, invoices, payments, company.

Amounts are decimals as the other side writes them; `domain.money` makes minor units of them.
"""

from dataclasses import dataclass
from datetime import date as day
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirTerm:
    """Payment terms. A standard one says days, one by date the day of a month and a head start."""

    id: str
    sync_token: str = "0"  # noqa: S105 — a version
    name: str
    active: bool = True
    due_days: int | None = None
    day_of_month: int | None = None
    next_month_days: int | None = None
    discount_percent: Decimal | None = None
    discount_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirTaxRate:
    """One rate of one agency: an edit in QuickBooks makes a new id, so ids alone are no identity.

    `percent` is the rate in force now; where a rate has dates, the one without an end.
    """

    id: str
    name: str
    percent: Decimal
    agency_id: str | None = None
    active: bool = True
    created_at: datetime


class TaxedOn(StrEnum):
    """What a rate of a tax code is taken of."""

    AMOUNT = "TaxOnAmount"
    AMOUNT_PLUS_TAX = "TaxOnAmountPlusTax"
    TAX = "TaxOnTax"


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirCodeRate:
    """A rate in a tax code, by the id of the rate."""

    rate_id: str
    on: TaxedOn = TaxedOn.AMOUNT


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirTaxCode:
    """What a line or a customer is taxed by: its rates on sales, in their order.

    `TAX` and `NON`, which US companies have, are codes without rates.
    """

    id: str
    name: str
    active: bool = True
    taxable: bool = True
    is_group: bool = False
    sales_rates: tuple[TheirCodeRate, ...] = ()


class TheirItemType(StrEnum):
    """The types of items; a category holds items and is none, a group is a bundle."""

    INVENTORY = "Inventory"
    SERVICE = "Service"
    NON_INVENTORY = "NonInventory"
    CATEGORY = "Category"
    GROUP = "Group"
    OTHER = "Other"


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirItem:
    """A product or service; accounts by id. `taxable` None: the company does not say.

    A deleted one has an id and nothing else.
    """

    id: str
    sync_token: str
    name: str
    full_name: str
    type: TheirItemType
    active: bool = True
    sku: str | None = None
    description: str | None = None
    unit_price: Decimal | None = None
    taxable: bool | None = None
    income_account_id: str | None = None
    expense_account_id: str | None = None
    asset_account_id: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirAccount:
    """An account; `kind` and `detail` in QuickBooks' words ("Income", "Inventory")."""

    id: str
    name: str
    full_name: str
    kind: str
    detail: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirInvoice:
    """An invoice as QuickBooks has it; a deleted one has an id and nothing else.

    A voided one is worth nothing and owes nothing, and is not paid. `note` is its private note,
    `payments` the ids of what settles it.
    """

    id: str
    sync_token: str = "0"  # noqa: S105 — a version
    number: str | None = None
    customer_id: str | None = None
    total: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    balance: Decimal = Decimal(0)
    note: str = ""
    tax_code_id: str | None = None
    payments: tuple[str, ...] = ()
    voided: bool = False
    deleted: bool = False

    @property
    def is_paid(self) -> bool:
        """Whether nothing is owed on an invoice that stands."""
        return not self.voided and not self.deleted and self.balance == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirPayment:
    """Money received. `settles` has invoice ids and what each gets; credits settle with no money.

    The amount is what came in: it may be 0 where only credits were linked to charges.
    """

    id: str
    sync_token: str = "0"  # noqa: S105 — a version
    customer_id: str | None = None
    date: day | None = None
    amount: Decimal = Decimal(0)
    unapplied: Decimal = Decimal(0)
    currency: str | None = None
    reference: str | None = None
    settles: tuple[tuple[str, Decimal], ...] = ()
    voided: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirName:
    """A name in one of the three lists that share their names: customers, vendors, employees."""

    id: str
    entity: str
    name: str
    active: bool = True


_ENDED = frozenset({"RESTRICTED", "SUSPENDED", "EXPIRED", "CANCELLED"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TheirCompany:
    """The company and its preferences, as far as the sync goes by them.

    `own_numbers`: whoever makes an invoice gives it its number; else QuickBooks does.
    `books_closed`: nothing may be written on or before that day.
    """

    name: str
    country: str | None = None
    subscription: str | None = None
    home_currency: str | None = None
    multi_currency: bool = False
    uses_sales_tax: bool = False
    automated_tax: bool = False
    own_numbers: bool = False
    books_closed: day | None = None
    default_term_id: str | None = None

    @property
    def is_ended(self) -> bool:
        """Whether the company can be read and nothing can be added to it."""
        return self.subscription in _ENDED
