"""What columns may hold: headings of other languages, and content under headings that tell nothing.

Every expected field is what a person reads in the heading or the cells.
"""

from collections.abc import Sequence

import pytest

from roster.domain.custom_fields import CustomField, CustomType
from roster.domain.imports.mapping import MappedSheet, map_sheet, signature
from roster.domain.imports.reading import SourceRow
from roster.domain.imports.suggesting import suggestions
from roster.domain.imports.told import Told


def mapped(
    headings: Sequence[str], *rows: Sequence[str], own: Sequence[CustomField] = ()
) -> MappedSheet:
    below = [SourceRow(number, tuple(row)) for number, row in enumerate(rows, 2)]
    return map_sheet(SourceRow(1, tuple(headings)), below, Told(), own=own, saved=None)


def fields(*headings: str) -> list[str | None]:
    return [column.field for column in mapped(headings).columns]


GERMAN = {
    "Kundennummer": "number", "Firma": "company_name", "Vorname": "first_name",
    "Nachname": "last_name", "Straße und Hausnummer": "service_location.street",
    "Adresszusatz": "service_location.unit", "PLZ": "service_location.zip",
    "Ort": "service_location.city", "Bundesland": "service_location.state",
    "Land": "service_location.country", "Telefon": "phone", "Handy": "mobile",
    "E-Mail-Adresse": "email", "Webseite": "website", "Bemerkungen": "notes",
    "Rechnungsadresse Straße": "billing_address.street", "Rechnungs-PLZ": "billing_address.zip",
    "Rechnungsort": "billing_address.city",
}  # fmt: skip
FRENCH = {
    "Raison sociale": "company_name", "Prénom": "first_name", "Nom": "last_name",
    "Adresse": "service_location.street", "Code postal": "service_location.zip",
    "Ville": "service_location.city", "Pays": "service_location.country",
    "Téléphone": "phone", "Téléphone portable": "mobile", "Courriel": "email",
    "Adresse de facturation": "billing_address.street",
    "Ville de facturation": "billing_address.city", "Commentaires": "notes",
    "N° client": "number",
}  # fmt: skip
SPANISH = {
    "Empresa": "company_name", "Nombre": "first_name", "Apellidos": "last_name",
    "Dirección": "service_location.street", "Código postal": "service_location.zip",
    "Ciudad": "service_location.city", "Provincia": "service_location.state",
    "País": "service_location.country", "Teléfono": "phone", "Móvil": "mobile",
    "Correo electrónico": "email", "Observaciones": "notes", "Etiquetas": "tags",
}  # fmt: skip
PORTUGUESE = {
    "Razão social": "company_name", "Nome": "first_name", "Sobrenome": "last_name",
    "Endereço": "service_location.street", "CEP": "service_location.zip",
    "Cidade": "service_location.city", "Estado": "service_location.state", "Telefone": "phone",
    "Celular": "mobile", "E-mail": "email", "Observações": "notes",
}  # fmt: skip
ITALIAN = {
    "Ragione sociale": "company_name", "Nome": "first_name", "Cognome": "last_name",
    "Indirizzo": "service_location.street", "CAP": "service_location.zip",
    "Città": "service_location.city", "Provincia": "service_location.state", "Telefono": "phone",
    "Cellulare": "mobile", "Posta elettronica": "email", "Sito web": "website",
}  # fmt: skip
DUTCH = {
    "Klantnummer": "number", "Bedrijfsnaam": "company_name", "Voornaam": "first_name",
    "Achternaam": "last_name", "Straat en huisnummer": "service_location.street",
    "Postcode": "service_location.zip", "Woonplaats": "service_location.city",
    "Telefoonnummer": "phone", "Mobiel": "mobile", "E-mailadres": "email",
    "Opmerkingen": "notes", "Factuuradres": "billing_address.whole",
}  # fmt: skip


@pytest.mark.shows("S0.05")
@pytest.mark.parametrize(
    "headings", [GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH],
    ids=["German", "French", "Spanish", "Portuguese", "Italian", "Dutch"],
)  # fmt: skip
def test_headings_of_another_language(headings: dict[str, str]) -> None:
    found = mapped(list(headings))
    assert {c.heading: c.field for c in found.columns} == headings
    assert {one.source for one in found.mapped} == {"heading"}


def test_a_name_alone_is_all_of_a_name() -> None:
    assert fields("Name", "PLZ", "Ort") == [
        "display_name", "service_location.zip", "service_location.city",
    ]  # fmt: skip
    assert fields("Kunde", "Telefon") == ["display_name", "phone"]
    assert fields("Name", "Vorname", "Firma") == ["last_name", "first_name", "company_name"]


def test_english_headings_mean_what_they_meant() -> None:
    assert fields("Name", "First Name", "Site", "Note", "Via", "Cap") == [
        "display_name", "first_name", None, "notes", None, None,
    ]  # fmt: skip


