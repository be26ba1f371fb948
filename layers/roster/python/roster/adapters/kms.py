"""Secrets at rest: sealed with a KMS key, and bound to what they belong to."""

from collections.abc import Mapping
from typing import Any, Protocol


class KmsClient(Protocol):
    """The two calls of boto3's KMS client that are used."""

    def encrypt(self, **request: Any) -> Mapping[str, Any]:
        """Seal up to 4096 bytes."""

    def decrypt(self, **request: Any) -> Mapping[str, Any]:
        """Open what was sealed."""


class KmsVault:
    """Seals short texts; what is sealed for one context does not open in another."""

    def __init__(self, client: KmsClient, key_id: str) -> None:
        self._client, self._key_id = client, key_id

    def seal(self, text: str, **context: str) -> bytes:
        """The sealed form of a text of at most 4096 bytes."""
        answer = self._client.encrypt(
            KeyId=self._key_id, Plaintext=text.encode(), EncryptionContext=context
        )
        return bytes(answer["CiphertextBlob"])

    def open(self, sealed: bytes, **context: str) -> str:
        """The text; fails in another context than it was sealed in."""
        answer = self._client.decrypt(
            KeyId=self._key_id, CiphertextBlob=sealed, EncryptionContext=context
        )
        return bytes(answer["Plaintext"]).decode()
