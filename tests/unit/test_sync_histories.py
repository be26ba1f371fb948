"""Ten thousand histories of both sides, and new ones: whatever happens, the sync comes to rest."""

import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.support.sync_histories import check, history
from tests.support.sync_people import EDITS, OPERATIONS, any_policy, skew_of
from tests.support.sync_world import World

_HISTORIES, _CHUNKS = 10_000, 40


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_every_history_comes_to_rest_without_doubles_or_silent_overwrites(chunk: int) -> None:
    each = _HISTORIES // _CHUNKS
    for seed in range(chunk * each, (chunk + 1) * each):
        try:
            check(history(seed))
        except AssertionError as error:
            raise AssertionError(f"history {seed}: {error}") from error


class Histories(RuleBasedStateMachine):
    """What hypothesis comes up with; a failing history is made as short as it can be."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World

    @initialize(seed=st.integers(0, 999))
    def begin(self, seed: int) -> None:
        """Two empty companies."""
        rng = random.Random(seed)  # noqa: S311 — chance, not a secret
        self.world = World(any_policy(rng), skew=skew_of(rng), people=EDITS)

    @rule(operation=st.sampled_from(OPERATIONS), seed=st.integers(0, 99))
    def somebody_does_something(self, operation: object, seed: int) -> None:
        """One edit, on either side."""
        assert callable(operation)
        self.world.do(random.Random(seed), operation)  # noqa: S311 — chance, not a secret

    @rule(seed=st.integers(0, 999), rough=st.booleans())
    def sync(self, seed: int, rough: bool) -> None:
        """A run in any weather."""
        self.world.sync(random.Random(seed), rough=rough)  # noqa: S311 — chance, not a secret

    def teardown(self) -> None:
        """Let it come to rest."""
        if hasattr(self, "world"):
            check(self.world)


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    # A busy machine is no reason for a red test.
    suppress_health_check=[HealthCheck.too_slow],
)