def test_an_own_field_goes_before_a_word_of_another_language() -> None:
    own = [CustomField(name="kanton", type=CustomType.TEXT)]
    found = mapped(("Firma", "Kanton"), own=own)
    assert [c.field for c in found.columns] == ["company_name", "custom.kanton"]


def best(*values: str) -> str | None:
    found = suggestions(values * 12)
    return found[0].field if found and found[0].confidence >= 0.9 else None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (("ann@x.example", "bob.lee@y.example.org"), "email"),
        (("(918) 555-0101", "918-555-0102 x3"), "phone"),
        (("+49 30 901820", "+44 20 7946 0958"), "phone"),
        (("https://x.example/a", "www.bolt.com"), "website"),
        (("07601", "89501-1234"), "service_location.zip"),
        (("SW1A 1AA", "M1 1AE"), "service_location.zip"),
        (("K1A 0B1", "V6B 4Y8"), "service_location.zip"),
        (("OK", "NV", "Texas"), "service_location.state"),
        (("Germany", "France", "United Kingdom"), "service_location.country"),
        (("27AAPFU0939F1ZV", "29AAGCB7383J1Z4"), "gstin"),
        (("AAPFU0939F", "AAGCB7383J"), "pan"),
        (("12 Main St", "4-6 Elm Avenue"), "service_location.street"),
        (("Hauptstraße 5", "Am Markt 12a"), "service_location.street"),
        (("Acme Inc.", "Bolt & Sons LLC", "Tata Pvt. Ltd."), "company_name"),
        (("Müller GmbH", "Schulze KG"), "company_name"),
        (("Ann Lee", "José García", "Seán O'Brien-Smith"), "full_name"),
        (("Yes", "no", "N"), "verified"),
        (("10.0.0.1", "192.168.1.20"), None),
        (("2024-01-31", "1999-12-01"), None),
        (("31.01.2024", "1.2.1999"), None),
        (("-71.1234", "42.98765"), None),
        (("123-45-6789", "987-65-4321"), None),
        (("12-3456789", "98-7654321"), None),
        (("4111111111111111", "5500005555555559"), None),
        (("red", "blue"), None),
        (("1,234.50", "17.00"), None),
    ],
)
def test_what_cells_look_like(values: tuple[str, ...], field: str | None) -> None:
    assert best(*values) == field


def test_numbers_that_count_up_are_ids_and_no_postal_codes() -> None:
    assert "service_location.zip" not in {
        one.field for one in suggestions([str(n) for n in range(10_001, 10_030)])
    }


def test_own_fields_are_suggested_by_their_type() -> None:
    own = [
        CustomField(name="since", type=CustomType.DATE),
        CustomField(name="size", type=CustomType.CHOICE, choices=("S", "M")),
    ]
    assert [s.field for s in suggestions(["2024-01-31"], own)] == ["custom.since"]
    assert "custom.size" in [s.field for s in suggestions(["S", "m"], own)]


MANY = range(20)


def test_content_is_used_where_no_heading_claims_its_field() -> None:
    rows = [(f"Acme {n}", f"a{n}@x.example", "no mail", f"918-555-01{n:02}") for n in MANY]
    found = mapped(("Company", "Col B", "Col C", "Col D"), *rows)
    assert [(one.column.field, one.source) for one in found.mapped] == [
        ("company_name", "heading"), ("email", "content"), (None, None), ("phone", "content"),
    ]  # fmt: skip
    claimed = mapped(("Company", "Col B", "Email"), *[(a, b, b) for a, b, *_ in rows])
    second = claimed.mapped[1]
    assert (second.column.field, second.source) == (None, None)
    assert second.alternatives[0].field == "email"


def test_what_is_somebody_elses_is_only_suggested() -> None:
    rows = [(f"Acme {n}", f"918-555-01{n:02}", f"r{n}@x.example") for n in MANY]
    found = mapped(("Company", "Fax", "Sales Rep"), *rows)
    assert [one.column.field for one in found.mapped] == ["company_name", None, None]
    assert [one.alternatives[0].field for one in found.mapped[1:]] == ["phone", "email"]


def test_a_name_is_taken_from_content_only_where_the_heading_speaks_of_one() -> None:
    rows = [(f"Acme {'ABCDEFGHIJKLMNOPQRST'[n]} GmbH",) for n in MANY]
    assert mapped(("Col A",), *rows).columns[0].field is None
    assert mapped(("Besteller XY",), *rows).columns[0].field == "company_name"


def test_the_signature_is_of_the_headings_alone() -> None:
    assert signature(["Kd-Nr", "Bez."]) == signature(["BEZ", "", "kd nr"])
    assert signature(["Kd-Nr", "Bez."]) != signature(["Kd-Nr", "Bez.", "Bez."])
    assert signature(["", " "]) == ""
