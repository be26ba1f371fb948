"""The stand-in's OAuth, driven by Intuit's own client library."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import requests
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.quickbooks import StandIn

CALLBACK = "https://roster.example/v1/quickbooks/callback"
SECOND = "9341450000000002"


@pytest.fixture
def auth(quickbooks: StandIn) -> Iterator[Any]:
    with AuthClient("app", "secret", CALLBACK, quickbooks.discovery_url) as client:
        yield client


def connect(quickbooks: StandIn, auth: Any) -> dict[str, str]:
    url = auth.get_authorization_url([Scopes.ACCOUNTING], state_token="s1")
    callback = quickbooks.consent(url)
    auth.get_bearer_token(callback["code"], realm_id=callback["realmId"])
    return callback


def status_with(quickbooks: StandIn, access_token: str) -> int:
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    url = f"{quickbooks.company_url()}/preferences"
    return requests.get(url, headers=headers, timeout=9).status_code


def invalid_grant(error: pytest.ExceptionInfo[AuthClientError]) -> bool:
    return error.value.status_code == 400 and b'"invalid_grant"' in error.value.content


def test_the_whole_dance(quickbooks: StandIn, auth: Any) -> None:
    callback = connect(quickbooks, auth)

    assert callback == {"code": callback["code"], "state": "s1", "realmId": quickbooks.realm}
    assert len(callback["realmId"]) == 16
    assert (auth.expires_in, auth.x_refresh_token_expires_in) == (3600, 8_726_400)
    assert auth.x_refresh_token_hard_expires_in is None
    assert status_with(quickbooks, auth.access_token) == 200
    assert auth.revoke() is True
    assert status_with(quickbooks, auth.access_token) == 401
    with pytest.raises(AuthClientError) as error:
        auth.refresh()
    assert invalid_grant(error)


@pytest.mark.parametrize("name", ["openid_configuration", "openid_sandbox_configuration"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_discovery(quickbooks: StandIn, name: str, slash: str) -> None:
    url = f"{quickbooks.base_url}/.well-known/{name}{slash}"
    document = requests.get(url, timeout=9).json()

    assert document["token_endpoint"] == quickbooks.base_url + "/oauth2/v1/tokens/bearer"
    for key in ("issuer", "authorization_endpoint", "userinfo_endpoint", "revocation_endpoint"):
        assert document[key].startswith("http")
    assert requests.get(document["jwks_uri"], timeout=9).json() == {"keys": []}


def test_a_refresh_token_works_once(quickbooks: StandIn, auth: Any) -> None:
    connect(quickbooks, auth)
    first, old_access = auth.refresh_token, auth.access_token
    auth.refresh()

    assert auth.refresh_token != first
    assert status_with(quickbooks, old_access) == 200
    with pytest.raises(AuthClientError) as error:
        auth.refresh(refresh_token=first)
    assert invalid_grant(error)
    assert b"Incorrect or invalid refresh token" in error.value.content
    auth.refresh()


def test_of_two_refreshes_at_once_only_one_wins(quickbooks: StandIn) -> None:
    token = quickbooks.connect("app")["refresh_token"]
    url = f"{quickbooks.base_url}/oauth2/v1/tokens/bearer"
    form = {"grant_type": "refresh_token", "refresh_token": token}

    def refresh(_: int) -> int:
        return requests.post(url, data=form, auth=("app", "secret"), timeout=9).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(refresh, range(4))) == [200, 400, 400, 400]


def test_daily_rotation_hands_back_the_same_token_first(quickbooks: StandIn, auth: Any) -> None:
    quickbooks.control.oauth(rotation="daily")
    connect(quickbooks, auth)
    first = auth.refresh_token
    auth.refresh()
    assert auth.refresh_token == first
    quickbooks.control.clock(advance=86_400)
    auth.refresh()
    assert auth.refresh_token != first


def test_a_code_used_twice_kills_its_tokens(quickbooks: StandIn, auth: Any) -> None:
    code = connect(quickbooks, auth)["code"]
    with pytest.raises(AuthClientError) as error:
        auth.get_bearer_token(code)
    assert invalid_grant(error)
    assert status_with(quickbooks, auth.access_token) == 401


def test_the_hard_expiry_is_told_on_request_and_kept(quickbooks: StandIn, auth: Any) -> None:
    auth.include_refresh_token_hard_expires_in = True
    connect(quickbooks, auth)
    assert auth.x_refresh_token_hard_expires_in == 5 * 365 * 86_400
    for _ in range(19):
        quickbooks.control.clock(advance=99 * 86_400)
        if auth.x_refresh_token_hard_expires_in > 99 * 86_400:
            auth.refresh()
    with pytest.raises(AuthClientError) as error:
        auth.refresh()
    assert invalid_grant(error)


def test_an_idle_refresh_token_dies_after_its_101_days(quickbooks: StandIn, auth: Any) -> None:
    connect(quickbooks, auth)
    quickbooks.control.clock(advance=8_726_401)
    with pytest.raises(AuthClientError) as error:
        auth.refresh()
    assert invalid_grant(error)


def test_access_tokens_expire_by_clock_and_on_demand(quickbooks: StandIn) -> None:
    first = quickbooks.connect()["access_token"]
    quickbooks.control.clock(advance=3599)
    assert status_with(quickbooks, first) == 200
    quickbooks.control.clock(advance=2)
    assert status_with(quickbooks, first) == 401
    second = quickbooks.connect()["access_token"]
    assert quickbooks.control.expire_access() >= 1
    assert status_with(quickbooks, second) == 401


def test_disconnecting_inside_quickbooks_ends_the_grant(quickbooks: StandIn, auth: Any) -> None:
    connect(quickbooks, auth)
    assert quickbooks.control.revoke() == 1
    assert status_with(quickbooks, auth.access_token) == 401
    with pytest.raises(AuthClientError) as error:
        auth.refresh()
    assert invalid_grant(error)


def test_consent_can_be_denied_or_given_for_another_company(quickbooks: StandIn, auth: Any) -> None:
    url = auth.get_authorization_url([Scopes.ACCOUNTING], state_token="s2")
    quickbooks.control.consent(deny=True)
    assert quickbooks.consent(url) == {"error": "access_denied", "state": "s2"}
    quickbooks.control.open_company(SECOND)
    quickbooks.control.consent(realm=SECOND)
    assert quickbooks.consent(url)["realmId"] == SECOND
    wrong = url.replace("com.intuit.quickbooks.accounting", "everything")
    assert quickbooks.consent(wrong)["error"] == "invalid_scope"


def test_the_client_must_prove_itself(quickbooks: StandIn) -> None:
    quickbooks.control.oauth(clients={"app": "secret"})
    token = quickbooks.connect("app")["refresh_token"]
    url = f"{quickbooks.base_url}/oauth2/v1/tokens/bearer"
    form = {"grant_type": "refresh_token", "refresh_token": token}

    wrong = requests.post(url, data=form, auth=("app", "guess"), timeout=9)
    assert (wrong.status_code, wrong.json()) == (401, {"error": "invalid_client"})
    assert requests.post(url, data=form, timeout=9).status_code == 401
    other = requests.post(url, data=form, auth=("another app", "x"), timeout=9)
    assert other.json()["error"] == "invalid_grant"
    assert requests.post(url, data=form, auth=("app", "secret"), timeout=9).status_code == 200
    odd = requests.post(url, data={"grant_type": "password"}, auth=("app", "secret"), timeout=9)
    assert odd.json() == {"error": "unsupported_grant_type"}
