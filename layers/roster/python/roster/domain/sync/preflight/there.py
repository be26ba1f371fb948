"""What QuickBooks' own book says: jobs and their places, and money in other currencies."""

from roster.domain.sync.preflight.care import has_fresh_backup
from roster.domain.sync.preflight.facts import Ours, Standing, Theirs
from roster.domain.sync.preflight.words import (
    Check,
    Code,
    Option,
    Result,
    counted,
    passed,
    some,
    unchecked,
)

_SHIP_TO = (
    "Open the customer in QuickBooks.",
    "Click Edit.",
    "Click the plus icon under Ship To, and enter the address of the place.",
    "Save. With the next sync it is a service location of the customer.",
)


def _pulls(standing: Standing) -> bool:
    return standing.policy is None or standing.policy.mode.pulls


def jobs(standing: Standing, theirs: Theirs) -> Check:
    """S4.031, S4.024–S4.026: what jobs in QuickBooks become, and what can be done about them."""
    title = "Jobs in QuickBooks"
    if not _pulls(standing):
        return passed(Code.JOBS, title, "Roster leads, so no job comes from QuickBooks.")
    if theirs.jobs is None:
        return unchecked(Code.JOBS, title, theirs.silence)
    if not theirs.jobs:
        return passed(Code.JOBS, title, "QuickBooks has no customers below customers.", count=0)
    return Check(
        code=Code.JOBS,
        result=Result.WARN,
        title="QuickBooks has jobs",
        detail=f"{counted(theirs.jobs, 'job')} stand below their customers in QuickBooks. Systems"
        " that read a job as a customer of its own, by the company name alone, show such customers"
        " twice: jobs dispatched from QuickBooks arrive there as separate customers using only the"
        " company name. Roster keeps each as a job of its customer, under its own name, and never"
        " makes a second customer of it.",
        steps=("Choose what to do about the jobs: leave, rename or delete them.",),
        count=theirs.jobs,
        options=_job_options(standing),
    )


def _job_options(standing: Standing) -> tuple[Option, ...]:
    backed_up = has_fresh_backup(standing)
    delete = (
        "Roster deletes nothing in QuickBooks: you do, with the backup at hand.",
        (
            "In QuickBooks open the job, then Actions, then Make inactive; QuickBooks calls that"
            " deleted."
        ),
        "With the next sync the job is shown as inactive here.",
    )
    first = (
        (
            "Not before there is a backup: make one, and confirm it with `backup_confirmed_at`"
            " (PUT /v1/quickbooks/settings)."
        ),
    )
    return (
        Option(
            code="leave", title="Leave them as they are", allowed=True,
            steps=("Nothing is to be done: they come as jobs of their customers.",),
        ),
        Option(
            code="rename", title="Rename them to include the location", allowed=True,
            steps=(
                ("In QuickBooks open the job and add its place to the name, such as"
                " “Carefree – Main Office”."),
                "The new name is here after the next sync.",
            ),
        ),
        Option(
            code="delete", title="Delete those that are not needed", allowed=backed_up,
            steps=delete if backed_up else first,
        ),
    )  # fmt: skip


def ship_to(standing: Standing, theirs: Theirs) -> Check:
    """S4.088, S4.118: jobs without a place of their own, of which no location can be made."""
    title = "Ship To addresses of jobs"
    if not _pulls(standing):
        return passed(Code.SHIP_TO, title, "Roster leads, so no place comes from QuickBooks.")
    looked = theirs.sites
    if looked is None:
        return unchecked(Code.SHIP_TO, title, theirs.silence)
    if not looked.found:
        return passed(
            Code.SHIP_TO, title, "No customer has a job without an address of its own.", count=0
        )
    among = "" if looked.whole else f", among the first {counted(looked.at, 'job')} looked at"
    return Check(
        code=Code.SHIP_TO,
        result=Result.WARN,
        title="Customers with jobs but no Ship To",
        detail=f"{counted(len(looked.found), 'customer')} in QuickBooks"
        f" {'has' if len(looked.found) == 1 else 'have'} jobs without a Ship To address{among}: no"
        " service location can be made of them.",
        steps=_SHIP_TO,
        count=len(looked.found),
        examples=some(looked.found),
    )


def currency(ours: Ours, theirs: Theirs) -> Check:
    """Whether both books count in the same money."""
    title = "The currency"
    if theirs.company is None:
        return unchecked(Code.CURRENCY, title, theirs.silence)
    home = theirs.company.home_currency or ours.currency
    if home != ours.currency:
        return Check(
            code=Code.CURRENCY,
            result=Result.WARN,
            title="The two books are in different currencies",
            detail=f"QuickBooks' books are in {home}, amounts here are in {ours.currency}: invoices"
            " and payments are left out, customers are synced.",
            steps=(f"Set the currency to {home} (PATCH /v1/settings), if you bill in that.",),
        )
    if theirs.company.multi_currency:
        return Check(
            code=Code.CURRENCY,
            result=Result.WARN,
            title="QuickBooks counts in several currencies",
            detail=f"Amounts here are in {ours.currency} alone: payments in another currency are"
            " left out, and the report says so.",
            steps=("Keep such payments in QuickBooks.",),
        )
    return passed(Code.CURRENCY, title, f"Both books are in {home}.")
