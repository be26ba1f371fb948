"""What a company has defined, as its spreadsheets speak of it."""

from roster.domain.imports.dates import MONTH_FIRST
from roster.domain.terms import TermKind
from roster.domain.vocabulary import Vocabulary
from roster.usecases.ports import Settings


def vocabulary_of(tenant: str, *, settings: Settings) -> Vocabulary:
    """Two queries and a read, once for a whole file."""
    ours = settings.get(tenant)
    return Vocabulary(
        terms={kind: settings.terms(tenant, kind) for kind in TermKind},
        custom_fields=ours.custom_fields,
        month_first=ours.country in MONTH_FIRST,
    )
