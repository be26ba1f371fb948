"""What becomes of a row that may be a new customer, or add to one of an earlier row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from roster.domain import customer as rules
from roster.domain.imports.cards import CardIndex, name_hash
from roster.domain.imports.draft import ROW, Action, Draft, PlannedRow
from roster.domain.imports.foresight import NOTHING, Foresight, Insight
from roster.domain.imports.headings import NAME_FIELDS
from roster.domain.imports.joining import Joining, Recall
from roster.domain.imports.reading import Column
from roster.domain.matching import MatchCard, match_card
from roster.domain.text import fold
from roster.domain.vocabulary import Vocabulary

# Fields of which a card tells.
_TELLING = NAME_FIELDS | {"email", "phone"}
_IDS = ("number", "external_id")
_NAMED_BY = ("display_name", "company_name", "full_name", "last_name", "first_name")


class Creating:
    """Decides row by row, in the order of the file; `names` are the hashes of what it looked at."""

    def __init__(
        self,
        *,
        columns: Sequence[Column],
        index: CardIndex,
        auto_numbering: bool,
        words: Vocabulary | None = None,
        recall: Recall | None = None,
        foresight: Foresight = NOTHING,
    ) -> None:
        self._index = index
        self.insight = Insight(foresight)
        self._words = words or Vocabulary()
        self._auto_numbering = auto_numbering
        self._joining = Joining(recall or _nothing)
        self._can_join = recall is not None
        # Customers that a place of theirs made before their own row came.
        self._stubs: set[str] = set()
        self._headings: dict[str, str] = {}
        for column in columns:
            if column.field:
                self._headings.setdefault(column.field, column.heading)
        self.names: set[bytes] = set()

    def _settle(self, draft: Draft) -> None:
        draft.settle_contacts()
        draft.settle_email()
        draft.settle_website()
        draft.settle_terms(self._words)
        draft.settle_custom(self._words)

    def _ours(self, draft: "Draft") -> PlannedRow | None:
        """The row of an export of ours: our id and the name settle it, whatever else it holds."""
        if not draft.roster_id:
            return None
        values = draft.values
        called = values.get("display_name") or rules.default_display_name(values) or ""
        name = fold(called)
        if not self._index.is_customer(draft.roster_id, name):
            return None
        self.names.add(name_hash(name))
        draft.issues.clear()
        reason = f"the same customer as customer {draft.roster_id}"
        return draft.row(Action.SKIP, called, same_as=draft.roster_id, reason=reason)

    def _matched(self, draft: "Draft", customer: Mapping[str, Any]) -> PlannedRow:
        card = card_of_row(customer, draft.line)
        if draft.is_child:
            # Its people are its own: of the parent it tells the name.
            card = MatchCard(card.id, card.name)
        self.names.add(name_hash(card.name))
        if card.external_id and self._index.external_id_holder(card.external_id, card.name):
            draft.drop_external_id(self._index.told_holder("external_id", card.external_id))
            customer = {**customer, "external_id": None}
            card = card_of_row(customer, draft.line)
        return self._decided(draft, customer, card, self._index.find(card))

    def _decided(
        self, draft: Draft, customer: Mapping[str, Any], card: MatchCard, same: str | None
    ) -> PlannedRow:
        can_join = same is not None and self._can_join and same.startswith(ROW)
        if can_join and same and (joined := self._joined(draft, customer, card, same)):
            return joined
        if same is not None:
            where = f"as {same} of this file" if same.startswith(ROW) else f"as customer {same}"
            return draft.row(
                Action.SKIP,
                customer["display_name"],
                same_as=same,
                reason=f"the same customer {where}",
            )
        if card.number and self._index.holder("number", card.number):
            self._refuse_number(draft, card.number)
            return draft.row(Action.ERROR, customer["display_name"])
        if not draft.is_child:
            self._tell_namesakes(draft, card)
        self._index.add(card)
        if draft.is_child:
            self._stubs.add(card.id)
        return draft.row(Action.CREATE, customer["display_name"])

    def _tell_namesakes(self, draft: Draft, card: MatchCard) -> None:
        """Say whose name the new customer shares: one of them may be meant all the same."""
        there = self._index.namesakes(card)
        if there:
            detail = (
                f"made beside {there}, of the same name but another e-mail address or phone: "
                "leave the row out if it is the same customer"
            )
            named = next((one for one in _NAMED_BY if draft.heading(one)), "display_name")
            draft.warn(named, "same_name", detail, draft.called)

    def _joined(
        self, draft: Draft, customer: Mapping[str, Any], card: MatchCard, same: str
    ) -> PlannedRow | None:
        """The row as an addition to the customer of row `same`; None when it adds nothing."""
        head = int(same.removeprefix(ROW))
        is_first = same in self._stubs and not draft.is_child
        if is_first:
            self._stubs.discard(same)
            if card.number and self._index.holder("number", card.number):
                return None
            self._index.add(replace(card, id=same))
        is_sure = draft.is_child or is_first or self._joining.is_sure(draft, head)
        values = self._joining.add(draft, head, with_ids=is_first)
        if not (draft.is_child or is_first) and values.keys() & _TELLING:
            self._complete(head, values)
        if not (values or draft.locations or draft.contacts):
            return None
        if not is_sure:
            detail = "only the name says that this is the same customer: see what it adds"
            draft.warn("display_name", "joined_by_name", detail, customer["display_name"])
        if is_first and draft.status:
            values["status"] = draft.status
        return draft.row(
            Action.JOIN,
            customer["display_name"],
            same_as=same,
            reason=f"the same customer as {same} of this file",
            values=values,
        )

    def _complete(self, head: int, filled: Mapping[str, Any]) -> None:
        """Let later rows meet the customer of row `head` with what this row has filled."""
        there = self._joining.values_of(head)
        told = {name: value for name in (*_TELLING, *_IDS) if (value := there.get(name))}
        before = {name: value for name, value in told.items() if name not in filled}
        was, now = (
            card_of_row(rules.given_values(values, checked=True), head) for values in (before, told)
        )
        self._index.refill(was.name, now)

    def _refuse_number(self, draft: Draft, number: str) -> None:
        self._want("number", number, self._index.holder("number", number) or "")
        holder = self._index.told_holder("number", number)
        draft.refuse("number", "number_taken", f"the number belongs to {holder}", number)

    def _want(self, field: str, value: str, holder: str) -> None:
        if not holder.startswith(ROW):
            self.insight.wanted.add((field, value))


def _nothing(head: int) -> Mapping[str, Any]:
    raise LookupError(f"nobody keeps the entry of row {head}")


def card_of_row(customer: Mapping[str, Any], line: int) -> MatchCard:
    return match_card(
        id=f"{ROW}{line}",
        display_name=customer["display_name"],
        full_name=customer.get("full_name"),
        email=customer.get("email"),
        phone=customer.get("phone"),
        external_id=customer.get("external_id"),
        number=customer.get("number"),
    )
