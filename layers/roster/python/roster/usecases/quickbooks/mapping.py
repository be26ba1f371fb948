"""The mapping: every QuickBooks customer that is known, whose it is here, and what is to become."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from roster.domain.customer import Customer
from roster.domain.sync.connection import NotConnected, Run, Trigger
from roster.domain.sync.fields import overrides
from roster.domain.sync.meeting import homonyms_of, meet
from roster.domain.sync.policy import CHOOSE_MODE, MappingOption
from roster.domain.sync.records import Link, LinkKind, LinkStatus, as_theirs, our_values
from roster.domain.sync.steps import Candidate, Here
from roster.domain.text import fold
from roster.usecases.ports import Page
from roster.usecases.quickbooks.choices import checked, clashes, effective, together
from roster.usecases.quickbooks.connecting import connected
from roster.usecases.quickbooks.decisions import Choice, Defaults
from roster.usecases.quickbooks.ports import QuickBooksPorts
from roster.usecases.quickbooks.runs import ModeMissing, message_of, start_run

# So many records are looked at for one page; a filter may leave few of them.
_LOOKED_AT = 500
# So many drafts are saved by one request: with some 210 requests to the table, which take a few of
# the thirty seconds that it has.
SAVED_AT_ONCE = 2000

type RowStatus = Literal["linked", "unlinked", "waiting", "merged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """A QuickBooks record with its relationship here and what was chosen for it.

    `option` is what saving now would leave it with, None where it keeps its customer. `overrides`
    are the fields edited here that QuickBooks does not have.
    """

    link: Link
    customer: Customer | None = None
    draft: Choice | None = None
    saved: Choice | None = None
    option: MappingOption | None = None
    candidates: tuple[Candidate, ...] = ()
    overrides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPage:
    """A page of the mapping, its default as saved and as drafted, and when QuickBooks was read."""

    page: Page[MappingRow]
    default: MappingOption
    default_draft: MappingOption | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMapping:
    """How many choices were saved, the default if it was, and the run that carries them out.

    Without a run, the one under way or the next one does. While drafts are `left`, saving is to go
    on: the default is saved and the run begins with the last of them.
    """

    choices: int
    left: int = 0
    default: MappingOption | None
    run: Run | None


def state_of(link: Link) -> RowStatus:
    """A row's relationship, as the list is filtered by it."""
    if link.status is LinkStatus.MERGED:
        return "merged"
    if link.status is LinkStatus.WAITING:
        return "waiting"
    return "linked" if link.customer_id is not None else "unlinked"


def _realm(tenant: str, ports: QuickBooksPorts) -> str:
    try:
        return connected(tenant, ports=ports).realm
    except NotConnected as missing:
        raise NotConnected(
            f"{missing.detail}: connect a QuickBooks company in the QuickBooks settings first"
            " (POST /v1/quickbooks/connect)"
        ) from None


def mappings(
    tenant: str,
    *,
    status: RowStatus | None,
    limit: int,
    after: str | None,
    ports: QuickBooksPorts,
) -> MappingPage:
    """What QuickBooks had when it was last read, by its ids; raises NotConnected.

    A page may be short and still not be the last.
    """
    realm = _realm(tenant, ports)
    found: list[Link] = []
    looked = 0
    while len(found) < limit and looked < _LOOKED_AT:
        part = ports.state.known(tenant, realm, limit=limit, after=after)
        after = part.next
        looked += len(part.items)
        for link in part.items:
            if status in (None, state_of(link)):
                found.append(link)
                if len(found) == limit:
                    last = part.items[-1].quickbooks_id
                    after = link.quickbooks_id if link.quickbooks_id != last else after
                    break
        if after is None:
            break
    connection = connected(tenant, ports=ports)
    policy = ports.policies.get(tenant).policy
    defaults = ports.decisions.defaults(tenant, realm)
    default = policy.default_option if policy else MappingOption.CREATE
    rows = _rows(tenant, realm, found, defaults, default, ports)
    return MappingPage(
        page=Page(rows, after),
        default=default,
        default_draft=defaults.draft,
        read_at=connection.last_pull,
    )


def _rows(
    tenant: str,
    realm: str,
    links: Sequence[Link],
    defaults: Defaults,
    default: MappingOption,
    ports: QuickBooksPorts,
) -> list[MappingRow]:
    ids = [link.quickbooks_id for link in links]
    drafts = {c.quickbooks_id: c for c in ports.decisions.drafts(tenant, realm, ids)}
    saved = ports.decisions.saved(tenant, realm, ids)
    wanted = sorted({link.customer_id for link in links if link.customer_id})
    customers = ports.customers.get_many(tenant, wanted)
    candidates = _candidates(tenant, links, ports)
    rows = []
    for link in _in_full(tenant, realm, links, ports):
        customer = customers.get(link.customer_id or "")
        row = MappingRow(
            link=link,
            customer=customer,
            candidates=candidates.get(link.quickbooks_id, ()),
            overrides=overrides(link, our_values(customer)) if customer and link.leads else (),
        )
        draft, kept = drafts.get(link.quickbooks_id), saved.get(link.quickbooks_id)
        rows.append(_chosen(row, draft, kept, defaults, default))
    return rows


def _in_full(tenant: str, realm: str, links: Sequence[Link], ports: QuickBooksPorts) -> list[Link]:
    """The links, their full names with what their parents are called by now.

    QuickBooks does not tell of a job when its parent gets another name.
    """
    known = {link.quickbooks_id: link for link in links}
    while missing := {i for link in known.values() if (i := link.parent_id)} - known.keys():
        found = ports.state.links(tenant, realm, sorted(missing))
        if not found:
            break
        known |= found

    def full_name(link: Link, below: frozenset[str] = frozenset()) -> str:
        parent = known.get(link.parent_id or "")
        if parent is None or parent.quickbooks_id in below:
            return link.name if link.parent_id is None else link.full_name
        return f"{full_name(parent, below | {link.quickbooks_id})}:{link.name}"

    return [replace(link, full_name=full_name(link)) for link in links]


