"""Documents of an import: unpacked one by one, kept beside their customers, and taken back."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from roster.domain.document import Content, ContentType, Document, DocumentKind, DocumentStatus
from roster.domain.errors import StaleVersion
from roster.domain.events import Actor, Source
from roster.domain.ids import derived_id
from roster.domain.imports.attachments import document_mark
from roster.domain.imports.job import Import
from roster.domain.imports.packed import DamagedMember, Member, unpacked
from roster.usecases.imports.ports import FileGone, ImportFiles
from roster.usecases.imports.record_rows import Unwritten, gone
from roster.usecases.ports import Clock, Customers, DocumentFiles, Documents
from roster.usecases.record_keeping import living
from roster.usecases.records import judge_upload

_PAGE = 200
_ATTEMPTS = 3
# Announced, and judged once: who changes it afterwards makes a third version.
_AS_IMPORTED = 2


def document_marks(documents: Documents, tenant: str, owners: Sequence[str]) -> Mapping[str, str]:
    """The ids of a customer's documents, by what makes two of them the same."""
    marks: dict[str, str] = {}
    for owner in owners:
        after = None
        while True:
            page = documents.list(tenant, owner, limit=_PAGE, after=after)
            for one in page.items:
                for content in one.served:
                    marks.setdefault(document_mark(content.filename, content.size), one.id)
            after = page.next
            if after is None:
                break
    return marks


class DocumentRows:
    """Rows that are documents; implements `record_rows.RecordRows`.

    As with an upload, the record comes first, then the file, then the judgement: whoever dies in
    between leaves a document that waits for its file, which the next attempt brings.
    """

    def __init__(
        self,
        documents: Documents,
        contents: DocumentFiles,
        files: ImportFiles,
        customers: Customers,
        clock: Clock,
    ) -> None:
        self._documents, self._contents, self._files = documents, contents, files
        self._customers, self._clock = customers, clock

    def write(self, job: Import, planned: Mapping[str, Any]) -> None:
        """See `record_rows.RecordRows.write`."""
        document = _document(job, planned)
        self._add(document)
        now = self._stored(job, planned)
        if now is None or now.awaited(1) is None:
            return
        place, version = now.place(now.content), self._keep(job, planned, now)
        judge_upload(
            place, object_version=version, documents=self._documents, files=self._contents,
            clock=self._clock,
        )  # fmt: skip
        # The bucket tells of the file too: somebody else may have judged it first.
        judged = self._stored(job, planned)
        if judged is not None and judged.content.status is DocumentStatus.REFUSED:
            self.remove(job, planned)
            raise Unwritten("file_refused", "the file is not what the plan found it to be")

    def _add(self, document: Document) -> None:
        for _ in range(_ATTEMPTS):
            owner = document.customer_id
            customer = living(document.tenant, [owner], self._customers).get(owner)
            if customer is None:
                break
            try:
                self._documents.add_once(customer, document)
            except StaleVersion:
                continue
            return
        raise gone()

    def _keep(self, job: Import, planned: Mapping[str, Any], document: Document) -> str | None:
        """Unpack the file on its way from the archive to its place: on disk, never in memory."""
        member = Member(**planned["values"]["member"])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            try:
                with path.open("wb") as into:
                    packed = self._files.stretch(job, member.start, member.packed)
                    into.writelines(unpacked(member, packed))
            except (FileGone, DamagedMember) as error:
                self.remove(job, planned)
                detail = "the archive was replaced or removed since the plan was made"
                raise Unwritten("file_gone", detail) from error
            return self._contents.keep(document.place(document.content), document.content, path)

    def is_there(self, job: Import, planned: Mapping[str, Any]) -> bool:
        """See `record_rows.RecordRows.is_there`."""
        return self._stored(job, planned) is not None

    def remove(self, job: Import, planned: Mapping[str, Any]) -> str | None:
        """See `record_rows.RecordRows.remove`."""
        for _ in range(_ATTEMPTS):
            document = self._stored(job, planned)
            if document is not None:
                if document.version > _AS_IMPORTED:
                    return document.id
                try:
                    self._documents.take_back(document)
                except StaleVersion:
                    # It was judged or changed in this moment: look again.
                    continue
            # An earlier attempt may have died between the record and its file.
            place = (document or _document(job, planned)).places[0]
            if document is not None or self._contents.look(place, None) is not None:
                self._contents.discard(place)
            return None
        return _id(job, planned)

    def _stored(self, job: Import, planned: Mapping[str, Any]) -> Document | None:
        return self._documents.get(job.tenant, planned["customer_id"], _id(job, planned))


def _loaded_at(job: Import) -> datetime:
    return job.load_started_at or job.created_at


def _at(job: Import, planned: Mapping[str, Any]) -> datetime:
    """The day of the document: as the file says, or with the import."""
    typed = planned["values"]["at"]
    return datetime.fromisoformat(typed) if typed else _loaded_at(job)


def _id(job: Import, planned: Mapping[str, Any]) -> str:
    return derived_id("doc", _at(job, planned), job.id, str(planned["line"]))


def _document(job: Import, planned: Mapping[str, Any]) -> Document:
    values = planned["values"]
    actor = Actor(job.created_by.user, Source.IMPORT, job.id)
    return Document(
        id=_id(job, planned),
        tenant=job.tenant,
        customer_id=planned["customer_id"],
        kind=DocumentKind(values["kind"]),
        created_at=_at(job, planned),
        created_by=actor,
        content=Content(
            filename=values["filename"],
            content_type=ContentType(values["content_type"]),
            size=values["size"],
            announced_at=_loaded_at(job),
            announced_by=actor,
        ),
    )
