"""All checks of a preflight, in their order: the same facts give the same answer."""

from roster.domain.sync.preflight import book, care, start, there
from roster.domain.sync.preflight.facts import Ours, Standing, Theirs
from roster.domain.sync.preflight.words import Check, Code


def all_checks(standing: Standing, ours: Ours, theirs: Theirs) -> tuple[Check, ...]:
    """Every check once, in the order of `Code`."""
    found = (
        start.connection(standing, theirs),
        start.company(standing, theirs),
        start.subscription(standing, theirs),
        start.mode(standing.policy),
        start.run(standing),
        care.backup(standing),
        care.daily_backups(standing),
        care.unwanted_customers(standing, theirs),
        care.unwanted_items(standing, theirs),
        book.names_refused(standing, ours.names),
        book.names_shortened(standing, ours.names),
        book.names_twice(standing, ours.names),
        book.names_taken(standing, ours.names, theirs),
        book.accounts(standing, ours, theirs),
        book.terms(standing),
        there.jobs(standing, theirs),
        there.ship_to(standing, theirs),
        there.currency(ours, theirs),
        book.undecided(ours),
        book.conflicts(ours),
    )
    by_code = {check.code: check for check in found}
    return tuple(by_code[code] for code in Code)
