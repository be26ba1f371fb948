"""The records of customers' documents, beside the customer they belong to."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import orjson

from roster.adapters.dynamodb import keys, record_keys
from roster.adapters.dynamodb.encoding import dump, milliseconds, moment
from roster.adapters.dynamodb.living import living_check
from roster.adapters.dynamodb.table import Item, Table, TransactionRefused
from roster.domain.activities import Activity, imported_document_entry
from roster.domain.customer import Customer
from roster.domain.document import (
    Content,
    ContentType,
    Document,
    DocumentKind,
    DocumentStatus,
    Refusal,
)
from roster.domain.errors import StaleVersion
from roster.domain.events import Actor, Source
from roster.usecases.ports import Page

# Far longer than a permission to upload, and than an event of an upload may take.
_UNSENT_KEPT = timedelta(days=30)


class DynamoDocuments:
    """Documents in the business table; implements `ports.Documents`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, tenant: str, customer_id: str, document_id: str) -> Document | None:
        """The document, strongly consistent: one request unit."""
        found = self._table.get(record_keys.document(tenant, customer_id, document_id))
        return _document(found) if found else None

    def list(self, tenant: str, owner: str, *, limit: int, after: str | None) -> Page[Document]:
        """One query, newest first, which is the order of their ids backwards."""
        found, last = self._table.query(
            keys.customer_partition(tenant, owner),
            prefix=record_keys.DOCUMENT_PREFIX,
            after=record_keys.DOCUMENT_PREFIX + after if after else None,
            limit=limit,
            forward=False,
        )
        documents = [_document(item) for item in found]
        return Page(documents, last.removeprefix(record_keys.DOCUMENT_PREFIX) if last else None)

    def add(self, document: Document) -> None:
        """Write a new document."""
        self._table.put(_item(document))

    def add_once(self, customer: Customer, document: Document) -> None:
        """See `ports.Documents.add_once`."""
        absent = "attribute_not_exists(pk)"
        entry = record_keys.activity(
            document.tenant, document.customer_id, imported_document_entry(document)
        )
        actions = [
            living_check(self._table, customer),
            self._table.check_action(entry, absent),
            self._table.put_action(_item(document), condition=absent),
        ]
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if refused.reasons[0] == "ConditionalCheckFailed" or refused.is_conflict:
                raise _stale(document) from refused
            if "ConditionalCheckFailed" not in refused.reasons:
                raise

    def take_back(self, document: Document) -> None:
        """See `ports.Documents.take_back`."""
        tenant, owner = document.tenant, document.customer_id
        entry = record_keys.activity(tenant, owner, imported_document_entry(document))
        key = record_keys.document(tenant, owner, document.id)
        self._transact(
            document,
            [
                self._table.delete_action(key, condition="v = :v", v=document.version),
                self._table.delete_action(entry),
            ],
        )

    def save(self, before: Document, after: Document, told: Activity | None = None) -> None:
        """See `ports.Documents.save`."""
        put = self._table.put_action(_item(after), condition="v = :v", v=before.version)
        self._write(before, put, told)

    def remove(self, document: Document, told: Activity | None = None) -> None:
        """See `ports.Documents.remove`."""
        key = record_keys.document(document.tenant, document.customer_id, document.id)
        gone = self._table.delete_action(key, condition="v = :v", v=document.version)
        self._write(document, gone, told)

    def _write(self, document: Document, action: Item, told: Activity | None) -> None:
        actions = [action]
        if told is not None:
            # Read only where a document moves: pydantic is a third of a function's start.
            from roster.adapters.dynamodb.records import activity_item

            actions.append(self._table.put_action(activity_item(told)))
        self._transact(document, actions)

    def _transact(self, document: Document, actions: Sequence[Item]) -> None:
        try:
            self._table.transact(actions)
        except TransactionRefused as refused:
            if "ConditionalCheckFailed" in refused.reasons or refused.is_conflict:
                raise _stale(document) from refused
            raise

    def forget(self, customer: Customer) -> None:
        """Remove the records of all documents; their files are somebody else's to remove."""
        partition = keys.customer_partition(customer.tenant, customer.id)
        found = self._table.query_all(partition, prefix=record_keys.DOCUMENT_PREFIX)
        self._table.write_batch(deletes=[keys.of(i) for i in found])


def _stale(document: Document) -> StaleVersion:
    return StaleVersion(f"document {document.id} was changed by someone else")


def _item(document: Document) -> Item:
    stored = {
        "kind": document.kind,
        "created_at": milliseconds(document.created_at),
        "created_by": _actor(document.created_by),
        "content": _stored(document.content),
        "earlier": [_stored(content) for content in document.earlier] or None,
        "replacement": _stored(document.replacement) if document.replacement else None,
    }
    return {
        **record_keys.document(document.tenant, document.customer_id, document.id),
        "v": document.version,
        "doc": dump({k: v for k, v in stored.items() if v is not None}),
        **_expiry(document),
    }


def _expiry(document: Document) -> dict[str, int]:
    """A document that nobody ever sends a file for goes by itself."""
    last = document.replacement or document.content
    if document.content.status is not DocumentStatus.AWAITING_UPLOAD:
        return {}
    return {"ttl": int((last.announced_at + _UNSENT_KEPT).timestamp())}


def _actor(actor: Actor) -> list[str | None]:
    return [actor.user, actor.source, actor.run]


def _actor_from(stored: list[Any]) -> Actor:
    user, source, run = stored
    return Actor(user, Source(source), run)


def _stored(content: Content) -> dict[str, Any]:
    values = asdict(content) | {
        "announced_at": milliseconds(content.announced_at),
        "announced_by": _actor(content.announced_by),
        "checked_at": milliseconds(content.checked_at) if content.checked_at else None,
    }
    return {k: v for k, v in values.items() if v is not None}


def _content(stored: dict[str, Any]) -> Content:
    return Content(
        number=stored["number"],
        filename=stored["filename"],
        content_type=ContentType(stored["content_type"]),
        size=stored["size"],
        announced_at=moment(stored["announced_at"]),
        announced_by=_actor_from(stored["announced_by"]),
        status=DocumentStatus(stored["status"]),
        refusal=Refusal(stored["refusal"]) if "refusal" in stored else None,
        checked_at=moment(stored["checked_at"]) if "checked_at" in stored else None,
        object_version=stored.get("object_version"),
    )


def _document(item: Item) -> Document:
    stored = orjson.loads(item["doc"])
    tenant, _, customer_id = item["pk"].split("#", 2)
    return Document(
        id=item["sk"].removeprefix(record_keys.DOCUMENT_PREFIX),
        tenant=tenant,
        customer_id=customer_id,
        version=item["v"],
        kind=DocumentKind(stored["kind"]),
        created_at=moment(stored["created_at"]),
        created_by=_actor_from(stored["created_by"]),
        content=_content(stored["content"]),
        earlier=tuple(map(_content, stored.get("earlier", ()))),
        replacement=_content(stored["replacement"]) if "replacement" in stored else None,
    )
