"""Connections to QuickBooks: sealed tokens, the lease to refresh them, and when they are due."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from roster.adapters.dynamodb import quickbooks_keys
from roster.adapters.dynamodb.encoding import milliseconds, moment
from roster.adapters.dynamodb.quickbooks_state import run_item
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.sync.connection import (
    Connection,
    ConnectionStatus,
    OAuthState,
    Run,
    Tokens,
)

# A run under way is looked at again after this long: its worker may have died.
LOOK_AGAIN = timedelta(minutes=10)
_OPEN = "#status = :open"


class Vault(Protocol):
    """Seals secrets for what they belong to."""

    def seal(self, text: str, **context: str) -> bytes:
        """The sealed form."""

    def open(self, sealed: bytes, **context: str) -> str:
        """What was sealed."""


def _set(values: Item) -> tuple[str, dict[str, str]]:
    """An update expression that sets `values`, with every name escaped."""
    return "SET " + ", ".join(f"#{n} = :{n}" for n in values), {f"#{n}": n for n in values}


class DynamoConnections:
    """Implements `quickbooks.ports.Connections`."""

    def __init__(self, table: Table, vault: Vault) -> None:
        self._table, self._vault = table, vault

    def get(self, tenant: str) -> Connection | None:
        """The connection with its tokens opened, strongly consistent."""
        item = self._table.get(quickbooks_keys.connection(tenant))
        return self._connection(tenant, item) if item else None

    def _connection(self, tenant: str, item: Item) -> Connection:
        return Connection(
            tenant=tenant,
            realm=item["realm"],
            status=ConnectionStatus(item["status"]),
            connected_at=moment(item["connected_at"]),
            connected_by=item["connected_by"],
            token_version=item["token_version"],
            tokens=self._opened(tenant, item),
            cursor=moment(item["cursor"]) if item.get("cursor") else None,
            last_pull=moment(item["last_pull"]) if item.get("last_pull") else None,
            pushed=moment(item["pushed"]) if item.get("pushed") else None,
            polled=moment(item["polled"]) if item.get("polled") else None,
            run=item.get("run"),
            reason=item.get("reason"),
            former=tuple(item.get("former", ())),
            first_synced=moment(item["first_synced"]) if item.get("first_synced") else None,
            refused_realm=item.get("refused_realm"),
        )

    def _sealed(self, tenant: str, realm: str, tokens: Tokens) -> Item:
        context = {"tenant": tenant, "realm": realm}
        return {
            "access": self._vault.seal(tokens.access, **context),
            "access_expires": milliseconds(tokens.access_expires),
            "refresh": self._vault.seal(tokens.refresh, **context),
            "refresh_expires": milliseconds(tokens.refresh_expires),
        }

    def _opened(self, tenant: str, item: Item) -> Tokens | None:
        if "refresh" not in item:
            return None
        context = {"tenant": tenant, "realm": item["realm"]}
        return Tokens(
            access=self._vault.open(item["access"], **context),
            access_expires=moment(item["access_expires"]),
            refresh=self._vault.open(item["refresh"], **context),
            refresh_expires=moment(item["refresh_expires"]),
        )

    def save_state(self, state: str, bound: OAuthState) -> None:
        """Remember an authorization by the hash of its state: the table never holds the state."""
        self._table.put(
            {
                **quickbooks_keys.state(_hash(state)),
                "tenant": bound.tenant,
                "user": bound.user,
                "redirect_uri": bound.redirect_uri,
                "expires": milliseconds(bound.expires),
                "anew": bound.anew,
                "ttl": int(bound.expires.timestamp()),
            }
        )

    def take_state(self, state: str) -> OAuthState | None:
        """Use up a state: the condition lets only one of two callbacks have it."""
        key = quickbooks_keys.state(_hash(state))
        item = self._table.get(key)
        if item is None or not self._table.delete(key, condition="attribute_exists(pk)"):
            return None
        return OAuthState(
            tenant=item["tenant"],
            user=item["user"],
            redirect_uri=item["redirect_uri"],
            expires=moment(item["expires"]),
            anew=item.get("anew", False),
        )

    def connect(self, connection: Connection, *, instead_of_another: bool = False) -> bool:
        """Store a connection; a renewed one keeps its cursor. False when the realm is another.

        In the place of another realm's it begins without one.
        """
        before = self._table.get(quickbooks_keys.connection(connection.tenant))
        if before is not None and before["realm"] != connection.realm:
            return instead_of_another and self._replace(connection, before)
        return self._connect(connection)

    def _replace(self, connection: Connection, before: Item) -> bool:
        """The place without what belongs to the old realm: tokens are sealed for one alone."""
        was = before["realm"]
        left = [one for one in before.get("former", ()) if one not in (was, connection.realm)]
        of_the_old = (
            "cursor",
            "last_pull",
            "pushed",
            "polled",
            "first_synced",
            "access",
            "refresh",
        )
        names = (*of_the_old, "realm", "former", "status")
        moved = self._table.update(
            quickbooks_keys.connection(connection.tenant),
            "SET #realm = :realm, #former = :former, #status = :closed REMOVE "
            + ", ".join(f"#{name}" for name in of_the_old),
            condition="#realm = :was",
            names={f"#{name}": name for name in names},
            realm=connection.realm,
            closed=str(ConnectionStatus.NEEDS_RECONNECT),
            former=[*left, was],
            was=was,
        )
        if moved is None:
            return False
        self._table.delete(quickbooks_keys.realm(was, connection.tenant))
        return self._connect(connection)

    def parted(self, tenant: str, realm: str) -> None:
        """See `quickbooks.ports.Connections.parted`."""
        item = self._table.get(quickbooks_keys.connection(tenant)) or {}
        self._table.update(
            quickbooks_keys.connection(tenant),
            "SET #former = :left",
            condition="#former = :was",
            names={"#former": "former"},
            was=item.get("former", []),
            left=[one for one in item.get("former", ()) if one != realm],
        )

    def _connect(self, connection: Connection) -> bool:
        tokens = connection.tokens
        if tokens is None:
            raise ValueError("a connection needs its tokens")
        values = {
            "realm": connection.realm,
            "status": str(connection.status),
            "connected_at": milliseconds(connection.connected_at),
            "connected_by": connection.connected_by,
            **self._sealed(connection.tenant, connection.realm, tokens),
            "lock_until": 0,
        }
        expression, names = _set(values)
        stored = self._table.update(
            quickbooks_keys.connection(connection.tenant),
            f"{expression} REMOVE #reason, #run, refused_realm ADD #token_version :one",
            condition="attribute_not_exists(pk) OR #realm = :realm",
            names={**names, "#reason": "reason", "#run": "run", "#token_version": "token_version"},
            one=1,
            **values,
        )
        if stored is None:
            return False
        due = milliseconds(connection.connected_at)
        self._table.put({**quickbooks_keys.due(connection.tenant), "due": due})
        self._table.put({**quickbooks_keys.realm(connection.realm, connection.tenant)})
        return True

    def note_refused(self, tenant: str, realm: str) -> None:
        """See `quickbooks.ports.Connections.note_refused`."""
        self._table.update(
            quickbooks_keys.connection(tenant),
            "SET refused_realm = :refused",
            condition="attribute_exists(pk)",
            refused=realm,
        )

    def close(self, tenant: str, status: str, reason: str | None) -> None:
        """Make the connection unusable, forget its tokens and stop the schedule."""
        names = ("status", "reason", "access", "refresh", "run")
        self._table.update(
            quickbooks_keys.connection(tenant),
            "SET #status = :status, #reason = :reason REMOVE #access, #refresh, #run",
            condition="attribute_exists(pk)",
            names={f"#{n}": n for n in names},
            status=str(status),
            reason=reason,
        )
        self._table.delete(quickbooks_keys.due(tenant))

    def take_lease(self, tenant: str, now: datetime, until: datetime) -> bool:
        """One conditional write decides who refreshes."""
        taken = self._table.update(
            quickbooks_keys.connection(tenant),
            "SET lock_until = :until",
            condition=f"lock_until < :now AND {_OPEN}",
            names={"#status": "status"},
            until=milliseconds(until),
            now=milliseconds(now),
            open=str(ConnectionStatus.CONNECTED),
        )
        return taken is not None

    def save_tokens(self, tenant: str, tokens: Tokens, *, seen_version: int) -> bool:
        """Store the pair before anyone uses it; the version says that nobody did it meanwhile."""
        item = self._table.get(quickbooks_keys.connection(tenant))
        if item is None:
            return False
        values = {**self._sealed(tenant, item["realm"], tokens), "lock_until": 0}
        expression, names = _set(values)
        stored = self._table.update(
            quickbooks_keys.connection(tenant),
            f"{expression} ADD token_version :one",
            condition=f"token_version = :seen AND {_OPEN}",
            names={**names, "#status": "status"},
            one=1,
            seen=seen_version,
            open=str(ConnectionStatus.CONNECTED),
            **values,
        )
        return stored is not None

    def release_lease(self, tenant: str) -> None:
        """Let the next worker refresh at once."""
        self._table.update(
            quickbooks_keys.connection(tenant),
            "SET lock_until = :zero",
            condition="attribute_exists(pk)",
            zero=0,
        )

    def begin_run(self, run: Run) -> bool:
        """The run and its place on the connection in one transaction: one at a time."""
        again = milliseconds(run.started_at + LOOK_AGAIN)
        actions = [
            self._table.update_action(
                quickbooks_keys.connection(run.tenant),
                "SET #run = :run",
                condition=f"attribute_not_exists(#run) AND {_OPEN}",
                names={"#run": "run", "#status": "status"},
                run=run.id,
                open=str(ConnectionStatus.CONNECTED),
            ),
            self._table.put_action(run_item(run), condition="attribute_not_exists(pk)"),
            self._table.put_action({**quickbooks_keys.due(run.tenant), "due": again}),
        ]
        return self._transacted(actions)

    def end_run(self, run: Run, *, cursor: datetime | None, due: datetime) -> None:
        """The run's end, how far it got, what it read and the next turn in one transaction."""
        values: Item = {}
        if cursor is not None and run.finished_at is not None:
            values = {"cursor": milliseconds(cursor), "last_pull": milliseconds(run.finished_at)}
            began = milliseconds(run.started_at)
            values |= {"pushed": began} if run.policy.mode.pushes else {}
            values |= {"polled": began} if run.lists else {}
        expression, names = _set(values) if values else ("", {})
        if values:
            expression += ", first_synced = if_not_exists(first_synced, :last_pull)"
        actions = [
            self._table.update_action(
                quickbooks_keys.connection(run.tenant),
                f"{expression} REMOVE #run",
                condition="#run = :mine",
                names={**names, "#run": "run"},
                mine=run.id,
                **values,
            ),
            self._table.put_action(run_item(run)),
            # What was heard while it ran stays heard.
            self._table.update_action(
                quickbooks_keys.due(run.tenant), "SET due = :due", due=milliseconds(due)
            ),
            self._table.update_action(
                quickbooks_keys.meter(run.tenant, f"{run.started_at:%Y-%m}"),
                "ADD #reads :reads",
                names={"#reads": "reads"},
                reads=run.reads + run.polls,
            ),
        ]
        if not self._transacted(actions):
            # The connection was closed or renewed meanwhile: only the run is ours to end.
            self._table.put(run_item(run))

    def look_again(self, tenant: str, at: datetime) -> None:
        """Have the dispatcher look at the connection at that time."""
        self._table.update(
            quickbooks_keys.due(tenant),
            "SET due = :due",
            condition="attribute_exists(pk)",
            due=milliseconds(at),
        )

    def due(self, now: datetime) -> Sequence[str]:
        """The tenants whose time has come, or of whom something was heard some time ago."""
        found = self._table.query_all(quickbooks_keys.due("")["pk"])
        by_now = milliseconds(now)
        return [i["sk"] for i in found if min(i["due"], i.get("hinted", i["due"])) <= by_now]

    def _transacted(self, actions: Sequence[Any]) -> bool:
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if "ConditionalCheckFailed" not in refused.reasons:
                raise
            return False
        return True


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
