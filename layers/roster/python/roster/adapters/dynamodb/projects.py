"""Projects, and beside them how many of a customer's there are."""

from collections.abc import Sequence
from datetime import date

import orjson

from roster.adapters.dynamodb import encoding, record_keys
from roster.adapters.dynamodb.records import DynamoRecords
from roster.adapters.dynamodb.table import Item, Table
from roster.domain.project import Project, ProjectCounts, counts_moved


class DynamoProjects(DynamoRecords[Project]):
    """Projects in the business table; implements `projects.Projects`."""

    def __init__(self, table: Table) -> None:
        super().__init__(table, Project, row_omits=("description",))

    def counts(self, tenant: str, owners: Sequence[str]) -> Sequence[ProjectCounts]:
        """Half a request unit and more an owner."""
        found = self._table.get_many(record_keys.project_counts(tenant, owner) for owner in owners)
        return [project_counts_from(item) for item in found]

    def change_actions(self, before: Project | None, after: Project | None) -> list[Item]:
        """See `DynamoRecords.change_actions`; the figures move in the same transaction."""
        actions = super().change_actions(before, after)
        project = after or before
        if project is None or (before and after and _counted(before) == _counted(after)):
            return actions
        key = record_keys.project_counts(project.tenant, project.customer_id)
        stored = self._table.get(key)
        known = project_counts_from(stored) if stored else ProjectCounts()
        later = counts_moved(known, before, after, project.updated_at.date())
        item = {**key, "v": later.version, "doc": _doc(later)}
        given = {"condition": "v = :v", "v": known.version} if stored else {"condition": _ABSENT}
        return [*actions, self._table.put_action(item, **given)]


_ABSENT = "attribute_not_exists(pk)"


def _counted(project: Project) -> tuple[object, ...]:
    return project.closed, project.start_date, project.end_date


def _doc(counts: ProjectCounts) -> str:
    spans = [
        [start and start.isoformat(), end and end.isoformat(), n]
        for (start, end), n in counts.spans.items()
    ]
    values = {"day": counts.day.isoformat(), "past": counts.past, "spans": spans}
    return encoding.dump(values)


def project_counts_from(item: Item) -> ProjectCounts:
    """The figures of projects back from their item."""
    doc = orjson.loads(item["doc"])
    return ProjectCounts(
        version=item["v"],
        day=date.fromisoformat(doc["day"]),
        past=doc["past"],
        spans={(_date(start), _date(end)): n for start, end, n in doc["spans"]},
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
