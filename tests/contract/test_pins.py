"""The compiled requirements say what pyproject.toml says, and nothing of where they were made."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.support.template import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = ROOT / "layers/dependencies/requirements.txt"
QUICKBOOKS = ROOT / "layers/quickbooks/requirements.txt"
PAPERS = ROOT / "layers/papers/requirements.txt"
WORKBOOKS = ROOT / "layers/workbooks/requirements.txt"
LAYERS = (RUNTIME, QUICKBOOKS, PAPERS, WORKBOOKS)
DEV, EMULATOR, SAM = (ROOT / f"requirements/{name}.txt" for name in ("dev", "emulator", "sam"))
COMPILED = (*LAYERS, DEV, EMULATOR, SAM)

_DEPENDENCIES = PROJECT["project"]["dependencies"]
_EXTRAS = PROJECT["project"]["optional-dependencies"]
_GROUPS = PROJECT["dependency-groups"]
# Each file, and the direct dependencies it is compiled from.
ASKED = {
    RUNTIME: _DEPENDENCIES,
    QUICKBOOKS: _EXTRAS["quickbooks"],
    PAPERS: _EXTRAS["papers"],
    WORKBOOKS: _EXTRAS["workbooks"],
    DEV: [*_DEPENDENCIES, *(one for extra in _EXTRAS.values() for one in extra), *_GROUPS["dev"]],
    EMULATOR: _GROUPS["emulator"],
    SAM: _GROUPS["sam"],
}
_ENTRY = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>\S+)(?: ; .+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
_REMARK = re.compile(r"(?:    )?#.*|")

each_file = pytest.mark.parametrize(
    "path", COMPILED, ids=lambda p: f"{p.parent.name}/{p.name}" if isinstance(p, Path) else ""
)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _asked(requirement: str) -> tuple[str, str | None]:
    """(canonical name, version or None) of a line of pyproject.toml."""
    found = re.fullmatch(r"([\w.-]+)(?:\[[\w,.-]+\])?(?:==(\S+))?", requirement)
    assert found, f"{requirement}: either exactly pinned or free"
    return _canonical(found[1]), found[2]


def _pins(path: Path) -> dict[str, str]:
    found = [_ENTRY.fullmatch(line) for line in path.read_text().splitlines()]
    return {_canonical(m["name"]): m["version"] for m in found if m}


@each_file
def test_what_is_asked_for_is_pinned_as_asked(path: Path) -> None:
    pins = _pins(path)
    for requirement in ASKED[path]:
        name, version = _asked(requirement)
        assert name in pins, f"{name}: run `make pins`"
        if version is not None:
            assert pins[name] == version, f"{name}: run `make pins`"


@each_file
def test_every_line_is_a_pin_a_hash_or_a_reason(path: Path) -> None:
    hashes = 1
    for line in path.read_text().splitlines():
        if _ENTRY.fullmatch(line):
            assert hashes, f"the entry before {line} has no hash"
            hashes = 0
        elif _HASH.fullmatch(line):
            hashes += 1
        else:
            assert _REMARK.fullmatch(line), line
    assert hashes


@each_file
def test_no_file_says_where_it_was_made(path: Path) -> None:
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"(?:^|\s)(?:/|~|\w:\\)\w", text), "a path of a machine"
    assert not re.search(r"--(?:index|extra-index|find-links|trusted-host)", text)


def test_what_is_tested_is_what_ships() -> None:
    ships = {name: version for layer in LAYERS for name, version in _pins(layer).items()}
    tested = _pins(DEV)
    assert {name: tested.get(name) for name in ships} == ships


def test_no_package_ships_in_two_layers() -> None:
    shipped = [name for layer in LAYERS for name in _pins(layer)]
    assert len(shipped) == len(set(shipped))


def test_nothing_for_development_ships() -> None:
    development = {_asked(r)[0] for r in _GROUPS["dev"]} - {"requests"}
    for layer in LAYERS:
        assert not development & _pins(layer).keys()
