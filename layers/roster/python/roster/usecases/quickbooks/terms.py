"""Tax rates and payment terms of a run: fetched whole, followed one by one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from roster.domain.sync.books import TheirTaxCode, TheirTaxRate, TheirTerm
from roster.domain.sync.connection import PAGE_SIZE
from roster.domain.sync.policy import Policy
from roster.domain.sync.terms import TermStep, TheirChoice, plan_choices, tax_choices, term_choices
from roster.domain.terms import TermKind
from roster.usecases.ports import Settings

type Rows = Sequence[Mapping[str, Any]]


class Books(Protocol):
    """The lists of QuickBooks as they come; raises QuickBooksFault."""

    def rows(
        self, realm: str, token: str, entity: str, position: int = 1
    ) -> tuple[Sequence[Mapping[str, Any]], datetime, int]:
        """A page of all of an entity, active or not, QuickBooks' time, and the calls it took."""


class ReadTerms(Protocol):
    """What makes records of the rows."""

    @property
    def code(self) -> Callable[[Mapping[str, Any]], TheirTaxCode]:
        """Reads a tax code."""

    @property
    def rate(self) -> Callable[[Mapping[str, Any]], TheirTaxRate]:
        """Reads a tax rate."""

    @property
    def term(self) -> Callable[[Mapping[str, Any]], TheirTerm]:
        """Reads payment terms."""


def fetched_choices(
    realm: str, token: str, policy: Policy, *, books: Books, read: ReadTerms
) -> tuple[dict[TermKind, list[TheirChoice]], int]:
    """Their lists of what the policy has come along, and the calls: two for taxes, one for terms.

    Neither the change feed nor a webhook tells of taxes: they are read whole, once a day and
    when somebody asks for a run.
    """
    found: dict[TermKind, list[TheirChoice]] = {}
    calls = 0
    if policy.mode.pulls and policy.sync_taxes:
        codes, some = all_rows(realm, token, "TaxCode", books)
        rates, more = all_rows(realm, token, "TaxRate", books)
        calls += some + more
        found[TermKind.TAX_RATE] = tax_choices(map(read.code, codes), map(read.rate, rates))
    if policy.mode.pulls and policy.sync_terms:
        terms, some = all_rows(realm, token, "Term", books)
        calls += some
        found[TermKind.PAYMENT_TERM] = term_choices(map(read.term, terms))
    return found, calls


def all_rows(realm: str, token: str, entity: str, books: Books) -> tuple[Rows, int]:
    """All of an entity, page after page, and the calls."""
    rows: dict[str, Mapping[str, Any]] = {}
    calls, position = 0, 1
    while True:
        page, _, some = books.rows(realm, token, entity, position)
        calls += some
        rows |= {str(row["Id"]): row for row in page}
        if len(page) < PAGE_SIZE:
            return list(rows.values()), calls
        position += len(page)


def follow(
    tenant: str,
    realm: str,
    kind: TermKind,
    theirs: Sequence[TheirChoice],
    *,
    at: datetime,
    settings: Settings,
    dry: bool = False,
) -> list[TermStep]:
    """Bring ours up to their list; what was done, or what would be where it is `dry`.

    `at` is the run's own time, so that whoever does it again makes the same.
    """
    ours = settings.terms(tenant, kind)
    steps = plan_choices(kind, theirs, ours, tenant=tenant, realm=realm, now=at)
    known = {term.id for term in ours}
    for step in steps:
        if dry or step.term is None:
            continue
        if step.term.id in known:
            settings.save_term(tenant, step.term)
        else:
            settings.add_term(tenant, step.term)
    return steps
