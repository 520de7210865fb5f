"""The files that are to be judged, as somebody names them: files, folders and patterns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Final

JSONL, CSV, PARQUET = "jsonl", "csv", "parquet"
FORMATS: Final = (JSONL, CSV, PARQUET)
_ENDINGS: Final = {".jsonl": JSONL, ".ndjson": JSONL, ".csv": CSV, ".parquet": PARQUET}
_PACKED: Final = {".gz": "gzip", ".zst": "zstd"}


class BrokenError(ValueError):
    """Says in a sentence, with its name, why a file cannot be judged."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file: where it lies, what it holds, and what it is packed with, if anything."""

    path: str
    form: str
    packed: str | None = None


def find_sources(named: Sequence[str], form: str | None = None) -> list[Source]:
    """The files that are named, each once, folders' and patterns' in the order of their names.

    A folder stands for what lies anywhere in it with a known ending. `form` is what a file holds
    whose name does not tell. Raises BrokenError.
    """
    found = {path: _tell(path, form) for one in named for path in _find(one)}
    return list(found.values())


def _find(named: str) -> Iterator[str]:
    path = Path(named)
    if path.is_dir():
        inside = [one for one in sorted(path.rglob("*")) if _is_input(one, path)]
        if not inside:
            raise BrokenError(f"The folder {named} holds no Parquet, CSV or JSONL file.")
        yield from map(str, inside)
    elif path.is_file() or not has_magic(named):
        if not path.exists():
            raise BrokenError(f"There is no file {named}.")
        if not path.is_file():
            raise BrokenError(f"{named} is no file that can be read twice.")
        yield named
    else:
        # Path.glob knows no pattern that begins at the root.
        found = sorted(glob(named, recursive=True))  # noqa: PTH207
        matching = [one for one in found if Path(one).is_file()]
        if not matching:
            raise BrokenError(f"No file matches {named}.")
        yield from matching


def _is_input(path: Path, folder: Path) -> bool:
    # What begins with a dot or an underscore, other engines leave beside their data.
    hidden = any(part[0] in "._" for part in path.relative_to(folder).parts)
    return not hidden and path.is_file() and _endings(path)[0] is not None


def _endings(path: Path) -> tuple[str | None, str | None]:
    packed = _PACKED.get(path.suffix.lower())
    name = path.with_suffix("") if packed else path
    return _ENDINGS.get(name.suffix.lower()), packed


def _tell(path: str, form: str | None) -> Source:
    told, packed = _endings(Path(path))
    if told is None and form not in FORMATS:
        raise BrokenError(f"The name of {path} does not end in .parquet, .csv or .jsonl.")
    if (told or form) == PARQUET and packed:
        raise BrokenError(f"{path} is packed twice: Parquet packs its own columns.")
    return Source(path, told or str(form), packed)
