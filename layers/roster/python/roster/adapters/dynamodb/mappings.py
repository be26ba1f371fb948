"""Mappings of columns that companies have saved, one item for each set of headings."""

from collections.abc import Iterable, Mapping

import orjson

from roster.adapters.dynamodb import import_keys
from roster.adapters.dynamodb.encoding import dump
from roster.adapters.dynamodb.table import Table
from roster.domain.imports.told import Saved


class DynamoMappings:
    """Saved mappings in the business table; implements `imports.ports.SavedMappings`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def find(self, tenant: str, signatures: Iterable[str]) -> Mapping[str, Saved]:
        """One request for up to a hundred signatures, strongly consistent."""
        wanted = [import_keys.saved_mapping(tenant, one) for one in signatures]
        return {
            item["sk"].partition("#")[2]: _saved_from(item["doc"])
            for item in self._table.get_many(wanted)
        }

    def save(self, tenant: str, signature: str, mapping: Saved) -> None:
        """See `imports.ports.SavedMappings.save`."""
        listed = [[heading, which, field] for (heading, which), field in mapping.items()]
        self._table.put({**import_keys.saved_mapping(tenant, signature), "doc": dump(listed)})


def _saved_from(doc: str) -> Saved:
    return {(heading, which): field for heading, which, field in orjson.loads(doc)}
