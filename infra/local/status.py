"""What runs, and what it says."""

import time

from infra.local.deploy import api_url
from infra.local.home import CannotRunError, Home
from infra.local.stack import cloud, standin


def show(home: Home) -> None:
    """One line per background program, and the API's address."""
    for program in (cloud(home), standin(home)):
        if program is None:
            continue
        pid = program.pid()
        state = f"runs (process {pid}, port {program.port})" if pid else "does not run"
        print(f"{program.what}: {state}")
    if cloud(home).pid():
        print(f"API: {api_url(home)}")


def follow(home: Home) -> None:
    """Print the logs as they grow, until Ctrl-C."""
    logs = [program.log for program in (cloud(home), standin(home)) if program is not None]
    present = [log for log in logs if log.exists()]
    if not present:
        raise CannotRunError("there are no logs yet: start with 'make up'")
    files = [log.open(errors="replace") for log in present]
    try:
        while True:
            grown = False
            for file in files:
                while line := file.readline():
                    grown = True
                    print(line, end="", flush=True)
            if not grown:
                time.sleep(0.3)
    finally:
        for file in files:
            file.close()
