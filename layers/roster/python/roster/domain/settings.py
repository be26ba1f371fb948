"""What one company may set for itself; a company that has set nothing has these defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from roster.domain.errors import FieldError

MAX_PREFIX, MAX_WIDTH = 10, 12
# As many as the widest number has digits.
MAX_NUMBER = 10**MAX_WIDTH - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSettings:
    """Preset `trade`: a name is enough. `number_width` pads with zeros ("C-00042")."""

    auto_numbering: bool = True
    number_prefix: str = "C-"
    number_width: int = 5
    confirm_dropped_files: bool = False
    confirm_api_imports: bool = True

    def format_number(self, n: int) -> str:
        """The customer number that the counter's value `n` stands for."""
        return f"{self.number_prefix}{n:0{self.number_width}d}"


SETTABLE = tuple(f.name for f in fields(TenantSettings))


def check_settings(values: Mapping[str, Any]) -> list[FieldError]:
    """Every rule that `values` (of SETTABLE, and `next_number`; None for the default) breaks."""
    errors = []
    prefix = values.get("number_prefix") or ""
    if len(prefix) > MAX_PREFIX or not prefix.isprintable():
        detail = f"at most {MAX_PREFIX} characters, none of them a control character"
        errors.append(FieldError("/number_prefix", "prefix", detail))
    width = values.get("number_width")
    if width is not None and not 1 <= width <= MAX_WIDTH:
        errors.append(FieldError("/number_width", "range", f"1 to {MAX_WIDTH}"))
    if "next_number" in values:
        number = values["next_number"]
        if number is None or not 1 <= number <= MAX_NUMBER:
            errors.append(FieldError("/next_number", "range", f"1 to {MAX_NUMBER}"))
    return errors
