"""Choosing how the sync goes: what a company may ask for, and what it locks here."""

from collections.abc import Mapping
from typing import Any

from roster.domain.errors import FieldError, Invalid
from roster.domain.sync.items import item_name_rule
from roster.domain.sync.policy import SERVICE_ITEM, Mode, Policy, Primary
from roster.domain.terms import TermKind

_TOGGLES = {TermKind.TAX_RATE: "sync_taxes", TermKind.PAYMENT_TERM: "sync_terms"}
_SPOKEN = {TermKind.TAX_RATE: "tax rates", TermKind.PAYMENT_TERM: "payment terms"}


def broken_rules(values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that `values`, keyed as Policy's fields, break together."""
    given = _given(values)
    mode = given.get("mode")
    errors = []
    if mode is None:
        errors.append(FieldError("/mode", "required", "choose which way the sync goes"))
    if mode is Mode.TWO_WAY and "primary" not in given:
        detail = "choose who wins where it is not known which side was edited last"
        errors.append(FieldError("/primary", "required", detail))
    for kind, toggle in _TOGGLES.items():
        on = given.get(toggle)
        if mode is Mode.ROSTER_TO_QUICKBOOKS and on:
            detail = f"{_SPOKEN[kind]} are Roster's own where it leads: they cannot come along"
            errors.append(FieldError(f"/{toggle}", "mode", detail))
        if mode is Mode.TWO_WAY and on is False:
            detail = f"in both directions, {_SPOKEN[kind]} are always QuickBooks' own"
            errors.append(FieldError(f"/{toggle}", "mode", detail))
    if rule := item_name_rule(given.get("service_item", SERVICE_ITEM)):
        errors.append(FieldError("/service_item", "name", rule))
    return errors


def chosen(values: Mapping[str, Any]) -> Policy:
    """The policy of `values`, keyed as Policy's fields; raises Invalid with every broken rule.

    What is left out is as the mode has it: taxes and terms come along where QuickBooks' changes
    come here at all, and have to in both directions, whoever leads (S4.074, S4.079).
    """
    if errors := broken_rules(values):
        raise Invalid(errors)
    given = _given(values)
    mode: Mode = given["mode"]
    leads = {Mode.ROSTER_TO_QUICKBOOKS: Primary.ROSTER}.get(mode, Primary.QUICKBOOKS)
    defaults = {"primary": leads, **dict.fromkeys(_TOGGLES.values(), mode.pulls)}
    return Policy(**{**defaults, **given})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def lock_on(policy: Policy | None, kind: TermKind) -> str | None:
    """Why terms of the kind cannot be added, edited or deleted here; None where they can."""
    if policy is None or not policy.mode.pulls or not getattr(policy, _TOGGLES[kind]):
        return None
    return (
        f"{_SPOKEN[kind].capitalize()} come from QuickBooks, as the settings of the sync say: "
        "add, edit and delete them there. They can be read and chosen here."
    )
