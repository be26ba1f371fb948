"""A payment in QuickBooks as payments here: what it settles of our invoices, and no more.

A payment's amount here is what it settles of invoices that came from here; what it settles of
QuickBooks' own, or holds as credit there, is QuickBooks' affair. Credits settle without money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from roster.domain.money import amount_text, minor_units
from roster.domain.sync.books import TheirPayment
from roster.domain.sync.others import OtherLink
from roster.domain.sync.records import as_number, fingerprint

# A payment here pays for at most 15 invoices, of merged customers fewer.
MAX_PART = 10
BY_MONEY, BY_CREDIT = "QuickBooks", "QuickBooks credit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What becomes one payment here: of one customer, for some invoices, in minor units."""

    customer_id: str
    settles: tuple[tuple[str, int], ...]

    @property
    def amount(self) -> int:
        """All that it settles."""
        return sum(amount for _, amount in self.settles)


def parts_of(
    theirs: TheirPayment, ours: Mapping[str, tuple[str, str]], currency: str
) -> list[Part]:
    """The payments here; `ours` has our invoice and its customer by QuickBooks' invoice id."""
    if theirs.voided or theirs.deleted:
        return []
    by_customer: dict[str, list[tuple[str, int]]] = {}
    for their_id, amount in sorted(theirs.settles, key=lambda one: as_number(one[0])):
        found = ours.get(their_id)
        cents = minor_units(amount, currency)
        if found is not None and cents > 0:
            invoice_id, customer_id = found
            by_customer.setdefault(customer_id, []).append((invoice_id, cents))
    return [
        Part(customer_id=customer, settles=tuple(all_of[start : start + MAX_PART]))
        for customer, all_of in sorted(by_customer.items())
        for start in range(0, len(all_of), MAX_PART)
    ]


def content_of(theirs: TheirPayment, parts: Sequence[Part]) -> str:
    """A short text that moves when something moves of which the payments here are made."""
    if not parts:
        return ""
    made = [[part.customer_id, list(part.settles)] for part in parts]
    told = {"date": f"{theirs.date}", "reference": theirs.reference, "parts": made}
    return fingerprint({**told, "method": method_of(theirs)})


def is_older(theirs: TheirPayment, link: OtherLink) -> bool:
    """Whether a row is from before what was seen already; a deletion is the last of all."""
    if theirs.deleted:
        return False
    return link.gone or as_number(theirs.sync_token) < as_number(link.sync_token)


def method_of(theirs: TheirPayment) -> str:
    """How it was paid, as far as we know; QuickBooks pays with credits through empty payments."""
    return BY_MONEY if theirs.amount else BY_CREDIT


def notes_of(theirs: TheirPayment, currency: str) -> str:
    """What the payment is there, for who looks for it."""
    total = amount_text(minor_units(theirs.amount, currency), currency)
    text = f"QuickBooks payment {theirs.id} over {total} {currency}"
    settled = sum((amount for _, amount in theirs.settles), Decimal(0))
    credit = settled + theirs.unapplied - theirs.amount
    if credit > 0:
        text += f", with credits of {amount_text(minor_units(credit, currency), currency)}"
    return text


def why_taken_back(theirs: TheirPayment) -> str:
    """Why the payment here is not in force any more."""
    if theirs.deleted:
        return "deleted in QuickBooks"
    return "voided in QuickBooks" if theirs.voided else "changed in QuickBooks"
