"""How a company wants its sync: who leads, what is taken along, and what a change of that needs."""

from dataclasses import dataclass
from enum import StrEnum

# What a company without a policy is told.
CHOOSE_MODE = "choose which way the sync goes first: PUT /v1/quickbooks/settings"


class Mode(StrEnum):
    """Which side a difference moves to."""

    QUICKBOOKS_TO_ROSTER = "quickbooks_to_roster"
    ROSTER_TO_QUICKBOOKS = "roster_to_quickbooks"
    TWO_WAY = "two_way"

    @property
    def pulls(self) -> bool:
        """Whether an edit in QuickBooks comes here."""
        return self is not Mode.ROSTER_TO_QUICKBOOKS

    @property
    def pushes(self) -> bool:
        """Whether an edit here goes to QuickBooks."""
        return self is not Mode.QUICKBOOKS_TO_ROSTER


class Primary(StrEnum):
    """The side that wins where the order of two edits is not known."""

    QUICKBOOKS = "quickbooks"
    ROSTER = "roster"

    @property
    def spoken(self) -> str:
        """The side's name in a sentence."""
        return "QuickBooks" if self is Primary.QUICKBOOKS else "Roster"


class ItemsDirection(StrEnum):
    """The one way that items go, if any."""

    NONE = "none"
    QUICKBOOKS_TO_ROSTER = "quickbooks_to_roster"
    ROSTER_TO_QUICKBOOKS = "roster_to_quickbooks"


class InvoiceNumbers(StrEnum):
    """Whose number an invoice carries once it is in QuickBooks."""

    OURS = "ours"
    QUICKBOOKS = "quickbooks"


class MappingOption(StrEnum):
    """What becomes of a QuickBooks customer that is not linked yet."""

    DONT_IMPORT = "dont_import"
    CREATE = "create"
    EXISTING = "existing"


# Every new company in QuickBooks has an item of this name.
SERVICE_ITEM = "Services"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A company's settings of the sync; inactive records that are not linked yet stay away.

    `service_item` is QuickBooks' name of the item for lines that are on none of the company's.
    """

    mode: Mode = Mode.QUICKBOOKS_TO_ROSTER
    primary: Primary = Primary.QUICKBOOKS
    include_inactive: bool = False
    sync_taxes: bool = False
    sync_terms: bool = False
    items: ItemsDirection = ItemsDirection.NONE
    invoice_numbers: InvoiceNumbers = InvoiceNumbers.OURS
    report: bool = True
    default_option: MappingOption = MappingOption.CREATE
    service_item: str = SERVICE_ITEM


def looks_anew(before: Policy | None, after: Policy) -> bool:
    """Whether the next run has to look at every record of both sides.

    Another mode takes up what the old one left alone, and neither the change feed nor our own
    changes tell of that again.
    """
    if before is None:
        return True
    return (before.mode, before.include_inactive, before.default_option, before.sync_terms) != (
        after.mode,
        after.include_inactive,
        after.default_option,
        after.sync_terms,
    )
