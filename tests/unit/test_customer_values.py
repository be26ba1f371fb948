"""What is refused of single values, and their normal forms."""

import csv
from pathlib import Path

import pytest

from roster.domain import customer_values as normal
from roster.domain.places import country_code, state_code


def samples(folder: Path, name: str) -> list[tuple[str, bool]]:
    with (folder / "text" / f"{name}_samples.csv").open(newline="") as file:
        return [(r[name], r["valid_by_python_stdnum_2_2"] == "True") for r in csv.DictReader(file)]


@pytest.mark.shows("S1.53")
def test_gstins_found_in_the_wild(roster_data: Path) -> None:
    found = samples(roster_data, "gstin")
    assert len(found) > 50
    assert [(g, normal.gstin(g) is not None) for g, _ in found] == found


@pytest.mark.shows("S1.54")
def test_pans_found_in_the_wild(roster_data: Path) -> None:
    found = samples(roster_data, "pan")
    assert len(found) > 5
    assert [(p, normal.pan(p) is not None) for p, _ in found] == found


def test_every_wrong_check_character_of_a_gstin_is_seen() -> None:
    right = "27AAPFU0939F1ZV"
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert [c for c in letters if normal.gstin(right[:-1] + c)] == ["V"]


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("O.Hara+x@EXAMPLE.com", "O.Hara+x@example.com"),
        ("x@y.test", "x@y.test"),
        ("jösé@Müller.de", "jösé@müller.de"),
        ('"a b"@c.de', '"a b"@c.de'),
        ("a@x.com,b@x.com", None),
        ("a..b@x.com", None),
        ("a@[1.2.3.4]", None),
        ("x" * 65 + "@x.com", None),
        ("a@b", None),
    ],
)
def test_email_addresses(typed: str, form: str | None) -> None:
    assert normal.email_normalized(typed) == form


@pytest.mark.shows("S0.21")
@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("acme.example", "https://acme.example"),
        ("HTTP://Acme.Example/Path?a=B", "http://acme.example/Path?a=B"),
        ("acme.com:8080/x", "https://acme.com:8080/x"),
        ("//münchen.de", "https://münchen.de"),
        ("none", None),
        ("see card", None),
        ("http://user:pw@x.de", None),
        ("http://[", None),
    ],
)
def test_websites(typed: str, url: str | None) -> None:
    assert normal.website_error(typed) is None
    assert normal.website_url(typed) == url


@pytest.mark.parametrize(
    "typed",
    ["javascript:alert(1)", "JavaScript:1/alert(1)", " java\tscript:x", "data:text/html,x",
     "ftp://x.de", "javascript:80"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(typed: str) -> None:
    assert normal.website_error(typed) is not None
    assert normal.website_url(typed) is None


@pytest.mark.parametrize(
    ("typed", "region", "number"),
    [
        ("(212) 555-0100", "US", "+12125550100"),
        ("98765 43210", "IN", "+919876543210"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+1 555 0100", "US", None),
        ("ask Ann", "US", None),
        ("", "US", None),
    ],
)
def test_phones(typed: str, region: str, number: str | None) -> None:
    assert normal.e164(typed, region) == number


@pytest.mark.parametrize(
    ("given", "text"),
    [(7.5, "7.5"), ("7.50", "7.5"), (0, "0"), ("-0", "0"), (100, "100"), ("1e1", "10"),
     (100.0001, None), (-1, None), ("NaN", None), (True, None), (0.00001, None), ("x", None)],
)  # fmt: skip
def test_percentages(given: object, text: str | None) -> None:
    assert normal.percent(given) == text


@pytest.mark.parametrize(
    ("typed", "code"),
    [("usa", "US"), ("U.S.A.", "US"), ("United Kingdom", "GB"), ("Deutschland", "DE"),
     ("in", "IN"), ("Cote d'Ivoire", "CI"), ("St Lucia", "LC"), ("Narnia", None), (None, None)],
)  # fmt: skip
def test_countries(typed: str | None, code: str | None) -> None:
    assert country_code(typed) == code


@pytest.mark.parametrize(
    ("typed", "country", "code"),
    [("california", None, "CA"), ("Tx", "US", "TX"), ("Maharashtra", "India", "MH"),
     ("Québec", "Canada", "QC"), ("NSW", None, "NSW"), ("TX", "IN", None), ("Tex", "US", None),
     (None, "US", None)],
)  # fmt: skip
def test_states(typed: str | None, country: str | None, code: str | None) -> None:
    assert state_code(typed, country) == code


def test_a_state_means_the_same_wherever_it_is_a_state() -> None:
    """So that it may be looked up where no country was typed; there, the old codes are American."""
    from roster.domain.places import _states

    meanings: dict[str, set[str]] = {}
    for listed in _states().values():
        for name, code in listed.items():
            meanings.setdefault(name, set()).add(code)
    assert {n for n, m in meanings.items() if len(m) > 1} == {"ct", "or", "ut"}
    assert [state_code(old, None) for old in ("CT", "OR", "UT")] == ["CT", "OR", "UT"]
    assert [state_code(old, "IN") for old in ("CT", "OR", "UT")] == ["CG", "OD", "UK"]
