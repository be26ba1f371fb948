"""Fixtures of every kind of test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support import aws
from tests.support.api import Api

# How long an example takes on a busy machine says nothing about the code. A landing must not hang
# on a throw of dice either; whoever runs the tests by hand looks for new examples.
settings.register_profile("roster", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("roster")


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def cloud() -> Iterator[None]:
    """An empty cloud with the template's tables and buckets."""
    with aws.cloud():
        yield


@pytest.fixture
def customers_api(cloud: None) -> Api:
    """The customers function, called as office staff of the company `acme`."""
    return Api("customers_api")


@pytest.fixture
def roster_data() -> Path:
    """The folder of real exports and traffic, or a skip where it is not there."""
    given = os.environ.get("ROSTER_DATA")
    if not given:
        pytest.skip("ROSTER_DATA is not set")
    return Path(given)
