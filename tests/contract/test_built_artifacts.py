"""What `sam build` made works by itself: nothing of the development environment may be needed."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.local import build
from tests.support.functions import BUILT, Function, functions
from tests.support.template import ROOT, resources

FUNCTIONS = functions()
LAYERS = list(resources("AWS::Serverless::LayerVersion"))
PINS = ROOT / "layers/dependencies/requirements.txt"
_HEADER_BYTES, _UNCHECKED_HASH = 16, 1

# Runs without site-packages and the environment: the standard library and the folders given.
_IMPORTER = """
import importlib, json, pathlib, pkgutil, sys
folders, wanted = json.loads(sys.argv[1]), json.loads(sys.argv[2])
standard = sys.path[:]
sys.path[:0] = folders
for name in wanted:
    if name.endswith(".*"):
        package = importlib.import_module(name[:-2])
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(found.name)
    elif ":" in name:
        module, attribute = name.split(":")
        assert callable(getattr(importlib.import_module(module), attribute))
    else:
        importlib.import_module(name)
allowed = [pathlib.Path(p).resolve() for p in folders + standard if p]
files = {n: m.__file__ for n, m in sys.modules.items() if getattr(m, "__file__", None)}
strange = {
    n: f for n, f in files.items()
    if "site-packages" in f or not any(pathlib.Path(f).resolve().is_relative_to(a) for a in allowed)
}
versions = {n: getattr(sys.modules.get(n), "__version__", None) for n in ("boto3", "pydantic")}
print(json.dumps({"strange": strange, "files": files, "versions": versions}))
"""


@pytest.fixture(autouse=True)
def _built() -> None:
    if not build.BUILT_TEMPLATE.exists():
        pytest.fail("nothing is built: run `make build`", pytrace=False)
    if not build.is_current():
        pytest.fail("what is built is older than the sources: run `make build`", pytrace=False)


def _folders(function: Function | None, layers: Sequence[str]) -> list[str]:
    own = [str(BUILT / function.logical_id)] if function else []
    return own + [str(BUILT / layer / "python") for layer in layers]


def _import(folders: list[str], *wanted: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _IMPORTER, json.dumps(folders), json.dumps(wanted)],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.folder)
def test_a_handler_imports_from_its_artifacts_alone(function: Function) -> None:
    module, _, name = function.handler.rpartition(".")
    package = module.rpartition(".")[0]
    found = _import(_folders(function, function.layers), f"{module}:{name}", f"{package}.*")
    assert found["strange"] == {}
    assert found["files"][module].startswith(str(BUILT / function.logical_id))
    others = {n.split(".")[1] for n in found["files"] if n.startswith("functions.")}
    assert others == {function.folder}


def test_the_sdk_is_the_pinned_one_of_the_layer() -> None:
    found = _import(_folders(None, LAYERS), "boto3", "pydantic")
    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", PINS.read_text(), re.MULTILINE))
    assert found["versions"] == {name: pinned[name] for name in ("boto3", "pydantic")}
    assert found["files"]["boto3"].startswith(str(BUILT))


def test_every_module_of_ours_imports_from_the_layers() -> None:
    """Imports inside functions too: their modules are imported here by name."""
    found = _import(_folders(None, LAYERS), "roster.*")
    assert found["strange"] == {}
    source = ROOT / "layers/roster/python/roster"
    wanted = {
        ".".join(p.relative_to(source.parent).with_suffix("").parts).removesuffix(".__init__")
        for p in source.rglob("*.py")
    }
    assert wanted <= found["files"].keys()


def test_nothing_is_borrowed_from_the_development_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _IMPORTER, "[]", '["pytest"]'],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )
    assert "No module named 'pytest'" in done.stderr


@pytest.mark.parametrize("artifact", [f.logical_id for f in FUNCTIONS] + LAYERS)
def test_bytecode_ships_trusted_and_fresh(artifact: str) -> None:
    sources = [p for p in (BUILT / artifact).rglob("*.py") if _compiles(p)]
    assert sources
    for source in sources:
        compiled = Path(importlib.util.cache_from_source(str(source)))
        assert compiled.exists(), f"no bytecode for {source.relative_to(BUILT)}"
        content = source.read_bytes()
        with compiled.open("rb") as file:
            header = file.read(_HEADER_BYTES)
        assert header[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(header[4:8], "little") == _UNCHECKED_HASH
        assert header[8:] == importlib.util.source_hash(content), source


def _compiles(path: Path) -> bool:
    try:
        compile(path.read_bytes(), path, "exec")
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize("artifact", [f.logical_id for f in FUNCTIONS] + ["RosterLayer"])
def test_nothing_but_code_and_its_data_ships(artifact: str) -> None:
    kinds = {p.suffix for p in (BUILT / artifact).rglob("*") if p.is_file()}
    assert kinds <= {".py", ".pyc", ".json", ".typed"}


def test_layers_are_small() -> None:
    """Locally every worker unpacks its own copy; AWS takes 250 MB with the function."""
    total, papers = _size(BUILT), _size(BUILT / "PapersLayer")
    # Its fonts weigh as much as everything else; one function carries them.
    assert papers < 130 * 1024 * 1024
    assert total - papers < 100 * 1024 * 1024


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
