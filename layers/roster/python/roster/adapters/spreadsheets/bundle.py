"""Archives of files with a sheet that says whose they are: a zip that is no workbook.

Nothing is ever unpacked to a path of the archive's choosing, nor held in memory as a whole.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from roster.adapters.spreadsheets import limits, refusals
from roster.adapters.spreadsheets.sniff import check_directory_size
from roster.domain.document import HEAD_BYTES
from roster.domain.imports.packed import DEFLATED, STORED, Member, unpacked
from roster.domain.imports.reading import UnreadableFile

MAX_MEMBERS = 20_000
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError)
_METHODS = (STORED, DEFLATED)
_LOCAL_HEADER = 30
_UTF8_NAME = 0x800
# What marks a zip as a document of an office program or a package of another kind.
_PACKAGES = frozenset({"[content_types].xml", "content.xml", "mimetype", "meta-inf/manifest.mf"})
_NOISE_NAMES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


class Bundle:
    """An archive; `members` are its files, without what systems leave behind in every folder."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self.members = tuple(_members(path, archive))

    def head(self, member: Member) -> bytes:
        """The first bytes of a file, of which all are unpacked; raises DamagedMember."""
        head = b""
        for part in self._unpacked(member):
            if len(head) < HEAD_BYTES:
                head += part[: HEAD_BYTES - len(head)]
        return head

    def unpack(self, member: Member, into: Path) -> None:
        """Write one file to a path of ours; raises DamagedMember."""
        with into.open("wb") as file:
            for part in self._unpacked(member):
                file.write(part)

    def _unpacked(self, member: Member) -> Iterator[bytes]:
        return unpacked(member, self._packed(member))

    def _packed(self, member: Member) -> Iterator[bytes]:
        left = member.packed
        with self._path.open("rb") as file:
            file.seek(member.start)
            while left and (part := file.read(min(left, limits.READ_BYTES))):
                left -= len(part)
                yield part


def open_bundle(path: Path) -> Bundle | None:
    """The archive at `path`; None for whatever is none, or is a workbook or the like.

    Raises UnreadableFile: "zip_bomb", "encrypted", "damaged", "too_large".
    """
    with path.open("rb") as file:
        if file.read(len(_ZIP)) not in (_ZIP, _EMPTY_ZIP):
            return None
    try:
        check_directory_size(path)
        with zipfile.ZipFile(path) as archive:
            names = {_slashed(info.filename).lower().lstrip("/") for info in archive.infolist()}
            if names & _PACKAGES or any(n.startswith("xl/") or n.endswith(".iwa") for n in names):
                return None
            _check(archive)
            return Bundle(path, archive)
    except UnreadableFile:
        raise
    except _BROKEN as error:
        raise refusals.damaged_archive() from error


def _check(archive: zipfile.ZipFile) -> None:
    """Refuse what no honest archive is; judged by its table of contents alone."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise refusals.too_large(f"The archive holds more than {MAX_MEMBERS:,} files.")
    if any(info.flag_bits & 1 for info in infos):
        raise refusals.encrypted_archive()
    for info in infos:
        large = info.file_size > limits.RATIO_COUNTS_FROM_BYTES
        if large and info.file_size > limits.MAX_RATIO * max(info.compress_size, 1):
            raise refusals.archive_bomb()
    if sum(info.file_size for info in infos) > limits.MAX_UNCOMPRESSED_BYTES:
        raise refusals.archive_bomb()
    # Files that share their bytes unpack to far more than the archive is long.
    ends = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < ends:
            raise refusals.archive_bomb()
        ends = info.header_offset + _LOCAL_HEADER + info.compress_size


def _members(path: Path, archive: zipfile.ZipFile) -> Iterator[Member]:
    with path.open("rb") as file:
        for info in archive.infolist():
            name = _name(info)
            parts = PurePosixPath(name).parts
            if info.is_dir() or _is_noise(parts):
                continue
            file.seek(info.header_offset)
            header = file.read(_LOCAL_HEADER)
            if not header.startswith(_ZIP) or len(header) < _LOCAL_HEADER:
                raise zipfile.BadZipFile(name)
            lengths = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
            yield Member(
                name=name,
                size=info.file_size,
                packed=info.compress_size,
                method=info.compress_type,
                crc=info.CRC,
                start=info.header_offset + _LOCAL_HEADER + sum(lengths),
                unsafe=_why_unsafe(info, name, parts),
            )


def _name(info: zipfile.ZipInfo) -> str:
    """The path in the archive; many programs write UTF-8 without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return _slashed(name)


def _slashed(name: str) -> str:
    return name.replace("\\", "/")


def _is_noise(parts: tuple[str, ...]) -> bool:
    last = parts[-1].lower() if parts else ""
    return "__MACOSX" in parts or last in _NOISE_NAMES or last.startswith("._")


def _why_unsafe(info: zipfile.ZipInfo, name: str, parts: tuple[str, ...]) -> str | None:
    if name.startswith("/") or ".." in parts or ":" in (parts[0] if parts else ""):
        return "its path leads out of the archive"
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "it is a link or a device, not a file"
    if info.compress_type not in _METHODS:
        return "it is packed in a way that is not read; pack the archive anew"
    return None
