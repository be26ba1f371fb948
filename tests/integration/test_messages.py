"""Messages to a customer: recorded, sent once, and honest about what became of them."""

import email
import email.policy
import json
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from functions.message_send.app import lambda_handler
from roster import bootstrap
from roster.adapters.dynamodb.records import DynamoRecords
from roster.adapters.dynamodb.stream import step_of
from roster.adapters.mail.mailbox import MailboxFolder
from roster.adapters.mail.ses import SesMailer
from roster.bootstrap import records
from roster.domain.errors import StaleVersion, Unavailable
from roster.domain.message import MAX_ATTEMPTS, MAX_BODY, Message
from roster.usecases.announcing import announce_activity
from roster.usecases.messages import Refused
from tests.support import aws
from tests.support.api import Api
from tests.support.context import LambdaContext
from tests.support.events import event
from tests.support.records import every_page, kinds
from tests.support.template import properties

RECORDS = Api("records_api")
BODY = "Dear Ann,\r\n\r\n\tsee you  on Monday. Größe 5 €.\n.\nFrom here on <b>plain</b> \n"


class Sender:
    """A mail system that does as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.answers: list[Exception] = []

    def send(self, message: Message) -> None:
        if self.answers:
            raise self.answers.pop(0)
        self.taken.append(message)


@pytest.fixture
def customer(customers_api: Api) -> str:
    body = {"company_name": "Acme", "email": "ann@Acme.example"}
    return f"/v1/customers/{customers_api.post('/v1/customers', body).json['id']}"


@pytest.fixture
def sender(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Sender:
    found = Sender()
    monkeypatch.setattr(records, "mailer", lambda: found)
    return found


def write(customer: str, **more: Any) -> dict[str, Any]:
    made = RECORDS.post(f"{customer}/messages", {"subject": "Monday", "body": BODY, **more})
    assert made.status == 201, made.text
    message: dict[str, Any] = made.json
    return message


def read(customer: str, message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = RECORDS.get(f"{customer}/messages/{message['id']}").json
    return found


class Bus:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def publish(self, announcements: Sequence[Any]) -> None:
        self.kept += announcements


def queued() -> list[dict[str, Any]]:
    """What the template's rule puts into the queue, of all the table's stream tells."""
    bus = Bus()
    for item in boto3.client("dynamodb").scan(TableName=aws.TABLE)["Items"]:
        change = {"Keys": {k: item[k] for k in ("pk", "sk")}, "NewImage": item}
        step = step_of({"eventName": "INSERT", "dynamodb": change})
        if step and step.activity:
            announce_activity(step.activity, announcements=bus)  # type: ignore[arg-type]
    wanted = properties("MessagesRule")["EventPattern"]["detail-type"]
    return [{"detail": json.loads(json.dumps(one.detail))} for one in bus.kept
            if one.kind in wanted]  # fmt: skip


def work(*bodies: dict[str, Any]) -> list[str]:
    """Let the worker handle a batch; the messages it could not handle."""
    records = [{"messageId": str(n), "body": json.dumps(body)} for n, body in enumerate(bodies)]
    answer = lambda_handler({"Records": records}, LambdaContext("message_send"))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


@pytest.mark.shows("S0.55")
def test_a_message_is_recorded_then_sent_and_both_are_on_the_customer(
    customers_api: Api, customer: str, sender: Sender
) -> None:
    made = RECORDS.post(
        f"{customer}/messages",
        {"subject": " Monday ", "body": BODY, "cc": ["Jo@X.example", "ann@acme.example"]},
    )
    assert made.status == 201, made.text
    message = made.json
    assert made.headers["location"] == f"{customer}/messages/{message['id']}"
    assert (message["status"], message["sent_at"]) == ("queued", None)
    assert (message["to"], message["cc"]) == ("ann@acme.example", ["Jo@x.example"])
    assert (message["subject"], message["body"]) == ("Monday", BODY), "as it was typed"
    assert sender.taken == [], "nothing is sent inside the request"
    (told,) = queued()
    assert work(told) == []
    after = read(customer, message)
    assert (after["status"], after["failure"]) == ("sent", None)
    assert after["sent_at"] is not None
    assert [m.id for m in sender.taken] == [message["id"]]
    assert sender.taken[0].body == BODY
    (row,) = RECORDS.get(f"{customer}/messages").json["data"]
    assert row == {k: v for k, v in after.items() if k != "body"}
    assert kinds(customers_api, customer) == ["message_sent", "message_queued", "created"]
    assert "Monday" not in customers_api.get(f"{customer}/timeline").text


def test_copies_of_the_event_and_of_the_request_send_one_message(
    customer: str, sender: Sender
) -> None:
    body = {"subject": "Once", "body": "x", "to": "jo@x.example"}
    first = RECORDS.post(f"{customer}/messages", body, idempotency_key="k")
    client = bootstrap.dynamodb()
    for item in client.scan(TableName=aws.IDEMPOTENCY_TABLE)["Items"]:
        client.delete_item(TableName=aws.IDEMPOTENCY_TABLE, Key={"id": item["id"]})
    again = RECORDS.post(f"{customer}/messages", body, idempotency_key="k")
    assert (again.status, again.json["id"]) == (201, first.json["id"])
    (told,) = queued()
    assert work(told, told) == []
    assert work(told) == []
    assert len(sender.taken) == 1
    assert len(RECORDS.get(f"{customer}/messages").json["data"]) == 1


def test_a_copy_that_comes_while_it_is_being_sent_waits(customer: str, sender: Sender) -> None:
    write(customer)
    (told,) = queued()
    seen: list[list[str]] = []
    take = sender.send

    def slowly(message: Message) -> None:
        seen.append(work(told))
        take(message)

    sender.send = slowly  # type: ignore[method-assign]
    assert work(told) == []
    assert seen == [["0"]], "the copy goes back to the queue"
    assert work(told) == []
    assert len(sender.taken) == 1


def test_what_the_mail_system_refuses_has_failed_with_its_reason(
    customers_api: Api, customer: str, sender: Sender
) -> None:
    message = write(customer)
    sender.answers = [Refused("MessageRejected: no such identity")]
    (told,) = queued()
    assert work(told) == []
    after = read(customer, message)
    assert (after["status"], after["sent_at"]) == ("failed", None)
    assert after["failure"] == "MessageRejected: no such identity"
    assert kinds(customers_api, customer)[0] == "message_failed"
    assert work(told) == []
    assert sender.taken == []


def test_a_mail_system_that_is_down_is_asked_again_and_not_for_ever(
    customer: str, sender: Sender
) -> None:
    message, other = write(customer), write(customer, subject="Other")
    by_id = {told["detail"]["record_id"]: told for told in queued()}
    sender.answers = [Unavailable("down")]
    assert work(by_id[message["id"]]) == ["0"]
    assert read(customer, message)["status"] == "queued"
    assert work(by_id[message["id"]]) == []
    assert read(customer, message)["status"] == "sent"
    sender.answers = [Unavailable("down")] * MAX_ATTEMPTS
    outcomes = [work(by_id[other["id"]]) for _ in range(MAX_ATTEMPTS)]
    assert outcomes == [["0"]] * (MAX_ATTEMPTS - 1) + [[]]
    assert read(customer, other)["status"] == "failed"
    limit = properties("MessagesQueue")["RedrivePolicy"]["maxReceiveCount"]
    assert limit > MAX_ATTEMPTS, "or it would be parked before it is called failed"


def test_a_worker_that_died_is_followed_by_another(
    customer: str, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = write(customer)
    (told,) = queued()
    take = sender.send

    def dies(_: Message) -> None:
        raise KeyboardInterrupt

    sender.send = dies  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        work(told)
    sender.send = take  # type: ignore[method-assign]
    assert read(customer, message)["status"] == "queued"
    assert work(told) == ["0"], "it may still be at work"
    clock, visible = bootstrap.clock, properties("MessagesQueue")["VisibilityTimeout"]
    monkeypatch.setattr(bootstrap, "clock", lambda: clock() + timedelta(seconds=visible))
    assert work(told) == []
    assert read(customer, message)["status"] == "sent"
    assert visible > properties("MessageSendFunction")["Timeout"]


def test_an_edit_of_the_customer_meanwhile_does_not_send_twice(
    customer: str, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = write(customer)
    (told,) = queued()
    save, raced = DynamoRecords.save, []

    def races(self: Any, *args: Any) -> None:
        if sender.taken and not raced:
            raced.append(True)
            raise StaleVersion("somebody was faster")
        save(self, *args)

    monkeypatch.setattr(DynamoRecords, "save", races)
    assert work(told) == []
    assert (raced, len(sender.taken)) == ([True], 1)
    assert read(customer, message)["status"] == "sent"


def test_nothing_goes_to_a_customer_that_was_deleted_meanwhile(
    customers_api: Api, customer: str, sender: Sender
) -> None:
    write(customer)
    told = queued()
    customers_api.post(f"{customer}/deactivate", {"confirm": True}, if_match="*")
    query, headers = {"confirm": "true"}, {"if-match": "*"}
    assert customers_api.call("DELETE", customer, query=query, headers=headers).status == 204
    assert work(*told) == []
    assert sender.taken == []


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/subject", "/body"}),
        ({"subject": " ", "body": "\n"}, {"/subject", "/body"}),
        ({"subject": "Hi\r\nBcc: all@x.example", "body": "x\x00"}, {"/subject", "/body"}),
        ({"subject": "Hi\u2028Bcc: y", "body": "x"}, {"/subject"}),
        ({"subject": "x" * 201, "body": "y" * (MAX_BODY + 1)}, {"/subject", "/body"}),
        ({"subject": "x", "body": "y", "to": "ann@x.example\nBcc: all@x.example"}, {"/to"}),
        ({"subject": "x", "body": "y", "to": "ann@x.example, jo@x.example"}, {"/to"}),
        ({"subject": "x", "body": "y", "to": "Ann <ann@x.example>",
          "cc": ["jo@x.example", "no", "ä@x.example"]}, {"/to", "/cc/1", "/cc/2"}),
        ({"subject": "x", "body": "y", "cc": [f"a{n}@x.example" for n in range(21)]}, {"/cc"}),
        ({"subject": 1, "body": ["x"], "html": "<b>"}, {"/subject", "/body", "/html"}),
    ],
)  # fmt: skip
def test_a_bad_message_is_refused_with_every_bad_field(
    customer: str, body: dict[str, Any], pointers: set[str]
) -> None:
    refused = RECORDS.post(f"{customer}/messages", body)
    assert refused.status == 422, refused.text
    assert {error["pointer"] for error in refused.json["errors"]} == pointers
    assert RECORDS.get(f"{customer}/messages").json["data"] == []
    assert queued() == []


def test_a_customer_without_an_address_needs_one_given(customers_api: Api) -> None:
    made = customers_api.post("/v1/customers", {"company_name": "Mute"}).json["id"]
    path = f"/v1/customers/{made}/messages"
    refused = RECORDS.post(path, {"subject": "x", "body": "y"})
    assert refused.status == 422
    assert [e["pointer"] for e in refused.json["errors"]] == ["/to"]
    given = RECORDS.post(path, {"subject": "x", "body": "y", "to": " jo@Bücher.example "})
    assert given.json["to"] == "jo@xn--bcher-kva.example"


def test_what_was_sent_is_not_changed_and_others_see_nothing(customer: str) -> None:
    message = write(customer)
    path = f"{customer}/messages/{message['id']}"
    for method in ("PATCH", "DELETE", "PUT"):
        assert RECORDS.call(method, path, {}, headers={"if-match": "*"}).status in (404, 405)
    assert read(customer, message) == message
    viewer = Api("records_api", role="viewer")
    assert viewer.get(path).json == message
    assert viewer.post(f"{customer}/messages", {"subject": "x", "body": "y"}).status == 403
    other = Api("records_api", tenant="globex")
    assert other.get(path).status == 404
    assert other.post(f"{customer}/messages", {"subject": "x", "body": "y"}).status == 404
    assert RECORDS.call("GET", path, headers={"if-none-match": '"1"'}).status == 304
    for n in range(3):
        write(customer, subject=str(n))
    rows = every_page(RECORDS, f"{customer}/messages", limit=2)
    assert [row["subject"] for row in rows] == ["2", "1", "0", "Monday"]


def test_the_event_file_is_what_the_queue_holds(sender: Sender) -> None:
    given = event("message_send", "queued")
    assert lambda_handler(given, LambdaContext("message_send")) == {"batchItemFailures": []}
    assert sender.taken == []
    assert lambda_handler(
        {"Records": [{"messageId": "p", "body": '{"what": "ever"}'}]}, LambdaContext("m")
    ) == {"batchItemFailures": [{"itemIdentifier": "p"}]}


def stored(customer: str, message: dict[str, Any]) -> Message:
    owner = customer.rpartition("/")[2]
    found = records.messages().get("acme", [owner], message["id"])
    assert found is not None
    return found


def test_a_mailbox_folder_holds_each_message_once_as_mail(customer: str, tmp_path: Path) -> None:
    message = write(customer, subject="Größe & Preis", cc=["jo@x.example"])
    mailbox = MailboxFolder(str(tmp_path / "box"), "Acme Service <service@acme.example>")
    for _ in range(2):
        mailbox.send(stored(customer, message))
    (file,) = (tmp_path / "box").rglob("*.*")
    assert file == tmp_path / "box" / "acme" / f"{message['id']}.eml"
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert (mail["To"], mail["Cc"], mail["Subject"]) == (
        "ann@acme.example", "jo@x.example", "Größe & Preis",
    )  # fmt: skip
    assert mail["From"] == "Acme Service <service@acme.example>"
    assert message["id"] in mail["Message-ID"]
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == BODY.replace("\r\n", "\n")
    (tmp_path / "full").write_text("no folder")
    with pytest.raises(Unavailable):
        MailboxFolder(str(tmp_path / "full"), "").send(stored(customer, message))
    with pytest.raises(Refused):
        MailboxFolder("", "").send(stored(customer, message))


def test_ses_takes_it_once_its_identity_is_verified(customer: str) -> None:
    message = write(customer, cc=["jo@x.example"])
    (told,) = queued()
    assert records.mailer().__class__ is SesMailer
    assert work(told) == []
    failed = read(customer, message)
    assert failed["status"] == "failed"
    assert "MessageRejected" in failed["failure"]
    boto3.client("sesv2").create_email_identity(EmailIdentity="service@acme.example")
    second = write(customer, subject="Second")
    assert work(*queued()) == []
    assert read(customer, second)["status"] == "sent"
    assert read(customer, message)["status"] == "failed", "what has failed is not tried again"


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("MessageRejected", Refused),
        ("MailFromDomainNotVerifiedException", Refused),
        ("TooManyRequestsException", Unavailable),
        ("InternalFailure", Unavailable),
        (None, Unavailable),
    ],
)
def test_only_what_another_attempt_would_not_mend_is_for_good(
    customer: str, code: str | None, refusal: type[Exception]
) -> None:
    class Client:
        def send_email(self, **_: object) -> None:
            if code is None:
                raise ReadTimeoutError(endpoint_url="ses")
            raise ClientError({"Error": {"Code": code, "Message": "so"}}, "SendEmail")

    with pytest.raises(refusal):
        SesMailer(Client(), "a@x.example").send(stored(customer, write(customer)))


def test_without_a_sender_ses_sends_nothing_and_says_so(customer: str) -> None:
    with pytest.raises(Refused, match="MailFrom"):
        SesMailer(None, "").send(stored(customer, write(customer)))
