"""``sam build``, when something it reads has changed."""

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from infra.local import aws
from infra.local.home import ROOT, CannotRunError, Home

TEMPLATE = ROOT / "infra" / "template.yaml"
BUILT_TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"
_STAMP = ROOT / ".aws-sam" / "roster-built-from"
_SOURCES = ("functions", "layers", "infra/statemachines", "infra/template.yaml", "samconfig.toml")


def build(home: Home) -> bool:
    """Build functions and layers into ``.aws-sam``; whether there was anything to do."""
    if not TEMPLATE.exists():
        raise CannotRunError("infra/template.yaml is missing: run this in a complete clone")
    made_from = fingerprint()
    if BUILT_TEMPLATE.exists() and _STAMP.exists() and _STAMP.read_text() == made_from:
        return False
    _STAMP.unlink(missing_ok=True)
    sam(home, "build", "--cached", "--parallel", log=home.logs / "build.log")
    _STAMP.write_text(made_from)
    return True


def sam(home: Home, *arguments: str, log: Path) -> None:
    """Run SAM CLI in its own environment; its output goes to the log, or shows when it fails."""
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
        last = "\n".join(done.stdout.strip().splitlines()[-25:])
        raise CannotRunError(f"{last}\nsam {arguments[0]} failed: the reason is above")


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
