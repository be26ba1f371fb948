"""What a company does with its tax rates and payment terms, unless QuickBooks leads them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.domain import terms as rules
from roster.domain.errors import NotFound
from roster.domain.ids import new_id
from roster.domain.terms import Term, TermKind
from roster.usecases.ports import Clock, Settings
from roster.usecases.quickbooks.policies import Policies, require_unlocked


def list_terms(
    tenant: str, kind: TermKind, *, inactive_too: bool, settings: Settings
) -> Sequence[Term]:
    """The company's terms of the kind by name; those to choose from unless told otherwise."""
    found = [t for t in settings.terms(tenant, kind) if t.active or inactive_too]
    return sorted(found, key=lambda term: (term.name.casefold(), term.id))


def read_term(tenant: str, kind: TermKind, term_id: str, *, settings: Settings) -> Term:
    """One of them, inactive or not; raises NotFound."""
    found = settings.term(tenant, kind, term_id)
    if found is None:
        raise NotFound(f"there is no {kind.name.lower().replace('_', ' ')} {term_id}")
    return found


def define_term(
    tenant: str,
    kind: TermKind,
    values: Mapping[str, Any],
    *,
    settings: Settings,
    policies: Policies,
    clock: Clock,
) -> Term:
    """Define a new one; raises Invalid or Locked."""
    require_unlocked(tenant, kind, policies=policies)
    term = rules.new_term(new_id(kind, clock()), kind, values)
    settings.add_term(tenant, term)
    return term


def edit_term(
    tenant: str,
    kind: TermKind,
    term_id: str,
    values: Mapping[str, Any],
    *,
    settings: Settings,
    policies: Policies,
) -> Term:
    """Merge `values` in (absent keeps); raises Invalid, NotFound or Locked."""
    require_unlocked(tenant, kind, policies=policies)
    before = read_term(tenant, kind, term_id, settings=settings)
    after = rules.edited_term(before, values)
    if after != before and not settings.save_term(tenant, after):
        return read_term(tenant, kind, term_id, settings=settings)
    return after


def delete_term(
    tenant: str, kind: TermKind, term_id: str, *, settings: Settings, policies: Policies
) -> None:
    """Delete it; one that a customer has chosen stays, inactive. Raises NotFound or Locked."""
    require_unlocked(tenant, kind, policies=policies)
    before = read_term(tenant, kind, term_id, settings=settings)
    if before.used or not settings.remove_unused_term(tenant, kind, term_id):
        settings.save_term(tenant, replace(before, active=False))
