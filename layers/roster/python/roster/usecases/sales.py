"""What writing a quote and writing an invoice share: details from the customer, and prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from roster.domain import sales as rules
from roster.domain.customer import Customer
from roster.domain.errors import FieldError, Invalid
from roster.domain.location import Address, merged_address
from roster.domain.pricing import (
    MAX_ITEM_ID,
    Rate,
    given_line,
    left_to_its_item,
    line_of_item,
    price,
    rate_ids,
)
from roster.domain.project import Project
from roster.domain.sales import FROM_THE_CUSTOMER, SalesDocument, with_prices
from roster.domain.terms import Term, TermKind
from roster.usecases.customer_fields import service_address, with_billing
from roster.usecases.items import Items, item_of
from roster.usecases.ports import Customers, Settings
from roster.usecases.record_ports import Records

if TYPE_CHECKING:
    from roster.domain.item import Item


# An edit of anything else leaves the prices as they were, whatever the rates are by now.
_PRICED_BY = ("lines", "tax_rate_id", "discount_percent", "gstin")


class Numbers(Protocol):
    """The company's series of document numbers."""

    def take(self, tenant: str, series: str) -> int:
        """The next number of the series, from 1; no two calls get the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What writing a document needs beside its records."""

    settings: Settings
    numbers: Numbers
    items: Items
    projects: Records[Project]


def from_the_customer(customer: Customer, *, customers: Customers) -> dict[str, Any]:
    """The details that a new document of the customer starts with."""
    place = with_billing(customer, customers=customers).billing_address
    return {
        **{name: getattr(customer, name) for name in FROM_THE_CUSTOMER},
        "customer_name": customer.company_name or customer.display_name,
        "billing_address": place or service_address(customer, customers=customers),
        "discount_percent": customer.default_discount_percent or "0",
    }


def written[D: SalesDocument](document: D, values: Mapping[str, Any], *, books: Books) -> D:
    """`document` with details and `lines` merged in and priced; an absent one keeps.

    What the document names already may have been retired since; anything new must be there to be
    chosen. Raises Invalid with every bad field at once.
    """
    details = {name: value for name, value in values.items() if name != "lines"}
    errors = rules.detail_errors(document, details)
    chosen = _Choices(document, books.settings)
    rate_id = details.get("tax_rate_id", document.tax_rate_id)
    if rate_id is not None and chosen.term(TermKind.TAX_RATE, rate_id) is None:
        errors.append(FieldError("/tax_rate_id", "unknown", f"no tax rate to choose: {rate_id}"))
        rate_id = None
    if details.get("payment_term_id"):
        term = chosen.term(TermKind.PAYMENT_TERM, details["payment_term_id"])
        if term is None:
            detail = f"no payment term to choose: {details['payment_term_id']}"
            errors.append(FieldError("/payment_term_id", "unknown", detail))
    if "billing_address" in details:
        details["billing_address"] = _address(document, details["billing_address"])
    before = document if errors else replace(document, **rules.kept_details(details))
    if not errors and not any(name in values for name in _PRICED_BY):
        return chosen.with_term(before)
    lines, unknown = _filled(document, _lines(document, values), books.items)
    errors += unknown
    try:
        priced = price(
            lines,
            currency=document.currency,
            rates=chosen.rates(rate_ids(lines, rate_id)),
            default_rate_id=rate_id,
            default_discount_percent=before.discount_percent,
            seller_gstin=document.seller_gstin,
            buyer_gstin=before.gstin,
        )
    except Invalid as refused:
        raise Invalid([*errors, *refused.errors]) from refused
    if errors:
        raise Invalid(errors)
    return with_prices(chosen.with_term(before), priced)


def _address(document: SalesDocument, given: Any) -> Address | None:
    if given is None or isinstance(given, Address):
        return given
    return merged_address(document.billing_address, given)


def _lines(document: SalesDocument, values: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    if "lines" in values:
        return values["lines"] or ()
    return [given_line(line) for line in document.lines]


def _filled(
    document: SalesDocument, lines: Sequence[Mapping[str, Any]], items: Items
) -> tuple[list[Mapping[str, Any]], list[FieldError]]:
    """The lines with what they leave to their items, and those that name none to be had.

    A line that names an item which the document names already may do without it: it may have been
    retired since.
    """
    kept = {line.item_id for line in document.lines}
    found: dict[str, Item | None] = {}
    filled: list[Mapping[str, Any]] = []
    errors = []
    for n, line in enumerate(lines):
        item_id = line.get("item_id")
        if not (isinstance(item_id, str) and 0 < len(item_id) <= MAX_ITEM_ID) or (
            item_id in kept and not left_to_its_item(line)
        ):
            filled.append(line)
            continue
        if item_id not in found:
            found[item_id] = item_of(document.tenant, item_id, items=items)
        item = found[item_id]
        if item is None and item_id not in kept:
            detail = f"no item to choose: {item_id}"
            errors.append(FieldError(f"/lines/{n}/item_id", "unknown", detail))
        filled.append(line_of_item(line, item) if item else line)
    return filled, errors


class _Choices:
    """Tax rates and payment terms, each looked up once.

    A document may keep the ones it names; a new one is noted as used, so that it stays readable.
    """

    def __init__(self, document: SalesDocument, settings: Settings) -> None:
        self._tenant, self._settings = document.tenant, settings
        self._term_id = document.payment_term_id
        self._has_term = document.payment_term_name is not None
        named = (document.tax_rate_id, *(line.tax_rate_id for line in document.lines))
        self._kept = {one for one in (*named, document.payment_term_id) if one}
        self._found: dict[str, Term | None] = {}

    def term(self, kind: TermKind, term_id: str) -> Term | None:
        """The one of that id; None where it is not to be chosen."""
        if term_id not in self._found:
            may = term_id in self._kept or self._settings.use_term(self._tenant, kind, term_id)
            found = self._settings.term(self._tenant, kind, term_id) if may else None
            self._found[term_id] = found
        return self._found[term_id]

    def rates(self, ids: Iterable[str]) -> dict[str, Rate]:
        """Those of the tax rates that are to be had, by id."""
        found = (self.term(TermKind.TAX_RATE, rate_id) for rate_id in ids)
        return {
            rate.id: Rate(id=rate.id, name=rate.name, percent=str(rate.value))
            for rate in found
            if rate is not None
        }

    def with_term[D: SalesDocument](self, document: D) -> D:
        """The document with name and days of its payment term beside the id, as once chosen."""
        chosen = document.payment_term_id
        if chosen == self._term_id and self._has_term:
            return document
        term = self.term(TermKind.PAYMENT_TERM, chosen) if chosen else None
        return replace(
            document,
            payment_term_name=term.name if term else None,
            due_days=int(term.value) if term else None,
        )
