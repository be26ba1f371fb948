"""Users of the local cloud and their tokens."""

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local import aws
from infra.local.deploy import outputs
from infra.local.home import CannotRunError, Home

ROLES = ("viewer", "office", "admin")
MODULES = ("customers", "imports", "quickbooks", "settings", "money", "work")
DEMO_TENANT = "demo"
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def token(home: Home, *, tenant: str = DEMO_TENANT, role: str, modules: str = "") -> str:
    """An access token for the tenant's user of that role and modules, who is made when missing.

    `modules` are separated by commas; none stand for all.
    """
    if role not in ROLES:
        raise CannotRunError(f"ROLE={role} is not a role: use one of {', '.join(ROLES)}")
    check_tenant(tenant)
    chosen = _chosen(modules)
    name = "+".join((role, *chosen))
    attributes = {"custom:tenant": tenant, "custom:role": role}
    if chosen:
        attributes["custom:modules"] = ",".join(chosen)
    found = outputs(home)
    pool, client = found["UserPoolId"], found["UserPoolClientId"]
    with _users(home) as users:
        user = users.setdefault(tenant, {}).setdefault(name, {})
        if user.get("pool") != pool:
            user.update(pool=pool, username=f"{name}@{tenant}.example", password=_new_password())
            _make(home, user, attributes)
    try:
        return _sign_in(home, user, client)
    except ClientError:
        # The cloud was killed before it had saved the user; we had.
        _make(home, user, attributes)
    try:
        return _sign_in(home, user, client)
    except ClientError as error:
        raise CannotRunError(
            f"cannot sign in as {user['username']} ({error}): 'make reset' starts afresh"
        ) from error


def check_tenant(tenant: str) -> None:
    """Refuse what cannot be a tenant's name."""
    if not _TENANT.fullmatch(tenant):
        raise CannotRunError(f"TENANT={tenant} is not a tenant's name: use a-z, 0-9 and dashes")


def _chosen(modules: str) -> list[str]:
    named = {name.strip() for name in modules.split(",")} - {""}
    if strange := sorted(named - set(MODULES)):
        raise CannotRunError(f"{strange[0]} is not a module: use some of {', '.join(MODULES)}")
    return [name for name in MODULES if name in named]


def _sign_in(home: Home, user: dict[str, str], client: str) -> str:
    answer = aws.cognito(home).admin_initiate_auth(
        UserPoolId=user["pool"],
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user["username"], "PASSWORD": user["password"]},
    )
    return answer["AuthenticationResult"]["AccessToken"]


def _make(home: Home, user: dict[str, str], rights: dict[str, str]) -> None:
    cognito = aws.cognito(home)
    attributes = {"email": user["username"], "email_verified": "true", **rights}
    # A user whose password was lost with users.json gets a new one.
    with suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=user["pool"],
            Username=user["username"],
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )
    cognito.admin_set_user_password(
        UserPoolId=user["pool"],
        Username=user["username"],
        Password=user["password"],
        Permanent=True,
    )


def _new_password() -> str:
    # The tail is for password rules that count kinds of characters.
    return secrets.token_urlsafe(24) + "aA1!"


@contextmanager
def _users(home: Home) -> Iterator[dict[str, Any]]:
    """The known users, saved afterwards; one command at a time, tests run in parallel."""
    path = home.state / "users.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    with (home.state / "users.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = path.read_text() if path.exists() else "{}"
        users: dict[str, Any] = json.loads(before)
        yield users
        after = json.dumps(users, indent=2)
        if after != before:
            _write_private(path, after)


def _write_private(path: Path, text: str) -> None:
    half = path.with_suffix(".tmp")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    half.replace(path)
