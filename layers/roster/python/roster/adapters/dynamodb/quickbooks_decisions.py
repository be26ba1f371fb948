"""What people decided about QuickBooks' customers: one default, drafts, and what was saved."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched

from pydantic import TypeAdapter

from roster.adapters.dynamodb import quickbooks_keys
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.sync.policy import MappingOption
from roster.domain.sync.steps import Decision
from roster.usecases.ports import Page
from roster.usecases.quickbooks.decisions import Choice, Defaults, Mark

_CHOICE = TypeAdapter(Choice)
# A transaction holds as many.
_AT_ONCE = 100
_SAME = "doc = :doc"


class DynamoDecisions:
    """Implements `quickbooks.decisions.Decisions`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def defaults(self, tenant: str, realm: str) -> Defaults:
        """See `quickbooks.decisions.Decisions.defaults`."""
        return _defaults(self._table.get(quickbooks_keys.mapping(tenant, realm)) or {})

    def choose_default(self, tenant: str, realm: str, option: MappingOption) -> Defaults:
        """See `quickbooks.decisions.Decisions.choose_default`: one write, however many rows."""
        item = self._table.update(
            quickbooks_keys.mapping(tenant, realm),
            "SET draft = :draft ADD generation :one",
            draft=str(option),
            one=1,
        )
        return _defaults(item or {})

    def default_saved(self, tenant: str, realm: str, was: Defaults) -> None:
        """See `quickbooks.decisions.Decisions.default_saved`."""
        self._table.update(
            quickbooks_keys.mapping(tenant, realm),
            "SET saved_generation = :generation REMOVE draft",
            condition="generation = :generation",
            generation=was.generation,
        )

    def draft(self, tenant: str, realm: str, choice: Choice) -> None:
        """See `quickbooks.decisions.Decisions.draft`."""
        key = quickbooks_keys.draft(tenant, realm, choice.quickbooks_id)
        self._table.put({**key, "doc": _dump(choice)})

    def drafts(self, tenant: str, realm: str, ids: Iterable[str] | None = None) -> Sequence[Choice]:
        """See `quickbooks.decisions.Decisions.drafts`."""
        if ids is None:
            found = self._table.query_all(quickbooks_keys.draft(tenant, realm, "")["pk"])
        else:
            found = self._table.get_many(quickbooks_keys.draft(tenant, realm, i) for i in ids)
        return [_choice(item) for item in found]

    def drop_drafts(self, tenant: str, realm: str, choices: Iterable[Choice]) -> None:
        """See `quickbooks.decisions.Decisions.drop_drafts`: many in one request.

        Where one of them was changed meanwhile, they go one by one.
        """
        gone = [
            (quickbooks_keys.draft(tenant, realm, choice.quickbooks_id), _dump(choice))
            for choice in choices
        ]
        for some in batched(gone, _AT_ONCE, strict=False):
            delete = self._table.delete_action
            try:
                self._table.transact([delete(k, condition=_SAME, doc=doc) for k, doc in some])
            except TransactionRefused:
                for key, doc in some:
                    self._table.delete(key, condition=_SAME, doc=doc)

    def save(self, tenant: str, realm: str, choices: Sequence[Choice]) -> None:
        """See `quickbooks.decisions.Decisions.save`; a mark comes after what it is about."""
        for key in (quickbooks_keys.decision, quickbooks_keys.decided):
            self._table.write_batch(
                {**key(tenant, realm, c.quickbooks_id), "doc": _dump(c)} for c in choices
            )

    def saved(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Choice]:
        """See `quickbooks.decisions.Decisions.saved`."""
        found = self._table.get_many(quickbooks_keys.decision(tenant, realm, i) for i in ids)
        return {item["sk"]: _choice(item) for item in found}

    def in_force(self, tenant: str, realm: str, ids: Iterable[str]) -> Mapping[str, Decision]:
        """See `quickbooks.decisions.Decisions.in_force`."""
        found = self.saved(tenant, realm, ids)
        since = self.defaults(tenant, realm).saved_generation if found else 0
        return {i: c.decision for i, c in found.items() if c.generation >= since}

    def waiting(self, tenant: str, realm: str, *, limit: int, after: str | None) -> Page[Mark]:
        """See `quickbooks.decisions.Decisions.waiting`."""
        pk = quickbooks_keys.decided(tenant, realm, "")["pk"]
        found, last = self._table.query(pk, limit=limit, after=after)
        return Page([Mark(item["sk"], item["doc"]) for item in found], last)

    def carried_out(self, tenant: str, realm: str, marks: Iterable[Mark]) -> None:
        """See `quickbooks.decisions.Decisions.carried_out`."""
        for mark in marks:
            key = quickbooks_keys.decided(tenant, realm, mark.quickbooks_id)
            self._table.delete(key, condition="doc = :doc", doc=mark.of)

    def forget(self, tenant: str, realm: str, ids: Iterable[str]) -> None:
        """Take away what was chosen for these records: it may hold a name."""
        some = list(ids)
        of = (quickbooks_keys.draft, quickbooks_keys.decision, quickbooks_keys.decided)
        self._table.write_batch(deletes=[key(tenant, realm, i) for i in some for key in of])


def _defaults(item: Item) -> Defaults:
    return Defaults(
        draft=MappingOption(item["draft"]) if item.get("draft") else None,
        generation=int(item.get("generation", 0)),
        saved_generation=int(item.get("saved_generation", 0)),
    )


def _dump(choice: Choice) -> str:
    return _CHOICE.dump_json(choice, exclude_defaults=True).decode()


def _choice(item: Item) -> Choice:
    choice: Choice = _CHOICE.validate_json(item["doc"])
    return choice
