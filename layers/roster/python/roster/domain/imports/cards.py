"""Everyone a row of a file may be: customers there are, and rows planned so far."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace

from roster.domain.imports.draft import ROW
from roster.domain.imports.options import MatchBy, Options
from roster.domain.matching import MatchCard, all_same, may_be_same

_SEPARATOR, _BETWEEN = "\x1f", "\n"
_HASH_BYTES = 8
_SOME = 3


def name_hash(name: str) -> bytes:
    """Eight bytes that stand for a folded name."""
    return hashlib.blake2b(name.encode(), digest_size=_HASH_BYTES).digest()


def key_hash(match_by: MatchBy, key: str) -> bytes:
    """Eight bytes that stand for the value a row is told by."""
    return name_hash(f"{match_by}{_SEPARATOR}{key}")


def id_hash(customer_id: str) -> bytes:
    """Eight bytes that stand for a customer that a plan changes."""
    return name_hash(f"id{_SEPARATOR}{customer_id}")


def key_of(card: MatchCard, match_by: MatchBy) -> str:
    """What the card is told by, folded; empty where it has none."""
    match match_by:
        case MatchBy.NUMBER:
            value = card.number
        case MatchBy.EXTERNAL_ID:
            value = card.external_id
        case MatchBy.EMAIL:
            value = card.email
        case _:
            return card.name
    return " ".join(value.casefold().split())


class CardIndex:
    """Everyone we know, by folded name: customers first, then the rows planned so far.

    Cards are packed into one text per name, so that a million of them fit a small function.
    """

    def __init__(
        self,
        cards: Iterable[MatchCard] = (),
        match_by: MatchBy = MatchBy.AUTO,
        *,
        by_id: bool = False,
        foreseen: Mapping[MatchCard, MatchCard] | None = None,
    ) -> None:
        self._match_by = match_by
        self._by_name: dict[str, str] = {}
        self._external: dict[str, tuple[str, str]] = {}
        self._numbers: dict[str, tuple[str, str]] = {}
        # (name, id) of all that have the value by which rows are told.
        self._keys: dict[str, list[tuple[str, str]]] = {}
        # Where rows may change customers, an id alone says who it is.
        self._names: dict[str, str] | None = {} if by_id else None
        self._renewed: dict[MatchCard, MatchCard] = {}
        for card in cards:
            self.add(card)
            if foreseen and card in foreseen:
                self.renew(card, foreseen[card])

    def add(self, card: MatchCard) -> None:
        """Know one more."""
        packed = _packed(card)
        earlier = self._by_name.get(card.name)
        self._by_name[card.name] = packed if earlier is None else earlier + _BETWEEN + packed
        self._refer(card)
        if self._names is not None and not card.id.startswith(ROW):
            self._names.setdefault(card.id, card.name)

    def _refer(self, card: MatchCard) -> None:
        if card.external_id:
            self._external.setdefault(card.external_id, (card.name, card.id))
        if card.number:
            self._numbers.setdefault(card.number, (card.name, card.id))
        if self._match_by not in (MatchBy.AUTO, MatchBy.NAME):
            key = key_of(card, self._match_by)
            if key and (card.name, card.id) not in self._keys.setdefault(key, []):
                self._keys[key].append((card.name, card.id))

    def renew(self, before: MatchCard, after: MatchCard) -> None:
        """Know a customer as a row will have changed it, so that later rows meet it like that."""
        self._replace(before.name, _packed(before), after)
        original = self._renewed.pop(before, before)
        if after != original:
            self._renewed[after] = original
        if self._names is not None:
            self._names[after.id] = after.name

    def refill(self, name: str, card: MatchCard) -> None:
        """Know a row's customer, of that name until now, as later rows have completed it."""
        start = card.id + _SEPARATOR
        of_name = self._by_name.get(name, "").split(_BETWEEN)
        known = next((one for one in of_name if one.startswith(start)), None)
        if known is not None:
            self._replace(name, known, card)

    def _replace(self, name: str, known: str, card: MatchCard) -> None:
        others = [one for one in self._by_name[name].split(_BETWEEN) if one != known]
        if others:
            self._by_name[name] = _BETWEEN.join(others)
        else:
            del self._by_name[name]
        packed = _packed(card)
        earlier = self._by_name.get(card.name)
        self._by_name[card.name] = packed if earlier is None else earlier + _BETWEEN + packed
        self._refer(card)

    def original(self, card: MatchCard) -> MatchCard:
        """The card of a customer as it is, whatever rows have made of it."""
        return self._renewed.get(card, card)

    def customers(self) -> Iterator[MatchCard]:
        """Those of them that are customers, not rows, as they are."""
        for name, packed in self._by_name.items():
            for one in packed.split(_BETWEEN):
                if not one.startswith(ROW):
                    card = _unpacked(name, one)
                    yield self._renewed.get(card, card)

    def find(self, card: MatchCard) -> str | None:
        """The id of the one that is the same customer.

        The same number or id in another system and one of its names settle it, whatever else was
        edited since: who absorbed others goes by their names, numbers and ids too.
        """
        return next(iter(self.all_found(card)), None)

    def all_found(self, card: MatchCard) -> list[str]:
        """The ids of all that may be the same customer and of which none is nearer."""
        _, by_id = self._external.get(card.external_id, ("", ""))
        _, by_number = self._numbers.get(card.number, ("", ""))
        for holder in (by_id, by_number):
            if holder and self.is_customer(holder, card.name):
                return [holder]
        found = all_same(card, self._of_name(card.name))
        return list(dict.fromkeys(one.id for one in found))

    def all_told(self, card: MatchCard) -> list[str]:
        """The ids of all that have the value by which rows are told, as `card` has it."""
        if self._match_by is MatchBy.NAME:
            found = [one.id for one in self._of_name(card.name)]
        else:
            found = [i for _, i in self._keys.get(key_of(card, self._match_by), ())]
        return list(dict.fromkeys(found))

    def _of_name(self, name: str) -> list[MatchCard]:
        packed = self._by_name.get(name)
        return [_unpacked(name, one) for one in packed.split(_BETWEEN)] if packed else []

    def namesakes(self, card: MatchCard) -> str:
        """Some of those who may be the customer of `card` after all, for people; else empty."""
        there = [told(one) for one in self._of_name(card.name) if may_be_same(one, card)]
        there = list(dict.fromkeys(there))
        more = [f"{len(there) - _SOME} more"] if len(there) > _SOME else []
        return ", ".join([*there[:_SOME], *more])

    def card_of(self, customer_id: str) -> MatchCard | None:
        """The card of a customer, where customers are known by their ids."""
        name = (self._names or {}).get(customer_id)
        found = (one for one in self._of_name(name or "") if one.id == customer_id)
        return next(found, None)

    def is_customer(self, customer_id: str, name: str) -> bool:
        """Whether a customer of this id and folded name is there."""
        packed = self._by_name.get(name, "").split(_BETWEEN)
        return any(one.startswith(customer_id + _SEPARATOR) for one in packed)

    def external_id_holder(self, external_id: str, name: str) -> str | None:
        """Who of another name holds this id of another system."""
        held, holder = self._external.get(external_id, (name, ""))
        return holder if held != name and not self.is_customer(holder, name) else None

    def holder(self, field: str, value: str) -> str | None:
        """Who has this number, or this id of another system."""
        return self._held(field, value)[1] or None

    def told_holder(self, field: str, value: str) -> str:
        """Such a holder for people: its id, and its state where it is not active."""
        name, holder = self._held(field, value)
        return next((told(one) for one in self._of_name(name) if one.id == holder), holder)

    def told(self, customer_ids: Iterable[str], card: MatchCard) -> Iterator[str]:
        """Those that `card` may be, for people."""
        of_name = {one.id: one for one in self._of_name(card.name)}
        for one in customer_ids:
            known = of_name.get(one) or self.card_of(one)
            yield told(known) if known else one

    def _held(self, field: str, value: str) -> tuple[str, str]:
        known = self._numbers if field == "number" else self._external
        return known.get(value, ("", ""))


