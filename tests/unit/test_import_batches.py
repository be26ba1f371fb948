"""What the customers of an import are loaded as does not hang on how its rows are cut."""

from datetime import UTC, datetime

import pytest

from roster.domain.events import Actor
from roster.domain.imports.job import Import, ImportStatus
from roster.usecases.imports.rows import batch_name

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def names(rows: int, job: Import) -> list[str]:
    chunks = (divmod(n, job.chunk_rows) for n in range(rows))
    return [batch_name(job, chunk + 1, position) for chunk, position in chunks]


def loading(**values: int) -> Import:
    return Import(
        id="imp_1", tenant="acme", status=ImportStatus.LOADING, filename="a.csv", key="a.csv",
        created_at=NOW, updated_at=NOW, created_by=Actor("ann"), needs_confirmation=False, **values,
    )  # fmt: skip


def test_an_import_of_before_chunks_had_a_size_goes_on_with_its_names() -> None:
    found = names(410, loading())
    assert (found[0], found[24], found[25]) == (
        "imp_1#000001#000", "imp_1#000001#000", "imp_1#000001#001",
    )  # fmt: skip
    assert (found[199], found[200], found[409]) == (
        "imp_1#000001#007", "imp_1#000002#000", "imp_1#000003#000",
    )  # fmt: skip


def test_larger_chunks_name_the_same_rows_the_same() -> None:
    assert names(1300, loading(chunk_rows=400)) == names(1300, loading())


@pytest.mark.parametrize("size", [3, 25, 199, 300, 401])
def test_no_two_batches_of_an_import_share_a_name(size: int) -> None:
    found = names(1300, loading(chunk_rows=size))
    batches = {(n // size, n % size // 200, n % size % 200 // 25) for n in range(1300)}
    assert len(set(found)) == len(batches)
