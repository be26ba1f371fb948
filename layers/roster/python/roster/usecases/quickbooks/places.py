"""The service location that a Ship To address of QuickBooks is here: added, moved and renamed."""

from collections.abc import Mapping
from datetime import datetime

from roster.domain.events import Actor, Change
from roster.domain.location import ADDRESS_FIELDS, Location, edit_location
from roster.domain.parts import with_edited
from roster.domain.sync.connection import ReportRow, Run
from roster.domain.sync.policy import Mode, Primary
from roster.domain.sync.steps import Action, Step, Verb
from roster.usecases.parts import Call, keep_location, take_step
from roster.usecases.quickbooks.ports import QuickBooksPorts

_ADDRESS, _NAME = "address", "name"


def keep_place(run: Run, step: Step, action: Action, actor: Actor, ports: QuickBooksPorts) -> None:
    """Bring the action's location about; it has one id, so the same one twice is one.

    What of it was edited here since it came (it is not as the action's changes say it was) gives
    way only where QuickBooks leads; either way the report says so.
    """
    place = action.location
    if place is None:
        return
    locations = ports.money.locations
    # A customer that was merged into another keeps its places there.
    holder = action.customer_id or place.customer_id
    found = locations.get(run.tenant, tuple({holder, place.customer_id}), place.id)
    if found is None:
        if any(one.address == place.address for one in locations.all(run.tenant, holder)):
            # It is one of the customer's already, whoever entered it.
            return
        keep_location(run.tenant, place, actor=actor, customers=ports.customers, clock=ports.clock)
        return
    was = {change.field: change.old for change in action.changes}
    values = _values(found, place, was, leads=_quickbooks_leads(run))
    moved_there = _ADDRESS in was and was[_ADDRESS] != place.address
    if moved_there and found.address not in (was[_ADDRESS], place.address):
        _tell_edited(run, step, action, found, place, ports)
    if not values or run.dry:
        return

    def moved(parts: list[Location], _: datetime) -> tuple[list[Location], str]:
        now = next((part for part in parts if part.id == place.id), None)
        if now is None or (now.address, now.name) != (found.address, found.name):
            # Somebody is at it this very moment: what they say is newer.
            return parts, place.id
        return with_edited(parts, edit_location(now, values)), place.id

    call = Call(
        tenant=run.tenant,
        customer_id=holder,
        actor=actor,
        customers=ports.customers,
        parts=locations,
        clock=ports.clock,
    )
    take_step(call, "locations", moved, reason=action.reason)


def _quickbooks_leads(run: Run) -> bool:
    policy = run.policy
    return policy.mode is not Mode.TWO_WAY or policy.primary is Primary.QUICKBOOKS


def _values(
    found: Location, place: Location, was: Mapping[str, object], *, leads: bool
) -> dict[str, object]:
    """What of the location is to be edited."""
    values: dict[str, object] = {}
    untouched = found.address == was.get(_ADDRESS)
    if _ADDRESS in was and found.address != place.address and (untouched or leads):
        values |= {part: getattr(place.address, part) for part in ADDRESS_FIELDS}
    if _NAME in was and found.name == was[_NAME] and found.name != place.name:
        values[_NAME] = place.name
    return values


def _tell_edited(
    run: Run,
    step: Step,
    action: Action,
    found: Location,
    place: Location,
    ports: QuickBooksPorts,
) -> None:
    leads = _quickbooks_leads(run)
    what = "QuickBooks leads, so its address was taken" if leads else "Roster leads, so it stays"
    row = ReportRow(
        # Beside another conflict of the same record.
        position=f"{run.slice:06d}#{step.theirs.id:0>20}#{Verb.CONFLICT}#place",
        verb=str(Verb.CONFLICT),
        quickbooks_id=step.theirs.id,
        name=step.theirs.display_name,
        reason=f"The service location was moved in QuickBooks and edited here: {what}.",
        customer_id=action.customer_id,
        changes=(Change(_ADDRESS, found.address, place.address),),
    )
    ports.state.add_rows(run, [row])
