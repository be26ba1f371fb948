"""A client of the control door, for the demo and for tests; standard library only."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from infra.local.quickbooks.world import FIRST_REALM

_TIMEOUT = 60.0


class ControlFailed(Exception):
    """The door refused: `status` and the answer's `body`."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


class Control:
    """Every method is one call to the door of the stand-in at `base_url`.

    `realm` is the company meant where a method names none.
    """

    def __init__(self, base_url: str, realm: str = FIRST_REALM) -> None:
        self.base_url, self.realm = base_url.rstrip("/"), realm

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call `/_control` + `path`; ControlFailed when the status is not 200."""
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = Request(f"{self.base_url}/_control{path}", data=data, method=method)
        try:
            with urlopen(request, timeout=_TIMEOUT) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            with error:
                raise ControlFailed(error.code, json.load(error)) from error

    def health(self) -> dict[str, Any]:
        """Return status, realms and the stand-in's time."""
        return self.call("GET", "/health")

    def reset(self) -> None:
        """Forget everything but one empty company."""
        self.call("POST", "/reset")

    def open_company(self, realm: str | None = None, **settings: Any) -> str:
        """Open a fresh book (in place of one under the same realm); return its realm."""
        body = {"realm": realm} if realm else {}
        return str(self.call("POST", "/realms", body | settings)["realm"])

    def configure(self, *, realm: str | None = None, **settings: Any) -> dict[str, Any]:
        """Change a company's settings, e.g. `duplicate_detail="sentence"`."""
        return self.call("PATCH", f"/realms/{realm or self.realm}", settings)

    def seed(
        self, customers: int, jobs: int = 0, seed: int = 1, *, realm: str | None = None
    ) -> dict[str, Any]:
        """Fill the book; returns how many customers, jobs and inactive ones."""
        body = {"customers": customers, "jobs": jobs, "seed": seed}
        return self.call("POST", f"/realms/{realm or self.realm}/seed", body)

    def book(self, *, realm: str | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return the whole book: `{"Customer": […], "Vendor": […], "Employee": […]}`."""
        return self.call("GET", f"/realms/{realm or self.realm}/book")

    def customer(self, entity_id: str | int, *, realm: str | None = None) -> dict[str, Any]:
        """Return one customer of the book; KeyError when it is not there."""
        for row in self.book(realm=realm)["Customer"]:
            if row["Id"] == str(entity_id):
                return row
        raise KeyError(entity_id)

    def create(
        self, display_name: str, *, realm: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Enter a customer as a person does; ParentRef makes a job, IsProject a project."""
        body = {"DisplayName": display_name} | fields
        return self.call("POST", f"/realms/{realm or self.realm}/customers", body)

    def edit(
        self, entity_id: str | int, *, realm: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Edit as a person does: SyncToken and LastUpdatedTime move. `""` clears a field."""
        return self._customer(entity_id, "", realm, fields)

    def inactivate(self, entity_id: str | int, *, realm: str | None = None) -> dict[str, Any]:
        """Make inactive: the name gains " (deleted)"."""
        return self._customer(entity_id, "/inactivate", realm, {})

    def activate(self, entity_id: str | int, *, realm: str | None = None) -> dict[str, Any]:
        """Make active again under the old name; ControlFailed with a 6240 when it is taken."""
        return self._customer(entity_id, "/activate", realm, {})

    def touch(
        self,
        entity_id: str | int,
        kind: str = "invoice",
        amount: float = 0,
        *,
        realm: str | None = None,
    ) -> dict[str, Any]:
        """Save an invoice or payment: LastUpdatedTime moves, the SyncToken stays."""
        body = {"kind": kind, "amount": amount}
        return self._customer(entity_id, "/touch", realm, body)

    def vendor(self, display_name: str, *, realm: str | None = None) -> dict[str, Any]:
        """Enter a vendor."""
        body = {"DisplayName": display_name}
        return self.call("POST", f"/realms/{realm or self.realm}/vendors", body)

    def employee(self, display_name: str, *, realm: str | None = None) -> dict[str, Any]:
        """Enter an employee."""
        body = {"DisplayName": display_name}
        return self.call("POST", f"/realms/{realm or self.realm}/employees", body)

    def merge(
        self, loser: str | int, survivor: str | int, *, realm: str | None = None
    ) -> dict[str, Any]:
        """Merge one customer into another; returns the survivor."""
        return self._customer(loser, "/merge", realm, {"into": str(survivor)})

    def rows(self, folder: str, *, realm: str | None = None) -> list[dict[str, Any]]:
        """Return all of one kind, inactive ones too: `terms`, `taxrates`, `invoices`, …"""
        found = self.call("GET", f"/realms/{realm or self.realm}/{folder}")
        return list(next(iter(found.values())))

    def enter(self, folder: str, *, realm: str | None = None, **fields: Any) -> dict[str, Any]:
        """Enter a term, an item, an invoice, … as a person does; returns it.

        `taxcodes` takes what the tax service takes.
        """
        return self.call("POST", f"/realms/{realm or self.realm}/{folder}", fields)

    def change(
        self, folder: str, entity_id: str | int, *, realm: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Edit as a person does. A tax rate ends inactive and its new one, with a new Id, comes
        back, unless `same_id=True`, which only companies outside the US can do.
        """
        return self.call("POST", f"/realms/{realm or self.realm}/{folder}/{entity_id}", fields)

    def retire(
        self, folder: str, entity_id: str | int, *, realm: str | None = None
    ) -> dict[str, Any]:
        """Make a list entry inactive: what QuickBooks' UI calls deleting a term or an item."""
        path = f"/realms/{realm or self.realm}/{folder}/{entity_id}/inactivate"
        return self.call("POST", path)

    def void(self, folder: str, entity_id: str | int, *, realm: str | None = None) -> None:
        """Void an invoice, a credit memo or a payment."""
        self.call("POST", f"/realms/{realm or self.realm}/{folder}/{entity_id}/void")

    def delete(self, folder: str, entity_id: str | int, *, realm: str | None = None) -> None:
        """Delete an invoice, a credit memo or a payment."""
        self.call("POST", f"/realms/{realm or self.realm}/{folder}/{entity_id}/delete")

    def pay(
        self,
        customer_id: str | int,
        amount: float,
        invoices: dict[str, float] | None = None,
        *,
        realm: str | None = None,
    ) -> dict[str, Any]:
        """Record a payment; `invoices` says how much of it goes to which."""
        lines = [
            {"Amount": part, "LinkedTxn": [{"TxnId": number, "TxnType": "Invoice"}]}
            for number, part in (invoices or {}).items()
        ]
        customer = {"value": str(customer_id)}
        return self.enter(
            "payments", realm=realm, CustomerRef=customer, TotalAmt=amount, Line=lines
        )

    def tell(self, **endpoint: Any) -> dict[str, Any]:
        """Send webhooks to `url`, signed with `verifier`; see hooks/webhooks.py for the rest."""
        return self.call("PUT", "/webhooks", endpoint)

    def told(self) -> dict[str, Any]:
        """Return the endpoint, what is queued and the latest deliveries."""
        return self.call("GET", "/webhooks")

    def connect(self, client_id: str = "client", *, realm: str | None = None) -> dict[str, Any]:
        """Grant tokens without the browser; returns the token endpoint's body and `realmId`."""
        path = f"/realms/{realm or self.realm}/connect"
        return self.call("POST", path, {"client_id": client_id})

    def expire_access(self, *, realm: str | None = None) -> int:
        """Expire all access tokens of a company now; return how many."""
        return int(self.call("POST", f"/realms/{realm or self.realm}/expire-access")["expired"])

    def revoke(self, *, realm: str | None = None) -> int:
        """Disconnect the app inside QuickBooks; return how many grants ended."""
        return int(self.call("POST", f"/realms/{realm or self.realm}/revoke")["revoked"])

    def oauth(self, **settings: Any) -> dict[str, Any]:
        """Set `rotation` ("always" or "daily") or register `clients={id: secret}`."""
        return self.call("PUT", "/oauth", settings)

    def consent(
        self, *, realm: str | None = None, deny: bool = False, error: str | None = None
    ) -> dict[str, Any]:
        """Choose the company of the next consents, or refuse the next one."""
        body: dict[str, Any] = {"deny": deny, "error": error}
        return self.call("PUT", "/consent", body | ({"realm": realm} if realm else {}))

    def fail(self, fault: str, times: int = 1, **rule: Any) -> None:
        """Fail the next `times` calls; narrow with `method`, `path`, `skip`; see failures.py."""
        self.call("POST", "/failures", {"fault": fault, "times": times} | rule)

    def failures(self) -> list[dict[str, Any]]:
        """Return the rules still in force."""
        return list(self.call("GET", "/failures")["failures"])

    def heal(self, *, realm: str | None = None) -> None:
        """Drop all rules, or those whose `path` names this company."""
        self.call("DELETE", f"/realms/{realm}/failures" if realm else "/failures")

    def clock(self, *, offset: float | None = None, advance: float = 0) -> str:
        """Set the clock's offset or move it on, in seconds; return the stand-in's time."""
        body: dict[str, Any] = {"advance": advance}
        return str(
            self.call("PUT", "/clock", body | ({} if offset is None else {"offset": offset}))["now"]
        )

    def counters(self, *, realm: str | None = None) -> dict[str, int]:
        """Return how many calls of each kind: oauth, query, cdc, read, write, batch, other.

        All companies' calls, unless a `realm` is named.
        """
        return self.call("GET", f"/realms/{realm}/counters" if realm else "/counters")

    def calls(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Return the latest 1000 calls, oldest first: method, path, status, requestid, …"""
        calls = self.call("GET", "/calls")["calls"]
        return [one for one in calls if kind in (None, one["kind"])]

    def reset_counters(self) -> None:
        """Start counting anew and forget the calls."""
        self.call("DELETE", "/counters")

    def _customer(
        self, entity_id: str | int, action: str, realm: str | None, body: dict[str, Any]
    ) -> dict[str, Any]:
        path = f"/realms/{realm or self.realm}/customers/{entity_id}{action}"
        return self.call("POST", path, body)
