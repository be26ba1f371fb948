"""What each company has set, as one item; its counter of customer numbers; its terms."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.settings import SETTABLE, TenantSettings, settings_from
from roster.domain.terms import Past, Term, TermKind


class DynamoSettings:
    """Company settings in the business table; implements `ports.Settings`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str) -> TenantSettings:
        """The settings as of now; what is not stored has its default."""
        stored = self._table.get(keys.settings(tenant)) or {}
        return settings_from(stored)

    def save(self, tenant: str, values: Mapping[str, Any]) -> bool:
        """Set field by field, so that two who set different things both succeed."""
        given = {name: values[name] for name in SETTABLE if name in values}
        kept = {name: value for name, value in given.items() if value is not None}
        cleared = [f"#{name}" for name in given if name not in kept]
        clauses = []
        if kept:
            clauses.append("SET " + ", ".join(f"#{name} = :{name}" for name in kept))
        if cleared:
            clauses.append("REMOVE " + ", ".join(cleared))
        if not clauses:
            return True
        names = {f"#{name}": name for name in given}
        condition = None
        if "currency" in given:
            condition = "attribute_not_exists(money_in) OR money_in = :held"
            kept["held"] = given["currency"] or TenantSettings().currency
        saved = self._table.update(
            keys.settings(tenant), " ".join(clauses), condition=condition, names=names, **kept
        )
        return saved is not None

    def keep_currency(self, tenant: str, currency: str) -> bool:
        """See `ports.Settings.keep_currency`."""
        absent = (
            " OR attribute_not_exists(currency)" if currency == TenantSettings().currency else ""
        )
        kept = self._table.update(
            keys.settings(tenant),
            "SET money_in = :held",
            condition=f"money_in = :held OR currency = :held{absent}",
            held=currency,
        )
        return kept is not None

    def next_number(self, tenant: str) -> int:
        """One more than what the counter stands at."""
        counter = self._table.get(keys.counter(tenant, keys.CUSTOMER_NUMBER))
        return (counter["n"] if counter else 0) + 1

    def raise_next_number(self, tenant: str, number: int) -> bool:
        """See `ports.Settings.raise_next_number`; a number that is next already is no step back."""
        raised = self._table.update(
            keys.counter(tenant, keys.CUSTOMER_NUMBER),
            "SET #n = :last",
            condition="attribute_not_exists(#n) OR #n <= :last",
            names={"#n": "n"},
            last=number - 1,
        )
        return raised is not None

    def term(self, tenant: str, kind: TermKind, term_id: str) -> Term | None:
        """One tax rate or payment term, as of now."""
        found = self._table.get(keys.term(tenant, kind, term_id))
        return _term_from(kind, found) if found else None

    def terms(self, tenant: str, kind: TermKind) -> Sequence[Term]:
        """All of the kind: a company has a handful."""
        first = keys.term(tenant, kind, "")
        found = self._table.query_all(first["pk"], prefix=first["sk"])
        return [_term_from(kind, item) for item in found]

    def add_term(self, tenant: str, term: Term) -> None:
        """Write a new one."""
        self._table.put({**keys.term(tenant, term.kind, term.id), **_term_values(term)})

    def save_term(self, tenant: str, term: Term) -> bool:
        """Write what may be edited; False when it is gone."""
        values = _term_values(term)
        gone = () if term.quickbooks is not None else ("quickbooks", "gone_there")
        removes = " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
        saved = self._table.update(
            keys.term(tenant, term.kind, term.id),
            "SET " + ", ".join(f"#{name} = :{name}" for name in values) + removes,
            condition="attribute_exists(pk)",
            names={f"#{name}": name for name in (*values, *gone)},
            **values,
        )
        return saved is not None

    def use_term(self, tenant: str, kind: TermKind, term_id: str) -> bool:
        """See `ports.Settings.use_term`; only the first customer's choice writes."""
        found = self.term(tenant, kind, term_id)
        if found is None or not found.active or found.used:
            return found is not None and found.active
        used = self._table.update(
            keys.term(tenant, kind, term_id),
            "SET #used = :used",
            condition="attribute_exists(pk) AND #active = :active",
            names={"#used": "used", "#active": "active"},
            used=True,
            active=True,
        )
        return used is not None

    def remove_unused_term(self, tenant: str, kind: TermKind, term_id: str) -> bool:
        """See `ports.Settings.remove_unused_term`."""
        return self._table.delete(
            keys.term(tenant, kind, term_id), condition="attribute_not_exists(used)"
        )


def _term_values(term: Term) -> dict[str, Any]:
    """What a term holds, but whether it is used, which is written by its first use alone."""
    values: dict[str, Any] = {"name": term.name, "value": term.value, "active": term.active}
    if term.quickbooks is not None:
        past = [asdict(one) for one in term.past]
        values |= {"quickbooks": term.quickbooks, "gone_there": term.gone_there, "past": past}
    return values


def _term_from(kind: TermKind, item: Item) -> Term:
    return Term(
        id=item["sk"].rpartition("#")[2],
        kind=kind,
        name=item["name"],
        value=item["value"],
        active=item["active"],
        used=item.get("used", False),
        quickbooks=item.get("quickbooks"),
        gone_there=item.get("gone_there", False),
        past=tuple(Past(**one) for one in item.get("past", ())),
    )
