"""Local clouds for the tests of its mends: with all of them, or with one left out."""

import contextlib
import io
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.cloud.environment import ACCESS_KEY, REGION, SECRET_KEY
from infra.local.home import ROOT
from infra.local.ports import free_pair

INTERPRETER = ROOT / ".roster" / "env" / "emulator" / "bin" / "python"
ROLE = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com", "AWS": "*"},
            "Action": "sts:AssumeRole",
        }
    ],
}


@dataclass
class Server:
    """A local cloud of a test's own."""

    folder: Path
    without: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not INTERPRETER.exists():
            raise AssertionError("the local cloud's environment is missing: run 'make setup'")
        self.port = free_pair()
        leave_out = [option for name in self.without for option in ("--without", name)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(INTERPRETER),
                    *("-m", "infra.local.cloud"),
                    *("--port", str(self.port)),
                    *("--state", str(self.folder / "state")),
                    *("--tmp", str(self.folder / "tmp")),
                    *leave_out,
                ],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"]},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self.folder / "log").read_text()[-3000:])
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it, with ``SIGKILL`` as a crash would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop and start it on what it has saved."""
        self.stop(how)
        self.start()

    def _answers(self) -> bool:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"{self.url}/_ministack/ready", timeout=5).close()  # noqa: S310
            return True
        return False

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it printed."""
        return (self.folder / "log").read_text()

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client with the account's own rights, or with the credentials given."""
        keys = credentials or {
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": SECRET_KEY,
        }
        return boto3.client(  # type: ignore[call-overload]  # any service
            service,
            endpoint_url=self.url,
            region_name=REGION,
            config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}),
            **keys,
        )

    def role(self, name: str, *actions: str) -> str:
        """A role that may do these actions; its ARN."""
        iam = self.client("iam")
        import json

        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(ROLE))[
            "Role"
        ]["Arn"]
        allowed = [{"Effect": "Allow", "Action": list(actions) or ["logs:*"], "Resource": "*"}]
        iam.put_role_policy(
            RoleName=name,
            PolicyName="all",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allowed}),
        )
        return arn

    def function(self, name: str, source: str, *actions: str, layers: tuple[str, ...] = ()) -> str:
        """A Python function whose handler is ``app.handler``; its ARN."""
        created = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=self.role(f"{name}-role", *actions),
            Handler="app.handler",
            Timeout=10,
            Code={"ZipFile": archive({"app.py": source})},
            Layers=list(layers),
        )
        return str(created["FunctionArn"])


def archive(files: dict[str, str]) -> bytes:
    """A zip file of these texts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return buffer.getvalue()


@contextlib.contextmanager
def running(folder: Path, *without: str) -> Iterator[Server]:
    """A started server, stopped at the end."""
    server = Server(folder=folder, without=without)
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)
