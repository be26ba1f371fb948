"""What somebody is told who enters a customer here that QuickBooks has; apart, as few need more."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roster.domain.sync.steps import NameHolder


def already_there(name: str, holder: "NameHolder") -> str:
    """What somebody is told who has entered a customer that QuickBooks has (S4.053)."""
    state = "" if holder.active else "inactive "
    advice = "Enter a customer in one of the two systems only: the sync carries it to the other."
    if holder.kind == "customer":
        advice += " If the two are the same, merge them or link them in the mapping."
    else:
        advice += " Under this name it cannot go to QuickBooks."
    return (
        f"QuickBooks already has the {state}{holder.kind} “{holder.name}” ({holder.id}), and"
        f" “{name}” was entered by hand. {advice}"
    )
