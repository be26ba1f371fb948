"""A row of a spreadsheet on its way to become a customer, and what it is planned to be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from roster.domain import customer as rules
from roster.domain.contact import CONTACT_FIELDS, check_contact
from roster.domain.custom_fields import check_values
from roster.domain.customer import EDITABLE, Customer, Origin, Status
from roster.domain.customer_fields import MAX_LENGTH, text_error
from roster.domain.errors import FieldError, Invalid
from roster.domain.events import Actor
from roster.domain.imports.children import as_child
from roster.domain.imports.reading import RowIssue, RowReading
from roster.domain.location import ADDRESS_FIELDS
from roster.domain.quick import quick_dataclass
from roster.domain.terms import CUSTOMER_FIELD
from roster.domain.vocabulary import NotChosen, Vocabulary, custom_value

# Issues are shown to people and kept by the thousand: a cell that went wrong may be a novel.
_SHOWN, _SHOWN_DETAIL = 200, 1_000
_LEFT_OUT = "left out"


class Action(StrEnum):
    """What a plan does with a row."""

    CREATE = "create"
    UPDATE = "update"
    JOIN = "join"
    SKIP = "skip"
    ERROR = "error"


# What the ids of rows begin with, where customers have theirs.
ROW = "row "
# What these do with a row adds its places and people to a customer.
_BRINGING = frozenset({Action.CREATE, Action.UPDATE, Action.JOIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field of a customer as it is, and as the row wants it."""

    field: str
    old: Any
    new: Any


