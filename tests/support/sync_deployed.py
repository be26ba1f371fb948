"""A firm whose Roster is the deployed template, and whose weather is bad in the ways a cloud's is.

What the queue does to a message after minutes (it comes back once its worker is gone) is done here
after seconds, by handing the function the same message.
"""

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.local.deploy import STACK
from infra.local.quickbooks.remote import Control
from roster.adapters.quickbooks.mapping import read_customer
from roster.adapters.slice_queue import body_of
from roster.domain.location import ADDRESS_FIELDS, Address
from roster.domain.sync.connection import SliceMessage
from roster.domain.sync.records import MAPPED, TheirCustomer
from tests.support.e2e import Api, Deployed
from tests.support.sync_firm import Line, Ours, Quiet

_FUNCTION = "QuickBooksSyncFunction"
# Longer than a slice takes on a busy machine, though QuickBooks be asked three times.
_STILL_FOR_S = 12.0
_WITHIN_S = 240.0
_POLL_S = 0.4
_FAULTS = ("drop", "half_body", "html_502", "10000", "empty", "5010", "500")
# These pause a run for a minute, and for longer each time there is another one.
_THROTTLES = ("json_429", "xml_429")
_PAUSED_FOR_S = 75.0


@dataclass
class DeployedFirm:
    """Implements `sync_firm.Firm` over HTTP, for a tenant and a QuickBooks company of its own."""

    deployed: Deployed
    control: Control
    tenant: str
    connecting: Callable[[Api, Control], None]
    # What this firm lived through, by kind.
    met: Counter[str] = field(default_factory=Counter)
    # Whether a message of ours lies in the queue for minutes, and all others behind it.
    _is_stuck: bool = False

    def __post_init__(self) -> None:
        self._api = self.deployed.api(self.tenant, "admin")
        self._lambda = self.deployed.client("lambda")
        resource = self.deployed.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId=_FUNCTION
        )
        self._function = resource["StackResourceDetail"]["PhysicalResourceId"]

    def choose(self, **settings: Any) -> None:
        """See `sync_firm.Firm.choose`."""
        pulls = {"sync_taxes": False, "sync_terms": False}
        lists = {} if settings["mode"] == "two_way" else pulls
        self._called("PUT", "/quickbooks/settings", json={**settings, **lists})

    def connect(self) -> None:
        """See `sync_firm.Firm.connect`."""
        self.connecting(self._api, self.control)

    def ours(self) -> list[Ours]:
        """See `sync_firm.Firm.ours`."""
        ids = [one["id"] for one in self._every("/customers", status="all", limit=200)]
        return [_told(self._called("GET", f"/customers/{key}")) for key in sorted(ids)]

    def theirs(self) -> dict[str, TheirCustomer]:
        """See `sync_firm.Firm.theirs`."""
        return {row["Id"]: read_customer(row) for row in self.control.book()["Customer"]}

    def enter(self, values: Mapping[str, Any]) -> Ours:
        """See `sync_firm.Firm.enter`."""
        return _told(self._called("POST", "/customers", json=dict(values)))

    def edit(self, customer_id: str, values: Mapping[str, Any]) -> Ours:
        """See `sync_firm.Firm.edit`."""
        path = f"/customers/{customer_id}"
        return _told(self._called("PATCH", path, json=dict(values), headers={"If-Match": "*"}))

    def set_active(self, customer_id: str, *, active: bool) -> None:
        """See `sync_firm.Firm.set_active`."""
        path = f"/customers/{customer_id}/{'activate' if active else 'deactivate'}"
        self._called("POST", path, json={"confirm": True}, headers={"If-Match": "*"})

    def pass_time(self, minutes: float) -> None:
        """It passes by itself: the deployed template's clock is the machine's."""

    def rough_sync(self, rng: random.Random, meanwhile: Callable[[], None]) -> None:
        """Faults, killed workers, messages that come twice or late, people at work."""
        if rng.random() < 0.5:
            throttled = rng.random() < 0.1
            fault = rng.choice(_THROTTLES if throttled else _FAULTS)
            times, skip = 1 if throttled else rng.randint(1, 4), rng.randrange(3)
            path = f"/v3/company/{self.control.realm}"
            self.control.fail(fault, times=times, skip=skip, path=path)
            self.met[fault] += 1
        kills, repeats = rng.random() < 0.25, rng.random() < 0.3
        run_id = self._started()
        if kills:
            time.sleep(rng.uniform(0.0, 0.6))
            self._kill_a_worker(rng)
        for _ in range(rng.randrange(3)):
            meanwhile()
        if repeats:
            self._hand_over(self._run(run_id), back=rng.randrange(2))
        self._wait(run_id)
        self.control.heal(realm=self.control.realm)
        if repeats:
            self._hand_over(self._run(run_id), back=rng.randrange(3))

    def quiet_sync(self) -> Quiet:
        """See `sync_firm.Firm.quiet_sync`."""
        before = self._writes()
        run = self._wait(self._started())
        assert run["status"] == "completed", run
        return Quiet(run["counts"], self._writes() - before)

    def report(self) -> list[Line]:
        """See `sync_firm.Firm.report`; runs of the schedule have reports too."""
        runs = self._every("/quickbooks/runs", limit=200)
        return [
            Line(
                row["action"], row["quickbooks_id"], row["customer_id"],
                tuple((change["field"], change["old"]) for change in row["changes"]),
            )
            for run in runs
            for row in self._every(f"/quickbooks/runs/{run['id']}/report", limit=200)
        ]  # fmt: skip

    def _started(self) -> str:
        """A run of ours, once none is under way."""
        deadline = time.monotonic() + _WITHIN_S
        while True:
            answer = self._api.post("/v1/quickbooks/runs")
            if answer.status_code == 202:
                return str(answer.json()["id"])
            assert answer.status_code == 409, answer.text
            assert time.monotonic() < deadline, answer.text
            under_way = self._called("GET", "/quickbooks/status")["run"]
            if under_way:
                self._wait(under_way)

    def _wait(self, run_id: str) -> dict[str, Any]:
        """The run once it is over; one that stands still is handed its message again."""
        deadline, last, moved = time.monotonic() + _WITHIN_S, None, time.monotonic()
        while True:
            run = self._run(run_id)
            if run["finished_at"]:
                return run
            assert time.monotonic() < deadline, run
            if (run["slices"], run["status"]) != last:
                last, moved = (run["slices"], run["status"]), time.monotonic()
            still = time.monotonic() - moved
            if run["status"] == "paused":
                if still > _PAUSED_FOR_S:
                    self._hand_over(run)
            elif self._is_stuck or still > _STILL_FOR_S:
                self._is_stuck = True
                if self._hand_over(run):
                    continue
            time.sleep(_POLL_S)

    def _run(self, run_id: str) -> dict[str, Any]:
        return self._called("GET", f"/quickbooks/runs/{run_id}")

    def _hand_over(self, run: Mapping[str, Any], back: int = 0) -> bool:
        """Give the function the message of a run's next slice, or of one `back`; whether done."""
        self.met["handed over again"] += 1
        number = max(1, run["slices"] + 1 - back)
        message = SliceMessage(self.tenant, self.control.realm, run["id"], number)
        record = {"messageId": f"{run['id']}-{number}", "body": body_of(message)}
        payload = json.dumps({"Records": [record]}).encode()
        answer = self._lambda.invoke(FunctionName=self._function, Payload=payload)
        told = json.loads(answer["Payload"].read())
        return "FunctionError" not in answer and not told["batchItemFailures"]

    def _kill_a_worker(self, rng: random.Random) -> None:
        if workers := self.deployed.workers(_FUNCTION):
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(workers), signal.SIGKILL)
                self.met["killed"] += 1

    def _writes(self) -> int:
        counters = self.control.counters(realm=self.control.realm)
        return counters["write"] + counters["batch"]

    def _called(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._api.request(method, f"/v1{path}", **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def _every(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        cursor = None
        while True:
            page = self._called("GET", path, params=query | ({"cursor": cursor} if cursor else {}))
            yield from page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return


def _told(customer: Mapping[str, Any]) -> Ours:
    values = {name: value for name in MAPPED if (value := customer.get(name))}
    if address := values.get("billing_address"):
        parts = {name: address[name] for name in ADDRESS_FIELDS if address.get(name)}
        values["billing_address"] = Address(**parts)
    active = customer["status"] == "active"
    return Ours(customer["id"], customer["quickbooks"], active, values)
