"""What is wrong with a new customer besides what its schema says, for one answer with all of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.customers_api.schemas import CustomerIn
from roster import bootstrap
from roster.domain.errors import FieldError
from roster.runtime.callers import Caller
from roster.usecases import customers as usecases

_NAMES = {"display_name", "company_name", "full_name", "first_name", "last_name"}
_PLACE = "service_location"


def also_wrong(who: Caller, given: Any, found: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """The rules that the rest of `given` breaks; `found` are the schema's errors in it.

    A field that the schema refused is judged no further.
    """
    places = [e["loc"][1:] for e in found if e["loc"][:1] == ("body",) and len(e["loc"]) > 1]
    if not isinstance(given, dict) or len(places) < len(found):
        return []
    errors = usecases.wrong_with_new(
        who.tenant,
        CustomerIn.readable(given, places),
        actor=who.actor,
        settings=bootstrap.company_settings(),
        clock=bootstrap.clock,
    )
    nested = {"/".join(("", *map(str, place))) for place in places if place[0] == _PLACE}
    whole = {place[0] for place in places if place[0] != _PLACE or len(place) == 1}
    if whole & _NAMES:
        # A display name comes from any of them.
        whole.add("display_name")
    return [e for e in errors if e.pointer not in nested and e.pointer.split("/")[1] not in whole]
