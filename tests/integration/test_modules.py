"""Who may open which module: every route of every function, and what the caller is told."""

import re

import pytest

from functions.token_claims.app import lambda_handler as token_claims
from infra.local import identity
from roster.runtime.callers import Module, modules_for
from tests.support.api import Answer, Api
from tests.support.functions import PUBLIC, functions, routes
from tests.support.money import billed, new_customer, paid

ROUTES = [
    (function.folder, method, path)
    for function in functions()
    if function.folder.endswith("_api")
    for method, path in routes(function.folder)
    if f"{method} {path}" not in PUBLIC
]
ME = ("settings_api", "GET", "/v1/me")


def call(function: str, method: str, path: str, modules: str | None) -> Answer:
    extra = {} if modules is None else {"modules": modules}
    api = Api(function, role="admin", extra=extra)
    return api.call(method, re.sub(r"<\w+>", "none", path))


def without(*names: str) -> str:
    return ",".join(module for module in Module if module not in names)


def is_refused(answer: Answer) -> bool:
    return answer.status == 403 and answer.json["code"] == "module"


@pytest.mark.shows("S0.08")
@pytest.mark.parametrize("modules", ["none", ",", "customer", "custom:customers"])
def test_no_route_opens_to_who_has_no_module(cloud: None, modules: str) -> None:
    assert [r for r in ROUTES if not is_refused(call(*r, modules))] == [ME]


@pytest.mark.parametrize("modules", [None, "", without()])
def test_every_route_is_in_a_module(cloud: None, modules: str | None) -> None:
    # Without If-Match, body or parameters: whatever the route says, it is not that.
    assert not [r for r in ROUTES if is_refused(call(*r, modules))]


def test_a_part_of_a_customer_needs_both_modules_and_what_is_unheard_of_opens_to_nobody() -> None:
    customers, money = frozenset({Module.CUSTOMERS}), frozenset({Module.MONEY})
    assert modules_for("POST", "/v1/customers/<id>/quotes/<quote_id>/send") == (customers, money)
    assert modules_for("GET", "/v1/customers/<id>/contacts") == (customers,)
    assert modules_for("GET", "/v1/customers/<id>/archive/invoices/<n>") == (customers, money)
    assert modules_for("GET", "/v1/customers/<id>/archive") == (customers,)
    assert modules_for("GET", "/v1/quotes") == (money,)
    assert modules_for("GET", "/v1/horoscopes") == (frozenset(),)


@pytest.mark.shows("S0.08")
def test_without_the_customers_every_customer_route_is_closed(cloud: None) -> None:
    family = re.compile(r"/v1/(customers|duplicates|merges|locations|exports|reports)\b")
    seen = [r for r in ROUTES if is_refused(call(*r, without("customers")))]
    assert seen == [r for r in ROUTES if family.match(r[2])]
    assert len(seen) > 40


@pytest.mark.shows("S0.08")
def test_without_the_money_nothing_tells_of_it(cloud: None) -> None:
    of_money = re.compile(r"/(quotes|invoices|payments|standing)\b")
    seen = [r for r in ROUTES if is_refused(call(*r, without("money")))]
    assert seen == [r for r in ROUTES if of_money.search(r[2])]
    clerk = Api("customers_api", extra={"modules": without("money")})
    assert is_refused(clerk.get("/v1/customers", sort="-outstanding"))
    assert clerk.get("/v1/customers", sort="-created_at").status == 200


def test_a_timeline_tells_no_amounts_and_numbers_to_who_has_no_money(cloud: None) -> None:
    path = new_customer()
    billed(path, 700)
    paid(path, 123_456)
    page = f"{path}/profile"
    for modules, seen in ((without(), True), (without("money"), False)):
        extra = {"modules": modules}
        timeline = Api("customers_api", extra=extra).get(f"{path}/timeline").json["data"]
        profile = Api("records_api", extra=extra).get(page).json
        for entries in (timeline, profile["timeline"]["data"]):
            assert [e["kind"] for e in entries][:2] == ["payment_recorded", "invoice_created"]
            texts = " ".join(e["text"] for e in entries)
            assert ("1234.56" in texts, "INV-00001" in texts) == (seen, seen)


@pytest.mark.parametrize(
    ("function", "module"),
    [("imports_api", "imports"), ("quickbooks_api", "quickbooks")],
)
def test_a_function_of_one_module_is_closed_as_a_whole(
    cloud: None, function: str, module: str
) -> None:
    own = [r for r in ROUTES if r[0] == function]
    assert own
    assert [r for r in ROUTES if is_refused(call(*r, without(module)))] == own
    assert not any(is_refused(call(*r, f" {module.upper()} , unheard-of")) for r in own)


def test_what_a_form_picks_from_is_read_without_the_settings_and_not_written(cloud: None) -> None:
    settings = [r for r in ROUTES if r[0] == "settings_api" and r != ME]
    closed = [r for r in ROUTES if is_refused(call(*r, without("settings")))]
    assert closed == [r for r in settings if r[1] != "GET"]
    assert all(is_refused(call(*r, "imports,quickbooks,work")) for r in settings)


@pytest.mark.shows("S0.08")
def test_the_caller_learns_which_modules_are_there(cloud: None) -> None:
    def told(modules: str | None) -> dict[str, bool]:
        me = call(*ME, modules)
        assert me.status == 200, me.text
        return {m["name"]: m["available"] for m in me.json["modules"]}

    assert told("imports,money") == {m: m in ("imports", "money") for m in Module}
    assert told(None) == told("") == dict.fromkeys(Module, True)
    assert told("none") == dict.fromkeys(Module, False)


def test_a_refusal_comes_before_a_bad_body_and_before_the_role(cloud: None) -> None:
    viewer = Api("customers_api", role="viewer", extra={"modules": "imports"})
    answer = viewer.post("/v1/customers", {"company_name": 7})
    assert (answer.status, answer.json["code"]) == (403, "module")


def test_a_kept_answer_is_not_for_who_lost_the_module(customers_api: Api) -> None:
    first = customers_api.post("/v1/customers", {"company_name": "Acme"}, idempotency_key="k")
    assert first.status == 201
    lesser = Api("customers_api", extra={"modules": "imports"})
    again = lesser.post("/v1/customers", {"company_name": "Acme"}, idempotency_key="k")
    assert (again.status, again.json["code"]) == (422, "idempotency_key")
    assert "id" not in again.json


def test_both_tokens_carry_the_modules_of_the_user_and_nothing_for_none() -> None:
    def claims(attributes: dict[str, str]) -> list[dict[str, str]]:
        event = token_claims({"request": {"userAttributes": attributes}}, None)
        both = event["response"]["claimsAndScopeOverrideDetails"]
        return [
            both[kind]["claimsToAddOrOverride"]
            for kind in ("idTokenGeneration", "accessTokenGeneration")
        ]

    rights = {"custom:tenant": "acme", "custom:role": "office"}
    flat = {"tenant": "acme", "role": "office"}
    assert claims(rights) == [flat, flat]
    with_modules = {**flat, "modules": "imports"}
    assert claims({**rights, "custom:modules": "imports"}) == [with_modules, with_modules]


def test_the_local_cloud_knows_every_module() -> None:
    assert tuple(Module) == identity.MODULES
