"""What becomes of each row of a spreadsheet: a new customer, one we have, or an error."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from roster.domain import customer as rules
from roster.domain.customer import EDITABLE, Customer, Origin
from roster.domain.customer_fields import MAX_ADDRESS_PART, MAX_LENGTH, check_fields
from roster.domain.errors import FieldError, Invalid
from roster.domain.events import Actor, Source
from roster.domain.imports import Column, RowIssue, RowReading
from roster.domain.location import address_from
from roster.domain.matching import MatchCard, find_same, match_card
from roster.domain.text import fold

# Issues are shown to people and kept by the thousand: a cell that went wrong may be a novel.
_SHOWN = 200
_SEPARATOR, _BETWEEN = "\x1f", "\n"
_HASH_BYTES = 8
# What the ids of rows begin with, where customers have theirs.
_ROW = "row "
_NOBODY = Actor("", Source.IMPORT)
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class Action(StrEnum):
    """What a plan does with a row."""

    CREATE = "create"
    SKIP = "skip"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A row and what becomes of it; `values` and `location` are those of the new customer.

    A skipped row says why in `reason`; `same_as` is a customer's id, or "row 7" of the same file.
    """

    line: int
    action: Action
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    location: Mapping[str, Any] | None = None
    same_as: str | None = None
    reason: str | None = None
    issues: tuple[RowIssue, ...] = ()


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
                if not one.startswith(_ROW):
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
        self, *, columns: Sequence[Column], index: CardIndex, auto_numbering: bool
    ) -> None:
        self._index = index
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
                reason=why.rule if why else "not_a_customer", issues=_shown(reading.issues),
            )  # fmt: skip
        draft = _Draft(line, dict(reading.fields), list(reading.issues), self._headings)
        if (ours := self._ours(draft)) is not None:
            return ours
        draft.settle_email()
        draft.settle_website()
        if self._auto_numbering:
            draft.drop_number()
        customer = draft.customer()
        if customer is None:
            return draft.row(Action.ERROR)
        return self._matched(draft, customer)

    def _ours(self, draft: "_Draft") -> PlannedRow | None:
        """The row of an export of ours: our id and the name settle it, whatever else it holds."""
        shown = draft.values.get("display_name") or rules.default_display_name(draft.values) or ""
        if not draft.roster_id or not self._index.is_customer(draft.roster_id, name := fold(shown)):
            return None
        self.names.add(name_hash(name))
        draft.issues.clear()
        reason = f"the same customer as customer {draft.roster_id}"
        return draft.row(Action.SKIP, shown, same_as=draft.roster_id, reason=reason)

    def _matched(self, draft: "_Draft", customer: Customer) -> PlannedRow:
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
            where = f"as {same} of this file" if same.startswith(_ROW) else f"as customer {same}"
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
        id=f"{_ROW}{line}",
        display_name=customer.display_name,
        full_name=customer.full_name,
        email=customer.email,
        phone=customer.phone,
        external_id=customer.external_id,
        number=customer.number,
    )