@quick_dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A row and what becomes of it: `values`, `locations` and `contacts` are what it brings.

    A row that joins adds to the customer of an earlier row, and a skipped one says why in `reason`;
    `same_as` is a customer's id, or "row 7" of the same file. `cells` are the row as typed. Of an
    update, `values` are set on `version` of `customer_id`, and `old` is all that is otherwise then.
    """

    line: int
    action: Action
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    locations: tuple[Mapping[str, Any], ...] = ()
    contacts: tuple[Mapping[str, Any], ...] = ()
    cells: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    customer_id: str | None = None
    version: int | None = None
    old: Mapping[str, Any] = field(default_factory=dict)
    same_as: str | None = None
    reason: str | None = None
    issues: tuple[RowIssue, ...] = ()

    @property
    def joins(self) -> int | None:
        """The line of the row whose customer this one adds to."""
        is_row = self.action is Action.JOIN and self.same_as
        return int(self.same_as.removeprefix(ROW)) if is_row and self.same_as else None


class Draft:
    """A row on its way: its values, and what there is to say about it."""

    def __init__(self, line: int, reading: RowReading, headings: Mapping[str, str]) -> None:
        fields = dict(reading.fields)
        self.is_child = "parent" in fields
        unplaced = as_child(fields) if self.is_child else []
        self.line, self._headings = line, headings
        self.issues = list(reading.issues)
        self.cells = reading.cells
        # A name alone is no place.
        self.locations = [
            one for one in fields.pop("locations", ()) if any(map(one.get, ADDRESS_FIELDS))
        ]
        self.contacts: list[dict[str, Any]] = fields.pop("contacts", [])
        self.status = fields.pop("status", None)
        # Before anything is added to them that has no field of its own.
        self.typed_notes: str | None = fields.get("notes")
        beside: list[str] = fields.pop("kept", [])
        self.roster_id = str(fields.pop("roster_id", ""))
        self.values = {k: v for k, v in fields.items() if k in EDITABLE}
        # What joins the notes since it fits nowhere else.
        self.kept_notes: list[str] = []
        for text in beside:
            if self._note(text) == _LEFT_OUT:
                self._say("notes", "notes_full", "left out: the notes have no room", text,
                          "warning")  # fmt: skip
        for job in unplaced:
            kept = self._note(job)
            self._say("display_name", "job_without_address", f"no place of its own: {kept}", job,
                      "warning")  # fmt: skip

    @property
    def called(self) -> str:
        """What the row calls its customer."""
        values = self.values
        return str(values.get("display_name") or rules.default_display_name(values) or "")

    @property
    def is_refused(self) -> bool:
        """Whether anything keeps the row out."""
        return any(issue.severity == "error" for issue in self.issues)

    def forgive_missing_name(self) -> None:
        """Let a row do without a name: its customer has one."""
        self.issues = [issue for issue in self.issues if issue.rule != "name_required"]

    def heading(self, name: str) -> str | None:
        """What heads the column of a field, as typed."""
        return self._headings.get(name)

    def warn(self, name: str, rule: str, detail: str, value: str | None) -> None:
        """Say what is doubtful in the row."""
        self._say(name, rule, detail, value, "warning")

    def settle_contacts(self) -> None:
        """Move what a contact may not hold to the notes."""
        kept = []
        for person in self.contacts:
            for broken in check_contact(person):
                name = broken.pointer.strip("/")
                typed = person.pop(name, "")
                where = self._note(f"contact's {name.replace('_', ' ')} as imported: {typed}")
                self._say("contacts", f"doubtful_{name}", f"{broken.detail}: {where}", typed,
                          "warning")  # fmt: skip
            if any(person.get(name) for name in CONTACT_FIELDS if name != "title"):
                kept.append(person)
        self.contacts = kept

    def settle_email(self) -> None:
        """Move an e-mail address that cannot be one to the notes: it is no ground to refuse."""
        typed = self.values.get("email")
        broken = text_error("email", typed) if typed else None
        if broken is None or broken.code != "email":
            return
        del self.values["email"]
        self.issues = [i for i in self.issues if i.rule != "doubtful_email"]
        kept = self._note(f"e-mail as imported: {typed}")
        self._say("email", "doubtful_email", f"not an e-mail address: {kept}", typed, "warning")

    def settle_website(self) -> None:
        """Move what is no web address to the notes, as with an e-mail address."""
        typed = self.values.get("website")
        broken = text_error("website", typed) if typed else None
        if broken is None or broken.code != "website":
            return
        del self.values["website"]
        kept = self._note(f"website as imported: {typed}")
        self._say("website", "doubtful_website", f"not a website: {kept}", typed, "warning")

    def settle_terms(self, words: Vocabulary) -> None:
        """Put the tax rate and the payment term that the row names in the place of their names.

        Where the company has none at all there is nothing to choose: the name goes to the notes.
        """
        for kind, name in CUSTOMER_FIELD.items():
            typed = self.values.pop(name, None)
            if not typed:
                continue
            what = kind.name.lower().replace("_", " ")
            if not words.has(kind):
                kept = self._note(f"{what} as imported: {typed}")
                self._say(name, f"no_{kind.name.lower()}s", f"no {what}s are defined: {kept}",
                          typed, "warning")  # fmt: skip
                continue
            try:
                self.values[name] = words.term_of(kind, typed)
            except NotChosen as why:
                self.refuse(name, why.rule, why.detail, typed)

    def settle_custom(self, words: Vocabulary) -> None:
        """Give own fields the values their cells mean; say which mean none."""
        given = self.values.get("custom")
        if not given:
            return
        typed = dict(given)
        for one in words.custom_fields:
            if one.name not in given:
                continue
            text = given[one.name]
            typed[one.name], doubt = custom_value(one, text, month_first=words.month_first)
            if doubt:
                self.warn(f"custom.{one.name}", doubt.rule, doubt.detail, text)
        self.values["custom"] = typed
        for broken in check_values(typed, words.custom_fields):
            self.refuse_field(broken)

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
            return _LEFT_OUT
        self.values["notes"] = notes
        self.kept_notes.append(text)
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

    def customer(self) -> dict[str, Any] | None:
        """What the row's customer would hold, or None once every broken rule is among the issues.

        The customer itself is made by the load: the plan looks at its names and numbers only.
        """
        unnamed = any(i.rule == "name_required" for i in self.issues)
        try:
            given = rules.given_values(self.values)
        except Invalid as invalid:
            for broken in invalid.errors:
                if not (unnamed and broken.code == "required"):
                    self.refuse_field(broken)
            return None
        return None if self.is_refused else given

    def refuse_field(self, broken: FieldError) -> None:
        """Say which rule a field of the row breaks."""
        path = broken.pointer.strip("/").split("/")
        value: Any = self.values.get(path[0])
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
        values: Mapping[str, Any] | None = None,
    ) -> PlannedRow:
        """The row as planned; `values` are those that a customer gets of it, if not all."""
        if values is None:
            status = {"status": self.status} if self.status else {}
            values = {**self.values, **status} if action is Action.CREATE else {}
        brings = action in _BRINGING
        return PlannedRow(
            line=self.line,
            action=action,
            name=name or str(self.values.get("display_name") or ""),
            values=values,
            locations=tuple(self.locations) if brings else (),
            contacts=tuple(self.contacts) if brings else (),
            cells=self.cells,
            same_as=same_as,
            reason=reason,
            issues=shown(self.issues),
        )


def shown(issues: Iterable[RowIssue]) -> tuple[RowIssue, ...]:
    return tuple(
        RowIssue(i.line, i.column, i.value[:_SHOWN] if i.value else i.value, i.rule,
                 i.detail[:_SHOWN_DETAIL], i.severity, i.suggestion)
        for i in issues
    )  # fmt: skip


def new_row_customer(
    values: Mapping[str, Any],
    *,
    id: str,
    tenant: str,
    actor: Actor,
    now: datetime,
    region: str | None = rules.DEFAULT_REGION,
    checked: bool = False,
    also: Mapping[str, Any] | None = None,
) -> Customer:
    """The new customer of a planned row, which may be inactive from the start: see `new_customer`.

    Raises Invalid.
    """
    customer = rules.new_customer(
        id=id,
        tenant=tenant,
        values={name: value for name, value in values.items() if name != "status"},
        source=Origin.IMPORT,
        actor=actor,
        now=now,
        region=region,
        checked=checked,
        also=also,
    )
    status = Status(values.get("status", Status.ACTIVE))
    return customer if status is customer.status else replace(customer, status=status)
