"""Every mend of the local cloud works, and its check fails where the mend is left out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.local_cloud import checks
from tests.integration.local_cloud.servers import Server, running

Check = Callable[[Server], None]

CHECKS: list[tuple[str, Check]] = [
    ("lambda_worker", checks.exceptions_keep_their_class),
    ("lambda_worker", checks.a_killed_worker_is_an_exit_error),
    ("lambda_worker", checks.quiet_handlers_are_quick),
    ("lambda_worker", checks.functions_see_their_own_packages_only),
    ("lambda_layers", checks.layers_are_shared),
    ("http_api", checks.an_http_api_answers_as_on_aws),
    ("secure_transport", checks.a_tls_only_bucket_lets_functions_in),
    ("cognito_attributes", checks.a_user_writes_what_the_client_may),
    ("dynamodb_query", checks.conditions_are_read_once),
    ("statement_actions", checks.inserts_in_a_batch_are_allowed_as_such),
    ("fifo_groups", checks.groups_of_a_queue_do_not_wait_for_each_other),
    ("dynamodb_streams", checks.a_stream_goes_on_after_a_restart),
    ("snapshots", checks.a_crash_loses_little),
]
BY_NAME = [pytest.param(*case, id=case[1].__name__) for case in CHECKS]


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local cloud with every mend."""
    with running(tmp_path_factory.mktemp("mended")) as server:
        yield server


@pytest.mark.parametrize(("mend", "check"), BY_NAME)
def test_mended(mended: Server, mend: str, check: Check) -> None:
    check(mended)


def test_all_lines_are_logged(mended: Server) -> None:
    checks.all_lines_are_logged(mended)


def test_layers_survive_a_restart(mended: Server) -> None:
    checks.layers_survive_a_restart(mended)


@pytest.mark.parametrize(("mend", "check"), BY_NAME)
def test_without_the_mend_its_check_fails(tmp_path: Path, mend: str, check: Check) -> None:
    with running(tmp_path, mend) as server, pytest.raises(AssertionError):
        check(server)
