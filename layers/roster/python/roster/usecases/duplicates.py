"""Finding customers that exist already: before one is created, and among all of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from roster.domain.customer import Customer, Status
from roster.domain.duplicate_facts import Facts, facts, facts_of, fingerprint
from roster.domain.duplicate_learning import Lesson, weights_from
from roster.domain.duplicates import Judgement, Pair, Reason, Verdict, find_pairs, judge
from roster.domain.errors import NotFound, WrongState
from roster.domain.ids import new_id
from roster.usecases.duplicate_ports import Duplicates, Review, Scan, ScanStarter, ScanStatus
from roster.usecases.ports import Clock, Customers, Page

# Before creating, one word alike is worth a look.
_WORTH_A_LOOK = 6.0
# A worker lives 15 minutes at most: after this long it is dead, whatever it said last.
_LONGEST_SCAN = timedelta(minutes=16)
_BEST, _TENTHS = 9999, 10


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that may be the one about to be created."""

    customer: Customer
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ReviewedPair:
    """A pair to review, with both customers as they are now."""

    review: Review
    customers: tuple[Customer, Customer]


def existing_customers(
    tenant: str,
    *,
    name: str | None,
    email: str | None,
    phone: str | None,
    duplicates: Duplicates,
) -> Sequence[Found]:
    """Active and inactive customers that may be this one, the best first."""
    wanted = facts(id="", names=[name], emails=[email], phones=[phone])
    found = [
        Found(customer, judgement)
        for customer in duplicates.near(tenant, name=name, email=email, phone=phone)
        if _is_there(customer) and (judgement := _judged(wanted, facts_of(customer)))
    ]
    return sorted(found, key=lambda f: (-f.judgement.score, f.customer.display_name))


def _is_there(customer: Customer) -> bool:
    """Whether the customer is neither deleted nor merged into another."""
    return customer.status is not Status.DELETED and customer.merged_into is None


def _judged(wanted: Facts, known: Facts) -> Judgement | None:
    judgement = judge(wanted, known, least=_WORTH_A_LOOK)
    if judgement is None and wanted.name and set(wanted.name) == set(known.name):
        return Judgement(Verdict.POSSIBLE, _WORTH_A_LOOK, (Reason.SAME_NAME,))
    return judgement


def start_scan(tenant: str, *, duplicates: Duplicates, starter: ScanStarter, clock: Clock) -> Scan:
    """Start a search of all customers; WrongState while one runs."""
    now = clock()
    last = duplicates.last_scan(tenant)
    running = last is not None and last.status is ScanStatus.RUNNING
    if last and running and now - last.started_at < _LONGEST_SCAN:
        raise WrongState("a search for duplicates is running", code="scan_running")
    scan = Scan(id=new_id("dsc", now), status=ScanStatus.RUNNING, started_at=now)
    if not duplicates.begin_scan(tenant, scan, instead_of=last):
        raise WrongState("a search for duplicates has just been started", code="scan_running")
    try:
        starter.start(tenant, scan.id)
    except Exception:
        failed = replace(scan, status=ScanStatus.FAILED, finished_at=clock())
        duplicates.save_scan(tenant, failed)
        raise
    return scan


def read_scan(tenant: str, *, duplicates: Duplicates) -> Scan:
    """The last search; NotFound before the first."""
    scan = duplicates.last_scan(tenant)
    if scan is None:
        raise NotFound("nobody has searched for duplicates yet")
    return scan


def run_scan(tenant: str, scan_id: str, *, duplicates: Duplicates, clock: Clock) -> Scan | None:
    """Compare all customers and keep the pairs; None for a search that another one has replaced.

    Running it twice leaves what running it once leaves.
    """
    scan = duplicates.last_scan(tenant)
    if scan is None or scan.id != scan_id:
        return None
    try:
        done = _scanned(tenant, scan, duplicates)
    except Exception:
        failed = replace(scan, status=ScanStatus.FAILED, finished_at=clock())
        duplicates.save_scan(tenant, failed)
        raise
    done = replace(done, status=ScanStatus.COMPLETED, finished_at=clock())
    duplicates.save_scan(tenant, done)
    return done


