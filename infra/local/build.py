"""``sam build``, when something it reads has changed, and bytecode for what it leaves without."""

import compileall
import hashlib
import os
import py_compile
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.local import aws
from infra.local.home import ROOT, CannotRunError, Home

TEMPLATE = ROOT / "infra" / "template.yaml"
BUILT_TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"
_STAMP = ROOT / ".aws-sam" / "roster-built-from"
# What pip says when there is no index to be reached.
_OFFLINE = ("No matching distribution found", "NewConnectionError", "Max retries exceeded")
_SOURCES = ("functions", "layers", "infra/statemachines", "infra/template.yaml", "samconfig.toml")


def build(home: Home) -> bool:
    """Build functions and layers into ``.aws-sam``; whether there was anything to do."""
    if not TEMPLATE.exists():
        raise CannotRunError("infra/template.yaml is missing: run this in a complete clone")
    if is_current():
        return False
    made_from = fingerprint()
    _STAMP.unlink(missing_ok=True)
    sam(home, "build", "--cached", "--parallel", log=home.logs / "build.log")
    compile_bytecode(BUILT_TEMPLATE.parent)
    _STAMP.write_text(made_from)
    return True


def is_current() -> bool:
    """Whether what lies in ``.aws-sam`` was built from the sources as they are."""
    return BUILT_TEMPLATE.exists() and _STAMP.exists() and _STAMP.read_text() == fingerprint()


def compile_bytecode(built: Path) -> None:
    """Put bytecode beside the sources of every built function and layer that has none.

    Without it every cold start compiles again, because code is read-only in Lambda. It is trusted
    unchecked, because zipping changes the times that are checked otherwise.
    """
    for artifact in built.iterdir():
        if artifact.is_dir() and not any(artifact.rglob("*.pyc")):
            compiled = compileall.compile_dir(
                artifact,
                quiet=1,
                stripdir=artifact,
                prependdir="/opt" if (artifact / "python").is_dir() else "/var/task",
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
            if not compiled:
                raise CannotRunError(f"{artifact.name} does not compile: the reason is above")


def sam(home: Home, *arguments: str, log: Path) -> None:
    """Run SAM CLI in its own environment; its output goes to the log."""
    tool = home.environments / "sam" / "bin"
    variables = aws.environment(home)
    # SAM builds with the Python it finds on PATH: its own environment's, which is 3.13.
    variables["PATH"] = f"{tool}{os.pathsep}{variables.get('PATH', os.defpath)}"
    home.make_folders()
    done = subprocess.run(
        [str(tool / "sam"), *arguments],
        cwd=ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    log.write_text(done.stdout)
    if done.returncode != 0:
        raise CannotRunError(f"sam {arguments[0]} failed: {_reason(done.stdout)}; all of it: {log}")


def _reason(output: str) -> str:
    """The one line of SAM's output that says what is wrong."""
    if any(sign in output for sign in _OFFLINE):
        return "the packages of a layer cannot be fetched, check the network or pip's package index"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith("Error")] or lines[-1:] or ["it said nothing"]
    return said[0][:300]


def fingerprint() -> str:
    """A hash of everything ``sam build`` reads."""
    total = hashlib.sha256()
    for path in sorted(_files()):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _files() -> Iterator[Path]:
    for name in _SOURCES:
        source = ROOT / name
        if source.is_file():
            yield source
            continue
        for path in source.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
