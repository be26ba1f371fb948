"""Every test: ``python -m infra.local.testing`` (``make test``).

The fast tests come first, then the whole template is deployed on a local cloud of its own, on
ports and in a folder of its own, and driven from outside. A stack somebody is using on this
machine is never touched.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field

from infra.local import deploy, stack
from infra.local.home import ROOT, CannotRunError, Home
from infra.local.ports import free_pair

FAST = ("unit", "integration", "workflow", "contract")
# More workers than this gain nothing, and a laptop should stay usable.
MOST_WORKERS = 4
# Two at once find what only happens at once; more would wait for the same local cloud.
E2E_WORKERS = 2
_NO_TESTS_COLLECTED = 5


@dataclass
class _Steps:
    """What was run, how it ended and how long it took."""

    lines: list[str] = field(default_factory=list)
    failed: bool = False

    def run(self, name: str, arguments: list[str], environment: dict[str, str]) -> None:
        print(f"\n== {name}", flush=True)
        begin = time.monotonic()
        code = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment, check=False
        ).returncode
        good = code in (0, _NO_TESTS_COLLECTED)
        self.add(name, good=good, seconds=time.monotonic() - begin)

    def add(self, name: str, *, good: bool, seconds: float) -> None:
        self.failed = self.failed or not good
        self.lines.append(f"  {'passed' if good else 'FAILED'}  {name} ({seconds:.0f} s)")


def main() -> int:
    """Run everything; 0 only when all of it passed."""
    begin = time.monotonic()
    steps = _Steps()
    environment = _environment()
    folders = [f"tests/{name}" for name in FAST if (ROOT / "tests" / name).is_dir()]
    workers = str(min(os.cpu_count() or 1, MOST_WORKERS))
    steps.run(", ".join(FAST), [*folders, "-q", "-n", workers], environment)
    if (ROOT / "tests" / "e2e").is_dir():
        _end_to_end(steps, environment)
    print("\n".join(["", "== Summary", *steps.lines]))
    verdict = "Not all tests passed." if steps.failed else "All tests passed."
    print(f"{verdict} ({time.monotonic() - begin:.0f} s)")
    return 1 if steps.failed else 0


def _end_to_end(steps: _Steps, environment: dict[str, str]) -> None:
    home = Home(folder=ROOT / ".roster" / "test" / "e2e", port=free_pair())
    shutil.rmtree(home.folder, ignore_errors=True)
    begin = time.monotonic()
    print("\n== deploying the template for the end-to-end tests", flush=True)
    try:
        stack.up(home)
    except CannotRunError as refusal:
        print(refusal)
        steps.add("deployment", good=False, seconds=time.monotonic() - begin)
        stack.down(home)
        return
    steps.add("deployment", good=True, seconds=time.monotonic() - begin)
    try:
        told = {
            **environment,
            "ROSTER_HOME": str(home.folder),
            "ROSTER_PORT": str(home.port),
            "ROSTER_E2E_URL": deploy.api_url(home),
            "ROSTER_E2E_ENDPOINT": home.endpoint,
            "ROSTER_E2E_STANDIN": home.standin_url,
            "ROSTER_E2E_OUTPUTS": json.dumps(deploy.outputs(home)),
        }
        common = ["tests/e2e", "-q", "--durations=10"]
        steps.run(
            "end to end",
            [*common, "-m", "not restarts", "-n", str(E2E_WORKERS)],
            told,
        )
        # These stop the local cloud under everybody's feet: one after the other, at the end.
        steps.run("end to end, with restarts", [*common, "-m", "restarts"], told)
    finally:
        stack.down(home)


def _environment() -> dict[str, str]:
    """The caller's environment without anything that points at a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**kept, "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0"}


if __name__ == "__main__":
    raise SystemExit(main())
