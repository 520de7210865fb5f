"""Writes comments to a file that is there whole, or not at all: JSON a line, or Parquet."""

import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from api.errors import StartupError
from api.web.fields import show_time

Write = Callable[[Sequence[dict[str, Any]]], None]
"""Writes some comments as `api.moderation.moving.leaving` gives them."""


@contextmanager
def open_writer(path: Path) -> Iterator[Write]:
    """What writes to a path, which shows nothing until all is written; `-` is standard output.

    Raises StartupError where it cannot be written, or where Parquet is not installed.
    """
    if str(path) == "-":
        yield lambda some: _write_lines(sys.stdout, some)
        sys.stdout.flush()
        return
    with _replacing(path) as file:
        if path.suffix.lower() == ".parquet":
            columns = _import_columns()
            with columns.open_table(file) as write:
                yield write
        else:
            yield lambda some: _write_bytes(file, some)


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside the path that takes its place at the end, readable by its owner alone."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise StartupError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise StartupError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)


def _import_columns() -> Any:
    try:
        from api.moving import columns
    except ImportError as error:
        raise StartupError("Parquet needs what winnow[bulk] installs.") from error
    return columns


def _write_bytes(file: IO[bytes], some: Sequence[dict[str, Any]]) -> None:
    file.write(_encode(some))


def _write_lines(out: IO[str], some: Sequence[dict[str, Any]]) -> None:
    out.write(_encode(some).decode())


def _encode(some: Sequence[dict[str, Any]]) -> bytes:
    return "".join(f"{_to_json(one)}\n" for one in some).encode()


def _show(value: Any) -> Any:
    if isinstance(value, datetime):
        return show_time(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON knows")


_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_show).encode
