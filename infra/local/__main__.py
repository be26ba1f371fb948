"""The command line behind the Makefile: ``python -m infra.local <command>``."""

import argparse
import sys
from pathlib import Path

from infra.local.home import CannotRunError, Home, home_from_environment
from infra.local.identity import DEMO_TENANT


def main() -> int:
    """Run one command; a refusal is one line on stderr and exit status 1."""
    options = _parser().parse_args()
    try:
        _run(options, home_from_environment())
    except CannotRunError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in {
        "up": "start in the background, return when the API answers",
        "down": "stop; the data stays",
        "url": "print the API's base address",
        "logs": "follow what the local cloud says",
        "reset": "stop and forget all data",
        "status": "say what runs",
        "build": "sam build, when something changed",
    }.items():
        commands.add_parser(name, help=text)
    run = commands.add_parser("run", help="up, with a demo, until Ctrl-C")
    run.add_argument("--file", type=Path, help="a spreadsheet of yours instead of the bundled one")
    bearer = commands.add_parser("token", help="print a token")
    bearer.add_argument("--role", default="office")
    bearer.add_argument("--tenant", default=DEMO_TENANT)
    bearer.add_argument("--modules", default="", help="separated by commas; all when left out")
    upload = commands.add_parser("upload", help="drop a file into the import bucket")
    upload.add_argument("--file", type=Path, required=True)
    upload.add_argument("--tenant", default=DEMO_TENANT)
    return parser


def _run(options: argparse.Namespace, home: Home) -> None:
    # Imported here: boto3 takes longer than most commands.
    from infra.local import build, deploy, identity, stack

    match options.command:
        case "up":
            stack.up(home)
        case "down":
            stack.down(home)
        case "reset":
            stack.reset(home)
        case "build":
            print("Built." if build.build(home) else "Nothing to build.")
        case "url":
            stack.must_be_running(home)
            print(deploy.api_url(home))
        case "token":
            stack.must_be_running(home)
            wanted = {"role": options.role, "modules": options.modules}
            print(identity.token(home, tenant=options.tenant, **wanted))
        case "status":
            from infra.local import status

            status.show(home)
        case "logs":
            from infra.local import status

            status.follow(home)
        case "upload":
            stack.must_be_running(home)
            from infra.local.demo import spreadsheet

            print(spreadsheet.drop(home, options.file, tenant=options.tenant))
        case "run":
            from infra.local.demo.run import run

            run(home, options.file)


if __name__ == "__main__":
    raise SystemExit(main())
