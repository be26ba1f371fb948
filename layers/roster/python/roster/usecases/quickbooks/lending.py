"""What customers chose of our lists, as QuickBooks has it: looked up, matched, and made there.

Where QuickBooks is pulled from, our lists follow its own (`quickbooks.terms`). Where Roster leads
nothing of its lists comes here, yet a customer's terms and tax are to arrive (S4.073): what has
been chosen here is matched with QuickBooks' by name and value, and terms it lacks are made there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from roster.domain.customer import Customer
from roster.domain.sync.chosen import in_our_ids
from roster.domain.sync.connection import FaultAction, QuickBooksFault, ReportRow, Run
from roster.domain.sync.outcomes import Code
from roster.domain.sync.policy import Mode
from roster.domain.sync.records import CHOSEN, PAYMENT_TERM, Link, TheirCustomer, fingerprint
from roster.domain.sync.steps import Verb, Write
from roster.domain.sync.terms import TheirChoice, tax_choices, term_choices
from roster.domain.terms import CUSTOMER_FIELD, Term, TermKind
from roster.domain.text import fold
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.terms import all_rows
from roster.usecases.quickbooks.tokens import asked

_WHAT = {TermKind.TAX_RATE: "Tax rate", TermKind.PAYMENT_TERM: "Payment term"}
_REFUSALS = frozenset({FaultAction.PERMANENT, FaultAction.NAME_TAKEN, FaultAction.RESYNC})


def as_chosen_here(
    run: Run, theirs: Sequence[TheirCustomer], links: Mapping[str, Link], ports: QuickBooksPorts
) -> list[TheirCustomer]:
    """The records with what they chose in our ids."""
    named = {one.choices[PAYMENT_TERM] for one in theirs if one.choices}
    terms = _terms(run, ports) if named else []
    known = {term.quickbooks: term for term in terms if term.quickbooks and term.active}
    for one in sorted(named & known.keys()):
        if not known[one].used and not run.dry:
            # It is not to be deleted without a trace any more.
            ports.settings.use_term(run.tenant, TermKind.PAYMENT_TERM, known[one].id)
    ids = {one: term.id for one, term in known.items()}
    # One that is gone there is still what it was for those who have it.
    held = {term.quickbooks: term.id for term in terms if term.quickbooks and not term.active}
    told = run.policy.sync_terms or not run.policy.mode.pulls

    def known_to(link: Link | None) -> Mapping[str, str]:
        base = link.base_theirs.get(PAYMENT_TERM) if link else None
        return ids | {one: ours for one, ours in held.items() if ours == base}

    return [
        in_our_ids(one, link, known_to(link), terms_told=told)
        for one in theirs
        for link in [links.get(one.id)]
    ]


def _terms(run: Run, ports: QuickBooksPorts) -> Sequence[Term]:
    return ports.settings.terms(run.tenant, TermKind.PAYMENT_TERM)


def chosen_there(run: Run, customers: Iterable[Customer], ports: QuickBooksPorts) -> dict[str, str]:
    """QuickBooks' ids of what these customers chose, by ours."""
    if not any(getattr(customer, field) for customer in customers for field in CHOSEN):
        return {}
    found = (term for kind in TermKind for term in ports.settings.terms(run.tenant, kind))
    if run.dry and not run.policy.mode.pulls:
        # What would be matched or made is told on its own line.
        return {term.id: term.quickbooks or f"new-{term.id}" for term in found}
    return {term.id: term.quickbooks for term in found if term.quickbooks and not term.gone_there}


def gone_from_lists(run: Run, write: Write, ports: QuickBooksPorts) -> None:
    """QuickBooks no longer has something that the write chose: it is not sent until it is back.

    Where our lists follow QuickBooks' own, the next look at them says which it was; where Roster
    leads, it is matched or made anew, and the customer is looked at again for it.
    """
    follows = run.policy.mode.pulls
    for kind, field in CUSTOMER_FIELD.items():
        term = ports.settings.term(run.tenant, kind, str(write.fields.get(field)))
        if term is None or term.quickbooks is None or term.quickbooks != write.choices.get(field):
            continue
        gone = replace(term, active=False, gone_there=True)
        ports.settings.save_term(run.tenant, gone if follows else replace(term, quickbooks=None))
    if not follows:
        ports.outbox.owe(run.tenant, run.realm, [write.customer_id])