def _chosen(
    row: MappingRow,
    draft: Choice | None,
    saved: Choice | None,
    defaults: Defaults,
    default: MappingOption,
) -> MappingRow:
    if draft is not None and not effective(draft, row.link, defaults):
        draft = None
    if saved is not None and saved.generation < defaults.saved_generation:
        saved = None
    row = replace(row, draft=draft, saved=saved)
    if draft is not None:
        return replace(row, option=draft.option)
    if row.link.kind is LinkKind.JOB or row.link.customer_id is not None:
        return row
    return replace(row, option=defaults.draft or (saved.option if saved else default))


def _candidates(
    tenant: str, links: Iterable[Link], ports: QuickBooksPorts
) -> dict[str, tuple[Candidate, ...]]:
    """Who may be the records that have no customer, the surest first."""
    open_ = [
        as_theirs(link)
        for link in links
        if link.kind is LinkKind.CUSTOMER and state_of(link) == "unlinked"
    ]
    names = {
        fold(t.display_name): tuple(
            sorted({card.id for card in ports.customers.same_name(tenant, t.display_name)})
        )
        for t in open_
    }
    customers = ports.customers.get_many(tenant, sorted({i for ids in names.values() for i in ids}))
    likely = {}
    for theirs in open_:
        around = ports.likeness.near(tenant, theirs)
        likely[theirs.id] = ports.likeness.likely(theirs, around)
        customers |= {customer.id: customer for customer in around}
    here = Here(customers=customers, names=names, likely=likely)
    homonyms = homonyms_of(open_, here)
    return {t.id: meet(t, here, names, customers, homonyms).candidates for t in open_}


def choose(
    tenant: str,
    quickbooks_id: str,
    *,
    option: MappingOption,
    customer_id: str | None,
    name: str | None,
    by: str,
    ports: QuickBooksPorts,
) -> MappingRow:
    """Draft what is to become of one record; nothing happens before it is saved.

    Raises NotConnected, NotFound, Invalid, Taken for a customer that another record has, or
    WrongState for a record that was merged.
    """
    realm = _realm(tenant, ports)
    defaults = ports.decisions.defaults(tenant, realm)
    wanted = Choice(
        quickbooks_id=quickbooks_id,
        option=option,
        customer_id=customer_id,
        name=name,
        generation=defaults.generation,
        by=by,
        at=ports.clock(),
    )
    choice, link = checked(tenant, realm, wanted, defaults, ports)
    ports.decisions.draft(tenant, realm, choice)
    policy = ports.policies.get(tenant).policy
    default = policy.default_option if policy else MappingOption.CREATE
    [row] = _rows(tenant, realm, [link], defaults, default, ports)
    return row


def choose_default(tenant: str, option: MappingOption, *, ports: QuickBooksPorts) -> Defaults:
    """Draft what is to become of every record that has no relationship; raises NotConnected."""
    return ports.decisions.choose_default(tenant, _realm(tenant, ports), option)


def save_mapping(tenant: str, *, ports: QuickBooksPorts) -> SavedMapping:
    """Make decisions of all drafts, or of none; a run carries them out.

    Of very many, so many as one request has the time for: who swap their customers go together.
    Raises NotConnected, Invalid with every row that cannot be saved, or WrongState while nobody has
    chosen which way the sync goes.
    """
    realm = _realm(tenant, ports)
    settings = ports.policies.get(tenant)
    if settings.policy is None:
        raise ModeMissing(CHOOSE_MODE)
    defaults = ports.decisions.defaults(tenant, realm)
    all_drafts = ports.decisions.drafts(tenant, realm)
    drafts = together(all_drafts, SAVED_AT_ONCE)
    left = len(all_drafts) - len(drafts)
    if not drafts and defaults.draft is None:
        return SavedMapping(choices=0, default=None, run=None)
    links = ports.state.links(tenant, realm, [d.quickbooks_id for d in drafts])
    saveable = _saveable(drafts, links, defaults)
    now = {d.quickbooks_id for d in drafts}
    later = (d for d in all_drafts if d.quickbooks_id not in now)
    rest = [d for d in later if d.generation == defaults.generation]
    choices = clashes(tenant, realm, saveable, links, ports, beside=rest)
    ports.decisions.save(tenant, realm, choices)
    # Of records read before their values were kept, nothing but a name is known.
    blind = any(not links[c.quickbooks_id].base_theirs for c in choices)
    saves_default = defaults.draft is not None and not left
    if saves_default or blind:
        option = (defaults.draft if not left else None) or settings.policy.default_option
        policy = replace(settings.policy, default_option=option)
        ports.policies.save(tenant, policy, anew=True)
    if saves_default:
        ports.decisions.default_saved(tenant, realm, defaults)
    ports.decisions.drop_drafts(tenant, realm, drafts)
    if left:
        return SavedMapping(choices=len(choices), left=left, default=None, run=None)
    run = start_run(tenant, trigger=Trigger.REQUEST, ports=ports)
    if run is not None:
        ports.queue.send(message_of(run))
    return SavedMapping(choices=len(choices), default=defaults.draft, run=run)


def _saveable(
    drafts: Iterable[Choice], links: Mapping[str, Link], defaults: Defaults
) -> list[Choice]:
    return [
        replace(draft, generation=defaults.generation)
        for draft in drafts
        if (link := links.get(draft.quickbooks_id)) and effective(draft, link, defaults)
    ]
