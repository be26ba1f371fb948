"""The whole thing: the local cloud, the QuickBooks stand-in, the deployed template."""

import json
import os
import shutil
import time
import urllib.error
import urllib.request

from botocore.exceptions import ClientError

from infra.local import aws
from infra.local.build import build
from infra.local.deploy import api_url, deploy, outputs
from infra.local.home import ROOT, CannotRunError, Home
from infra.local.identity import DEMO_TENANT, ROLES, token
from infra.local.processes import Background

# What the stand-in takes for a registered application. Not a secret: nothing else knows it.
QUICKBOOKS_APPLICATION = {
    "client_id": "roster-local",
    "client_secret": "roster-local",
    "webhook_verifier_token": "roster-local-webhooks",
    "webhook_verifier": "roster-local",
}
_ANSWERS_WITHIN_S = 60.0
# A function that fails will go on failing.
_FAILS_FOR_S = 8.0


def cloud(home: Home) -> Background:
    """The local cloud as a background program."""
    interpreter = home.environments / "emulator" / "bin" / "python"
    if not interpreter.exists():
        raise CannotRunError("the local cloud's environment is missing: run 'make setup'")
    return Background(
        name="cloud",
        what="the local cloud",
        home=home,
        port=home.port,
        health=f"{home.endpoint}/_ministack/ready",
        command=[
            str(interpreter),
            "-m",
            "infra.local.cloud",
            *("--port", str(home.port)),
            *("--state", str(home.state / "cloud")),
            *("--tmp", str(home.temporary / "cloud")),
        ],
        environment=_environment(),
    )


def standin(home: Home) -> Background | None:
    """The QuickBooks stand-in as a background program, where this clone has one."""
    if not (ROOT / "infra/local/quickbooks/__main__.py").exists():
        return None
    return Background(
        name="quickbooks",
        what="the QuickBooks stand-in",
        home=home,
        port=home.standin_port,
        health=f"{home.standin_url}/_control/health",
        command=[
            str(home.environments / "dev" / "bin" / "python"),
            "-m",
            "infra.local.quickbooks",
            *("--port", str(home.standin_port)),
            *("--state", str(home.state / "quickbooks.json")),
        ],
        environment=_environment(),
    )


def up(home: Home) -> None:
    """Build, start, deploy, make the demo company; returns when the API answers."""
    home.make_folders()
    if build(home):
        _say("Built the functions and layers.")
    start(home)
    if deploy(home):
        _say("Deployed infra/template.yaml.")
    _register_application(home)
    for role in ROLES:
        last = token(home, tenant=DEMO_TENANT, role=role)
    _wait_until_answers(home, last)
    _say(f"Roster answers at {api_url(home)}")


def start(home: Home) -> None:
    """Start what is not running of the local cloud and the stand-in."""
    home.make_folders()
    for program in _programs(home):
        if program.start():
            _say(f"Started {program.what} on port {program.port}.")


def down(home: Home) -> None:
    """Stop both; what they know is kept."""
    stopped = [program.what for program in _programs(home) if program.stop()]
    _say(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")


def reset(home: Home) -> None:
    """Stop everything and forget everything; the environments and the build stay."""
    down(home)
    for folder in (home.state, home.temporary, home.logs, home.run):
        shutil.rmtree(folder, ignore_errors=True)
    _say("Forgot all data. 'make up' begins with an empty company.")


def is_running(home: Home) -> bool:
    """Whether this clone's local cloud runs and answers."""
    program = cloud(home)
    return program.pid() is not None and program.is_healthy()


def must_be_running(home: Home) -> None:
    """Refuse a command that needs the local cloud."""
    if not is_running(home):
        raise CannotRunError("the local cloud does not run: start it with 'make up'")


def _programs(home: Home) -> list[Background]:
    return [program for program in (standin(home), cloud(home)) if program is not None]


def _environment() -> dict[str, str]:
    """Nothing of the caller's but what a process needs to run."""
    kept = ("PATH", "LANG", "HOME")
    chosen = {name: os.environ[name] for name in kept if name in os.environ}
    # Nothing is written beside the sources, and what is logged is there at once.
    return {**chosen, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _register_application(home: Home) -> None:
    """Put the stand-in's application where the functions look for Intuit's."""
    arn = outputs(home).get("QuickBooksSecretArn")
    if arn is None:
        return
    client = aws.session().client("secretsmanager", endpoint_url=home.endpoint)
    wanted = json.dumps(QUICKBOOKS_APPLICATION)
    try:
        if client.get_secret_value(SecretId=arn).get("SecretString") == wanted:
            return
    except ClientError:
        pass  # It has no value yet.
    client.put_secret_value(SecretId=arn, SecretString=wanted)


def _wait_until_answers(home: Home, bearer: str) -> None:
    url = f"{api_url(home)}/v1/customers?limit=1"
    begin = time.monotonic()
    while True:
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {bearer}"})
        try:
            with urllib.request.urlopen(request, timeout=30):
                return
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        patience = _FAILS_FOR_S if status else _ANSWERS_WITHIN_S
        if time.monotonic() - begin > patience:
            raise CannotRunError(f"the API answers {url} with {status}: see 'make logs'")
        time.sleep(0.3)


def _say(line: str) -> None:
    print(line, flush=True)
