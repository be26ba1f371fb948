"""What differs between companies, or is not known well enough to be one fixed answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# A company in one of these can be read, but nothing can be added to it.
ENDED = frozenset({"RESTRICTED", "SUSPENDED", "EXPIRED", "CANCELLED"})


@dataclass(slots=True)
class Settings:
    """The switches of one company.

    `duplicate_detail`: how a 6240 ends: `id`, `null` or `sentence`.
    `reactivation_strips_suffix`: whether Active:true alone takes " (deleted)" off the name.
    `stale_lists`: lists show the SyncToken before the latest edit, as has been reported.
    `editor`: the person a 5010 names.
    `book_close_date`: transactions up to this day are closed (`2026-10-31`); empty for none.
    `warn_duplicate_numbers`: a DocNumber in use is refused with 6140.
    `inactivation_event`: what webhooks call the inactivation of a list entry.
    `sales_events_on_customer`: whether an invoice or payment also tells of its customer.
    `merged_rows_vanish`: a customer merged into another is found nowhere any more.
    `old_tax_rates_vanish`: a rate that was replaced is gone instead of inactive.
    `replay_faults`: a `requestid` that was refused is refused again instead of tried anew.
    `per_second`, `per_minute`, `batches_per_minute`: calls before 429; 0 for no limit. Intuit
    allows 10, 500 and 40.
    """

    company_name: str = "Stand-in Field Services"
    country: str = "US"
    currency: str = "USD"
    multi_currency: bool = False
    duplicate_detail: Literal["id", "null", "sentence"] = "id"
    reactivation_strips_suffix: bool = True
    stale_lists: bool = False
    editor: str = "Dana Whitfield"
    using_sales_tax: bool = True
    custom_txn_numbers: bool = False
    subscription_status: str = "PAID"
    book_close_date: str = ""
    warn_duplicate_numbers: bool = True
    default_term: str = "3"
    inactivation_event: Literal["Update", "Delete"] = "Delete"
    sales_events_on_customer: bool = False
    merged_rows_vanish: bool = False
    old_tax_rates_vanish: bool = False
    replay_faults: bool = False
    per_second: int = 0
    per_minute: int = 0
    batches_per_minute: int = 0
