"""What becomes of each row of a spreadsheet: a new customer, one we have, or an error."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from roster.domain import customer as rules
from roster.domain.imports.cards import (
    CardIndex,
    id_hash,
    key_hash,
    key_of,
    matches_hash,
    name_hash,
    renewed,
)
from roster.domain.imports.creating import Creating, card_of_row
from roster.domain.imports.draft import ROW, Action, Draft, PlannedRow, shown
from roster.domain.imports.foresight import NOTHING, Foresight
from roster.domain.imports.headings import NAME_FIELDS
from roster.domain.imports.joining import Recall
from roster.domain.imports.matched import Matched
from roster.domain.imports.options import BlankCells, ImportMode, MatchBy, Options
from roster.domain.imports.reading import Column, RowReading
from roster.domain.imports.updating import Blanks
from roster.domain.matching import MatchCard, match_card
from roster.domain.vocabulary import Vocabulary

__all__ = ["CardIndex", "Matched", "Planner", "matches_hash", "name_hash"]

_WORDS = {"number": "number", "external_id": "id"}


class Planner(Creating):
    """Decides what becomes of each row, as the options of the import say."""

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        index: CardIndex,
        auto_numbering: bool,
        words: Vocabulary | None = None,
        options: Options | None = None,
        recall: Recall | None = None,
        foresight: Foresight = NOTHING,
    ) -> None:
        super().__init__(
            columns=columns, index=index, auto_numbering=auto_numbering, words=words,
            recall=recall, foresight=foresight,
        )  # fmt: skip
        self._options = options or Options()
        # By customer, the row that says what it is.
        self._first: dict[str, int] = {}
        clears = self._options.blank_cells is BlankCells.CLEAR
        self._blanks = Blanks(columns if clears else ())

    def plan(self, line: int, reading: RowReading) -> PlannedRow | Matched:
        """What becomes of the row at `line`; never raises for what a row holds."""
        if reading.skipped:
            why = reading.issues[0] if reading.issues else None
            return PlannedRow(
                line=line, action=Action.SKIP, name="",
                reason=why.rule if why else "not_a_customer", issues=shown(reading.issues),
                cells=reading.cells,
            )  # fmt: skip
        draft = Draft(line, reading, self._headings)
        if self._options.updates or self._options.match_by is not MatchBy.AUTO:
            return self._told(draft)
        if (ours := self._ours(draft)) is not None:
            return ours
        self._settle(draft)
        if self._auto_numbering:
            draft.drop_number()
        customer = draft.customer()
        if customer is None:
            return draft.row(Action.ERROR)
        return self._matched(draft, customer)

    def _told(self, draft: Draft) -> PlannedRow | Matched:
        """The row, told as the import's options say."""
        self._settle(draft)
        card = self._row_card(draft)
        by = self._options.match_by
        if by is MatchBy.AUTO and self._index.card_of(draft.roster_id):
            self._look(card.name)
            return self._known(draft, card, draft.roster_id)
        self._look(card.name)
        if by is MatchBy.AUTO or draft.is_child:
            found = self._index.all_found(card)
        elif key := key_of(card, by):
            self.names.add(key_hash(by, key))
            found = self._index.all_told(card)
        elif self._options.mode is ImportMode.UPDATE:
            detail = f"the row has no {by.replace('_', ' ')} to find its customer by"
            draft.forgive_missing_name()
            draft.refuse(by, "match_key_missing", detail, None)
            return draft.row(Action.ERROR, draft.called)
        else:
            found = []
        if len(found) > 1 and (self._options.updates or by is not MatchBy.AUTO):
            self._meet(found)
            several = ", ".join(self._index.told(found, card))
            asked = "" if by in (MatchBy.AUTO, MatchBy.NAME) else str(by)
            typed = str(draft.values.get(asked) or draft.called) or None
            detail = f"several customers are this one: {several}"
            draft.refuse(asked, "ambiguous_match", detail, typed)
            return draft.row(Action.ERROR, draft.called)
        if found and not found[0].startswith(ROW):
            return self._known(draft, card, found[0])
        if not found and self._options.mode is ImportMode.UPDATE:
            return draft.row(Action.SKIP, draft.called, reason="not_found")
        same = found or self._made_before(draft, card)
        self._meet(same)
        if not same:
            return self._new(draft, None)
        self._name_after(draft, same[0])
        return self._new(draft, same[0])

    def _look(self, name: str) -> None:
        """Note that a row may be somebody of this name."""
        looked_at = name_hash(name)
        if looked_at in self.names:
            self.insight.looked_at_twice.add(looked_at)
        self.names.add(looked_at)

    def _meet(self, found: Iterable[str]) -> None:
        """Note that a row speaks of these customers."""
        for customer_id in found if self._options.updates else ():
            if customer_id.startswith(ROW):
                continue
            met = id_hash(customer_id)
            if met in self.names:
                self.insight.several.add(customer_id)
            self.names.add(met)

    def _name_after(self, draft: Draft, same: str) -> None:
        """Let a row without a name be told by the value it shares with an earlier row."""
        if draft.called or not same.startswith(ROW) or not self._can_join:
            return
        there = self._joining.values_of(int(same.removeprefix(ROW)))
        draft.values |= {name: there[name] for name in NAME_FIELDS if there.get(name)}
        draft.forgive_missing_name()

    def _made_before(self, draft: Draft, card: MatchCard) -> list[str]:
        """Who the row became when the file came before, where it has no value to be told by.

        Or has one that no customer gets: the file's number where numbers are automatic.
        """
        by = self._options.match_by
        if by is MatchBy.AUTO:
            return []
        if key_of(card, by) and not (by is MatchBy.NUMBER and self._auto_numbering):
            return []
        return self._index.all_found(self._plain_card(draft))

    def _row_card(self, draft: Draft) -> MatchCard:
        values = draft.values
        if draft.is_child:
            # Its people are its own: of the parent it tells the name.
            return match_card(id=f"{ROW}{draft.line}", display_name=draft.called)
        card = match_card(
            id=f"{ROW}{draft.line}",
            display_name=draft.called,
            full_name=values.get("full_name") or rules.joined_name(values),
            email=values.get("email"),
            phone=values.get("phone"),
            external_id=values.get("external_id"),
            number=values.get("number"),
        )
        return self._without_others(card) if self._options.match_by is MatchBy.AUTO else card

    def _plain_card(self, draft: Draft) -> MatchCard:
        return self._without_others(self._row_card(draft))

    def _without_others(self, card: MatchCard) -> MatchCard:
        """The card without a number that nobody gets, and an id that is somebody else's."""
        if self._auto_numbering:
            card = replace(card, number="")
        if card.external_id and (
            holder := self._index.external_id_holder(card.external_id, card.name)
        ):
            self._want("external_id", card.external_id, holder)
            card = replace(card, external_id="")
        return card

    def _new(self, draft: Draft, same: str | None) -> PlannedRow:
        """The row of nobody who is to be changed; `same` is who it is nevertheless."""
        if self._auto_numbering:
            draft.drop_number()
        external_id = draft.values.get("external_id")
        holder = self._index.holder("external_id", external_id) if external_id else None
        if external_id and holder and holder != same:
            self._want("external_id", external_id, holder)
            draft.drop_external_id(self._index.told_holder("external_id", external_id))
        customer = draft.customer()
        if customer is None:
            return draft.row(Action.ERROR)
        card = card_of_row(customer, draft.line)
        if draft.is_child:
            card = MatchCard(card.id, card.name)
        return self._decided(draft, customer, card, same)

    def _known(self, draft: Draft, card: MatchCard, customer_id: str) -> PlannedRow | Matched:
        """The row of a customer there is."""
        told = f"the same customer as customer {customer_id}"
        if not self._options.updates:
            return draft.row(Action.SKIP, draft.called, same_as=customer_id, reason=told)
        self._meet([customer_id])
        own = self._index.card_of(customer_id)
        by = MatchBy.NAME if draft.is_child else self._options.match_by
        if own is None or (draft.roster_id != customer_id and key_of(own, by) != key_of(card, by)):
            # Told by a record that was merged into it: what it said of itself is settled.
            reason = f"{told}, by a record that was merged into it"
            return draft.row(Action.SKIP, draft.called, same_as=customer_id, reason=reason)
        if draft.is_child:
            return Matched(draft, customer_id, self._first.get(customer_id, draft.line), {})
        if not draft.called and not self._may_be_nameless(customer_id):
            return draft.row(Action.ERROR)
        draft.forgive_missing_name()
        if draft.called and customer_id in self.insight.unnamed:
            self.insight.named_late.add(customer_id)
        first = self._first.get(customer_id, draft.line)
        several = customer_id in self.insight.foreseen.several
        blank = {} if several else self._blanks.of(draft.cells)
        if first == draft.line:
            self._refuse_taken(draft, own)
        if draft.is_refused:
            # It says nothing: the next row is judged as if it stood first.
            return draft.row(Action.ERROR, draft.called)
        self._first[customer_id] = first
        if first == draft.line:
            self._renew(own, self._row_card(draft))
        return Matched(draft, customer_id, first, blank, several)

    def _may_be_nameless(self, customer_id: str) -> bool:
        """Whether a row need not say how its customer is called: no later one does for the first.

        Such a row would be refused where its customer is to be made by that later one.
        """
        if self._options.mode is not ImportMode.BOTH or customer_id in self._first:
            return True
        self.insight.unnamed.add(customer_id)
        return customer_id not in self.insight.foreseen.named_late

    def _renew(self, own: MatchCard, row: MatchCard) -> None:
        """Let later rows meet the customer as this one makes it."""
        original = self._index.original(own)
        after = renewed(original, row)
        self._index.renew(own, after)
        if after != original:
            self.insight.cards[original] = after

    def _refuse_taken(self, draft: Draft, card: MatchCard) -> None:
        """Leave out an id, and refuse a number, that is somebody else's."""
        own = self._index.original(card)
        number, external_id = draft.values.get("number"), draft.values.get("external_id")
        if number and self._auto_numbering:
            # It has its own, from the counter or by hand.
            if number == own.number or self._options.match_by is MatchBy.NUMBER:
                del draft.values["number"]
            else:
                draft.drop_number()
        elif (
            number
            and number not in (own.number, card.number)
            and self._index.holder("number", number)
        ):
            self._refuse_number(draft, number)
        if external_id and external_id not in (own.external_id, card.external_id):
            holder = self._index.holder("external_id", external_id)
            if holder == own.id:
                del draft.values["external_id"]
            elif holder:
                self._want("external_id", external_id, holder)
                draft.drop_external_id(self._index.told_holder("external_id", external_id))
        for name, value in (("number", own.number), ("external_id", own.external_id)):
            if value and draft.values.get(name, value) != value:
                self._let_go(draft, name, value)

    def _let_go(self, draft: Draft, name: str, value: str) -> None:
        """The row takes a value from its customer: unless another row wants it for somebody else.

        Whichever of the two were loaded first would settle whether the other one may.
        """
        self.insight.given_up.add((name, value))
        if (name, value) not in self.insight.foreseen.contested:
            return
        typed = draft.values.pop(name)
        detail = f"left as it is: another row of the file asks for the {_WORDS[name]} {value}"
        draft.warn(name, f"{name}_wanted", detail, typed)