def _scanned(tenant: str, scan: Scan, duplicates: Duplicates) -> Scan:
    known = {customer.id: facts_of(customer) for customer in duplicates.everyone(tenant)}
    _keep_merged(tenant, known, duplicates)
    learned, learned_from = weights_from(_lessons(tenant, known, duplicates))
    found = find_pairs(known.values(), learned=learned)
    reviews = [_review(pair, known) for pair in found.pairs]
    # Read after the long part: a decision made meanwhile counts.
    no = duplicates.dismissed(tenant)
    open_reviews = [r for r in reviews if no.get((r.pair.one, r.pair.other)) != r.fingerprint]
    # What was merged meanwhile was decided by the list that goes now.
    _keep_merged(tenant, (), duplicates)
    duplicates.replace_reviews(tenant, open_reviews)
    return replace(
        scan,
        customers=len(known),
        compared=found.compared,
        pairs=len(open_reviews),
        learned_from=learned_from,
    )


def _keep_merged(tenant: str, known: Collection[str], duplicates: Duplicates) -> None:
    """Keep the pairs of the list that have been merged: a merge says that two were one.

    `known` are customers of which it is known that they were not merged away.
    """
    listed = list(duplicates.listed(tenant))
    ids = {i for r in listed for i in (r.pair.one, r.pair.other) if i not in known}
    now = duplicates.survivors(tenant, ids)
    merged = [r for r in listed if _are_one(r.pair.one, r.pair.other, now)]
    duplicates.keep_merged(tenant, merged)


def _lessons(tenant: str, known: Collection[str], duplicates: Duplicates) -> Iterator[Lesson]:
    """What the company's decisions say today: a merge that was undone says nothing any more."""
    decisions = [d for d in duplicates.decisions(tenant) if d.evidence]
    ids = {i for d in decisions for i in (d.one, d.other) if i not in known}
    now = duplicates.survivors(tenant, ids)
    for decision in decisions:
        is_one = _are_one(decision.one, decision.other, now)
        if is_one or decision.is_dismissed:
            yield Lesson(decision.evidence, is_one)


def _are_one(one: str, other: str, now: Mapping[str, str]) -> bool:
    return now.get(one, one) == now.get(other, other)


def _review(pair: Pair, known: dict[str, Facts]) -> Review:
    place = max(0, _BEST - round(pair.judgement.score * _TENTHS))
    return Review(
        id=f"dup_{place:04}_{pair.one}_{pair.other}",
        pair=pair,
        fingerprint=fingerprint(known[pair.one], known[pair.other]),
    )


def pairs_to_review(
    tenant: str,
    *,
    limit: int,
    after: str | None,
    duplicates: Duplicates,
    customers: Customers,
) -> Page[ReviewedPair]:
    """The pairs of the last search, the best first; a page may be short.

    Deleted customers are never shown, nor pairs that were dismissed a moment ago.
    """
    page = duplicates.reviews(tenant, limit=limit, after=after)
    no = duplicates.dismissed(tenant, [(r.pair.one, r.pair.other) for r in page.items])
    ids = {i for r in page.items for i in (r.pair.one, r.pair.other)}
    here = {i: c for i, c in customers.get_many(tenant, ids).items() if _is_there(c)}
    shown = [
        ReviewedPair(review, (here[one], here[other]))
        for review in page.items
        for one, other in [(review.pair.one, review.pair.other)]
        if one in here and other in here and no.get((one, other)) != review.fingerprint
    ]
    return Page(shown, page.next)


def dismiss_pair(tenant: str, review_id: str, *, duplicates: Duplicates) -> None:
    """Say that the two are not one: they stay out of the review until one of them changes."""
    review = duplicates.review(tenant, review_id)
    if review is None:
        raise NotFound(f"there is no pair {review_id} to review")
    duplicates.dismiss(tenant, review)
