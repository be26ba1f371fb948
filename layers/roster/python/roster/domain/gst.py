"""Which GST a supply within India bears: central and state tax in halves, or integrated tax."""

from enum import StrEnum

# State codes of union territories without a legislature, where UTGST stands in for SGST.
_UNION_TERRITORIES = frozenset({"04", "25", "26", "31", "35", "38"})


class Levy(StrEnum):
    """A tax that a part of GST is paid as."""

    CGST = "cgst"
    SGST = "sgst"
    UTGST = "utgst"
    IGST = "igst"


# What a tax is split into, in equal parts; nothing where GST is not split.
type Split = tuple[Levy, ...]


def split_for(seller_gstin: str | None, buyer_gstin: str | None) -> Split:
    """CGST and SGST (or UTGST) within one state, IGST between two; nothing without both GSTINs.

    A GSTIN begins with the code of the state it is registered in.
    """
    if not seller_gstin or not buyer_gstin:
        return ()
    state = seller_gstin[:2]
    if state != buyer_gstin[:2]:
        return (Levy.IGST,)
    return (Levy.CGST, Levy.UTGST if state in _UNION_TERRITORIES else Levy.SGST)
