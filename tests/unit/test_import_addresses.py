"""Addresses as free lines and in one cell."""

import pytest

from roster.domain.imports.addresses import from_cell, from_lines, without_tail

PARTS = ("street", "unit", "city", "state", "zip", "country")


def told(parts: dict[str, str]) -> str:
    return "|".join(parts.get(part, "") for part in PARTS)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Calle 1 #5;Añasco PR, 00610", "Calle 1 #5||Añasco|PR|00610|"),
        ("Ace Inc;Carr. 2 Km 5;Bayamón, PR 00961", "Carr. 2 Km 5||Bayamón|PR|00961|"),
        ("123 Main St;Suite 100;New York;NY;10001", "123 Main St|Suite 100|New York|NY|10001|"),
        ("1 Elm St;Bldg 4;Reno, Nevada 89501-1234", "1 Elm St|Bldg 4|Reno|Nevada|89501-1234|"),
        ("PO Box 5;Toronto, Ontario M5V 2T6;Canada", "PO Box 5||Toronto|Ontario|M5V 2T6|Canada"),
        ("1 High St;London SW1A 2AA;Great Britain", "1 High St||London||SW1A 2AA|Great Britain"),
        ("Königstr. 3;70174 Stuttgart;Germany", "Königstr. 3||Stuttgart||70174|Germany"),
        ("12 MG Road;Bengaluru, Karnataka 560001;India",
         "12 MG Road||Bengaluru|Karnataka|560001|India"),
        ("Attn: Bob;1 Elm St;Reno, NV 89501", "Attn: Bob, 1 Elm St||Reno|NV|89501|"),
        ("Reno, NV", "||Reno|NV||"),
    ],
)  # fmt: skip
def test_lines_are_taken_apart_from_the_end(lines: str, expected: str) -> None:
    found = from_lines(lines.split(";"), {"ace inc"})
    assert (told(found.parts), found.left, found.sure) == (expected, [], True)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Jl. Raya Canggu 10, Badung, Indonesia", "Jl. Raya Canggu 10||Badung|||Indonesia"),
        ("12 Collins St, Melbourne VIC 3000, Australia",
         "12 Collins St||Melbourne|VIC|3000|Australia"),
        ("Central, Hong Kong", "||Central|||Hong Kong"),
        ("1 Main St, Suite 4, Springfield, IL 62704, USA",
         "1 Main St|Suite 4|Springfield|IL|62704|USA"),
        ("5 Rue X\n75001 Paris\nFrance", "5 Rue X||Paris||75001|France"),
        ("Atlanta, Georgia", "||Atlanta|Georgia||"),
        ("1 Main St", "1 Main St|||||"),
    ],
)  # fmt: skip
def test_a_cell_is_taken_apart(cell: str, expected: str) -> None:
    found = from_cell(cell)
    assert (told(found.parts), found.sure) == (expected, True)


@pytest.mark.parametrize(
    "cell", ["12 Foo Street, Bar 7", "123 Main St Springfield, IL 62704 rear", "Plot 5, Nowhere"]
)
def test_what_cannot_be_told_apart_is_kept_as_typed(cell: str) -> None:
    found = from_cell(cell)
    assert (found.parts, found.sure) == ({"street": cell}, False)


@pytest.mark.parametrize(
    "phone", ["787.787.7733/787.743.1273", "Tel: (787) 555-0100", "787-555-0100"]
)
def test_a_phone_among_the_lines_is_no_address(phone: str) -> None:
    found = from_lines(["1 Elm St", "Reno, NV 89501", phone])
    assert (told(found.parts), found.left) == ("1 Elm St||Reno|NV|89501|", [phone])


def test_the_tail_of_a_street() -> None:
    assert without_tail("12 Elm St • Reno, Nevada 89501") == (
        "12 Elm St", {"city": "Reno", "state": "Nevada", "zip": "89501"},
    )  # fmt: skip
    assert without_tail("12 Elm St • blue door") is None
    assert without_tail("12 Elm St") is None
