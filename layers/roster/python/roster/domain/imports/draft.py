"""A row of a spreadsheet on its way to become a customer, and what it is planned to be."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from roster.domain import customer as rules
from roster.domain.custom_fields import CustomField, check_values
from roster.domain.customer import EDITABLE, Customer, Origin
from roster.domain.customer_fields import MAX_ADDRESS_PART, MAX_LENGTH, check_fields
from roster.domain.errors import FieldError, Invalid
from roster.domain.events import Actor, Source
from roster.domain.imports.reading import RowIssue
from roster.domain.location import address_from
from roster.domain.terms import CUSTOMER_FIELD
from roster.domain.vocabulary import NotChosen, Vocabulary, custom_value

# Issues are shown to people and kept by the thousand: a cell that went wrong may be a novel.
_SHOWN = 200
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


class Draft:
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

    def settle_custom(self, declared: Sequence[CustomField]) -> None:
        """Give own fields the values their cells mean; say which mean none."""
        given = self.values.get("custom")
        if not given:
            return
        fields = {one.name: one for one in declared}
        typed = {k: custom_value(fields[k], v) if k in fields else v for k, v in given.items()}
        self.values["custom"] = typed
        for broken in check_values(typed, declared):
            self._refuse_field(broken)

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
        unnamed = any(i.rule == "name_required" for i in self.issues)
        for broken in self._address_errors():
            self._refuse_field(broken)
        try:
            customer = new_row_customer(
                self.values, id="", tenant="", actor=_NOBODY, now=_NO_TIME, region=None
            )
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
            issues=shown(self.issues),
        )


def shown(issues: Iterable[RowIssue]) -> tuple[RowIssue, ...]:
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
    region: str | None = rules.DEFAULT_REGION,
    checked: bool = False,
    also: Mapping[str, Any] | None = None,
) -> Customer:
    """The new customer of a planned row: see `customer.new_customer`. Raises Invalid."""
    return rules.new_customer(
        id=id,
        tenant=tenant,
        values=values,
        source=Origin.IMPORT,
        actor=actor,
        now=now,
        region=region,
        checked=checked,
        also=also,
    )
