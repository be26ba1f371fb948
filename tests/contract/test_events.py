"""The event files and the schema of what is published."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from roster.domain.events import Actor, Change, Event, EventKind, Source, event_id
from roster.domain.ids import new_id
from roster.domain.imports.job import Import, ImportStatus, PlanSummary, Reason, Tally
from roster.domain.imports.news import ImportEvent, ImportNews, news_of
from roster.domain.imports.progress import ImportPhase
from roster.usecases.announcing import announce, announce_import
from tests.support.functions import functions
from tests.support.template import ROOT

FILES = sorted((ROOT / "events").rglob("*.*"))
IMPORT_SCHEMA = json.loads((ROOT / "docs/events/import.schema.json").read_text())
SCHEMA = json.loads((ROOT / "docs/events/customer.schema.json").read_text())
AT = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_an_event_file_is_json_for_a_function_of_the_template(path: Path) -> None:
    assert path.suffix == ".json"
    assert path.parent.parent == ROOT / "events"
    assert path.parent.name in {f.folder for f in functions()}
    assert json.loads(path.read_text())


class _Kept:
    def __init__(self) -> None:
        self.announcements: list[object] = []

    def publish(self, announcements: object) -> None:
        self.announcements += announcements  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("source", Source)
def test_what_is_published_is_as_the_schema_says(kind: EventKind, source: Source) -> None:
    bus = _Kept()
    changes = (Change("phone", "1", None), Change("email", None, "secret@acme.example"))
    told = Event(
        event_id(2, AT), kind, new_id("cus", AT), 2, AT, Actor("olga", source, "run"), changes
    )
    announce("acme", told, announcements=bus)  # type: ignore[arg-type]
    (announcement,) = bus.announcements
    detail = json.loads(json.dumps(announcement.detail))  # type: ignore[attr-defined]
    jsonschema.validate(detail, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert detail["fields"] == ["phone", "email"]
    assert "secret" not in json.dumps(detail)
    for name in SCHEMA["required"]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in detail.items() if k != name}, SCHEMA)


def _import(status: ImportStatus, **values: Any) -> Import:
    return Import(
        id=new_id("imp", AT), tenant="acme", status=status, filename="Olga's secret list.csv",
        key="acme/inbox/x", created_at=AT, updated_at=AT, created_by=Actor("olga"),
        needs_confirmation=False, **values,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ImportNews)
@pytest.mark.parametrize("status", ImportStatus)
@pytest.mark.parametrize("planned", [None, PlanSummary(create=3, error=1)])
def test_what_is_published_of_an_import_is_as_the_schema_says(
    kind: ImportNews, status: ImportStatus, planned: PlanSummary | None
) -> None:
    bus = _Kept()
    job = _import(status, plan=planned, tally=Tally(created=2), reason=Reason("stuck", "private"))
    mark = "3-loading-50" if kind is ImportNews.PROGRESS else "3"
    told = ImportEvent(f"{job.id}-{kind}-{mark}", kind, job, AT, ImportPhase.LOADING, 50)
    announce_import(told, announcements=bus)  # type: ignore[arg-type]
    (announcement,) = bus.announcements
    assert announcement.kind == f"import.{kind}"  # type: ignore[attr-defined]
    detail = json.loads(json.dumps(announcement.detail))  # type: ignore[attr-defined]
    jsonschema.validate(detail, IMPORT_SCHEMA, format_checker=jsonschema.FormatChecker())
    assert "secret" not in json.dumps(detail)
    assert "private" not in json.dumps(detail)
    for name in IMPORT_SCHEMA["required"]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({k: v for k, v in detail.items() if k != name}, IMPORT_SCHEMA)


def test_progress_is_told_once_for_each_five_percent_however_often_it_comes() -> None:
    steps = [
        _import(
            ImportStatus.LOADING, plan=PlanSummary(create=1000), load_started_at=AT,
            tally=Tally(created=n),
        )
        for n in range(1001)
    ]  # fmt: skip
    steps = [replace(one, id=steps[0].id) for one in steps]
    pairs = list(pairwise(steps))
    told = [event for before, after in pairs for event in news_of(before, after, AT)]
    assert [event.percent for event in told] == list(range(5, 101, 5))
    late = {event.id for before, after in reversed(pairs) for event in news_of(before, after, AT)}
    assert late == {event.id for event in told}
    assert list(news_of(steps[500], steps[500], AT)) == []
