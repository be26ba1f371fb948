"""The template runs: tokens, roles, the gateway's own answers, and state that survives."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local import identity
from infra.local.demo import spreadsheet
from infra.local.home import CannotRunError
from infra.local.quickbooks.remote import Control
from tests.support.e2e import Api, Deployed, wait_for

JSON_PROBLEM = "application/problem+json"


def _create(api: Api, name: str) -> str:
    answer = api.post("/v1/customers", json={"display_name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def _names(api: Api) -> list[str]:
    answer = api.get("/v1/customers", params={"limit": 200})
    assert answer.status_code == 200, answer.text
    return [row["display_name"] for row in answer.json()["data"]]


def test_the_api_answers_a_user(api: Callable[..., Api], tenant: str) -> None:
    office = api(tenant)
    created = _create(office, "Zoë Ångström")
    assert office.get(f"/v1/customers/{created}").json()["display_name"] == "Zoë Ångström"
    assert _names(api(tenant, "viewer")) == ["Zoë Ångström"]


def test_the_gateway_refuses_strangers(anonymous: Api, api: Callable[..., Api]) -> None:
    assert anonymous.get("/v1/customers").status_code == 401
    anonymous.headers["Authorization"] = "Bearer not.a.token"
    assert anonymous.get("/v1/customers").status_code == 401


def test_a_viewer_may_not_write(api: Callable[..., Api], tenant: str) -> None:
    answer = api(tenant, "viewer").post("/v1/customers", json={"display_name": "No"})
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith(JSON_PROBLEM)


def test_a_user_whom_a_crash_forgot_is_made_again(deployed: Deployed, tenant: str) -> None:
    """Our list of users is written at once, the local cloud's own with its next snapshot."""
    deployed.token(tenant, "viewer")
    deployed.client("cognito-idp").admin_delete_user(
        UserPoolId=deployed.outputs["UserPoolId"], Username=f"viewer@{tenant}.example"
    )
    token = identity.token(deployed.home, tenant=tenant, role="viewer")
    assert Api(deployed.url, token).get("/v1/me").json()["tenant"] == tenant


def test_a_file_for_no_company_is_not_dropped(deployed: Deployed, tmp_path: Path) -> None:
    """The bucket would keep it, and nothing would ever come of it."""
    file = tmp_path / "customers.csv"
    file.write_text("Name\nAcme\n")
    with pytest.raises(CannotRunError, match="TENANT=UPPER"):
        spreadsheet.drop(deployed.home, file, tenant="UPPER")


def test_the_papers_are_public(anonymous: Api) -> None:
    assert anonymous.get("/v1/openapi.json").json()["openapi"].startswith("3.")
    assert "text/html" in anonymous.get("/v1/docs").headers["Content-Type"]


def test_a_page_from_elsewhere_may_ask(anonymous: Api) -> None:
    answer = anonymous.options(
        "/v1/customers",
        headers={"Origin": "https://app.example", "Access-Control-Request-Method": "GET"},
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] in {"*", "https://app.example"}


def test_quickbooks_stands_in(standin: Control) -> None:
    assert standin.health()["status"] == "ok"


def test_a_file_lies_where_it_was_dropped(
    deployed: Deployed, upload: Callable[..., str], tenant: str
) -> None:
    key = upload(tenant, "Kunden + Früh 2026.csv", "Name\nJosé\n".encode())
    found = deployed.client("s3").get_object(Bucket=deployed.outputs["ImportsBucketName"], Key=key)
    assert found["Body"].read().decode() == "Name\nJosé\n"


@pytest.mark.restarts
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_everything_is_there_after_a_restart(
    deployed: Deployed,
    api: Callable[..., Api],
    tenant: str,
    restart_cloud: Callable[..., None],
    *,
    kill: bool,
) -> None:
    office = api(tenant)
    created = _create(office, "Before")
    if kill:
        # A crash may lose what came after the last snapshot, and only that.
        tables = deployed.home.state / "cloud" / "services" / "dynamodb.json"
        wait_for(lambda: created in tables.read_text(), what="a snapshot with the customer")
    restart_cloud(kill=kill)
    # The same token: the keys it was signed with are kept too.
    assert office.get(f"/v1/customers/{created}").json()["display_name"] == "Before"
    _create(office, "After")
    assert sorted(_names(office)) == ["After", "Before"]
