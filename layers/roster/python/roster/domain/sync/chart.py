"""The accounts of QuickBooks: ours are named in words, QuickBooks' by id."""

from dataclasses import dataclass

from roster.domain.sync.books import TheirAccount
from roster.domain.sync.records import as_number
from roster.domain.text import fold

# The types of account that each can be.
ACCOUNT_KINDS = {
    "income_account": ("Income", "Other Income"),
    "expense_account": ("Expense", "Cost of Goods Sold"),
    "asset_account": ("Other Current Asset",),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts of QuickBooks."""

    accounts: tuple[TheirAccount, ...] = ()

    def name_of(self, account_id: str | None) -> str | None:
        """An account's name, with those it lies below."""
        return next((a.full_name for a in self.accounts if a.id == account_id), None)

    def id_of(self, what: str, name: str | None) -> str | None:
        """The one active account of that name that can be `what`."""
        if not name:
            return None
        found = [
            a.id
            for a in self.accounts
            if a.active
            and a.kind in ACCOUNT_KINDS[what]
            and fold(name) in (fold(a.name), fold(a.full_name))
        ]
        return found[0] if len(found) == 1 else None

    @property
    def stock(self) -> str | None:
        """The account that inventory is worth something in."""
        held = [a for a in self.accounts if a.active and a.kind in ACCOUNT_KINDS["asset_account"]]
        meant = [a for a in held if a.detail == "Inventory"] or [
            a for a in held if fold(a.name) == fold("Inventory Asset")
        ]
        return min((a.id for a in meant), key=as_number, default=None)

    @property
    def first_income(self) -> str | None:
        """The oldest account of income, for what says of no other."""
        income = [a for a in self.accounts if a.active and a.kind == "Income"]
        meant = [a for a in income if a.detail == "ServiceFeeIncome"] or income
        return min((a.id for a in meant), key=as_number, default=None)
