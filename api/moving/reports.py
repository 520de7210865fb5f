"""What was left behind, a JSON object a line: which comment, and why. Nothing that anybody wrote.

An import that was interrupted goes on with the same report: what was written of comments that are
dealt with again is cut off first.
"""

import json
import os
from pathlib import Path
from typing import IO, Any

from api.moving.items import FileError


class Report:
    """A report that is written on; `path` is None where nobody wants one."""

    def __init__(self, path: Path | None, position: int) -> None:
        self._file: IO[str] | None = None
        if path is None:
            return
        try:
            kept = _read_kept(path, position) if position else []
            # Ids are personal data to whoever can look them up.
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror}.") from error
        self._file = os.fdopen(handle, "w", encoding="utf-8")
        self._file.writelines(kept)

    def tell(self, number: int, outcome: str, id_: str | None, why: str) -> None:
        """Write of the comment with this number in the file, from 1 on."""
        if self._file is not None:
            found: dict[str, Any] = {"number": number, "outcome": outcome, "id": id_, "why": why}
            self._file.write(json.dumps(found, ensure_ascii=False) + "\n")

    def flush(self) -> None:
        """Have it on disk before the comments are."""
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        """There is no more."""
        if self._file is not None:
            self._file.close()


def _read_kept(path: Path, position: int) -> list[str]:
    """The whole lines about comments up to a number."""
    if not path.exists():
        return []
    kept = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                number = json.loads(line)["number"]
            except (ValueError, KeyError, TypeError):
                continue
            if line.endswith("\n") and number <= position:
                kept.append(line)
    return kept
