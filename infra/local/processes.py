"""Programs in the background: started once, found again by their process id, stopped politely."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.home import ROOT, CannotRunError, Home
from infra.local.ports import is_free, must_be_free

_POLL_S = 0.05
# Held for good: a Popen that is collected complains that its process still runs, as it should.
_started: list["subprocess.Popen[bytes]"] = []


@dataclass(frozen=True, kw_only=True)
class Background:
    """A server of this clone that outlives the command that started it."""

    name: str
    what: str
    home: Home
    port: int
    health: str
    command: Sequence[str]
    environment: Mapping[str, str]
    start_within_s: float = 60.0
    # Saving a large state takes its time, and cutting it short would lose it.
    stop_within_s: float = 60.0

    @property
    def log(self) -> Path:
        """What it printed since its last start."""
        return self.home.logs / f"{self.name}.log"

    @property
    def _pid_file(self) -> Path:
        return self.home.run / f"{self.name}.pid"

    def pid(self) -> int | None:
        """Its process id while it runs."""
        try:
            pid = int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
        # After a reboot the id may belong to anybody: the command line must be ours.
        return pid if self.command[2] in _command_line(pid) else None

    def is_healthy(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(self.health, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def start(self) -> bool:
        """Start it unless it runs, and wait until it answers; whether it had to be started."""
        if self.pid() is not None:
            self._wait_until_healthy(lambda: self.pid() is not None)
            return False
        must_be_free(self.port, self.what)
        self.home.make_folders()
        with self.log.open("w") as log:
            process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal reaches the command, which then stops this in order.
                start_new_session=True,
            )
        _started.append(process)
        self._pid_file.write_text(str(process.pid))
        # Not by its command line: for a moment after its start it has none.
        self._wait_until_healthy(lambda: process.poll() is None)
        return True

    def stop(self) -> bool:
        """Ask it to end and wait until it has; whether it was running."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            if not self._gone_within(self.stop_within_s):
                os.kill(pid, signal.SIGKILL)
                self._gone_within(5)
        self._pid_file.unlink(missing_ok=True)
        return pid is not None

    def kill(self) -> None:
        """End it without warning, as a crash would."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self._gone_within(5)
        self._pid_file.unlink(missing_ok=True)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        # An ending process loses its name before its port.
        while self.pid() is not None or not is_free(self.port):
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def _wait_until_healthy(self, is_alive: Callable[[], bool]) -> None:
        deadline = time.monotonic() + self.start_within_s
        while not self.is_healthy():
            if not is_alive():
                raise CannotRunError(f"{self.what} ended while starting: see {_shown(self.log)}")
            if time.monotonic() > deadline:
                raise CannotRunError(f"{self.what} does not answer: see {_shown(self.log)}")
            time.sleep(_POLL_S)


def _command_line(pid: int) -> str:
    """What the process was started with; empty when it is gone or a zombie."""
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return ""
    except ChildProcessError:
        pass  # Not started by this command.
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return ""
    system = Path("/proc") / str(pid) / "cmdline"
    if Path("/proc/self").exists():
        try:
            return system.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    listed = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return listed.stdout


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
