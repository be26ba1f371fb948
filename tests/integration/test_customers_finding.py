"""Lists, search and pick-lists, through the function's door."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from roster import bootstrap
from roster.domain.customer import event_of, link_quickbooks
from roster.domain.events import Actor, EventKind
from tests.support.api import Api


def make(api: Api, *names: str) -> dict[str, str]:
    return {name: api.post("/v1/customers", {"company_name": name}).json["id"] for name in names}


def names(api: Api, **query: object) -> list[str]:
    answer = api.get("/v1/customers", **query)
    assert answer.status == 200, answer.text
    return [c["display_name"] for c in answer.json["data"]]


def all_pages(api: Api, **query: object) -> list[str]:
    found: list[str] = []
    while True:
        page = api.get("/v1/customers", **query).json
        found += [c["display_name"] for c in page["data"]]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


@pytest.mark.shows("S0.07", "S2.25", "S3.11")
@pytest.mark.parametrize("query", ["MÜLL", "muller", "Caf", "gmbh caf", "café müller gmbh"])
def test_search_ignores_case_and_accents_and_takes_any_word(customers_api: Api, query: str) -> None:
    make(customers_api, "Café Müller GmbH", "Acme")
    assert names(customers_api, q=query) == ["Café Müller GmbH"]


def test_a_rare_word_is_found_among_many_with_the_common_one(customers_api: Api) -> None:
    """The longest word of the query stands in every name; the first page has what is asked for."""
    make(customers_api, *(f"Plumbing {n:03d}" for n in range(130)), "Plumbing zeta Ox")
    assert names(customers_api, q="plumbing ox") == ["Plumbing zeta Ox"]
    assert names(customers_api, q="plumbing 117") == ["Plumbing 117"]
    found = all_pages(customers_api, q="plumbing 0", limit=10)
    assert len(found) == len(set(found)) == 100


def test_search_finds_a_firm_by_the_person_behind_it(customers_api: Api) -> None:
    person = {"first_name": "Luís", "last_name": "Gonçalves"}
    customers_api.post("/v1/customers", {"company_name": "Embraer S.A.", **person})
    for query in ("goncalves", "luis emb", "Gonçalves Embraer"):
        assert names(customers_api, q=query) == ["Embraer S.A."]


def test_every_word_must_begin_some_word(customers_api: Api) -> None:
    make(customers_api, "North Plumbing", "North Heating", "South Plumbing")
    assert names(customers_api, q="north plu") == ["North Plumbing"]
    assert names(customers_api, q="orth") == []
    assert names(customers_api, q="...") == []


def test_a_customer_with_two_fitting_words_is_shown_once(customers_api: Api) -> None:
    make(customers_api, "Ann Anna Annabel")
    assert all_pages(customers_api, q="ann", limit=1) == ["Ann Anna Annabel"]


def test_search_finds_e_mail_and_phone(customers_api: Api) -> None:
    body = {"company_name": "Acme", "email": "Info@Acme.example", "phone": "+1 (415) 555-0100"}
    customers_api.post("/v1/customers", body)
    assert names(customers_api, q="info@acme") == ["Acme"]
    assert names(customers_api, q="1415 555") == ["Acme"]


@pytest.mark.shows("S0.07")
@pytest.mark.parametrize("typed", ["(415) 555-2671", "+1 415 555 2671", "1-415-555-2671"])
@pytest.mark.parametrize("query", ["+1 415 555", "14155552671", "415 555 2671", "4155"])
def test_a_phone_is_found_with_and_without_the_countrys_code(
    customers_api: Api, typed: str, query: str
) -> None:
    customers_api.post("/v1/customers", {"company_name": "Acme", "phone": typed, "mobile": typed})
    make(customers_api, "Zeta")
    assert names(customers_api, q=query) == ["Acme"]
    offered = customers_api.get("/v1/customers/options", q=query).json["data"]
    assert [o["display_name"] for o in offered] == ["Acme"]


@pytest.mark.parametrize("typed", ["020 7946 0958", "+44 20 7946 0958"])
@pytest.mark.parametrize("query", ["+44 20 7946", "+44 20 7946 0958"])
def test_a_phone_abroad_is_found_by_its_countrys_code(
    customers_api: Api, typed: str, query: str
) -> None:
    admin = Api("settings_api", role="admin")
    assert admin.patch("/v1/settings", {"country": "GB"}).status == 200
    customers_api.post("/v1/customers", {"company_name": "Acme", "phone": typed})
    assert names(customers_api, q=query) == ["Acme"]
    near = customers_api.get("/v1/customers/duplicates", phone="+442079460958").json["data"]
    assert [one["display_name"] for one in near] == ["Acme"]


GSTIN, PAN = "27AAPFU0939F1ZV", "AAPFU0939F"


@pytest.mark.parametrize("query", [GSTIN, "27aapfu", "27 AAPFU 0939 F 1ZV", PAN, "aapfu 0939 f"])
def test_a_tax_number_is_found_by_its_beginning_or_in_groups(
    customers_api: Api, query: str
) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Acme", "gstin": GSTIN, "pan": PAN})
    assert made.status == 201, made.text
    make(customers_api, "Zeta")
    assert names(customers_api, q=query) == ["Acme"]
    offered = customers_api.get("/v1/customers/options", q=query).json["data"]
    assert [o["display_name"] for o in offered] == ["Acme"]
    path = f"/v1/customers/{made.json['id']}"
    customers_api.patch(path, {"gstin": None, "pan": None})
    assert names(customers_api, q=query) == []


@pytest.mark.shows("S0.06")
def test_search_covers_both_states_when_asked(customers_api: Api) -> None:
    ids = make(customers_api, "Acme East", "Acme West")
    path = f"/v1/customers/{ids['Acme East']}/deactivate"
    customers_api.post(path, {"confirm": True}, if_match="*")
    assert names(customers_api, q="acme") == ["Acme West"]
    assert names(customers_api, q="acme", status="inactive") == ["Acme East"]
    assert names(customers_api, q="acme", status="all") == ["Acme East", "Acme West"]


def test_a_renamed_customer_is_found_by_its_new_name_only(customers_api: Api) -> None:
    ids = make(customers_api, "Acme")
    customers_api.patch(f"/v1/customers/{ids['Acme']}", {"company_name": "Zenith"})
    assert names(customers_api, q="acme") == []
    assert names(customers_api, q="zen") == ["Zenith"]
    assert names(customers_api) == ["Zenith"]


@pytest.mark.shows("S2.03", "S3.07", "S0.51")
@pytest.mark.parametrize("status", ["active", "all"])
def test_pages_are_in_the_order_of_names_and_lose_none(customers_api: Api, status: str) -> None:
    wanted = sorted(f"Customer {n:03d}" for n in range(23))
    make(customers_api, *reversed(wanted))
    assert all_pages(customers_api, limit=5, status=status) == wanted
    found = all_pages(customers_api, limit=4, status=status, q="cust")
    assert (len(found), sorted(found)) == (len(wanted), wanted)


@pytest.mark.parametrize("name", ["!!!", "🎉", "#", "_", "(｡◕ ∀ ◕｡)", "1,000.00", "x" * 255])
def test_every_name_is_found_by_itself(customers_api: Api, name: str) -> None:
    customers_api.post("/v1/customers", {"company_name": name, "full_name": "Ann Lee"})
    make(customers_api, "???", "Acme", "1 Main", "x" * 70)
    assert names(customers_api, q=name[:200]) == [name]
    assert names(customers_api, q=name[:200], status="all") == [name]


def test_a_long_address_is_found_and_no_other_that_begins_alike(customers_api: Api) -> None:
    long = "somebody." * 7
    for n in (1, 2):
        body = {"company_name": f"Acme {n}", "email": f"{long}{n}@acme.example"}
        customers_api.post("/v1/customers", body)
    assert names(customers_api, q=f"{long}2@acme.example") == ["Acme 2"]


def test_a_cursor_belongs_to_its_list(customers_api: Api) -> None:
    make(customers_api, "A", "B", "C")
    cursor = customers_api.get("/v1/customers", limit=1).json["next_cursor"]
    assert "acme" not in cursor
    assert customers_api.get("/v1/customers", limit=1, status="all", cursor=cursor).status == 400
    assert customers_api.get("/v1/customers", limit=1, cursor=cursor).json["data"]
    content = base64.urlsafe_b64decode(cursor).replace(b"#cus_", b"#cut_")
    forged = base64.urlsafe_b64encode(content).decode()
    assert forged != cursor
    assert customers_api.get("/v1/customers", limit=1, cursor=forged).status == 400


@pytest.mark.shows("S3.37", "S3.39")
def test_a_pick_list_hides_archived_until_something_is_typed(customers_api: Api) -> None:
    ids = make(customers_api, "Acme East", "Acme West")
    path = f"/v1/customers/{ids['Acme East']}/deactivate"
    customers_api.post(path, {"confirm": True}, if_match="*")
    offered = customers_api.get("/v1/customers/options").json["data"]
    assert [o["display_name"] for o in offered] == ["Acme West"]
    typed = customers_api.get("/v1/customers/options", q="acm").json["data"]
    assert [(o["display_name"], o["archived"]) for o in typed] == [
        ("Acme West", False),
        ("Acme East", True),
    ]


def make_mixed(api: Api) -> None:
    """Nine customers: every third is tagged, all but the first three are inactive."""
    for n in range(9):
        body = {"company_name": f"Mixed {n}", "tags": ["Gold Card"] if n % 3 == 0 else []}
        made = api.post("/v1/customers", body)
        if n >= 3:
            path = f"/v1/customers/{made.json['id']}/deactivate"
            api.post(path, {"confirm": True}, if_match="*")


@pytest.mark.shows("S2.24", "S3.12")
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_a_list_narrowed_by_tag(customers_api: Api, limit: int) -> None:
    make_mixed(customers_api)
    assert all_pages(customers_api, tag="gold card", limit=limit) == ["Mixed 0"]
    both = ["Mixed 0", "Mixed 3", "Mixed 6"]
    assert all_pages(customers_api, tag="Gold Card", status="all", limit=limit) == both
    assert all_pages(customers_api, tag="gold", status="all", limit=limit) == []
    found = all_pages(customers_api, tag="gold card", status="all", q="mixed", limit=limit)
    assert sorted(found) == both


def test_a_list_narrowed_by_its_link_to_quickbooks(customers_api: Api) -> None:
    ids = make(customers_api, "Linked", "Unlinked")
    before = bootstrap.customers().get("acme", ids["Linked"])
    assert before is not None
    after = link_quickbooks(before, "42", now=bootstrap.clock())
    told = event_of(EventKind.EDITED, before, after, Actor("sync"))
    bootstrap.customers().save(before, after, told)
    assert names(customers_api, quickbooks="linked") == ["Linked"]
    assert names(customers_api, quickbooks="unlinked") == ["Unlinked"]
    assert names(customers_api, quickbooks="linked", q="link") == ["Linked"]


@pytest.mark.shows("S0.56")
def test_a_list_narrowed_by_when_something_changed(
    customers_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    for name, days in (("Old", 400), ("Recent", 3), ("Woken", 500)):
        at = now - timedelta(days=days)
        monkeypatch.setattr(bootstrap, "clock", lambda at=at: at)
        ids = make(customers_api, name)
    monkeypatch.setattr(bootstrap, "clock", lambda: now)
    customers_api.patch(f"/v1/customers/{ids['Woken']}", {"notes": "called us"})
    since = "2026-11-01T00:00:00Z"
    assert names(customers_api, updated_since=since) == ["Recent", "Woken"]
    assert names(customers_api, inactive_since=since) == ["Old"]
    assert names(customers_api, updated_since="2026-11-22T00:00:00+00:00") == ["Woken"]


def test_a_narrowed_page_may_be_short_and_goes_on(customers_api: Api) -> None:
    table = bootstrap.table()
    make(customers_api, "A", "M", "Z")
    (row,) = [r for r in table.query_all("acme#L#active") if r["sk"].startswith("m#")]
    table.write_batch({**row, "sk": f"m#cus_{n:04}"} for n in range(1100))
    seen = 0
    query: dict[str, object] = {"updated_since": "2040-01-01T00:00:00Z", "limit": 25}
    for _ in range(4):
        page = customers_api.get("/v1/customers", **query).json
        assert page["data"] == []
        seen += 1
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == 3, "500, 500 and 103 rows"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"sort": "display_name"}, 200, None),
        ({"sort": "-created_at"}, 200, None),
        ({"sort": "-updated_at"}, 200, None),
        ({"sort": "-outstanding"}, 200, None),
        ({"sort": "-revenue"}, 200, None),
        ({"sort": "outstanding"}, 400, "unsupported_sort"),
        ({"sort": "-revenue", "q": "acme"}, 400, "unsupported_combination"),
        ({"sort": "whatever"}, 400, "unsupported_sort"),
        ({"sort": "display_name", "q": "acme"}, 200, None),
        ({"sort": "-created_at", "q": "acme"}, 400, "unsupported_combination"),
        ({"quickbooks": "maybe"}, 422, "invalid"),
        ({"updated_since": "yesterday"}, 422, "invalid"),
        ({"portal": "true"}, 200, None),
        ({"portal": "perhaps"}, 422, "invalid"),
        ({"assignee": "me"}, 400, "unknown_parameter"),
    ],
)
def test_what_the_list_cannot_serve_it_refuses(
    customers_api: Api, query: dict[str, str], status: int, code: str | None
) -> None:
    answer = customers_api.get("/v1/customers", **query)
    assert answer.status == status, answer.text
    assert answer.json.get("code") == code


def test_a_cursor_belongs_to_its_filters(customers_api: Api) -> None:
    make_mixed(customers_api)
    page = customers_api.get("/v1/customers", tag="gold card", status="all", limit=1).json
    for other in ({"tag": "gold"}, {}, {"tag": "gold card", "quickbooks": "unlinked"}):
        answer = customers_api.get(
            "/v1/customers", status="all", limit=1, cursor=page["next_cursor"], **other
        )
        assert answer.status == 400


@pytest.mark.shows("S0.07")
@pytest.mark.parametrize("limit", [1, 2, 25])
def test_a_whole_number_finds_its_customer_first_and_once(customers_api: Api, limit: int) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Zeta"}).json
    number = made["number"]
    customers_api.post("/v1/customers", {"company_name": f"{number} Main Street Inc"})
    customers_api.patch(f"/v1/customers/{made['id']}", {"notes": f"{number} {number}"})
    found = all_pages(customers_api, q=number, limit=limit)
    assert found == ["Zeta", f"{number} Main Street Inc"]
    assert names(customers_api, q=number, status="inactive") == []
    assert names(Api("customers_api", tenant="bolt"), q=number) == []


@pytest.mark.parametrize("typed", ["c-00001", "C-00001", " c-00001 "])
def test_a_number_is_found_however_its_letters_are_typed(customers_api: Api, typed: str) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Zeta"}).json
    assert made["number"] == "C-00001"
    assert names(customers_api, q=typed) == ["Zeta"]


def test_the_beginning_of_an_address_with_a_dot_finds_page_after_page(customers_api: Api) -> None:
    made = {"Jane": "jane.doe@a.example", "Ann": "jane.doe@b.example", "Bob": "jane.dow@c.example"}
    for name, email in made.items():
        customers_api.post("/v1/customers", {"company_name": name, "email": email})
    assert sorted(all_pages(customers_api, q="Jane.Doe", limit=1)) == ["Ann", "Jane"]
    assert sorted(all_pages(customers_api, q="jane.do", limit=1)) == ["Ann", "Bob", "Jane"]
    assert names(customers_api, q="jane.x") == []
    customers_api.post("/v1/customers", {"company_name": "Jane & Doe Ltd"})
    assert names(customers_api, q="jane.doe") == ["Jane & Doe Ltd"], "names come first"
