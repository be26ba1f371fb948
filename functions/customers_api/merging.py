"""Merging two customers into one, and taking a merge back."""

from typing import Annotated

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from functions.customers_api.schemas import ChangeOut, Strict
from roster import bootstrap
from roster.bootstrap import duplicates
from roster.domain.customer import changes_between
from roster.domain.history import plain
from roster.domain.merge import Choice
from roster.runtime import conditional
from roster.runtime.callers import OFFICE, caller
from roster.runtime.wire.customer import CustomerOut
from roster.usecases import merging as usecases

router = APIGatewayHttpRouter()


class MergeIn(Strict):
    """Who becomes a part of the customer in the path, and whose value each field gets.

    A field that is not named keeps the survivor's value; where it has none, the loser's is taken.
    """

    loser_id: Annotated[str, Field(min_length=1, max_length=100)]
    fields: Annotated[dict[str, Choice], Field(default_factory=dict, max_length=100)]
    dry_run: bool = False


class MergeOut(BaseModel):
    """The survivor as it is now, or would be; `merge_id` is null for a dry run."""

    merge_id: str | None
    dry_run: bool
    customer: CustomerOut
    changes: list[ChangeOut]


class UndoOut(BaseModel):
    """Both customers, each by itself again."""

    survivor: CustomerOut
    loser: CustomerOut


@router.post("/v1/customers/<customer_id>/merge", middlewares=OFFICE, tags=["merge"])
def merge_customers(customer_id: str, body: MergeIn) -> MergeOut:
    """Merge another customer into this one; a dry run shows the fields. Needs If-Match.

    The other's id and numbers lead here from then on. It can be undone at any time.
    """
    who = caller(router)
    done = usecases.merge_customers(
        who.tenant,
        customer_id,
        body.loser_id,
        body.fields,
        is_preview=body.dry_run,
        if_version=conditional.if_match(router),
        actor=who.actor,
        customers=bootstrap.customers(),
        merges=duplicates.merges(),
        clock=bootstrap.clock,
    )
    return MergeOut(
        merge_id=done.merge.id if done.merge else None,
        dry_run=body.dry_run,
        customer=CustomerOut.of(done.after.survivor),
        changes=[
            ChangeOut(field=c.field, old=plain(c.old), new=plain(c.new))
            for c in changes_between(done.before.survivor, done.after.survivor)
            if c.field != "absorbed"
        ],
    )


@router.post("/v1/merges/<merge_id>/undo", middlewares=OFFICE, tags=["merge"])
def undo_merge(merge_id: str) -> UndoOut:
    """Restore both customers of a merge; 409 lists what was changed since and would be lost."""
    who = caller(router)
    pair = usecases.undo_merge(
        who.tenant,
        merge_id,
        actor=who.actor,
        customers=bootstrap.customers(),
        merges=duplicates.merges(),
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    return UndoOut(survivor=CustomerOut.of(pair.survivor), loser=CustomerOut.of(pair.loser))
