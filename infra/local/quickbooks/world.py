"""Everything the stand-in knows, and how it survives a restart."""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from infra.local.quickbooks.clock import Clock
from infra.local.quickbooks.company import Company
from infra.local.quickbooks.failures import Failure, Failures
from infra.local.quickbooks.hooks.webhooks import Webhooks
from infra.local.quickbooks.limits import Limits
from infra.local.quickbooks.lists import chart
from infra.local.quickbooks.oauth import OAuth
from infra.local.quickbooks.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

FIRST_REALM = "9341450000000001"
KINDS = ("oauth", "query", "cdc", "read", "write", "batch", "other")
_REMEMBERED = 1000


@dataclass(slots=True)
class Consent:
    """What the person at the consent page will do: pick a company, or refuse with `error`."""

    realm: str = FIRST_REALM
    error: str | None = None


@dataclass
class World:
    """All companies, grants and rules. Hold `lock` around every use.

    `calls` holds the latest calls as JSON objects; they and `counters` are not saved.
    """

    path: Path | None = None
    clock: Clock = field(default_factory=Clock)
    oauth: OAuth = field(default_factory=OAuth)
    companies: dict[str, Company] = field(default_factory=dict)
    consent: Consent = field(default_factory=Consent)
    failures: Failures = field(default_factory=Failures)
    hooks: Webhooks = field(default_factory=Webhooks)
    limits: Limits = field(default_factory=Limits)
    counters: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    by_realm: dict[str, dict[str, int]] = field(default_factory=dict)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    saving: threading.Lock = field(default_factory=threading.Lock, repr=False)
    changed: threading.Event = field(default_factory=threading.Event, repr=False)

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            self._load(json.loads(self.path.read_text(encoding="utf-8")))
        if not self.companies:
            self.open_company(FIRST_REALM)

    def open_company(self, realm: str | None = None) -> Company:
        """Open a new company's book under `realm` (16 digits), in place of one that was there."""
        realm = realm or "93414" + "".join(secrets.choice("0123456789") for _ in range(11))
        if not (realm.isascii() and realm.isdigit() and 15 <= len(realm) <= 19):
            raise ValueError("a realm is a string of 15 to 19 digits")
        company = Company(realm, opened=self.clock.now(), settings=Settings())
        chart.fill(company)
        self.companies[realm] = company
        return company

    def reset(self) -> None:
        """Forget everything: one empty company is left."""
        self.clock.offset = 0.0
        self.oauth, self.consent, self.failures = OAuth(), Consent(), Failures()
        self.hooks, self.limits = Webhooks(), Limits()
        self.companies.clear()
        self.open_company(FIRST_REALM)
        self.reset_counters()

    def reset_counters(self) -> None:
        """Start counting calls anew."""
        self.counters = dict.fromkeys(KINDS, 0)
        self.by_realm.clear()
        self.calls.clear()

    def counters_of(self, realm: str) -> dict[str, int]:
        """How many calls one company has had."""
        return self.by_realm.setdefault(realm, dict.fromkeys(KINDS, 0))

    def record(self, call: dict[str, Any]) -> None:
        """Count one call; it has at least `kind`, and `realm` unless it is nobody's."""
        self.counters[call["kind"]] += 1
        if realm := call.get("realm"):
            self.counters_of(realm)[call["kind"]] += 1
        self.calls.append(call)

    def tell(self) -> None:
        """Hand what changed in the companies to the webhooks."""
        for company in self.companies.values():
            if company.journal:
                self.hooks.collect(company.realm, company.journal)
                company.journal.clear()

    def save(self) -> None:
        """Write the state file in one step, so that a crash leaves the old or the new one."""
        if self.path is None:
            return
        # The periodic save and the one at the end share a temporary file.
        with self.saving:
            self.changed.clear()
            with self.lock:
                text = json.dumps(self._dump())
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.path.with_name(self.path.name + ".tmp")
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)

    def _dump(self) -> dict[str, Any]:
        return {
            "offset": self.clock.offset,
            "oauth": self.oauth.dump(),
            "companies": [company.dump() for company in self.companies.values()],
            "consent": asdict(self.consent),
            "failures": [asdict(rule) for rule in self.failures.rules],
            "hooks": self.hooks.dump(),
        }

    def _load(self, saved: dict[str, Any]) -> None:
        self.clock.offset = saved["offset"]
        self.oauth = OAuth.load(saved["oauth"])
        for one in saved["companies"]:
            self.companies[one["realm"]] = company = Company.load(one)
            if not company.last_ids:
                # Saved before there were lists.
                chart.fill(company)
        self.consent = Consent(**saved["consent"])
        self.failures.rules = [Failure(**one) for one in saved["failures"]]
        if "hooks" in saved:
            self.hooks = Webhooks.load(saved["hooks"])
