"""Signature Version 4 of requests that differ in nothing but their body and what they ask for.

botocore signs any request; of these only the body's hash, the target and the time change.
"""

import hashlib
import hmac
from datetime import datetime
from functools import lru_cache

_SIGNED = "content-type;host;x-amz-date;{token}x-amz-target"
_TOKEN = "x-amz-security-token;"  # noqa: S105 — a header's name
_ALGORITHM = "AWS4-HMAC-SHA256"


def signed_headers(
    *,
    host: str,
    region: str,
    access_key: str,
    secret_key: str,
    token: str | None,
    headers: dict[str, str],
    body: bytes,
    now: datetime,
) -> dict[str, str]:
    """`headers` (Content-Type and X-Amz-Target) with all that signs a POST to `/` of DynamoDB."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    day = moment[:8]
    scope = f"{day}/{region}/dynamodb/aws4_request"
    names = _SIGNED.format(token=_TOKEN if token else "")
    lines = [f"content-type:{headers['Content-Type']}", f"host:{host}", f"x-amz-date:{moment}"]
    if token:
        lines.append(f"x-amz-security-token:{token}")
    lines.append(f"x-amz-target:{headers['X-Amz-Target']}")
    payload = hashlib.sha256(body).hexdigest()
    canonical = "\n".join(["POST", "/", "", *lines, "", names, payload])
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashed}"
    key = _signing_key(secret_key, day, region)
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{_ALGORITHM} Credential={access_key}/{scope}"
    return {
        **headers,
        "X-Amz-Date": moment,
        **({"X-Amz-Security-Token": token} if token else {}),
        "Authorization": f"{credential}, SignedHeaders={names}, Signature={signature}",
    }


@lru_cache(maxsize=4)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, "dynamodb", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
