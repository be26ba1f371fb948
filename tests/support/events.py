"""The event files under events/: what tests and people send to functions."""

import json
from typing import Any

from tests.support.template import ROOT


def event(function: str, case: str) -> dict[str, Any]:
    """A fresh copy of events/<function>/<case>.json."""
    loaded: dict[str, Any] = json.loads((ROOT / f"events/{function}/{case}.json").read_text())
    return loaded
