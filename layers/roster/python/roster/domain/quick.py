"""Values that an import makes by the hundred thousand: frozen for whoever writes code.

To the type checker `@quick_dataclass(frozen=True, …)` is `@dataclass(frozen=True, …)`: nobody may
assign to a field. At run time nothing watches: a frozen dataclass sets each field of a new object
by a call of its own, 9 µs for a customer instead of 2, a tenth of an import's CPU in all.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as quick_dataclass
else:
    from dataclasses import dataclass

    def quick_dataclass(*, frozen: bool, **options: Any) -> Any:
        """A dataclass that is compared and hashed as a frozen one."""
        return dataclass(**options, unsafe_hash=frozen)


__all__ = ["quick_dataclass"]
