"""The stand-in's batches, its memory of `requestid` and its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.quickbooks import ControlFailed, StandIn, only_error

if TYPE_CHECKING:
    from tests.support.quickbooks import Api

COUNT = "select count(*) from Customer"


def new(number: int, name: str) -> dict[str, Any]:
    return {"bId": f"b{number}", "operation": "create", "Customer": {"DisplayName": name}}


def batch(api: Api, *items: dict[str, Any], **parameters: str) -> list[dict[str, Any]]:
    answer = api.submit("batch", {"BatchItemRequest": list(items)}, **parameters)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["BatchItemResponse"])


def code_of(item: dict[str, Any]) -> str:
    return str(item["Fault"]["Error"][0]["code"])


def test_each_item_succeeds_or_faults_alone(api: Api) -> None:
    api.saved(DisplayName="Amy")
    change = {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "by batch"}
    items = batch(
        api,
        new(1, "amy"),
        {"bId": "b2", "operation": "update", "Customer": change},
        {"bId": "b3", "operation": "update", "Customer": change},
        {"bId": "b4", "Query": "select * from Customer"},
        {"bId": "b5", "operation": "delete", "Customer": change},
        {"bId": "b6", "operation": "create"},
    )
    assert [one["bId"] for one in items] == ["b1", "b2", "b3", "b4", "b5", "b6"]
    assert items[0]["Fault"]["Error"][0]["Detail"].endswith(": Id=1")
    assert items[1]["Customer"]["Notes"] == "by batch"
    assert items[3]["QueryResponse"]["Customer"][0]["SyncToken"] == "1"
    assert [code_of(items[n]) for n in (0, 2, 4, 5)] == ["6240", "5010", "500", "2020"]


def test_transactions_are_voided_by_option(api: Api) -> None:
    api.saved(DisplayName="Amy")
    line = {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    invoice = api.made("Invoice", CustomerRef={"value": "1"}, Line=[line])
    payment = api.made("Payment", CustomerRef={"value": "1"}, TotalAmt=4)

    def key(made: dict[str, Any]) -> dict[str, Any]:
        return {"Id": made["Id"], "SyncToken": "0"}

    items = batch(
        api,
        {"bId": "1", "operation": "update", "optionsData": "void", "Payment": key(payment)},
        {"bId": "2", "operation": "delete", "Invoice": key(invoice)},
    )
    assert code_of(batch(api, {"bId": "3", "operation": "void", "Invoice": {}})[0]) == "500"
    assert items[0]["Payment"]["PrivateNote"] == "Voided"
    assert items[1]["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": invoice["Id"]}


def test_a_batch_holds_30_items(api: Api) -> None:
    assert len(batch(api, *(new(n, f"N{n}") for n in range(30)))) == 30
    answer = api.submit("batch", {"BatchItemRequest": [new(n, f"M{n}") for n in range(31)]})
    assert only_error(answer)["Message"] == "Batch limit exceeded"
    assert api.query(COUNT) == {"totalCount": 30}
    assert only_error(api.submit("batch", {"BatchItemRequest": "x"}))["code"] == "2010"


def test_one_item_can_be_made_to_fail(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("10000", method="ITEM", path="customer/create", skip=1)
    items = batch(api, new(1, "A"), new(2, "B"), new(3, "C"))
    assert ["Fault" in one for one in items] == [False, True, False]
    assert batch(api, new(2, "B"))[0]["Customer"]["DisplayName"] == "B"
    with pytest.raises(ControlFailed, match="item of a batch"):
        quickbooks.control.fail("drop", method="ITEM")


def test_a_rule_without_method_does_not_strike_items(quickbooks: StandIn, api: Api) -> None:
    quickbooks.control.fail("10000", path="nowhere")
    quickbooks.control.fail("5010", skip=1)
    assert "Customer" in batch(api, new(1, "A"))[0]


class TestRequestId:
    def test_the_same_id_gets_the_original_answer(self, api: Api) -> None:
        first = api.submit("customer", {"DisplayName": "Amy"}, requestid="r1").json()["Customer"]
        api.saved(Id="1", SyncToken="0", sparse=True, Notes="later")
        again = api.submit("customer", {"DisplayName": "Bob"}, requestid="r1").json()["Customer"]
        assert again == first
        assert api.query(COUNT) == {"totalCount": 1}

    def test_a_lost_answer_can_be_asked_for_again(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.fail("html_502", applied=True, path="/batch")
        body = {"BatchItemRequest": [new(1, "A"), new(2, "A")]}
        assert api.submit("batch", body, requestid="batch-1").status_code == 502
        items = batch(api, *body["BatchItemRequest"], requestid="batch-1")
        assert items[0]["Customer"]["Id"] == "1"
        assert code_of(items[1]) == "6240"
        assert api.query(COUNT) == {"totalCount": 1}

    def test_a_refusal_is_tried_anew_unless_told_otherwise(
        self, quickbooks: StandIn, api: Api
    ) -> None:
        rival = quickbooks.control.vendor("Amy")["Id"]
        for remembered in (False, True):
            quickbooks.control.configure(replay_faults=remembered)
            name = {"DisplayName": "Amy"}
            refused = api.submit("customer", name, requestid=f"r{remembered}")
            assert only_error(refused)["code"] == "6240"
            quickbooks.control.change("vendors", rival, DisplayName=f"Rival {remembered}")
            again = api.submit("customer", name, requestid=f"r{remembered}")
            assert (again.status_code == 200) is not remembered
            if not remembered:
                quickbooks.control.edit(again.json()["Customer"]["Id"], DisplayName="Other")
            quickbooks.control.change("vendors", rival, DisplayName="Amy")

    def test_ids_have_a_length(self, api: Api) -> None:
        refused = api.submit("customer", {"DisplayName": "A"}, requestid="x" * 51)
        assert (only_error(refused)["code"], only_error(refused)["element"]) == (
            "2050",
            "requestid",
        )
        body = {"BatchItemRequest": [new(1, "A")]}
        assert only_error(api.submit("batch", body, requestid="x" * 37))["code"] == "2050"
        body["BatchItemRequest"][0]["bId"] = "x" * 11
        refused = api.submit("batch", body, requestid="x" * 36)
        assert only_error(refused)["element"] == "bId"
        assert api.query(COUNT) == {"totalCount": 0}

    def test_ids_are_remembered_over_a_restart(self, tmp_path: Any) -> None:
        with StandIn(tmp_path / "state.json") as first:
            made = first.session().submit("customer", {"DisplayName": "A"}, requestid="r").json()
        with StandIn(tmp_path / "state.json") as second:
            again = second.session().submit("customer", {"DisplayName": "A"}, requestid="r").json()
        assert again["Customer"] == made["Customer"]


class TestLimits:
    def test_batches_a_minute(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.configure(batches_per_minute=3)
        for number in range(3):
            batch(api, new(number, f"N{number}"))
        answer = api.submit("batch", {"BatchItemRequest": [new(9, "late")]})
        assert answer.status_code == 429
        assert answer.json()["fault"]["error"][0]["code"] == "3001"
        assert api.query(COUNT) == {"totalCount": 3}
        quickbooks.control.clock(advance=61)
        assert "Customer" in batch(api, new(9, "late"))[0]

    def test_calls_a_second_and_a_minute(self, quickbooks: StandIn, api: Api) -> None:
        quickbooks.control.configure(per_minute=4)
        statuses = [api.ask("preferences").status_code for _ in range(6)]
        assert statuses == [200, 200, 200, 200, 429, 429]
        quickbooks.control.clock(advance=61)
        quickbooks.control.configure(per_minute=0, per_second=1)
        statuses = [api.ask("preferences").status_code for _ in range(3)]
        assert statuses[0] == 200
        assert 429 in statuses
        quickbooks.control.clock(advance=2)
        assert api.ask("preferences").status_code == 200


def test_a_company_nobody_pays_for_can_be_read_only(quickbooks: StandIn, api: Api) -> None:
    api.saved(DisplayName="Amy")
    quickbooks.control.configure(subscription_status="EXPIRED")
    refused = api.write(Id="1", SyncToken="0", sparse=True, Notes="x")
    assert only_error(refused)["code"] == "6190"
    assert code_of(batch(api, new(1, "B"))[0]) == "6190"
    assert "Notes" not in api.read("1")
    info = api.ask(f"companyinfo/{quickbooks.realm}").json()["CompanyInfo"]
    assert {"Name": "SubscriptionStatus", "Value": "EXPIRED"} in info["NameValue"]
    with pytest.raises(ControlFailed, match="subscription_status"):
        quickbooks.control.configure(subscription_status="GONE")
