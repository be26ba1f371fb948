"""Customer lists that QuickBooks Desktop writes as .iif."""

from pathlib import Path

import pytest

from roster.adapters.spreadsheets.reader import open_spreadsheet
from roster.domain.imports.reading import SourceRow, UnreadableFile
from tests.support.spreadsheets import written


def read(path: Path, *lines: str, end: str = "\r\n", encoding: str = "cp1252") -> list[SourceRow]:
    text = end.join((*lines, ""))
    spreadsheet = open_spreadsheet(written(path, text.encode(encoding)))
    assert spreadsheet.format == "iif"
    return list(spreadsheet.rows())


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_only_the_customers_among_other_lists(tmp_path: Path, end: str, encoding: str) -> None:
    rows = read(
        tmp_path / "lists.iif",
        "!HDR\tPROD\tVER",
        "HDR\tQuickBooks Pro\t27",
        "!VEND\tNAME\tPHONE1",
        "VEND\tPaper Ltd\t555-0000",
        "!CUST\tNAME\tBADDR1\tBADDR2\tPHONE1\tHIDDEN",
        'CUST\tFarmacia Añasco\t"Calle 1"\t"Añasco, PR 00610"\t787-555-0100\tN',
        'CUST\t"Bolt ""The"" Builder:Kitchen"\t\t\t\tY',
        "ENDCUST",
        "!TERMS\tNAME",
        "TERMS\tNet 30",
        end=end,
        encoding=encoding,
    )
    assert rows == [
        SourceRow(5, ("Customer", "Bill to 1", "Bill to 2", "Main Phone", "HIDDEN")),
        SourceRow(6, ("Farmacia Añasco", "Calle 1", "Añasco, PR 00610", "787-555-0100", "N")),
        SourceRow(7, ('Bolt "The" Builder:Kitchen', "", "", "", "Y")),
    ]


def test_several_addresses_to_ship_to(tmp_path: Path) -> None:
    rows = read(
        tmp_path / "a.iif",
        "!CUST\tNAME\tSADDR1\tSADDR2\tSADDR1\tSADDR2",
        "CUST\tAcme\t1 Elm St\tReno, NV 89501\t2 Oak St\tElko, NV 89801",
    )
    assert rows == [
        SourceRow(1, ("Customer", "Ship to 1", "Ship to 2", "Ship to 1 (2)", "Ship to 2 (2)")),
        SourceRow(2, ("Acme", "1 Elm St", "Reno, NV 89501", "2 Oak St", "Elko, NV 89801")),
    ]


def test_a_second_list_with_other_columns_joins_the_first(tmp_path: Path) -> None:
    rows = read(
        tmp_path / "a.iif",
        "!CUST\tNAME\tEMAIL",
        "CUST\tAcme\ta@acme.example",
        "!CUST\tEMAIL\tPHONE1\tNAME",
        "CUST\tb@bolt.example\t555-0101\tBolt",
    )
    assert rows == [
        SourceRow(1, ("Customer", "Main Email", "Main Phone")),
        SourceRow(2, ("Acme", "a@acme.example")),
        SourceRow(4, ("Bolt", "b@bolt.example", "555-0101")),
    ]


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        (("!VEND\tNAME", "VEND\tPaper Ltd"), "empty", "Customer List"),
        (("!CUST\tNAME", "CUST\tAcme\t1 Elm St"), "damaged", "line 2"),
        (("!CUST\tNAME\tEMAIL", 'CUST\t"Acme\ta@acme.example'), "damaged", "line 2"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, lines: tuple[str, ...], code: str, said: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path / "a.iif", *lines)
    assert (refused.value.code, said in refused.value.reason) == (code, True)
