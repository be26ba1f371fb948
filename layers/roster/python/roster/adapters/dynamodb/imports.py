"""The record of every import: its head, its chunks, whose turn it is, and which are open."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any

import orjson

from roster.adapters.dynamodb import import_keys, keys
from roster.adapters.dynamodb.encoding import dump, milliseconds, moment
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.errors import StaleVersion
from roster.domain.events import Actor, Source
from roster.domain.imports.job import (
    ErrorFile,
    Import,
    ImportKind,
    ImportStatus,
    PlanSummary,
    Reading,
    Reason,
    Run,
    Tally,
)
from roster.domain.imports.options import BlankCells, ImportMode, MatchBy, Options
from roster.domain.imports.told import Told
from roster.usecases.imports.ports import ChunkHeld
from roster.usecases.ports import Page

_ARRIVAL = "import_arrival"
_ABSENT = "attribute_not_exists(pk)"
_TALLY = tuple(f.name for f in fields(Tally))
_OF_THE_ITEM = ("id", "tenant", "revision", "tally", "reading", "stop")
_MOMENTS = ("created_at", "updated_at", "load_started_at", "closed_at", "undo_started_at")
_READ_MOMENTS = ("started_at", "at")


class DynamoImports:
    """Imports in the business table; implements `imports.ports.Imports`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, import_id: str) -> Import | None:
        """The import, strongly consistent."""
        found = self._table.get(import_keys.job(tenant, import_id))
        return import_from(found) if found else None

    def list(self, tenant: str, *, limit: int, after: str | None) -> Page[Import]:
        """One query, backwards: ids are ordered by time."""
        found, last = self._table.query(
            import_keys.imports_partition(tenant), after=after, limit=limit, forward=False
        )
        return Page([import_from(item) for item in found], last)

    def add(self, job: Import, *, arrival: str | None = None) -> Import:
        """See `imports.ports.Imports.add`."""
        put = self._table.put_action
        actions = [put({**_head(job), "doc": _doc(job)}, condition=_ABSENT), *self._mark(job)]
        mark = keys.unique(job.tenant, _ARRIVAL, arrival) if arrival is not None else None
        if mark:
            actions.append(put({**mark, "import": job.id}, condition=_ABSENT))
        try:
            self._table.transact(actions)
        except TransactionRefused:
            earlier = self._table.get(mark) if mark else None
            found = self.get(job.tenant, earlier["import"] if earlier else job.id)
            if found is None:
                raise
            return found
        return job

    def _mark(self, job: Import) -> Iterator[Item]:
        mark = import_keys.open_import(job.tenant, job.id)
        if job.is_open:
            yield self._table.put_action({**mark})

    def save(self, before: Import, after: Import) -> None:
        """See `imports.ports.Imports.save`."""
        actions = [
            self._table.update_action(
                import_keys.job(after.tenant, after.id),
                "SET doc = :doc, revision = :after",
                condition="revision = :before",
                doc=_doc(after),
                before=before.revision,
                after=after.revision,
            ),
            *self._mark(after),
        ]
        if not after.is_open:
            actions.append(
                self._table.delete_action(import_keys.open_import(after.tenant, after.id))
            )
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            raise StaleVersion(f"import {after.id} was changed by someone else") from refused

    def open(self) -> Iterable[tuple[str, str]]:
        """One partition, that is as long as there are imports at work."""
        for item in self._table.query_all(import_keys.OPEN_IMPORTS):
            yield import_keys.open_import_parts(item["sk"])

    def take_turn(self, tenant: str, import_id: str) -> str | None:
        """See `imports.ports.Imports.take_turn`."""
        key = import_keys.turn(tenant)
        condition = "attribute_not_exists(pk) OR holder = :me"
        while not self._table.put({**key, "holder": import_id}, condition=condition, me=import_id):
            held = self._table.get(key)
            if held is not None:
                return str(held["holder"])
        return None

    def end_turn(self, tenant: str, import_id: str) -> None:
        """See `imports.ports.Imports.end_turn`."""
        self._table.delete(import_keys.turn(tenant), condition="holder = :me", me=import_id)

    def stop(self, tenant: str, import_id: str) -> None:
        """See `imports.ports.Imports.stop`."""
        self._table.update(
            import_keys.job(tenant, import_id),
            "SET stop_asked = :yes",
            condition="attribute_exists(pk)",
            yes=True,
        )

    def note_reading(self, job: Import, reading: Reading) -> bool:
        """See `imports.ports.Imports.note_reading`."""
        noted = asdict(reading)
        noted |= {k: milliseconds(noted[k]) for k in _READ_MOMENTS}
        written = self._table.update(
            import_keys.job(job.tenant, job.id),
            "SET reading = :reading",
            condition="revision = :revision",
            reading=dump(noted),
            revision=job.revision,
        )
        return written is not None

    def claim_chunk(
        self,
        tenant: str,
        import_id: str,
        chunk: int,
        *,
        now: datetime,
        lease: timedelta,
        over_for: timedelta = timedelta(0),
        run: Run = Run.LOAD,
        undo: int = 1,
    ) -> int | None:
        """See `imports.ports.Imports.claim_chunk`."""
        key = import_keys.chunk(tenant, import_id, chunk, _prefix(run, undo))
        claimed = self._table.update(
            key,
            "SET leased_until = :until ADD attempts :one",
            condition=f"{_ABSENT} OR (attribute_not_exists(finished) AND leased_until < :before)",
            until=milliseconds(now + lease),
            before=milliseconds(now - over_for),
            one=1,
        )
        if claimed is not None:
            return int(claimed["attempts"])
        held = self._table.get(key)
        if held is not None and held.get("finished"):
            return None
        raise ChunkHeld(f"another attempt at chunk {chunk} of {import_id} is still at work")

    def finish_chunk(
        self,
        tenant: str,
        import_id: str,
        chunk: int,
        tally: Tally,
        *,
        issues: int,
        run: Run = Run.LOAD,
        undo: int = 1,
    ) -> None:
        """See `imports.ports.Imports.finish_chunk`."""
        counts = {name: value for name, value in asdict(tally).items() if value}
        added = ", ".join(f"{_counter(name)} :{name}" for name in counts)
        try:
            self._table.transact(
                [
                    self._table.update_action(
                        import_keys.chunk(tenant, import_id, chunk, _prefix(run, undo)),
                        "SET finished = :yes, issue_count = :issues",
                        condition="attribute_not_exists(finished)",
                        yes=True,
                        issues=issues,
                    ),
                    self._table.update_action(
                        import_keys.job(tenant, import_id), f"ADD {added}", **counts
                    ),
                ]
            )
        except TransactionRefused as refused:
            if refused.reasons[0] != "ConditionalCheckFailed":
                raise

    def chunks_with_issues(
        self, tenant: str, import_id: str, run: Run = Run.LOAD, undo: int = 1
    ) -> Iterator[int]:
        """See `imports.ports.Imports.chunks_with_issues`."""
        partition = import_keys.chunks_partition(tenant, import_id)
        for item in self._table.query_all(partition, prefix=_prefix(run, undo)):
            if item.get("issue_count"):
                yield import_keys.chunk_number(item["sk"])


