"""Opens a file as it lies there, in gzip or in a zip: read as a stream, and never unpacked to disk.

What unpacks to absurdly much is refused before it has cost anything, and so is an archive that
holds more than one plain file: names and links in it are never followed.
"""

import gzip
import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from api.moving.items import FileError

MOST_UNPACKED: Final = 100
"""How many times its size a file may unpack to: texts make ten, a bomb a thousand."""

ALLOWANCE: Final = 16 * 1024 * 1024
"""So many bytes it may unpack to whatever its size."""

MOST_DIRECTORY: Final = 1024 * 1024
"""Bytes of a zip's list of files that are read."""

LONGEST_LINE: Final = 8 * 1024 * 1024
"""Bytes of a line of JSON or of a table."""

_GZIP, _ZIP, _NO_FILES = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
_BROKEN: Final = (EOFError, OSError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Opened:
    """`stream` gives the plain bytes; `tell` says how much of the file, of `size`, was read."""

    stream: io.BufferedReader
    size: int
    file: IO[bytes]

    def tell(self) -> int:
        """How many bytes of the file itself were read so far."""
        return self.file.tell()


class _Stream(io.RawIOBase):
    """The plain bytes, refused where they are too many for the file they come from."""

    def __init__(self, inner: Any, most: int | None) -> None:
        self._inner, self._most, self._read = inner, most, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read as `io.RawIOBase` does; raises FileError for what is broken or too much."""
        try:
            some = self._inner.read(len(buffer))
        except _BROKEN as error:
            raise FileError(f"It cannot be unpacked: {error}.") from error
        self._read += len(some)
        if self._most is not None and self._read > self._most:
            raise FileError(
                f"It unpacks to more than {MOST_UNPACKED} times its size; that is no comments."
            )
        buffer[: len(some)] = some
        return len(some)


@contextmanager
def open_plain(path: Path) -> Iterator[Opened]:
    """The plain bytes of a file, of gzip's content, or of the only file in a zip.

    Raises FileError for an archive that is not as harmless as that.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(0)
            start = file.read(4)
            file.seek(0)
            if start[:2] == _GZIP:
                inner: Any = gzip.GzipFile(fileobj=file)
            elif start in (_ZIP, _NO_FILES):
                inner = _open_only(file, size)
            else:
                yield Opened(io.BufferedReader(_Stream(file, None)), size, file)
                return
            yield Opened(_refuse_nested(inner, _find_most(size)), size, file)
    except FileNotFoundError as error:
        raise FileError(f"There is no file {path}.") from error
    except (PermissionError, IsADirectoryError) as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream; raises FileError for one that is longer than any comment."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            megabytes = LONGEST_LINE // 1024**2
            raise FileError(f"Line {number} is longer than {megabytes} MB.")
        yield line


def _find_most(size: int) -> int:
    return ALLOWANCE + MOST_UNPACKED * size


def _refuse_nested(inner: Any, most: int) -> io.BufferedReader:
    try:
        start = inner.peek(4)[:4]
    except _BROKEN as error:
        raise FileError(f"It cannot be unpacked: {error}.") from error
    if start[:2] == _GZIP or start in (_ZIP, _NO_FILES):
        raise FileError("It is an archive in an archive; unpack it first.")
    return io.BufferedReader(_Stream(inner, most))


def _open_only(file: IO[bytes], size: int) -> Any:
    _check_directory(file, size)
    try:
        archive = zipfile.ZipFile(file)
        plain = [one for one in archive.infolist() if not one.is_dir()]
        for one in plain:
            _check_entry(one)
        if len(plain) != 1:
            raise FileError(f"The zip holds {len(plain)} files; it must be one.")
        if plain[0].file_size > _find_most(size):
            raise FileError(
                f"The zip unpacks to more than {MOST_UNPACKED} times its size; that is no comments."
            )
        return archive.open(plain[0])
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise FileError(f"The zip cannot be read: {error}.") from error


def _check_directory(file: IO[bytes], size: int) -> None:
    """Refuse a list of files that would take memory before any file is looked at."""
    file.seek(max(0, size - 22 - 65_535))
    tail = file.read()
    at = tail.rfind(_NO_FILES)
    file.seek(0)
    if at < 0 or len(tail) < at + 22:
        raise FileError("The zip is cut off: its list of files is missing.")
    if int.from_bytes(tail[at + 12 : at + 16], "little") > MOST_DIRECTORY:
        raise FileError("The zip's list of files is longer than 1 MB; unpack it first.")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.flag_bits & 1:
        raise FileError("The zip is encrypted; unpack it first.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise FileError("The zip holds a link, which is not followed.")
    # The name as it was written, not as zipfile tidies it.
    name = entry.orig_filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        raise FileError("The zip holds a name that leads out of it.")
