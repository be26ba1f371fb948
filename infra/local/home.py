"""Where this clone keeps what it makes, and which ports it listens on."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 4566


class CannotRunError(Exception):
    """What stops a command, in one line that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """One local cloud: its folder and its ports. Two of them never share either."""

    folder: Path
    port: int

    @property
    def standin_port(self) -> int:
        """The port of the QuickBooks stand-in."""
        return self.port + 1

    @property
    def endpoint(self) -> str:
        """The address every AWS client of this clone speaks to."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def standin_url(self) -> str:
        """The address QuickBooks has here."""
        return f"http://127.0.0.1:{self.standin_port}"

    @property
    def state(self) -> Path:
        """What survives a restart."""
        return self.folder / "state"

    @property
    def mailbox(self) -> Path:
        """Where messages to customers land: no mail leaves this machine."""
        return self.state / "mailbox"

    @property
    def run(self) -> Path:
        """Process ids of what runs in the background."""
        return self.folder / "run"

    @property
    def logs(self) -> Path:
        """What the background and the tools have said."""
        return self.folder / "logs"

    @property
    def temporary(self) -> Path:
        """Wiped at every start."""
        return self.folder / "tmp"

    @property
    def environments(self) -> Path:
        """The Python environments infra/local/setup.sh makes; one set per clone."""
        return ROOT / ".roster" / "env"

    def make_folders(self) -> None:
        """Create what commands write into."""
        for folder in (self.state, self.run, self.logs, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)
        # It holds passwords and the keys tokens are signed with.
        self.state.chmod(0o700)


def home_from_environment() -> Home:
    """The home ``ROSTER_PORT`` and ``ROSTER_HOME`` name; the tests use one of their own."""
    text = os.environ.get("ROSTER_PORT") or str(DEFAULT_PORT)
    if not text.isdigit() or not 1024 <= int(text) <= 65000:
        raise CannotRunError(f"ROSTER_PORT={text} is not a port: use a number from 1024 to 65000")
    folder = Path(os.environ.get("ROSTER_HOME") or ROOT / ".roster").resolve()
    return Home(folder=folder, port=int(text))
