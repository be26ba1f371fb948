"""What a run's plans are made from is kept before they are carried out."""

from collections.abc import Sequence
from typing import Any

from roster.domain.sync.connection import Run
from roster.domain.sync.replays import Inputs
from roster.domain.sync.steps import PushStep, Step
from roster.usecases.quickbooks.ports import KeptInputs, QuickBooksPorts


class Counted:
    """The store as one slice uses it: it remembers the names of what was kept."""

    def __init__(self, real: KeptInputs) -> None:
        self._real = real
        self.names = set[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def keep(self, run: Run, inputs: Inputs, steps: Sequence[Step | PushStep]) -> str:
        """See `quickbooks.ports.KeptInputs.keep`."""
        name = self._real.keep(run, inputs, steps)
        self.names.add(name)
        return name


def keep(
    run: Run, inputs: Inputs, steps: Sequence[Step | PushStep], ports: QuickBooksPorts
) -> None:
    """Keep what a plan was made from, unless it does and says nothing."""
    if steps:
        ports.kept.keep(run, inputs, steps)
