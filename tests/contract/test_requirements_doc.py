"""The numbered requirements and the tests that claim to show them agree."""

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "requirements.md"
ID = r"S[0-3]\.\d{2}|S4\.\d{3}|A-\d{2}"
LINE = re.compile(rf"- (?P<id>{ID}) (?P<text>\S.*)")
LOOKS_NUMBERED = re.compile(r"\s*(?:[-*+]\s*)?\W{0,2}(?:S\d+\.\d|A-\d)")


def _lines_of(text: str) -> list[str]:
    """The ids of the numbered lines, in order and with repetitions."""
    return [m["id"] for line in text.splitlines() if (m := LINE.fullmatch(line))]


def _malformed(text: str) -> list[str]:
    """Lines that begin like a numbered one but are not `- ID Words.`."""
    return [
        line
        for line in text.splitlines()
        if LOOKS_NUMBERED.match(line)
        and not ((m := LINE.fullmatch(line)) and re.search(r"[.)]\*?$", m["text"]))
    ]


def _is_marker(node: ast.expr) -> bool:
    """Whether this is `pytest.mark.shows` or `mark.shows`."""
    if not (isinstance(node, ast.Attribute) and node.attr == "shows"):
        return False
    owner = node.value
    return (isinstance(owner, ast.Attribute) and owner.attr == "mark") or (
        isinstance(owner, ast.Name) and owner.id == "mark"
    )


def _shown(source: str) -> Iterator[tuple[int, str | None]]:
    """(line number, id) of each marker argument; None where it is not a plain string, or absent."""
    calls: dict[int, ast.Call] = {}
    markers: list[ast.expr] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _is_marker(node.func):
            calls[id(node.func)] = node
        elif isinstance(node, ast.expr) and _is_marker(node):
            markers.append(node)
    for marker in markers:
        call = calls.get(id(marker))
        values = [*call.args, *(keyword.value for keyword in call.keywords)] if call else []
        if not values:
            yield marker.lineno, None
        for value in values:
            plain = isinstance(value, ast.Constant) and isinstance(value.value, str)
            yield value.lineno, value.value if plain else None


@pytest.fixture(scope="module")
def doc() -> str:
    return DOC.read_text(encoding="utf-8")


def test_every_line_is_well_formed(doc: str) -> None:
    assert _malformed(doc) == []


def test_every_line_is_unique_in_number_and_wording(doc: str) -> None:
    numbers = Counter(_lines_of(doc))
    words = Counter(m["text"] for line in doc.splitlines() if (m := LINE.fullmatch(line)))
    assert numbers, "no numbered lines"
    assert {number for number, times in numbers.items() if times > 1} == set()
    assert {text for text, times in words.items() if times > 1} == set()


def test_every_marker_names_a_line(doc: str) -> None:
    known = set(_lines_of(doc))
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {shown or 'not a plain string'}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line, shown in _shown(path.read_text(encoding="utf-8"))
        if shown not in known
    ]
    assert wrong == []


def test_ids_are_those_of_the_source(doc: str) -> None:
    data = os.environ.get("ROSTER_DATA")
    # Joined by hand and not resolved first: `..` is taken as the file system takes it.
    source = Path(data, "..", "REQUIREMENTS.md") if data else None
    if source is None or not source.is_file():
        pytest.skip("ROSTER_DATA is unset, or has no REQUIREMENTS.md beside it")
    found = re.findall(r"^- ((?:S\d|A)[.-]\d+)\b", source.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(_lines_of(doc)) == set(found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@pytest.mark.shows('S0.64', 'A-01')\ndef test(): ...", ["S0.64", "A-01"]),
        ("pytestmark = [mark.shows('S1.01')]", ["S1.01"]),
        ("pytest.param(1, marks=pytest.mark.shows('S4.001'))", ["S4.001"]),
        ("@pytest.mark.shows(LINE)\ndef test(): ...", [None]),
        ("@pytest.mark.shows(*LINES)\ndef test(): ...", [None]),
        ("@pytest.mark.shows()\ndef test(): ...", [None]),
        ("@pytest.mark.shows\ndef test(): ...", [None]),
        ("page.shows('anything')  # mark.shows('no')", []),
    ],
)
def test_marker_arguments_are_found_wherever_they_stand(
    source: str, expected: list[str | None]
) -> None:
    assert [shown for _, shown in _shown(source)] == expected


@pytest.mark.parametrize(
    "line",
    [
        "- S0.1 Too few digits.",
        "- S4.01 Too few digits.",
        "- S0.64",
        "* S0.64 Another bullet.",
        "  - S0.64 Indented.",
        "- S0.64  Two spaces.",
        "- S0.64: With a colon.",
        "- **S0.64** In bold.",
        "- S5.01 No such section.",
        "- A-1 Too few digits.",
        "- S0.64 Without a full stop",
    ],
)
def test_a_malformed_line_is_seen(line: str) -> None:
    assert _malformed(line) == [line]


def test_a_sound_line_is_not_called_malformed() -> None:
    assert _malformed("- S0.64 Refused.\n- A-01 Implied. *(implied)*\n- Plain item") == []
