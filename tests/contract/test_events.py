"""The event files and the schema of what is published."""

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from roster.domain.events import Actor, Change, Event, EventKind, Source, event_id
from roster.domain.ids import new_id
from roster.usecases.announcing import announce
from tests.support.functions import functions
from tests.support.template import ROOT

FILES = sorted((ROOT / "events").rglob("*.*"))
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
