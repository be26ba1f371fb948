"""Papers on the wire."""

from dataclasses import asdict
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from roster.usecases.ports import Download


class PaperOut(BaseModel):
    """Where to fetch the PDF from; whoever has the address may, until it expires."""

    url: str
    expires_at: datetime

    @classmethod
    def of(cls, download: Download) -> Self:
        """The wire form."""
        return cls(**asdict(download))