class _Draft:
    """A row on its way: its values, and what there is to say about it."""

    def __init__(
        self, line: int, fields: dict[str, Any], issues: list[RowIssue], headings: Mapping[str, str]
    ) -> None:
        self.line, self.issues, self._headings = line, issues, headings
        self.location: dict[str, Any] | None = fields.pop("service_location", None)
        self.roster_id = str(fields.pop("roster_id", ""))
        self.values = {k: v for k, v in fields.items() if k in EDITABLE}

    def settle_email(self) -> None:
        """Move an e-mail address that cannot be one to the notes: it is no ground to refuse."""
        typed = self.values.get("email")
        if not typed or not any(e.code == "email" for e in check_fields({"email": typed})):
            return
        del self.values["email"]
        self.issues = [i for i in self.issues if i.rule != "doubtful_email"]
        kept = self._note(f"e-mail as imported: {typed}")
        self._say("email", "doubtful_email", f"not an e-mail address: {kept}", typed, "warning")

    def settle_website(self) -> None:
        """Move what is no web address to the notes, as with an e-mail address."""
        typed = self.values.get("website")
        if not typed or not any(e.code == "website" for e in check_fields({"website": typed})):
            return
        del self.values["website"]
        kept = self._note(f"website as imported: {typed}")
        self._say("website", "doubtful_website", f"not a website: {kept}", typed, "warning")

    def drop_number(self) -> None:
        """Leave the file's number out: numbers are given automatically."""
        typed = self.values.pop("number", None)
        if typed:
            kept = self._note(f"number as imported: {typed}")
            self._say(
                "number", "auto_numbering", f"numbers are automatic: {kept}", typed, "warning"
            )

    def drop_external_id(self, holder: str) -> None:
        """Leave out an id of another system that another customer has."""
        typed = self.values.pop("external_id")
        detail = f"left out: the id already belongs to {holder}, another customer"
        self._say("external_id", "external_id_taken", detail, typed, "warning")

    def _note(self, text: str) -> str:
        notes = "\n".join(n for n in (self.values.get("notes"), text) if n)
        if len(notes) > MAX_LENGTH["notes"]:
            return "left out"
        self.values["notes"] = notes
        return "kept in the notes"

    def refuse(self, name: str, rule: str, detail: str, value: str | None) -> None:
        """Say why the row cannot become a customer."""
        self._say(name, rule, detail, value, "error")

    def _say(
        self,
        name: str,
        rule: str,
        detail: str,
        value: str | None,
        severity: Literal["error", "warning"],
    ) -> None:
        column = self._headings.get(name)
        self.issues.append(RowIssue(self.line, column, value, rule, detail, severity, None))

    def customer(self) -> Customer | None:
        """The customer the row would be, or None once every broken rule is among the issues."""
        unnamed = any(i.severity == "error" for i in self.issues)
        for broken in self._address_errors():
            self._refuse_field(broken)
        try:
            customer = new_row_customer(self.values, id="", tenant="", actor=_NOBODY, now=_NO_TIME)
        except Invalid as invalid:
            for broken in invalid.errors:
                if not (unnamed and broken.code == "required"):
                    self._refuse_field(broken)
            return None
        return None if any(i.severity == "error" for i in self.issues) else customer

    def _address_errors(self) -> Iterator[FieldError]:
        for name in ("service_location", "billing_address"):
            place = self.location if name == "service_location" else self.values.get(name)
            for part, value in (place or {}).items():
                if len(value) > MAX_ADDRESS_PART:
                    detail = f"at most {MAX_ADDRESS_PART} characters"
                    yield FieldError(f"/{name}/{part}", "too_long", detail)

    def _refuse_field(self, broken: FieldError) -> None:
        path = broken.pointer.strip("/").split("/")
        value: Any = self.location if path[0] == "service_location" else self.values.get(path[0])
        name = path[0]
        if isinstance(value, dict):
            value, name = value.get(path[-1]), ".".join(path)
        elif isinstance(value, list) and len(path) > 1:
            value = value[int(path[1])]
        self.refuse(name, broken.code, broken.detail, str(value) if value else None)

    def row(
        self,
        action: Action,
        name: str = "",
        *,
        same_as: str | None = None,
        reason: str | None = None,
    ) -> PlannedRow:
        """The row as planned."""
        place = self.location if address_from(self.location or {}) else None
        return PlannedRow(
            line=self.line,
            action=action,
            name=name or str(self.values.get("display_name") or ""),
            values=self.values if action is Action.CREATE else {},
            location=place if action is Action.CREATE else None,
            same_as=same_as,
            reason=reason,
            issues=_shown(self.issues),
        )


def _shown(issues: Iterable[RowIssue]) -> tuple[RowIssue, ...]:
    return tuple(
        RowIssue(i.line, i.column, i.value[:_SHOWN] if i.value else i.value, i.rule, i.detail,
                 i.severity, i.suggestion)
        for i in issues
    )  # fmt: skip


def new_row_customer(
    values: Mapping[str, Any],
    *,
    id: str,
    tenant: str,
    actor: Actor,
    now: datetime,
    region: str = rules.DEFAULT_REGION,
) -> Customer:
    """The new customer of a planned row; `billing_address` may be a mapping. Raises Invalid."""
    return rules.new_customer(
        id=id,
        tenant=tenant,
        values=values,
        source=Origin.IMPORT,
        actor=actor,
        now=now,
        region=region,
    )
