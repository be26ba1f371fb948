"""QuickBooks' item for what is on none of ours: which can be used, and why another cannot."""

from typing import Any

import pytest

from roster.domain.sync.books import TheirItem, TheirItemType
from roster.domain.sync.items import item_name_rule, why_no_service


def item(**values: Any) -> TheirItem:
    usual = {"type": TheirItemType.SERVICE, "income_account_id": "1", "full_name": "Labour"}
    return TheirItem(**({"id": "1", "sync_token": "0", "name": "Labour"} | usual | values))


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], "QuickBooks has no product or service named “Labour”"),
        ([item(active=False)], "“Labour” is inactive in QuickBooks"),
        ([item(type=TheirItemType.CATEGORY)], "“Labour” is neither a service nor a non-inventory"),
        # As books have them that were brought over from the desktop.
        ([item(income_account_id=None)], "“Labour” has no income account in QuickBooks"),
    ],
)
def test_the_reason_is_said_in_words(found: list[TheirItem], why: str) -> None:
    assert (why_no_service(found, "Labour") or "").startswith(why)


@pytest.mark.parametrize("kind", [TheirItemType.SERVICE, TheirItemType.NON_INVENTORY])
def test_one_that_can_be_used_is_enough(kind: TheirItemType) -> None:
    assert why_no_service([item(active=False), item(id="2", type=kind)], "Labour") is None


@pytest.mark.parametrize("name", ["", "  ", "a" * 101, "Parts:Small", "two\nlines", "a\ttab"])
def test_names_that_quickbooks_items_cannot_have(name: str) -> None:
    assert item_name_rule(name)


@pytest.mark.parametrize("name", ["Services", "a" * 100, "Hours — “on site”"])
def test_names_that_they_can(name: str) -> None:
    assert item_name_rule(name) is None
