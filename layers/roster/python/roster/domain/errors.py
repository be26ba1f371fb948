"""What can go wrong in Roster's own terms; the HTTP edge gives each its status."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One broken rule: `pointer` is an RFC 6901 JSON pointer ("/email"), `code` the rule's name."""

    pointer: str
    code: str
    detail: str


class RosterError(Exception):
    """Base of every refusal; `code` is stable, the message is for a person."""

    code = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class Invalid(RosterError):
    """The input breaks rules; `errors` names every bad field at once."""

    code = "invalid"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{e.pointer}: {e.detail}" for e in self.errors))


class Malformed(RosterError):
    """The request itself cannot be read (a bad cursor, an unknown parameter)."""

    code = "malformed"

    def __init__(self, detail: str, *, code: str | None = None, pointer: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.pointer = pointer


class NotFound(RosterError):
    """There is no such thing for this tenant."""

    code = "not_found"


class Gone(RosterError):
    """It was there and has been deleted."""

    code = "gone"


class WrongState(RosterError):
    """The record's state does not allow this."""

    code = "wrong_state"


class Locked(RosterError):
    """Another system leads this; it can be read here and changed there."""

    code = "locked"


class TouchedSince(WrongState):
    """It cannot be taken back: `errors` names everything that was changed since."""

    code = "touched_since"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(e.detail for e in self.errors))


class OpenWorkLeft(WrongState):
    """Something of the customer is not done yet: `errors` counts it by kind."""

    code = "open_work"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(e.detail for e in self.errors))


class Taken(RosterError):
    """A value that must be unique belongs to another record: `field`, `value`, `holder_id`."""

    code = "taken"

    def __init__(self, field: str, value: str, holder_id: str | None) -> None:
        holder = f" by {holder_id}" if holder_id else ""
        super().__init__(f"{field} {value!r} is already used{holder}")
        self.field, self.value, self.holder_id = field, value, holder_id


class StaleVersion(RosterError):
    """The record moved since the caller read it."""

    code = "stale_version"


class MovedSince(RosterError):
    """What the caller decided on was changed since; `errors` has the present values."""

    code = "moved_since"

    def __init__(self, detail: str, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(detail)
        self.errors = tuple(errors)


class Unauthenticated(RosterError):
    """Who asks is not who they would have to be."""

    code = "unauthenticated"


class Forbidden(RosterError):
    """The caller's role does not allow this."""

    code = "forbidden"


class Unavailable(RosterError):
    """Another system that this needs does not answer as it should."""

    code = "unavailable"
