"""What one company may set for itself; a company that has set nothing has these defaults."""

from dataclasses import dataclass


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
