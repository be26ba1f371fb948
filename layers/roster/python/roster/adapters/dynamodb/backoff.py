"""How long to wait before something is tried again."""

import random
import time


def pause(attempt: int) -> None:
    """Wait a little, longer the more attempts there were, and each caller differently."""
    time.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))  # noqa: S311 — jitter, not a secret
