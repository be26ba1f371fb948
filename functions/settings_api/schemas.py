"""The caller and the company's settings on the wire."""

from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from roster.domain.settings import TenantSettings

type Flag = Annotated[bool | None, Field(strict=True)]
type Whole = Annotated[int | None, Field(strict=True)]


class Me(BaseModel):
    """Who the token stands for, and which parts of Roster they may open."""

    tenant: str
    role: Literal["viewer", "office", "admin"]
    user: str
    modules: list[str]


class SettingsPatch(BaseModel):
    """What to set; an absent field keeps, null is the default again.

    `next_number` only ever rises: a number that was given is never given again.
    """

    model_config = ConfigDict(extra="forbid")

    auto_numbering: Flag = None
    number_prefix: str | None = None
    number_width: Whole = None
    next_number: Whole = None
    confirm_dropped_files: Flag = None
    confirm_api_imports: Flag = None

    def values(self) -> dict[str, Any]:
        """What was given, as the use cases take it."""
        return self.model_dump(exclude_unset=True)


class SettingsOut(BaseModel):
    """What the company has set, defaults included."""

    auto_numbering: bool
    number_prefix: str
    number_width: int
    next_number: int
    confirm_dropped_files: bool
    confirm_api_imports: bool

    @classmethod
    def of(cls, settings: TenantSettings, next_number: int) -> Self:
        """The wire form of settings."""
        return cls(**asdict(settings), next_number=next_number)
