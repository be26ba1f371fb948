"""Start the stand-in: `python -m infra.local.quickbooks --port 4580 --state state.json`."""

from __future__ import annotations

import argparse
import signal
import threading
from pathlib import Path

from infra.local.quickbooks.server import Server
from infra.local.quickbooks.world import World


def main() -> None:
    """Serve until SIGTERM or SIGINT, then save and leave."""
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.quickbooks",
        description="A stand-in for QuickBooks Online on loopback.",
    )
    parser.add_argument("--port", type=int, default=4580, help="0 takes a free port")
    parser.add_argument("--state", type=Path, help="JSON file the state survives in")
    options = parser.parse_args()
    server = Server(World(options.state), options.port)
    leave = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: leave.set())
    server.start()
    print(f"QuickBooks stand-in on {server.base_url}", flush=True)
    leave.wait()
    server.stop()


if __name__ == "__main__":
    main()
