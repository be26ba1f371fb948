"""When an invoice is due."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks import faults

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company, Entry


def due_day(company: Company, customer: Entry, merged: dict[str, Any]) -> None:
    """Set DueDate from the invoice's term, the customer's or the company's, unless it is there."""
    reference = merged.get("SalesTermRef")
    if reference is not None:
        term = company.shelf("Term").find(reference["value"])
        if term is None:
            raise faults.bad_reference()
    else:
        reference = customer.fields.get("SalesTermRef")
        if reference is not None:
            merged["SalesTermRef"] = reference
        default = company.settings.default_term
        term = company.shelf("Term").find(reference["value"] if reference else default)
    if "DueDate" in merged:
        return
    start = date.fromisoformat(merged["TxnDate"])
    merged["DueDate"] = (due(start, term.fields) if term else start).isoformat()


def due(start: date, term: dict[str, Any]) -> date:
    """Return the day an amount of `start` is due under a term."""
    if term["Type"] == "STANDARD":
        return start + timedelta(days=term["DueDays"])
    this_month = _on(start.year, start.month, term["DayOfMonthDue"])
    # Issued within so many days of it, an amount is due a month later.
    if start + timedelta(days=term.get("DueNextMonthDays", 0)) <= this_month:
        return this_month
    year, month = (start.year, start.month + 1) if start.month < 12 else (start.year + 1, 1)
    return _on(year, month, term["DayOfMonthDue"])


def _on(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