def lend_choices(run: Run, customers: Sequence[Customer], ports: QuickBooksPorts) -> Run:
    """Match what these customers chose and is not known there, once in a run; its calls counted."""
    if run.policy.mode is not Mode.ROSTER_TO_QUICKBOOKS:
        return run
    for kind, field in CUSTOMER_FIELD.items():
        wanted = {getattr(customer, field) for customer in customers} - {None, *run.lent}
        ours = ports.settings.terms(run.tenant, kind) if wanted else ()
        unknown = [term for term in ours if term.id in wanted and not term.quickbooks]
        run = replace(run, lent=(*run.lent, *(term.id for term in unknown)))
        if unknown:
            taken = {term.quickbooks for term in ours if term.quickbooks}
            theirs, calls = _their_choices(run, kind, ports)
            free = [one for one in theirs if one.id not in taken]
            run = replace(run, polls=run.polls + calls)
            rows = [_lent(run, term, free, ports) for term in unknown]
            ports.state.add_rows(run, rows)
    return run


def _their_choices(
    run: Run, kind: TermKind, ports: QuickBooksPorts
) -> tuple[list[TheirChoice], int]:
    def ask(token: str) -> tuple[list[TheirChoice], int]:
        if kind is TermKind.PAYMENT_TERM:
            terms, calls = all_rows(run.realm, token, "Term", ports.api)
            return term_choices(map(ports.wire.term, terms)), calls
        codes, calls = all_rows(run.realm, token, "TaxCode", ports.api)
        rates, more = all_rows(run.realm, token, "TaxRate", ports.api)
        return tax_choices(map(ports.wire.code, codes), map(ports.wire.rate, rates)), calls + more

    (found, calls), in_vain = asked(run.tenant, ports, ask)
    return found, calls + in_vain


def _lent(run: Run, term: Term, free: list[TheirChoice], ports: QuickBooksPorts) -> ReportRow:
    """Match one, or make it there; what became of it, as a line of the report."""
    namesakes = [one for one in free if fold(one.name) == fold(term.name)]
    active = [one for one in namesakes if one.active]
    same = next((one for one in active if one.value == term.value and not one.note), None)
    if same is None and not active and term.kind is TermKind.TAX_RATE:
        alike = [one for one in free if one.value == term.value and one.active]
        same = alike[0] if len(alike) == 1 else None
    if same is not None:
        free.remove(same)
        _keep(run, term, same.id, ports)
        return _row(run, term, Verb.LINK, f"is “{same.name}” in QuickBooks", same.id)
    if active:
        why = "is worth something else in QuickBooks: make the two the same"
        return _row(run, term, Verb.SKIP, f"{why}, and a full sync sends it", active[0].id)
    if namesakes and term.kind is TermKind.PAYMENT_TERM:
        why = "was deleted in QuickBooks, which keeps the name: make it active again there"
        return _row(run, term, Verb.SKIP, f"{why}, or give this one another name", namesakes[0].id)
    if term.kind is TermKind.TAX_RATE:
        why = "is none of QuickBooks' tax codes: add it there, and a full sync sends it"
        return _row(run, term, Verb.SKIP, why)
    return _made(run, term, ports)


def _made(run: Run, term: Term, ports: QuickBooksPorts) -> ReportRow:
    body = {"Name": term.name, "DueDays": term.value}
    request = fingerprint({"of": (run.tenant, run.realm, term.id, term.name, term.value)})
    made_as = ""
    if not run.dry:
        try:
            row, _ = asked(
                run.tenant,
                ports,
                lambda token: ports.api.write(run.realm, token, "Term", body, request_id=request),
            )
        except QuickBooksFault as fault:
            if fault.action not in _REFUSALS:
                raise
            refused = _row(run, term, Verb.SKIP, f"is not taken by QuickBooks: {fault.detail}")
            return replace(refused, code=Code.REFUSED_BY_QUICKBOOKS)
        made_as = str(row["Id"])
        _keep(run, term, made_as, ports)
    return _row(run, term, Verb.CREATE_THERE, "was chosen here and is new in QuickBooks", made_as)


def _keep(run: Run, term: Term, quickbooks_id: str, ports: QuickBooksPorts) -> None:
    if not run.dry:
        ports.settings.save_term(run.tenant, replace(term, quickbooks=quickbooks_id))


def _row(run: Run, term: Term, verb: Verb, what: str, quickbooks_id: str = "") -> ReportRow:
    return ReportRow(
        position=f"{run.slice:06d}#{term.kind}#{term.id}#{verb}",
        verb=str(verb),
        kind=term.kind.name.lower(),
        quickbooks_id=quickbooks_id,
        name=term.name,
        reason=f"{_WHAT[term.kind]} “{term.name}” {what}.",
    )
