"""Start the local cloud: ``python -m infra.local.cloud --port N --state DIR --tmp DIR``.

Runs under the emulator's own environment and needs nothing of the project but this package.
"""

import argparse
import sys
from pathlib import Path

from infra.local.cloud import environment


def main() -> None:
    """Serve until SIGTERM, which saves the state."""
    parser = argparse.ArgumentParser(prog="infra.local.cloud", description=__doc__)
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--state", type=Path, default=Path(".roster/state/cloud"))
    parser.add_argument("--tmp", type=Path, default=Path(".roster/tmp/cloud"))
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="MEND",
        help="leave a mend out (its test shows the fault it is for)",
    )
    options = parser.parse_args()
    environment.enter(
        port=options.port, state=options.state.resolve(), temporary=options.tmp.resolve()
    )

    # Only now: ministack reads its settings while it is imported.
    from infra.local.cloud import mends

    mends.apply(without=frozenset(options.without))

    from ministack.app import main as serve

    sys.argv = ["ministack"]
    serve()


if __name__ == "__main__":
    main()
