"""Files in a zip archive: where each begins, and its bytes unpacked, no more than it says."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_PART = 64 * 1024
STORED, DEFLATED = 0, 8


class DamagedMember(Exception):
    """A file of the archive that cannot be unpacked, or is not what the archive says of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file of an archive: `start` is where its `packed` bytes begin, `method` how they are.

    `unsafe` says why it must not be read.
    """

    name: str
    size: int
    packed: int
    method: int
    crc: int
    start: int
    unsafe: str | None = None


def unpacked(member: Member, packed: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes of a file from its packed ones, in parts; raises DamagedMember.

    Whatever the packed bytes would make, no more than the archive says is ever made.
    """
    size = crc = 0
    try:
        for part in packed if member.method == STORED else _inflated(packed):
            size += len(part)
            crc = zlib.crc32(part, crc)
            if size > member.size:
                raise DamagedMember(member.name)
            yield part
    except zlib.error as error:
        raise DamagedMember(member.name) from error
    if size != member.size or crc != member.crc:
        raise DamagedMember(member.name)


def _inflated(packed: Iterable[bytes]) -> Iterator[bytes]:
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    for part in packed:
        pending = part
        while pending:
            yield engine.decompress(pending, _PART)
            pending = engine.unconsumed_tail
    yield engine.flush(_PART)
