"""Fixtures for tests that drive the deployed template over HTTP and S3, as a user would."""

from collections.abc import Callable

import pytest

from infra.local.quickbooks.remote import Control
from tests.support.e2e import Api, Deployed, new_tenant


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, so that ``-m e2e`` finds it."""
    for item in items:
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def deployed() -> Deployed:
    """The template on the local cloud; only ``make test`` deploys it."""
    found = Deployed.from_environment()
    if found is None:
        pytest.skip("needs the deployed template: run 'make test'")
    return found


@pytest.fixture
def tenant() -> str:
    """A company of this test alone."""
    return new_tenant()


@pytest.fixture
def api(deployed: Deployed) -> Callable[..., Api]:
    """``api(tenant, role="office")``: the API as that user sees it."""
    return deployed.api


@pytest.fixture
def anonymous(deployed: Deployed) -> Api:
    """The API without a token."""
    return deployed.anonymous()


@pytest.fixture
def upload(deployed: Deployed) -> Callable[..., str]:
    """``upload(tenant, name, content)``: drop a file into the import bucket."""
    return deployed.upload


@pytest.fixture
def standin(deployed: Deployed) -> Control:
    """The control door of the QuickBooks stand-in."""
    return Control(deployed.standin_url)


@pytest.fixture
def restart_cloud(deployed: Deployed, request: pytest.FixtureRequest) -> Callable[..., None]:
    """``restart_cloud(kill=False)``, for tests marked ``restarts``, which run alone."""
    if request.node.get_closest_marker("restarts") is None:
        pytest.fail("a test that restarts the local cloud needs @pytest.mark.restarts")
    return deployed.restart
