"""The bucket of what sync plans were made from: one packed object for each plan that did anything.

An object is named by its slice and a hash of its content. So the same plan made again is the same
object, and one made anew after a crash, from other inputs, stands beside it: parts of both may have
been carried out.
"""

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import ClientError

from roster.domain.customer import Customer
from roster.domain.location import Address
from roster.domain.sync.connection import Run
from roster.domain.sync.records import Link, TheirCustomer
from roster.domain.sync.replays import Inputs, Kept, PullInputs, PushInputs, impersonal
from roster.domain.sync.steps import PushStep, Step

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_GONE = frozenset({"NoSuchKey", "404"})
_ADDRESSES = ("billing_address", "shipping_address")
_SORTED = orjson.OPT_SORT_KEYS
# A level that packs as well as the highest on such texts, at a third of the time.
_LEVEL = 5
# zlib's way to say: as a gzip file, whose header then names neither a time nor a name.
_GZIP = 31
# Whose code decides, beside the engine's own folder.
RULES = (
    "billing", "customer", "customer_fields", "customer_values", "erasure", "errors", "events",
    "history", "ids", "location", "quick", "text",
)  # fmt: skip


class S3SyncInputs:
    """Implements `quickbooks.ports.KeptInputs`; keys are tenant, run and name."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client, self._bucket = client, bucket

    def keep(self, run: Run, inputs: Inputs, steps: Sequence[Step | PushStep]) -> str:
        """One PUT."""
        content = packed(run.slice, inputs, steps)
        name = f"{run.slice:06d}-{hashlib.sha256(content).hexdigest()[:16]}"
        self._client.put_object(
            Bucket=self._bucket,
            Key=_key(run.tenant, run.id, name),
            Body=content,
            ContentType="application/gzip",
        )
        return name

    def names(self, tenant: str, run_id: str) -> Sequence[str]:
        """In the order of slices; one LIST for a thousand."""
        prefix = _key(tenant, run_id, "")
        return [key.removeprefix(prefix) for key in self._keys(prefix)]

    def read(self, tenant: str, run_id: str, name: str) -> Kept | None:
        """One GET."""
        key = _key(tenant, run_id, name)
        try:
            content = self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code", "") in _GONE:
                return None
            raise
        return unpacked(content)

    def engine(self) -> str:
        """A hash of the code that decides."""
        return engine()

    def forget(self, customer: Customer) -> None:
        """Delete everything kept of the customer's company.

        A person stands in the inputs of other people's plans too: as who has a name, as a page's
        neighbour, as a candidate. What holds nobody need not be searched.
        """
        for some in _thousands(self._keys(f"{customer.tenant}/")):
            answer = self._client.delete_objects(
                Bucket=self._bucket, Delete={"Objects": [{"Key": k} for k in some], "Quiet": True}
            )
            if errors := answer.get("Errors"):
                raise OSError(f"{len(errors)} objects were not deleted: {errors[0].get('Code')}")

    def _keys(self, prefix: str) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        for page in pages:
            yield from (stored["Key"] for stored in page.get("Contents", ()))


def _key(tenant: str, run_id: str, name: str) -> str:
    return f"{tenant}/{run_id}/{name}"


def _thousands(keys: Iterator[str]) -> Iterator[list[str]]:
    found: list[str] = []
    for key in keys:
        found.append(key)
        if len(found) == 1000:
            yield found
            found = []
    if found:
        yield found


@cache
def engine() -> str:
    """A hash of the sources of the rules, the same wherever the same code runs."""
    domain = resources.files("roster.domain")
    rules = [domain / f"{name}.py" for name in RULES]
    rules += (one for one in (domain / "sync").iterdir() if one.name.endswith(".py"))
    found = hashlib.sha256()
    for source in sorted(rules, key=lambda one: one.name):
        found.update(source.name.encode() + b"\0" + source.read_bytes())
    return found.hexdigest()[:12]


def packed(slice_no: int, inputs: Inputs, steps: Sequence[Step | PushStep]) -> bytes:
    """The object's content: the same bytes for the same plan."""
    kind = "pull" if isinstance(inputs, PullInputs) else "push"
    found = {
        "version": 1,
        "kind": kind,
        "slice": slice_no,
        "engine": engine(),
        "inputs": _impersonal(inputs),
        "steps": [_step(step) for step in steps],
    }
    text = orjson.dumps(found, default=_seconds, option=_SORTED)
    packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
    return packer.compress(text) + packer.flush()


def _impersonal(inputs: Inputs) -> Inputs:
    if isinstance(inputs, PushInputs):
        return replace(inputs, ours=tuple(map(impersonal, inputs.ours)))
    customers = {i: impersonal(c) for i, c in inputs.here.customers.items()}
    return replace(inputs, here=replace(inputs.here, customers=customers))


def _step(step: Step | PushStep) -> dict[str, Any]:
    """The step without the record that stands in the inputs."""
    names = [one.name for one in fields(step) if one.name != "theirs"]
    record = {"record": step.theirs.id} if isinstance(step, Step) else {}
    return record | {name: getattr(step, name) for name in names}


def _seconds(value: object) -> float:
    if isinstance(value, timedelta):
        return value.total_seconds()
    raise TypeError(f"{type(value).__name__} is not kept")


def unpacked(content: bytes) -> Kept:
    """The plan of such content."""
    found = orjson.loads(zlib.decompress(content, wbits=_GZIP))
    return Kept(
        slice=found["slice"],
        engine=found["engine"],
        inputs=_inputs(found["kind"], found["inputs"]),
        steps=tuple(found["steps"]),
    )


def _inputs(kind: str, values: Mapping[str, Any]) -> Inputs:
    if kind == "push":
        ours: PushInputs = _adapter(PushInputs).validate_python(values)
        return replace(ours, there=replace(ours.there, links=_whole_links(ours.there.links)))
    theirs: PullInputs = _adapter(PullInputs).validate_python(values)
    here = replace(theirs.here, links=_whole_links(theirs.here.links))
    return replace(theirs, theirs=tuple(map(_whole_record, theirs.theirs)), here=here)


@cache
def _adapter(kind: type) -> Any:
    # Only who plans again needs the reader: making it takes longer than packing a page.
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _whole_links(links: Mapping[str, Link]) -> dict[str, Link]:
    return {
        i: replace(
            link,
            base_theirs=_whole(link.base_theirs),
            base_ours=_whole(link.base_ours),
            taking=_whole(link.taking),
        )
        for i, link in links.items()
    }


def _whole_record(theirs: TheirCustomer) -> TheirCustomer:
    return replace(theirs, values=_whole(theirs.values))


def _whole(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with their addresses, which a text holds as their parts."""
    return dict(values) | {n: Address(**values[n]) for n in _ADDRESSES if values.get(n)}
