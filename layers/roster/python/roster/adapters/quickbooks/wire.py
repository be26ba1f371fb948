"""What QuickBooks answers, in one JSON form: XML, into which it falls at times, is made alike."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.parsers import expat

from roster.domain.sync.connection import FaultAction, QuickBooksFault

type Json = dict[str, Any]

# Elements that are a list even where there is one of them, as they are in JSON.
_LISTS = frozenset(
    {
        "BatchItemResponse", "CDCResponse", "EffectiveTaxRate", "Error", "Line", "LinkedTxn",
        "NameValue", "TaxLine", "TaxRateDetail", "TaxRateDetails", "TxnTaxDetailLine",
    }
)  # fmt: skip
_ANSWERS = frozenset({"QueryResponse", "CDCResponse"})


def decode(body: bytes, tid: str = "") -> Json:
    """An answer in its JSON form; raises QuickBooksFault (retry) for what is neither."""
    text = body.lstrip(b"\xef\xbb\xbf \r\n\t")
    if text.startswith(b"<"):
        return _from_xml(text, tid)
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _damaged(tid)
    return found


def _damaged(tid: str) -> QuickBooksFault:
    return QuickBooksFault(FaultAction.RETRY, "QuickBooks' answer is damaged", tid=tid)


class _Element:
    """An XML element while its end has not come."""

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name.rpartition(":")[2]
        self.attributes = {k: v for k, v in attributes.items() if not k.startswith("xmlns")}
        self.texts: list[str] = []
        self.children: list[tuple[str, Any]] = []

    def value(self) -> Any:
        """Its JSON form: a reference is `{"value", "name"}`, an entity an object."""
        text = "".join(self.texts).strip()
        if self.name.endswith("Ref") and not self.children:
            return {"value": text, **self.attributes}
        if not self.children and not self.attributes and self.name not in _ANSWERS:
            return {"true": True, "false": False}.get(text, text)
        made: Json = {k: {"true": True, "false": False}.get(v, v) for k, v in
                      self.attributes.items()}  # fmt: skip
        for name, value in self.children:
            if name in _LISTS or self.name in _ANSWERS:
                made.setdefault(name, []).append(value)
            elif name in made:
                earlier = made[name]
                made[name] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
            else:
                made[name] = value
        return made


def _from_xml(body: bytes, tid: str) -> Json:
    top = _Element("", {})
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        stack.append(_Element(name, attributes))

    def end(_: str) -> None:
        done = stack.pop()
        stack[-1].children.append((done.name, done.value()))

    def text(piece: str) -> None:
        stack[-1].texts.append(piece)

    def refuse(*_: object) -> None:
        # None of its answers has a document type; entities are how a small one grows large.
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - it takes no keyword
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise QuickBooksFault(
            FaultAction.RETRY, "QuickBooks' answer is damaged", tid=tid
        ) from error
    name, value = top.children[0]
    return value if name == "IntuitResponse" and isinstance(value, dict) else {name: value}


def time_of(answer: Json) -> datetime:
    """QuickBooks' own clock, aware. Without it there is no cursor: then it is a fault."""
    try:
        return datetime.fromisoformat(answer["time"])
    except (KeyError, TypeError, ValueError):
        raise QuickBooksFault(FaultAction.RETRY, "QuickBooks' answer has no time") from None


def queried(answer: Json, entity: str) -> list[Json]:
    """The rows of a query; none where nothing was found."""
    response = answer.get("QueryResponse") or {}
    return list(response.get(entity) or [])


def total_of(answer: Json) -> int:
    """What a query counted; a fault where the answer does not say."""
    total = str((answer.get("QueryResponse") or {}).get("totalCount", ""))
    if not total.isdigit():
        raise QuickBooksFault(FaultAction.RETRY, "QuickBooks' answer has no count")
    return int(total)


def changed(answer: Json) -> Iterator[tuple[str, Json]]:
    """The rows of the change feed with their entities; a deleted one is an id and a status."""
    for one in answer.get("CDCResponse") or []:
        responses = one.get("QueryResponse") or []
        for response in responses if isinstance(responses, list) else [responses]:
            for entity, rows in response.items():
                if isinstance(rows, list):
                    yield from ((entity, row) for row in rows)


def batched(answer: Json) -> dict[str, Json]:
    """The items of a batch's answer by their `bId`, whatever their order."""
    return {str(item["bId"]): item for item in answer.get("BatchItemResponse") or []}


def entity_of(answer: Json, entity: str) -> Json:
    """The one entity that a read or a write answers with."""
    found = answer.get(entity)
    if not isinstance(found, dict):
        raise QuickBooksFault(FaultAction.RETRY, f"QuickBooks' answer has no {entity}")
    return found
