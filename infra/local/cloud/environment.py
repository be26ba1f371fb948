"""The environment the local cloud and its functions run in."""

import os
import shutil
from pathlib import Path

# Fake on purpose: ministack takes an access key it does not know for the account's root.
ACCESS_KEY = "test"
SECRET_KEY = "test"  # noqa: S105  # not a secret, the local cloud's only key
REGION = "us-east-1"


def clean_environment(*, port: int, state: Path, temporary: Path) -> dict[str, str]:
    """Every variable the local cloud sees: function workers inherit all of them."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(temporary),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": str(temporary),
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        # An instance-metadata look-up would hang for seconds on a laptop.
        "AWS_EC2_METADATA_DISABLED": "true",
        # Names that do not exist keep the maker's own AWS profile out of the functions.
        "AWS_CONFIG_FILE": str(temporary / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(temporary / "no-credentials"),
        "MINISTACK_REGION": REGION,
        # The default is every interface, with unauthenticated code execution behind it.
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # No containers: what needs them is not part of this template.
        "DOCKER_HOST": f"unix://{temporary}/no-docker",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "services"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "LOG_LEVEL": "INFO",
    }


def enter(*, port: int, state: Path, temporary: Path) -> None:
    """Replace this process's environment; call it before anything of ministack is imported."""
    state.mkdir(parents=True, exist_ok=True)
    # Worker folders leak (a gigabyte in an hour of tests), so every start begins with none.
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    variables = clean_environment(port=port, state=state, temporary=temporary)
    os.environ.clear()
    os.environ.update(variables)
