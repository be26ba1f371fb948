"""What of a QuickBooks record our own rules let in."""

from dataclasses import dataclass

from roster.domain.customer_fields import check_fields
from roster.domain.sync.records import TheirCustomer


@dataclass(frozen=True, slots=True)
class Usable:
    """A record, the fields of it that cannot be ours, and a note that says why."""

    record: TheirCustomer
    left_out: tuple[str, ...] = ()
    note: str = ""

    @property
    def values(self) -> dict[str, object]:
        """The mapped values that can be ours."""
        return {k: v for k, v in self.record.values.items() if k not in self.left_out}


def usable(theirs: TheirCustomer) -> Usable:
    """The record, judged by the rules of a customer; a name is never emptied.

    What it does not tell is left out too, without a note.
    """
    broken = check_fields(theirs.values)
    fields = {error.pointer.strip("/") for error in broken} | set(theirs.untold)
    details = "; ".join(f"{e.pointer.strip('/')} {e.detail}" for e in broken)
    if not theirs.values.get("display_name"):
        fields.add("display_name")
    note = f" (left out: {details})" if details else ""
    return Usable(theirs, tuple(sorted(fields)), note)
