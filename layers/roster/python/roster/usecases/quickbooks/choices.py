"""What may be chosen for a QuickBooks record: one customer for one record, and the reverse."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from roster.domain.customer import Customer, Status
from roster.domain.customer_fields import check_fields
from roster.domain.errors import FieldError, Invalid, NotFound, Taken, WrongState
from roster.domain.sync.policy import MappingOption
from roster.domain.sync.records import Link, LinkKind, LinkStatus, as_theirs, customer_id_for
from roster.usecases.quickbooks.decisions import Choice, Defaults
from roster.usecases.quickbooks.ports import QuickBooksPorts

# More decisions than these do not wait for a run, or they are checked by it.
_WAITING = 1000
_LIVING = (Status.ACTIVE, Status.INACTIVE)


def effective(draft: Choice, link: Link, defaults: Defaults) -> bool:
    """Whether a draft counts: a later default takes its place where there is no relationship.

    Of jobs no default speaks.
    """
    return link.leads or link.kind is LinkKind.JOB or draft.generation == defaults.generation


def checked(
    tenant: str, realm: str, wanted: Choice, defaults: Defaults, ports: QuickBooksPorts
) -> tuple[Choice, Link]:
    """The choice as it can be kept, and its record; raises what `mapping.choose` does."""
    one = wanted.quickbooks_id
    link = ports.state.links(tenant, realm, [one]).get(one)
    if link is None:
        raise NotFound(f"QuickBooks customer {one} has not been read")
    if link.status is LinkStatus.MERGED:
        raise WrongState(f"“{link.name}” was merged into {link.merged_into} in QuickBooks")
    customer = _customer(tenant, wanted.customer_id, ports)
    origin = _customer(tenant, customer_id_for(tenant, realm, as_theirs(link)), ports)
    errors = [*_form_errors(wanted, link, customer), *_origin_errors(wanted, link, origin)]
    if errors:
        raise Invalid(errors)
    if customer is not None and _is_held(customer, link):
        holder = customer.quickbooks or ""
        theirs = ports.state.links(tenant, realm, [holder]).get(holder)
        drafts = ports.decisions.drafts(tenant, realm, [holder])
        if theirs is None or not any(
            effective(d, theirs, defaults) and d.instead_of == customer.id for d in drafts
        ):
            raise Taken("customer_id", customer.id, f"QuickBooks customer {holder}")
    return replace(wanted, instead_of=_ended(tenant, realm, wanted, link, origin, ports)), link


def _customer(tenant: str, customer_id: str | None, ports: QuickBooksPorts) -> Customer | None:
    return ports.customers.get(tenant, customer_id) if customer_id else None


def _form_errors(wanted: Choice, link: Link, customer: Customer | None) -> list[FieldError]:
    errors = []
    existing = wanted.option is MappingOption.EXISTING
    if link.kind is LinkKind.JOB and wanted.option is MappingOption.DONT_IMPORT:
        detail = "jobs and projects go with their customer: choose for that one"
        errors.append(FieldError("/option", "job", detail))
    if existing and wanted.customer_id is None:
        errors.append(FieldError("/customer_id", "required", "choose the customer it is"))
    if not existing and wanted.customer_id is not None:
        detail = "a customer is chosen with the option existing alone"
        errors.append(FieldError("/customer_id", "option", detail))
    if existing and wanted.customer_id and (customer is None or customer.status not in _LIVING):
        state = "there is no such customer" if customer is None else "it is deleted or merged away"
        errors.append(FieldError("/customer_id", "not_found", state))
    if wanted.name is not None and wanted.option is not MappingOption.CREATE:
        detail = "a name is given with the option create alone"
        errors.append(FieldError("/name", "option", detail))
    elif wanted.name is not None:
        broken = check_fields({"display_name": wanted.name})
        errors += [FieldError("/name", e.code, e.detail) for e in broken]
    return errors


def _origin_errors(wanted: Choice, link: Link, origin: Customer | None) -> list[FieldError]:
    """A record has been created once, and that customer can be chosen; it is not made again."""
    if wanted.option is not MappingOption.CREATE or origin is None:
        return []
    if link.customer_id == origin.id:
        return []
    if origin.status in _LIVING:
        detail = f"it was created before, as {origin.id}: choose that with the option existing"
    else:
        detail = f"the customer that was created of it, {origin.id}, was deleted or merged"
    return [FieldError("/option", "created_before", detail)]


def together(drafts: Sequence[Choice], most: int) -> list[Choice]:
    """The first of the drafts, with each that gives up the customer which another one takes."""
    giving = {draft.instead_of: draft for draft in drafts if draft.instead_of}
    found: dict[str, Choice] = {}
    for draft in drafts:
        if len(found) >= most:
            break
        one: Choice | None = draft
        while one is not None and one.quickbooks_id not in found:
            found[one.quickbooks_id] = one
            one = giving.get(one.customer_id) if one.customer_id else None
    return list(found.values())


def _is_held(customer: Customer, link: Link) -> bool:
    return customer.quickbooks is not None and customer.quickbooks != link.quickbooks_id


def _ended(
    tenant: str,
    realm: str,
    wanted: Choice,
    link: Link,
    origin: Customer | None,
    ports: QuickBooksPorts,
) -> str | None:
    """The customer whose link the choice ends."""
    if not link.leads:
        return None
    match wanted.option:
        case MappingOption.EXISTING:
            stays = wanted.customer_id == link.customer_id
        case MappingOption.CREATE:
            before = ports.decisions.saved(tenant, realm, [link.quickbooks_id])
            again = any(c.option is MappingOption.CREATE for c in before.values())
            stays = again or (origin is not None and origin.id == link.customer_id)
        case _:
            stays = False
    return None if stays else link.customer_id


def clashes(
    tenant: str,
    realm: str,
    choices: Sequence[Choice],
    links: Mapping[str, Link],
    ports: QuickBooksPorts,
    *,
    beside: Sequence[Choice] = (),
) -> list[Choice]:
    """The choices, if all of them can be saved together; raises Invalid with every one that cannot.

    They were right when they were drafted, and much may have happened since. Those `beside` them
    are drafts that are saved later.
    """
    wanted = {c.customer_id for c in choices if c.customer_id}
    customers = ports.customers.get_many(tenant, sorted(wanted))
    given_up = {c.instead_of for c in choices if c.instead_of}
    mine = {c.quickbooks_id for c in choices}
    marks = ports.decisions.waiting(tenant, realm, limit=_WAITING, after=None).items
    others = [mark.quickbooks_id for mark in marks if mark.quickbooks_id not in mine]
    waiting = ports.decisions.saved(tenant, realm, others)
    everyone = (*choices, *beside, *waiting.values())
    times = Counter(c.customer_id for c in everyone if c.customer_id)
    errors = []
    for choice in choices:
        if choice.customer_id is None:
            continue
        at = f"/{choice.quickbooks_id}/customer_id"
        customer, link = customers.get(choice.customer_id), links[choice.quickbooks_id]
        if customer is None or customer.status not in _LIVING:
            errors.append(FieldError(at, "not_found", "the customer is gone"))
        elif times[choice.customer_id] > 1:
            detail = f"{choice.customer_id} was chosen for more than one QuickBooks customer"
            errors.append(FieldError(at, "taken", detail))
        elif _is_held(customer, link) and customer.id not in given_up:
            detail = f"{customer.id} belongs to QuickBooks customer {customer.quickbooks}"
            errors.append(FieldError(at, "taken", detail))
    if errors:
        raise Invalid(errors)
    return list(choices)
