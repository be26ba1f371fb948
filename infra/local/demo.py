"""The demonstration of ``make run``, and files dropped into the bucket."""

from pathlib import Path

from infra.local import aws
from infra.local.deploy import outputs
from infra.local.home import CannotRunError, Home


def drop(home: Home, file: Path, *, tenant: str) -> str:
    """Put a file where a person with the AWS console would; its address in the bucket."""
    if not file.is_file():
        raise CannotRunError(f"FILE={file} is not a file: name a spreadsheet (xlsx, csv or tsv)")
    bucket = outputs(home)["ImportsBucketName"]
    key = f"{tenant}/inbox/{file.name}"
    with file.open("rb") as content:
        aws.s3(home).put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def run(home: Home, file: Path | None) -> None:
    raise NotImplementedError
