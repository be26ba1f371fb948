"""What a company has defined, as its spreadsheets speak of it."""

from roster.domain.terms import TermKind
from roster.domain.vocabulary import Vocabulary
from roster.usecases.ports import Settings


def vocabulary_of(tenant: str, *, settings: Settings) -> Vocabulary:
    """Two queries and a read, once for a whole file."""
    return Vocabulary(
        terms={kind: settings.terms(tenant, kind) for kind in TermKind},
        custom_fields=settings.get(tenant).custom_fields,
    )
