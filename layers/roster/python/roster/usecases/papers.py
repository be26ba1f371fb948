"""Papers to hand over: drawn once for what they say, kept, and fetched by address."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from roster.domain.invoice import Invoice
from roster.domain.paper import Paper, invoice_paper, quote_paper
from roster.domain.quote import Quote
from roster.domain.sales import SalesDocument
from roster.usecases import record_keeping as keeping
from roster.usecases.ports import Download, Settings
from roster.usecases.record_keeping import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a paper is kept: `name` differs for whatever else the document would say."""

    tenant: str
    customer_id: str
    document_id: str
    name: str


class PaperFiles(Protocol):
    """The papers that were drawn; each can be drawn again."""

    def has(self, place: Place) -> bool:
        """Whether the paper is there, and will be for longer than its address holds."""

    def keep(self, place: Place, content: bytes) -> None:
        """Write the paper; the same one twice is one."""

    def permit_download(self, place: Place, filename: str, *, now: datetime) -> Download:
        """Let the holder fetch it, as an attachment under that name."""


class Printer(Protocol):
    """Who draws papers; `revision` changes when the same paper would look different."""

    revision: int

    def draw(self, paper: Paper) -> bytes:
        """The paper as PDF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOffice:
    """What it takes to hand a paper over."""

    settings: Settings
    files: PaperFiles
    printer: Printer


def quote_pdf(call: Call[Quote], quote_id: str, *, office: PrintOffice) -> Download:
    """The quote as it stands today; raises NotFound or Gone."""
    today = call.clock().date()
    quote = keeping.read(call, quote_id)
    paper = quote_paper(quote, office.settings.get(call.tenant), today)
    return _handed_over(quote, paper, office=office, clock=call.clock)


def invoice_pdf(call: Call[Invoice], invoice_id: str, *, office: PrintOffice) -> Download:
    """The invoice as it stands; raises NotFound or Gone."""
    invoice = keeping.read(call, invoice_id)
    paper = invoice_paper(invoice, office.settings.get(call.tenant))
    return _handed_over(invoice, paper, office=office, clock=call.clock)


def _handed_over(
    document: SalesDocument,
    paper: Paper,
    *,
    office: PrintOffice,
    clock: Callable[[], datetime],
) -> Download:
    content = json.dumps([office.printer.revision, asdict(paper)], default=str).encode()
    digest = hashlib.sha256(content).hexdigest()[:24]
    place = Place(
        tenant=document.tenant,
        customer_id=document.customer_id,
        document_id=document.id,
        name=f"{document.version}-{digest}",
    )
    if not office.files.has(place):
        office.files.keep(place, office.printer.draw(paper))
    return office.files.permit_download(place, f"{paper.number}.pdf", now=clock())
