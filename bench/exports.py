"""What exporting costs: CPU per row through our code and botocore's, with answers replayed.

One page of a hundred customers runs on moto; what DynamoDB answered is then given again for every
page, at the level of HTTP, so no cloud is measured and a hundred thousand rows take a while only.
"""

from time import perf_counter, process_time
from typing import Any

from botocore.awsrequest import AWSResponse
from moto.core.models import botocore_stubber

from bench import company, memory
from bench.handlers import Body
from bench.report import Table, figure
from roster import bootstrap
from roster.adapters.s3.exports import PartsSink
from roster.adapters.spreadsheets.writing import CsvTable, XlsxTable
from roster.bootstrap import exports
from roster.domain.customer_filter import CustomerFilter
from roster.domain.export_columns import ExportColumns
from roster.domain.exports import ExportFormat
from roster.domain.vocabulary import Vocabulary

_PAGE, _PAGES = 100, 100
_SAID_OF = 100_000


class _Nowhere:
    """An S3 client that forgets what it is given."""

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "1"}

    def upload_part(self, **_: Any) -> dict[str, str]:
        return {"ETag": "1"}

    def complete_multipart_upload(self, **_: Any) -> None:
        """Nothing to complete."""


class _Replay:
    """The answer to each kind of request, the first one forever: all pages are alike."""

    def __init__(self, client: Any) -> None:
        self._kept: dict[str, dict[str, Any]] = {}
        self._events = client.meta.events
        self._events.register("response-received.dynamodb.*", self._remember)

    def play(self) -> None:
        """Begin to answer, before moto is asked."""
        self._events.unregister("before-send", botocore_stubber)
        self._events.register("before-send", self._answer)

    @staticmethod
    def _kind(headers: Any, body: bytes) -> str:
        # A list and the locations of a customer are both queries.
        target = headers["X-Amz-Target"]
        target = target.decode() if isinstance(target, bytes) else target
        return f"{target} {b'LOC#' in body}"

    def _remember(self, response_dict: dict[str, Any], context: Any, **_: Any) -> None:
        self._kept.setdefault(context["kind"], response_dict)

    def watch(self) -> None:
        """Note the kind of each request on its way."""
        self._events.register("before-call.dynamodb.*", self._note)

    def _note(self, params: dict[str, Any], context: Any, **_: Any) -> None:
        context["kind"] = self._kind(params["headers"], params["body"])

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        kept = self._kept[self._kind(request.headers, request.body)]
        return AWSResponse(request.url, kept["status_code"], kept["headers"], Body(kept["body"]))


def table() -> Table:
    """Seconds for 100 000 rows of each format, scaled from 10 000, and the memory it took."""
    rows = []
    with company.company():
        company.fill(_PAGE)
        replay = _Replay(bootstrap.dynamodb())
        replay.watch()
        _read_page()
        replay.play()
        for file_format in ExportFormat:
            before = memory.peak_mib()
            cpu, wall = process_time(), perf_counter()
            _write(file_format)
            scale = _SAID_OF / (_PAGE * _PAGES)
            rows.append(
                [
                    str(file_format),
                    figure((process_time() - cpu) * scale),
                    figure((perf_counter() - wall) * scale),
                    figure(memory.peak_mib() - before),
                ]
            )
    return Table("exports", ["100 000 rows", "CPU s", "s", "MiB more"], rows)


def _read_page() -> Any:
    page = bootstrap.customers().find(company.TENANT, CustomerFilter(), limit=_PAGE, after=None)
    found = exports.whole_customers().whole(company.TENANT, [c.id for c in page.items])
    assert len(found) == _PAGE
    return found


def _write(file_format: ExportFormat) -> None:
    sink = PartsSink(_Nowhere(), Bucket="b", Key="k")  # type: ignore[arg-type]
    sheet = (
        XlsxTable(sink, made=bootstrap.clock())
        if file_format is ExportFormat.XLSX
        else CsvTable(sink)
    )
    columns = ExportColumns(Vocabulary())
    for _ in range(_PAGES):
        for one in _read_page():
            sheet.row(columns.row(one, file_format))
    sheet.end()
    sink.complete()
