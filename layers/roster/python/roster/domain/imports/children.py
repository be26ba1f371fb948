"""Rows that are a place or a person of another customer: jobs of QuickBooks, contacts of Odoo."""

from collections.abc import Mapping
from typing import Any

from roster.domain.customer_fields import MAX_ADDRESS_PART
from roster.domain.imports.cell_values import name_parts

_PERSON = ("first_name", "last_name", "full_name", "email", "phone", "mobile")
# What is a customer's own and no child's.
_OWN = (*_PERSON, "display_name", "company_name", "external_id", "number", "kind", "website")
_BILLING = ("invoice", "invoice address")
_PERSONS = ("contact", "private", "private address")


def as_child(fields: dict[str, Any]) -> list[str]:
    """Turn what the row says of itself into places and people of its parent; what it is no place.

    `fields` are left with the parent's name and what the parent may take over; the answer holds
    the names of jobs that have no address.
    """
    parent: Mapping[str, str] = fields.pop("parent")
    own = {name: fields.pop(name) for name in _OWN if name in fields}
    fields["display_name"] = parent["name"]
    if job := parent.get("job"):
        return _job(fields, own, job)
    role = parent.get("role", "contact").casefold()
    name = parent.get("own_name")
    places: list[dict[str, Any]] = fields.pop("locations", [])
    if role in _BILLING and places:
        fields.setdefault("billing_address", _bare(places[0]))
    elif role not in _PERSONS:
        fields["locations"] = [{**place, "name": place.get("name") or name} for place in places]
    person = _person(own)
    if name and "first_name" not in person:
        person |= name_parts(name)
    if person and (role in _PERSONS or person.keys() & {"email", "phone", "mobile"}):
        fields.setdefault("contacts", []).append(person)
    return []


def _job(fields: dict[str, Any], own: Mapping[str, Any], job: str) -> list[str]:
    places = fields.get("locations")
    if not places and (billing := fields.get("billing_address")):
        places = fields["locations"] = [dict(billing)]
    for place in places or ():
        place.setdefault("name", job[:MAX_ADDRESS_PART])
    # Its bills go where its parent's go.
    fields.pop("billing_address", None)
    if person := _person(own):
        fields.setdefault("contacts", []).append({**person, "title": job[:100]})
    ids = ("external_id", "number", "website")
    kept = [] if len(job) <= MAX_ADDRESS_PART else ["its whole name"]
    kept += [f"{name.replace('_', ' ')}: {own[name]}" for name in ids if own.get(name)]
    if fields.pop("status", None):
        kept.append("inactive")
    if places and not kept:
        return []
    return [", ".join([f"Job: {job}", *kept])]


def _person(own: Mapping[str, Any]) -> dict[str, Any]:
    person = {name: own[name] for name in _PERSON if own.get(name)}
    whole = person.pop("full_name", None)
    if whole and "first_name" not in person and "last_name" not in person:
        person |= name_parts(whole)
    return person


def _bare(place: Mapping[str, Any]) -> dict[str, Any]:
    return {part: value for part, value in place.items() if part != "name"}
