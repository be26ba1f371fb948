"""The parts of an .xlsx file, opened with a guard against bombs and lies of the directory."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from roster.adapters.spreadsheets import limits, refusals
from roster.adapters.spreadsheets.sniff import check_directory_size
from roster.domain.imports.reading import UnreadableFile

# NotImplementedError: a flag asks for a feature of zip that no workbook uses.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Package:
    """An opened .xlsx; part names are matched without regard to case and kind of slash.

    Raises UnreadableFile: "zip_bomb", "encrypted", "damaged".
    """

    def __init__(self, path: Path) -> None:
        check_directory_size(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
            raise refusals.damaged_workbook() from error
        self._left = limits.MAX_UNCOMPRESSED_BYTES
        self._parts: dict[str, zipfile.ZipInfo] = {}
        self._opened: list[IO[bytes]] = []
        try:
            self._check()
        except UnreadableFile:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The archive keeps its file open as long as one of its parts is: a reading that was
        # broken off by an error would hold it until the garbage collector comes by.
        for part in self._opened:
            part.close()
        self._zip.close()

    def _check(self) -> None:
        total = 0
        for info in self._zip.infolist():
            total += info.file_size
            large = info.file_size > limits.RATIO_COUNTS_FROM_BYTES
            if large and info.file_size > limits.MAX_RATIO * max(info.compress_size, 1):
                raise refusals.bomb()
            if info.flag_bits & 1:
                raise refusals.encrypted()
            self._parts[_key(info.filename)] = info
        if total > limits.MAX_UNCOMPRESSED_BYTES:
            raise refusals.bomb()

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._parts

    def size(self, name: str) -> int:
        """How many bytes a part has, by the directory."""
        info = self._parts.get(_key(name))
        return info.file_size if info else 0

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one part, piece by piece; "damaged" when it is missing or broken."""
        info = self._parts.get(_key(name))
        if info is None or info.compress_type not in _METHODS:
            raise refusals.damaged_workbook()
        try:
            with self._zip.open(info) as part:
                self._opened.append(part)
                while chunk := part.read(limits.READ_BYTES):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise refusals.bomb()
                    yield chunk
        except _BROKEN as error:
            raise refusals.damaged_workbook() from error


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
