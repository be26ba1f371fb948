"""The checks of a preflight, for all that can be found: pure, complete, in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.sync.books import TheirCompany, TheirName
from roster.domain.sync.connection import (
    Connection,
    ConnectionStatus,
    Run,
    RunMode,
    RunStatus,
    Trigger,
)
from roster.domain.sync.policy import ItemsDirection, Mode, Policy
from roster.domain.sync.preflight.care import has_fresh_backup
from roster.domain.sync.preflight.checks import all_checks
from roster.domain.sync.preflight.facts import Counted, Looked, Names, Ours, Standing, Theirs
from roster.domain.sync.preflight.words import MOST_EXAMPLES, Code, Example, Result, is_ready

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_moments = st.one_of(
    st.none(), st.integers(0, 60 * 24).map(lambda hours: NOW - timedelta(hours=hours))
)
_numbers = st.integers(0, 40)
_examples = _numbers.map(lambda n: [Example(name=f"N{i}", customer_id=f"c{i}") for i in range(n)])
_looked = st.builds(Looked, found=_examples, at=_numbers, whole=st.booleans())
_counted = st.none() | st.builds(Counted, active=_numbers, inactive=_numbers)
_connections = st.builds(
    Connection,
    tenant=st.just("acme"),
    realm=st.just("123"),
    status=st.sampled_from(ConnectionStatus),
    connected_at=st.just(NOW),
    connected_by=st.just("ada"),
    token_version=st.just(1),
    cursor=_moments,
    first_synced=_moments,
    run=st.none() | st.just("run_1"),
    reason=st.none() | st.just("the sign-in has ended"),
    refused_realm=st.none() | st.just("999"),
)
_runs = st.builds(
    Run,
    id=st.just("run_1"),
    tenant=st.just("acme"),
    realm=st.just("123"),
    trigger=st.just(Trigger.REQUEST),
    status=st.sampled_from(RunStatus),
    mode=st.just(RunMode.FULL),
    started_at=st.just(NOW),
    touched_at=st.just(NOW),
    not_before=_moments,
)
_policies = st.builds(
    Policy,
    mode=st.sampled_from(Mode),
    items=st.sampled_from(ItemsDirection),
    include_inactive=st.booleans(),
    sync_taxes=st.booleans(),
    sync_terms=st.booleans(),
)
_standings = st.builds(
    Standing,
    now=st.just(NOW),
    connection=st.none() | _connections,
    policy=st.none() | _policies,
    backup_at=_moments,
    run=st.none() | _runs,
)
_ours = st.builds(
    Ours,
    currency=st.just("USD"),
    names=st.builds(
        Names,
        at=_numbers,
        whole=st.booleans(),
        refused=_examples,
        shortened=_examples,
        twice=st.lists(_examples, max_size=3),
        free=st.dictionaries(st.sampled_from(["bob", "amy"]), st.just(Example(name="Bob"))),
    ),
    items=_looked,
    undecided=st.none() | _looked,
    conflicts=st.none() | _looked,
)
_theirs = st.builds(
    Theirs,
    company=st.none()
    | st.builds(
        TheirCompany,
        name=st.just("Books"),
        subscription=st.none() | st.sampled_from(["PAID", "EXPIRED"]),
        home_currency=st.none() | st.sampled_from(["USD", "CAD"]),
        multi_currency=st.booleans(),
    ),
    customers=_counted,
    items=_counted,
    jobs=st.none() | _numbers,
    sites=st.none() | _looked,
    holders=st.none()
    | st.just(Looked(found=[TheirName(id="7", entity="vendor", name="Bob")], at=1)),
    without_accounts=st.none() | _looked,
    silence=st.just("QuickBooks is away"),
    refused=st.booleans(),
    ended=st.booleans(),
)


@given(standing=_standings, ours=_ours, theirs=_theirs)
def test_every_check_is_there_once_in_order_and_says_what_to_do(
    standing: Standing, ours: Ours, theirs: Theirs
) -> None:
    found = all_checks(standing, ours, theirs)
    assert [check.code for check in found] == list(Code)
    assert found == all_checks(standing, ours, theirs)
    for check in found:
        assert check.title
        assert check.detail.endswith(".")
        assert "None" not in check.detail.split()[1:]
        assert check.steps or check.result is Result.PASS
        assert len(check.examples) <= MOST_EXAMPLES
        assert check.count is None or check.count >= len(check.examples)
    assert is_ready(found) is not any(check.result is Result.FAIL for check in found)


@given(standing=_standings, ours=_ours, theirs=_theirs)
def test_whatever_a_start_is_refused_for_fails(
    standing: Standing, ours: Ours, theirs: Theirs
) -> None:
    known = standing.connection
    results = {check.code: check.result for check in all_checks(standing, ours, theirs)}
    is_open = known is not None and known.is_open
    assert (results[Code.CONNECTION] is Result.FAIL) is (not is_open or theirs.refused)
    assert (results[Code.MODE] is Result.FAIL) is (standing.policy is None)
    assert (results[Code.RUN] is Result.FAIL) is (known is not None and known.run is not None)
    others = {code for code, result in results.items() if result is Result.FAIL}
    assert others <= {Code.CONNECTION, Code.SUBSCRIPTION, Code.MODE, Code.RUN}


@pytest.mark.parametrize(("hours", "fresh"), [(0, True), (24, True), (25, False)])
def test_a_backup_is_good_for_a_day(hours: int, fresh: bool) -> None:
    standing = Standing(now=NOW, backup_at=NOW - timedelta(hours=hours))
    assert has_fresh_backup(standing) is fresh
    assert not has_fresh_backup(replace(standing, backup_at=None))
