"""AWS clients and tools pointed at the local cloud and at nothing else."""

import os
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from infra.local.cloud.environment import ACCESS_KEY, REGION, SECRET_KEY
from infra.local.home import Home

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_s3 import S3Client

# The maker's own account must stay out of reach, whatever is set in the shell.
_FOREIGN_PREFIXES = ("AWS_", "SAM_")
# sam build calls make again: it must not take over our own flags, -j above all.
_FOREIGN = {"PYTHONPATH", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES"}


def environment(home: Home) -> dict[str, str]:
    """The caller's environment with every AWS setting replaced by this cloud's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_FOREIGN_PREFIXES) and name not in _FOREIGN
    }
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": home.endpoint,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }


def session() -> boto3.Session:
    """A session with the local cloud's key."""
    return boto3.Session(
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY, region_name=REGION
    )


def config() -> Config:
    """What every client here has in common."""
    return Config(
        signature_version="s3v4",
        retries={"mode": "standard", "max_attempts": 3},
        s3={"addressing_style": "path"},
    )


def cognito(home: Home) -> "CognitoIdentityProviderClient":
    """A client for users."""
    return session().client("cognito-idp", endpoint_url=home.endpoint)


def s3(home: Home) -> "S3Client":
    """A client for files."""
    return session().client("s3", endpoint_url=home.endpoint, config=config())