def _prefix(run: Run, undo: int) -> str:
    """What the marks of a run's chunks begin with; those of the first undo as they always did."""
    if run is Run.LOAD:
        return import_keys.CHUNK_PREFIX
    return (
        import_keys.UNDO_PREFIX if undo <= 1 else import_keys.UNDO_PREFIX.replace("#", f"{undo}#")
    )


def _counter(name: str) -> str:
    return f"rows_{name}"


def _head(job: Import) -> Item:
    return {**import_keys.job(job.tenant, job.id), "revision": job.revision}


def _doc(job: Import) -> str:
    values = {f.name: getattr(job, f.name) for f in fields(Import) if f.name not in _OF_THE_ITEM}
    values = {k: v for k, v in values.items() if v is not None and v != () and v != Told()}
    values |= {k: milliseconds(values[k]) for k in _MOMENTS if k in values}
    return dump(values)


def _actor(stored: dict[str, Any]) -> Actor:
    return Actor(stored["user"], Source(stored["source"]), stored["run"])


def _told(stored: dict[str, Any]) -> Told:
    columns = tuple((index, field) for index, field in stored.pop("columns"))
    return Told(columns=columns, **stored)


def _options(stored: dict[str, str]) -> Options:
    """What was asked for; imports of before there were options created and nothing else."""
    usual = Options()
    return Options(
        mode=ImportMode(stored.get("mode", usual.mode)),
        match_by=MatchBy(stored.get("match_by", usual.match_by)),
        blank_cells=BlankCells(stored.get("blank_cells", usual.blank_cells)),
    )


def _reading_from(stored: str) -> Reading:
    values: dict[str, Any] = orjson.loads(stored)
    return Reading(**values | {k: moment(values[k]) for k in _READ_MOMENTS})


def import_from(item: Item) -> Import:
    """An import back from its item."""
    values: dict[str, Any] = orjson.loads(item["doc"])
    values |= {k: moment(values[k]) for k in _MOMENTS if k in values}
    by, undo_by = values.pop("created_by"), values.pop("undo_by", None)
    told, error_file = values.pop("told", None), values.pop("error_file", None)
    plan, reason = values.pop("plan", None), values.pop("reason", None)
    kind = values.pop("kind", None)
    return Import(
        id=item["sk"],
        tenant=item["pk"].rpartition("#")[0],
        revision=item["revision"],
        status=ImportStatus(values.pop("status")),
        kind=ImportKind(kind) if kind else None,
        created_by=_actor(by),
        undo_by=_actor(undo_by) if undo_by else None,
        columns=tuple((heading, field) for heading, field in values.pop("columns", ())),
        options=_options(values.pop("options", {})),
        plan=PlanSummary(**plan) if plan else None,
        reason=Reason(**reason) if reason else None,
        told=_told(told) if told else Told(),
        tally=Tally(**{name: item.get(_counter(name), 0) for name in _TALLY}),
        error_file=ErrorFile(**error_file | {"formats": tuple(error_file["formats"])})
        if error_file
        else None,
        reading=_reading_from(item["reading"]) if "reading" in item else None,
        stop=bool(item.get("stop_asked")),
        **values,
    )
