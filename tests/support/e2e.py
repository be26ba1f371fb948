"""What an end-to-end test needs to drive the deployed template from outside."""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from infra.local import aws, identity, stack
from infra.local.home import Home, home_from_environment

# A cold start on a busy machine; nothing in the API takes nearly as long.
ANSWER_WITHIN_S = 30.0


class Api(requests.Session):
    """The API as one user sees it: paths instead of addresses, the token on every request."""

    def __init__(self, base_url: str, bearer: str | None) -> None:
        super().__init__()
        self.base_url = base_url
        if bearer is not None:
            self.headers["Authorization"] = f"Bearer {bearer}"

    def request(  # type: ignore[override]  # a path where requests wants an address
        self, method: str, path: str, **options: Any
    ) -> requests.Response:
        """Send to ``/v1/…``; waits at most as long as a cold start takes."""
        options.setdefault("timeout", ANSWER_WITHIN_S)
        return super().request(method, f"{self.base_url}{path}", **options)


@dataclass(frozen=True)
class Deployed:
    """The deployed template: where it answers and what it made."""

    url: str
    endpoint: str
    standin_url: str
    outputs: dict[str, str]
    home: Home
    _tokens: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> "Deployed | None":
        """What ``make test`` started, if it was ``make test`` that started us."""
        if "ROSTER_E2E_URL" not in os.environ:
            return None
        return cls(
            url=os.environ["ROSTER_E2E_URL"],
            endpoint=os.environ["ROSTER_E2E_ENDPOINT"],
            standin_url=os.environ["ROSTER_E2E_STANDIN"],
            outputs=json.loads(os.environ["ROSTER_E2E_OUTPUTS"]),
            home=home_from_environment(),
        )

    def token(self, tenant: str, role: str, modules: str = "") -> str:
        """A token for the tenant's user of that role and modules, who is made when missing."""
        key = tenant, role, modules
        if key not in self._tokens:
            self._tokens[key] = identity.token(self.home, tenant=tenant, role=role, modules=modules)
        return self._tokens[key]

    def api(self, tenant: str, role: str = "office", modules: str = "") -> Api:
        """The API as that user sees it."""
        return Api(self.url, self.token(tenant, role, modules))

    def anonymous(self) -> Api:
        """The API as a stranger sees it."""
        return Api(self.url, None)

    def client(self, service: str) -> Any:
        """A boto3 client with the account's own rights."""
        return aws.session().client(
            service,  # type: ignore[call-overload]  # any service, the caller knows which
            endpoint_url=self.endpoint,
            config=aws.config(),
        )

    def upload(self, tenant: str, name: str, content: bytes | Path) -> str:
        """Drop a file into the import bucket as a person would; the key it got."""
        body = content.read_bytes() if isinstance(content, Path) else content
        key = f"{tenant}/inbox/{name}"
        aws.s3(self.home).put_object(Bucket=self.outputs["ImportsBucketName"], Key=key, Body=body)
        return key

    def restart(self, *, kill: bool = False) -> None:
        """Stop and start the local cloud, with ``kill`` as a crash would; the data stays."""
        cloud = stack.cloud(self.home)
        if kill:
            cloud.kill()
        else:
            cloud.stop()
        stack.start(self.home)

    def workers(self, function: str) -> list[int]:
        """The process ids of a function's running workers; `function` is its logical id."""
        cloud = stack.cloud(self.home).pid()
        told = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,command="],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        rows = (line.split(maxsplit=2) for line in told.splitlines())
        return [
            int(pid)
            for pid, parent, *command in rows
            if int(parent) == cloud and f"-{function}-" in "".join(command)
        ]


def new_tenant() -> str:
    """A company nobody else uses."""
    return f"t-{uuid.uuid4().hex[:12]}"


def wait_for[T](
    look: Callable[[], T | None], *, within_s: float = 60.0, every_s: float = 0.25, what: str
) -> T:
    """What ``look`` finds, as soon as it finds something."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within_s:.0f} s")
        time.sleep(every_s)
