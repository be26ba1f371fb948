"""The customer's rules, without any machinery."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain import customer as rules
from roster.domain.customer import Customer, Kind, Origin, Status
from roster.domain.errors import Gone, Invalid, WrongState
from roster.domain.events import Actor, EventKind
from roster.domain.location import Address

NOW = datetime(2026, 11, 22, tzinfo=UTC)
OLGA = Actor("olga")


def new(**values: object) -> Customer:
    return rules.new_customer(
        id="cus_1", tenant="acme", values=values, source=Origin.MANUAL, actor=OLGA, now=NOW
    )


@pytest.mark.shows("S0.15")
def test_the_display_name_is_the_companys_else_the_persons() -> None:
    assert new(company_name="Acme", first_name="Ann").display_name == "Acme"
    assert new(full_name="Ann Lee").display_name == "Ann Lee"
    person = new(first_name="Ann", last_name="Lee")
    assert (person.display_name, person.full_name, person.kind) == (
        "Ann Lee",
        "Ann Lee",
        Kind.INDIVIDUAL,
    )


def test_derived_names_follow_and_chosen_ones_stay() -> None:
    person = new(first_name="Ann", last_name="Lee")
    married = rules.edit(person, {"last_name": "Ray"}, now=NOW)
    assert (married.full_name, married.display_name) == ("Ann Ray", "Ann Ray")
    chosen = rules.edit(person, {"display_name": "The Lees"}, now=NOW)
    assert rules.edit(chosen, {"last_name": "Ray"}, now=NOW).display_name == "The Lees"
    assert rules.edit(chosen, {"display_name": None}, now=NOW).display_name == "Ann Lee"


def test_the_last_name_cannot_be_taken_away() -> None:
    with pytest.raises(Invalid) as refusal:
        rules.edit(new(company_name="Acme"), {"company_name": None, "display_name": ""}, now=NOW)
    assert [e.pointer for e in refusal.value.errors] == ["/display_name"]


def test_all_broken_rules_come_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        new(email="x", phone="1" * 51, tags=["t" * 51])
    assert {e.pointer for e in refusal.value.errors} == {
        "/email", "/phone", "/tags/0", "/display_name",
    }  # fmt: skip


_values = st.fixed_dictionaries(
    {},
    optional={
        name: st.none() | st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30)
        for name in ("company_name", "first_name", "last_name", "phone", "notes", "external_id")
    },
)


@given(start=_values, edits=st.lists(_values, max_size=5))
def test_history_taken_back_is_the_beginning(
    start: dict[str, str | None], edits: list[dict[str, str | None]]
) -> None:
    """Whatever is edited, the events lead back to the creation, field by field."""
    first = new(**{"company_name": "Acme", **{k: v for k, v in start.items() if v}})
    now, events = first, []
    for n, values in enumerate(edits, 1):
        try:
            after = rules.edit(now, values, now=NOW + timedelta(seconds=n))
        except Invalid:
            continue
        if after is not now:
            assert after.version == now.version + 1
            events.append(rules.event_of(EventKind.EDITED, now, after, OLGA))
            now = after
    begun = rules.creation_of(now, reversed(events))
    assert {c.field: c.new for c in begun.changes} == {
        name: value for name in rules.TRACKED if (value := getattr(first, name))
    }


_steps = st.lists(st.sampled_from([rules.activate, rules.deactivate, rules.delete]), max_size=8)


@given(steps=_steps)
def test_a_life_goes_only_by_the_lifecycle(steps: list[object]) -> None:
    customer = new(company_name="Acme")
    for step in steps:
        before = customer.status
        try:
            customer = step(customer, now=NOW)  # type: ignore[operator]
        except WrongState:
            assert before is not Status.DELETED
        except Gone:
            assert before is Status.DELETED
        else:
            assert (before, customer.status) in {
                (Status.ACTIVE, Status.INACTIVE),
                (Status.INACTIVE, Status.ACTIVE),
                (Status.INACTIVE, Status.DELETED),
            }


def test_a_billing_address_from_quickbooks_ends_the_link_to_the_service_address() -> None:
    linked = new(company_name="Acme", billing_same_as_service=True)
    theirs = Address(street="1 Book St")
    after = rules.edit(linked, {"billing_address": theirs}, now=NOW)
    assert (after.billing_address, after.billing_same_as_service) == (theirs, False)
    assert rules.edit(linked, {"billing_address": None}, now=NOW) is linked
    with pytest.raises(Invalid):
        rules.edit(linked, {"billing_address": {"street": "2"}}, now=NOW)


def test_what_is_cleared_is_empty() -> None:
    full = new(
        company_name="Acme", verified=True, portal_access=True, custom={"a": 1}, pan="AAPFU0939F",
        default_discount_percent=5, billing_contact={"name": "Bo"}, tags=["x"], phone="2125550100",
    )  # fmt: skip
    names = [n for n in rules.EDITABLE if n not in ("company_name", "display_name", "kind", "role")]
    emptied = rules.edit(full, dict.fromkeys(names), now=NOW)
    assert [getattr(emptied, n) or None for n in names] == [None] * len(names)
    assert emptied.phone_e164 is None
