"""What becomes of each row of a spreadsheet: a new customer, one we have, or an error."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from roster.domain import customer as rules
from roster.domain.customer import Customer
from roster.domain.imports.draft import ROW, Action, Draft, PlannedRow, shown
from roster.domain.imports.reading import Column, RowReading
from roster.domain.matching import MatchCard, find_same, match_card
from roster.domain.text import fold
from roster.domain.vocabulary import Vocabulary

_SEPARATOR, _BETWEEN = "\x1f", "\n"
_HASH_BYTES = 8


def name_hash(name: str) -> bytes:
    """Eight bytes that stand for a folded name."""
    return hashlib.blake2b(name.encode(), digest_size=_HASH_BYTES).digest()


class CardIndex:
    """Everyone we know, by folded name: customers first, then the rows planned so far.

    Cards are packed into one text per name, so that a million of them fit a small function.
    """

    def __init__(self, cards: Iterable[MatchCard] = ()) -> None:
        self._by_name: dict[str, str] = {}
        self._external: dict[str, tuple[str, str]] = {}
        self._numbers: dict[str, str] = {}
        for card in cards:
            self.add(card)

    def add(self, card: MatchCard) -> None:
        """Know one more."""
        packed = _packed(card)
        earlier = self._by_name.get(card.name)
        self._by_name[card.name] = packed if earlier is None else earlier + _BETWEEN + packed
        if card.external_id:
            self._external.setdefault(card.external_id, (card.name, card.id))
        if card.number:
            self._numbers.setdefault(card.number, card.id)

    def customers(self) -> Iterator[MatchCard]:
        """Those of them that are customers, not rows."""
        for name, packed in self._by_name.items():
            for one in packed.split(_BETWEEN):
                if not one.startswith(ROW):
                    yield _unpacked(name, one)

    def find(self, card: MatchCard) -> str | None:
        """The id of the one that is the same customer.

        The same number or id in another system and one of its names settle it, whatever else was
        edited since: who absorbed others goes by their names, numbers and ids too.
        """
        _, by_id = self._external.get(card.external_id, ("", ""))
        for holder in (by_id, self._numbers.get(card.number, "")):
            if holder and self.is_customer(holder, card.name):
                return holder
        packed = self._by_name.get(card.name)
        if packed is None:
            return None
        found = find_same(card, (_unpacked(card.name, one) for one in packed.split(_BETWEEN)))
        return found.id if found else None

    def is_customer(self, customer_id: str, name: str) -> bool:
        """Whether a customer of this id and folded name is there."""
        packed = self._by_name.get(name, "").split(_BETWEEN)
        return any(one.startswith(customer_id + _SEPARATOR) for one in packed)

    def external_id_holder(self, external_id: str, name: str) -> str | None:
        """Who of another name holds this id of another system."""
        held, holder = self._external.get(external_id, (name, ""))
        return holder if held != name and not self.is_customer(holder, name) else None

    def number_holder(self, number: str) -> str | None:
        """Who has this customer number."""
        return self._numbers.get(number)


def _packed(card: MatchCard) -> str:
    parts = (card.id, card.person, card.email, card.phone, card.external_id, card.number)
    return _SEPARATOR.join(parts)


def _unpacked(name: str, packed: str) -> MatchCard:
    id_, person, email, phone, external_id, number = packed.split(_SEPARATOR)
    return MatchCard(id_, name, person, email, phone, external_id, number)


def matches_hash(cards: Iterable[MatchCard], names: frozenset[bytes] | set[bytes]) -> str:
    """What stands for every customer whose name is among `names`, in whatever order they come.

    A plan is good as long as this stays the same: nobody it looked at moved, nobody was added.
    """
    total = 0
    for card in cards:
        if name_hash(card.name) in names:
            digest = hashlib.sha256((card.name + _BETWEEN + _packed(card)).encode()).digest()
            total = (total + int.from_bytes(digest)) % (1 << 256)
    return f"{total:064x}"


class Planner:
    """Decides row by row, in the order of the file; `names` are the hashes of names it saw."""

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        index: CardIndex,
        auto_numbering: bool,
        words: Vocabulary | None = None,
    ) -> None:
        self._index = index
        self._words = words or Vocabulary()
        self._auto_numbering = auto_numbering
        self._headings: dict[str, str] = {}
        for column in columns:
            if column.field:
                self._headings.setdefault(column.field, column.heading)
        self.names: set[bytes] = set()

    def plan(self, line: int, reading: RowReading) -> PlannedRow:
        """What becomes of the row at `line`; never raises for what a row holds."""
        if reading.skipped:
            why = reading.issues[0] if reading.issues else None
            return PlannedRow(
                line=line, action=Action.SKIP, name="",
                reason=why.rule if why else "not_a_customer", issues=shown(reading.issues),
                cells=reading.cells,
            )  # fmt: skip
        draft = Draft(line, reading, self._headings)
        if (ours := self._ours(draft)) is not None:
            return ours
        draft.settle_email()
        draft.settle_website()
        draft.settle_terms(self._words)
        draft.settle_custom(self._words.custom_fields)
        if self._auto_numbering:
            draft.drop_number()
        customer = draft.customer()
        if customer is None:
            return draft.row(Action.ERROR)
        return self._matched(draft, customer)

    def _ours(self, draft: "Draft") -> PlannedRow | None:
        """The row of an export of ours: our id and the name settle it, whatever else it holds."""
        values = draft.values
        called = values.get("display_name") or rules.default_display_name(values) or ""
        name = fold(called)
        if not draft.roster_id or not self._index.is_customer(draft.roster_id, name):
            return None
        self.names.add(name_hash(name))
        draft.issues.clear()
        reason = f"the same customer as customer {draft.roster_id}"
        return draft.row(Action.SKIP, called, same_as=draft.roster_id, reason=reason)

    def _matched(self, draft: "Draft", customer: Customer) -> PlannedRow:
        card = _card(customer, draft.line)
        self.names.add(name_hash(card.name))
        if card.external_id:
            holder = self._index.external_id_holder(card.external_id, card.name)
            if holder:
                draft.drop_external_id(holder)
                customer = replace(customer, external_id=None)
                card = _card(customer, draft.line)
        same = self._index.find(card)
        if same is not None:
            where = f"as {same} of this file" if same.startswith(ROW) else f"as customer {same}"
            return draft.row(
                Action.SKIP,
                customer.display_name,
                same_as=same,
                reason=f"the same customer {where}",
            )
        if card.number and (holder := self._index.number_holder(card.number)):
            draft.refuse("number", "number_taken", f"the number belongs to {holder}", card.number)
            return draft.row(Action.ERROR, customer.display_name)
        self._index.add(card)
        return draft.row(Action.CREATE, customer.display_name)


def _card(customer: Customer, line: int) -> MatchCard:
    return match_card(
        id=f"{ROW}{line}",
        display_name=customer.display_name,
        full_name=customer.full_name,
        email=customer.email,
        phone=customer.phone,
        external_id=customer.external_id,
        number=customer.number,
    )
