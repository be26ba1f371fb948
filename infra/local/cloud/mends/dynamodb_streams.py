"""A DynamoDB stream goes on after a restart.

Unmended, the position of each event source mapping is restored but the stream it counts in is
not: the position points past the end, nothing is delivered until as many records have been
written again, and what was not yet delivered is lost.
"""

from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc

_RECORDS = "roster_stream_records"
_TRIMMED = "roster_stream_trimmed"
_SEQUENCE = "roster_stream_sequence"


def apply() -> None:
    """Keep undelivered records with the tables, and positions within what is kept."""
    save, load = dynamodb.get_state, dynamodb.load_persisted_state
    restore_functions = lambda_svc.load_persisted_state

    def mended_save() -> dict[str, Any]:
        records, trimmed = _undelivered()
        sequence = dynamodb._stream_seq_counter
        return {**save(), _RECORDS: records, _TRIMMED: trimmed, _SEQUENCE: sequence}

    def mended_load(state: dict[str, Any]) -> None:
        load(state)
        dynamodb._stream_records.update(state.get(_RECORDS) or {})
        dynamodb._stream_trimmed.update(state.get(_TRIMMED) or {})
        saved = int(state.get(_SEQUENCE) or 0)
        dynamodb._stream_seq_counter = max(dynamodb._stream_seq_counter, saved)
        _pull_back_positions()

    def mended_restore(state: dict[str, Any]) -> None:
        restore_functions(state)
        _pull_back_positions()

    dynamodb.get_state, dynamodb.load_persisted_state = mended_save, mended_load
    lambda_svc.load_persisted_state = mended_restore


def _undelivered() -> tuple[Any, Any]:
    """Per table: the records some mapping has still to see, and the position they begin at."""
    records, begins = AccountRegionScopedDict(), AccountRegionScopedDict()
    positions = _positions_by_table()
    for (account, region, table), kept in dynamodb._stream_records.all_items():
        trimmed = dynamodb._stream_trimmed.get_scoped(account, region, table, 0)
        end = trimmed + len(kept)
        begin = min(positions.get((account, region, table), [end]))
        begin = min(max(begin, trimmed), end)
        records.set_scoped(account, region, table, kept[begin - trimmed :])
        begins.set_scoped(account, region, table, begin)
    return records, begins


def _positions_by_table() -> dict[tuple[str, str, str], list[int]]:
    found: dict[tuple[str, str, str], list[int]] = {}
    for scoped, position in lambda_svc._dynamodb_stream_positions.all_items():
        if (table := _table_of(scoped)) is not None:
            found.setdefault(table, []).append(position)
    return found


def _table_of(mapping: tuple[str, str, str]) -> tuple[str, str, str] | None:
    """The table a mapping reads, from ``arn:…:table/<name>/stream/<label>``."""
    record = lambda_svc._esms.get_scoped(*mapping)
    source = (record or {}).get("EventSourceArn", "")
    if ":table/" not in source:
        return None
    return mapping[0], mapping[1], source.split(":table/")[1].split("/")[0]


def _pull_back_positions() -> None:
    """After a restart a position may lie past the end of what the last snapshot kept.

    Called after the tables and after the functions, because either may come first; a table not
    yet restored has no end to compare with.
    """
    positions = lambda_svc._dynamodb_stream_positions
    for scoped, position in list(positions.all_items()):
        table = _table_of(scoped)
        if table is None or not dynamodb._tables.contains_scoped(*table):
            continue
        account, region, name = table
        kept = dynamodb._stream_records.get_scoped(account, region, name) or []
        end = dynamodb._stream_trimmed.get_scoped(account, region, name, 0) + len(kept)
        positions.set_scoped(*scoped, min(position, end))
