"""What becomes of a row, without any cloud."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roster.domain.imports.draft import Action, PlannedRow
from roster.domain.imports.plan import CardIndex, Planner, matches_hash, name_hash
from roster.domain.imports.reading import SourceRow, map_columns
from roster.domain.imports.row_reader import row_fields
from roster.domain.matching import MatchCard, match_card

HEAD = ("ID", "Customer Number", "Company", "First Name", "Last Name", "Email", "Phone", "Notes")


def plan(
    *rows: tuple[str, ...], known: tuple[MatchCard, ...] = (), auto: bool = True
) -> list[PlannedRow]:
    """What becomes of rows under HEAD."""
    columns = map_columns(HEAD)
    planner = Planner(columns=columns, index=CardIndex(known), auto_numbering=auto)
    return [
        planner.plan(line, row_fields(columns, SourceRow(line, row)))
        for line, row in enumerate(rows, start=2)
    ]


def row(**cells: str) -> tuple[str, ...]:
    """A row of HEAD by field."""
    names = ("id", "number", "company", "first", "last", "email", "phone", "notes")
    return tuple(cells.get(name, "") for name in names)


def actions(planned: list[PlannedRow]) -> list[str]:
    return [str(one.action) for one in planned]


def rules(planned: PlannedRow) -> set[tuple[str | None, str, str]]:
    return {(i.column, i.rule, i.severity) for i in planned.issues}


def test_two_people_of_one_name_are_two_customers() -> None:
    planned = plan(
        row(first="John", last="Smith", email="a@example.com"),
        row(first="John", last="Smith", email="b@example.com"),
        row(first="JOHN", last="smith", email="A@example.com"),
        row(first="John", last="Smith"),
    )
    assert actions(planned) == ["create", "create", "skip", "skip"]
    assert planned[2].same_as == "row 2"
    assert planned[2].reason == "the same customer as row 2 of this file"


def test_names_of_signs_are_names() -> None:
    planned = plan(*(row(company=name) for name in ("!!!", "???", "🎉", "🎉", "---")))
    assert actions(planned) == ["create", "create", "create", "skip", "create"]


def test_a_customer_we_have_is_skipped_even_when_edited_since() -> None:
    known = match_card(
        id="cus_1", display_name="Café Müller", email="new@example.com", external_id="77"
    )
    one, other = plan(
        row(id="77", company="CAFE MULLER", email="old@example.com"),
        row(company="Cafe Müller", email="old@example.com"),
        known=(known,),
    )
    assert (one.action, one.same_as) == (Action.SKIP, "cus_1")
    assert other.action is Action.CREATE


def test_an_id_of_somebody_else_is_left_out_with_a_warning() -> None:
    known = match_card(id="cus_1", display_name="Acme", external_id="1")
    (planned,) = plan(row(id="1", company="Bolt"), known=(known,))
    assert planned.action is Action.CREATE
    assert "external_id" not in planned.values
    assert rules(planned) == {("ID", "external_id_taken", "warning")}


def test_numbers_are_noted_while_they_are_automatic_and_used_when_not() -> None:
    (noted,) = plan(row(number="A-7", company="Acme", notes="vip"))
    assert noted.values["notes"] == "vip\nnumber as imported: A-7"
    assert rules(noted) == {("Customer Number", "auto_numbering", "warning")}
    used, twice = plan(
        row(number="A-7", company="Acme"), row(number="A-7", company="B"), auto=False
    )
    assert used.values["number"] == "A-7"
    assert (twice.action, rules(twice)) == (
        Action.ERROR, {("Customer Number", "number_taken", "error")},
    )  # fmt: skip


def test_every_error_of_a_row_is_named_at_once() -> None:
    (planned,) = plan(row(first="x" * 101, last="y" * 101, email="nobody", phone="1" * 60))
    assert planned.action is Action.ERROR
    assert {
        ("First Name", "too_long", "error"),
        ("Last Name", "too_long", "error"),
        ("Phone", "too_long", "error"),
    } <= rules(planned)
    assert all(len(i.value or "") <= 200 for i in planned.issues)


def test_an_email_that_is_none_goes_to_the_notes() -> None:
    (planned,) = plan(row(company="Acme", email="ask Bob", notes="vip"))
    assert planned.action is Action.CREATE
    assert planned.values["notes"] == "vip\ne-mail as imported: ask Bob"
    assert "email" not in planned.values
    assert rules(planned) == {("Email", "doubtful_email", "warning")}


def test_a_row_without_a_name_is_an_error() -> None:
    (planned,) = plan(row(email="a@example.com"))
    assert planned.action is Action.ERROR
    assert [i.rule for i in planned.issues] == ["name_required"]


CELLS = st.text(max_size=120)
ROWS = st.lists(st.tuples(*[CELLS] * len(HEAD)), max_size=15)


@given(rows=ROWS, auto=st.booleans())
def test_any_row_becomes_exactly_one_thing(rows: list[tuple[str, ...]], auto: bool) -> None:
    for planned in plan(*rows, auto=auto):
        failed = any(i.severity == "error" for i in planned.issues)
        assert (planned.action is Action.ERROR) == failed
        assert bool(planned.values) == (planned.action is Action.CREATE)
        assert planned.reason or planned.action is not Action.SKIP


def _cards_of(planned: list[PlannedRow]) -> list[MatchCard]:
    from datetime import UTC, datetime

    from roster.domain.events import Actor
    from roster.domain.imports.draft import new_row_customer

    made = [
        new_row_customer(
            p.values, id=f"cus_{p.line}", tenant="t", actor=Actor("x"),
            now=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for p in planned
        if p.action is Action.CREATE
    ]  # fmt: skip
    return [
        match_card(
            id=c.id, display_name=c.display_name, full_name=c.full_name, email=c.email,
            phone=c.phone, external_id=c.external_id, number=c.number,
        )
        for c in made
    ]  # fmt: skip


NAMES = st.sampled_from(["Ann", "Bob", "Zoë", "zoe", "Ánn", ""])
FEW = st.sampled_from(["", "a@example.com", "b@example.com"])
PEOPLE = st.lists(
    st.builds(
        lambda i, n, c, f, e, p: row(id=i, number=n, company=c, first=f, email=e, phone=p),
        st.sampled_from(["", "1", "2", "3"]), st.sampled_from(["", "7"]), NAMES, NAMES, FEW,
        st.sampled_from(["", "555-1234567", "555-7654321"]),
    ),
    max_size=12,
)  # fmt: skip


@given(rows=PEOPLE)
def test_the_same_file_again_creates_nobody(rows: list[tuple[str, ...]]) -> None:
    first = plan(*rows)
    again = plan(*rows, known=tuple(_cards_of(first)))
    assert "create" not in actions(again)
    assert actions(first).count("error") == actions(again).count("error")


def test_the_hash_of_matches_follows_who_is_named_and_nobody_else() -> None:
    ann, bob = (match_card(id=f"cus_{n}", display_name=n) for n in ("Ann", "Bob"))
    names = {name_hash("ann")}
    stored = matches_hash([ann, bob], names)
    assert stored == matches_hash([bob, ann], names) == matches_hash([ann], names)
    moved: list[list[Any]] = [
        [],
        [ann, match_card(id="cus_2", display_name="ANN")],
        [match_card(id="cus_Ann", display_name="Ann", email="x@example.com")],
    ]
    assert all(matches_hash(cards, names) != stored for cards in moved)


def test_cards_survive_their_packing() -> None:
    cards = [
        match_card(id=f"cus_{n}", display_name="Ann", full_name="Ann Lee", email=f"{n}@example.com",
                   phone="1", external_id=str(n), number=f"C-{n}")
        for n in range(3)
    ]  # fmt: skip
    assert list(CardIndex(cards).customers()) == cards
