"""Changing single lines of a function that belongs to another package.

Copying a two-hundred-line function to change three of its lines would hide what differs. A
change that does not fit exactly once is refused, so a mend never half-applies.
"""

import inspect
import textwrap
from types import ModuleType
from typing import Any

# Two mends may change the same function, and what came out of exec has no file to read it from.
_SOURCE = "_roster_source"


class DoesNotFitError(RuntimeError):
    """The text a mend looks for is not there exactly once."""


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """The text with every ``old`` turned into ``new``, each found exactly once."""
    for old, new in changes:
        if text.count(old) != 1:
            raise DoesNotFitError(f"{text.count(old)} places for {old.strip().splitlines()[0]!r}")
        text = text.replace(old, new)
    return text


def replaced_span(text: str, start: str, end: str, new: str) -> str:
    """The text with everything from ``start`` up to, not including, ``end`` turned into ``new``."""
    if text.count(start) != 1 or text.count(end) != 1:
        raise DoesNotFitError(f"no single span from {start!r} to {end!r}")
    return text[: text.index(start)] + new + text[text.index(end) :]


def source_of(function: Any) -> str:
    """The function's source at no indentation, with the changes already made to it."""
    changed: str | None = getattr(function, _SOURCE, None)
    return changed if changed is not None else textwrap.dedent(inspect.getsource(function))


def redefine(module: ModuleType, owner: Any, name: str, source: str) -> None:
    """Put a function defined by ``source`` in place of ``owner.name``, in the module's globals."""
    namespace: dict[str, Any] = {}
    code = compile(source, f"<mended {module.__name__}.{name}>", "exec")
    exec(code, module.__dict__, namespace)  # noqa: S102  # our own text, see the module's docstring
    setattr(namespace[name], _SOURCE, source)
    setattr(owner, name, namespace[name])