def told(card: MatchCard) -> str:
    """A customer for people: its id, and its state where it is not active."""
    return f"{card.id} ({card.state})" if card.state else card.id


def _packed(card: MatchCard) -> str:
    return _SEPARATOR.join((_compared(card), str(card.version), card.state))


# What a row may change of a card.
_COMPARED = ("name", "person", "email", "phone", "external_id", "number")


def _compared(card: MatchCard) -> str:
    parts = (card.id, card.person, card.email, card.phone, card.external_id, card.number)
    return _SEPARATOR.join(parts)


def _unpacked(name: str, packed: str) -> MatchCard:
    id_, person, email, phone, external_id, number, version, state = packed.split(_SEPARATOR)
    return MatchCard(id_, name, person, email, phone, external_id, number, int(version), state)


def renewed(card: MatchCard, row: MatchCard) -> MatchCard:
    """The card with what the row says; what the row clears still tells the customer from others."""
    said = {name: getattr(row, name) for name in _COMPARED}
    return replace(card, **{name: value for name, value in said.items() if value})


def matches_hash(
    cards: Iterable[MatchCard], looked_at: Set[bytes], options: Options | None = None
) -> str:
    """What stands for every customer that a plan looked at, in whatever order they come.

    A plan is good as long as this stays the same: nobody it looked at moved, nobody was added.
    `looked_at` are hashes of names, of the values rows are told by, and of the ids of customers
    that are changed: of those the version counts as well.
    """
    asked = options or Options()
    by_key = asked.match_by not in (MatchBy.AUTO, MatchBy.NAME)
    total = 0
    for card in cards:
        is_changed = asked.updates and id_hash(card.id) in looked_at
        if (
            is_changed
            or name_hash(card.name) in looked_at
            or (by_key and key_hash(asked.match_by, key_of(card, asked.match_by)) in looked_at)
        ):
            seen = card.name + _BETWEEN + _compared(card)
            if is_changed:
                seen += f"{_BETWEEN}{card.version}"
            digest = hashlib.sha256(seen.encode()).digest()
            total = (total + int.from_bytes(digest)) % (1 << 256)
    return f"{total:064x}"
