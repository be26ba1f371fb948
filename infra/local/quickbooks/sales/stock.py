"""What a sale takes out of inventory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.local.quickbooks.company import Company


def sell(company: Company, kind: str, written: dict[str, Any], sign: int, now: float) -> None:
    """Take the lines' quantities out of stock (`sign` 1) or put them back (-1).

    A credit memo does the reverse of an invoice.
    """
    direction = -sign if kind == "Invoice" else sign
    for line in written["Line"]:
        detail = line.get("SalesItemLineDetail")
        if detail is None:
            continue
        item = company.shelf("Item").records[detail["ItemRef"]["value"]]
        if item.fields["Type"] != "Inventory":
            continue
        on_hand = item.fields["QtyOnHand"] + direction * float(detail.get("Qty", 1))
        item.fields["QtyOnHand"] = int(on_hand) if on_hand == int(on_hand) else on_hand
        item.updated = now
        company.version += 1
