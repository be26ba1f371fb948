"""Ports of the sync that die."""

from collections.abc import Callable
from typing import Any


class Killed(Exception):
    """The worker is gone."""


class Dying:
    """A port that dies at the nth call of one method, before or after it was carried out."""

    def __init__(self, port: Any, method: str, *, at: int = 1, after: bool = False) -> None:
        self._port, self._method, self._at, self._after = port, method, at, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(self._port, name)
        if name != self._method:
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            self._at -= 1
            if self._at == 0 and not self._after:
                raise Killed
            answer = real(*args, **kwargs)
            if self._at == 0:
                raise Killed
            return answer

        return call
