"""What a run was begun with, and which of its pieces are done: kept beside its parts."""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from api.bulkscore.cutting import Piece
from api.bulkscore.parts import FORMATS, name_part
from api.bulkscore.scoring import Done
from api.bulkscore.sources import Source
from api.errors import StartupError

NAME, PROGRESS, LOCK, ASIDE = "manifest.json", "done.jsonl", ".lock", ".writing-"
NEW: Final = f"{NAME}.new"
_PART: Final = re.compile(rf"part-\d{{6,}}\.({'|'.join(FORMATS)})")
_MEANINGS: Final = {
    "winnow": "release {} of Winnow",
    "model": "the model {}",
    "second_model": "the second stage {}",
    "policy": "the policy with the digest {}",
    "format": "the format {}",
    "columns": "the columns {}",
}


@dataclass(frozen=True, slots=True)
class Input:
    """A file, how long it was and what it held, and the pieces that it was cut into."""

    source: Source
    size: int
    sha256: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that the parts depend on."""

    facts: dict[str, str]
    """What `_MEANINGS` names."""
    at: str
    """When all comments are taken to have come."""
    inputs: tuple[Input, ...]

    def pieces(self) -> list[tuple[Source, Piece]]:
        """Those of all inputs, in order; their places are the numbers of their parts."""
        return [(one.source, piece) for one in self.inputs for piece in one.pieces]


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Have a folder to oneself; raise StartupError where another run has it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StartupError(f"Another run is writing to {folder}.") from error
            yield
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise StartupError(f"{folder} cannot be written: {error.strerror}.") from error


def clear(folder: Path, everything: bool) -> None:
    """Remove what earlier runs left half written; and with `everything`, all that is ours."""
    for one in folder.glob(f"{ASIDE}*"):
        shutil.rmtree(one, ignore_errors=True)
    (folder / NEW).unlink(missing_ok=True)
    if everything and (folder / NAME).exists():
        # The manifest last: without it, parts would belong to nothing.
        parts = [one for one in folder.glob("part-*") if _PART.fullmatch(one.name)]
        for one in (*parts, folder / PROGRESS, folder / NAME):
            one.unlink(missing_ok=True)


def load(folder: Path) -> Manifest | None:
    """What a run in this folder was begun with; None where none was."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        inputs = tuple(
            Input(
                Source(**one["source"]),
                one["size"],
                one["sha256"],
                tuple(Piece(*piece) for piece in one["pieces"]),
            )
            for one in found["inputs"]
        )
        return Manifest(dict(found["facts"]), found["at"], inputs)
    except FileNotFoundError:
        strange = [one.name for one in folder.iterdir() if one.name != LOCK]
        if strange:
            raise StartupError(
                f"{folder} holds {sorted(strange)[0]}, which is no run's: name an empty folder."
            ) from None
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise StartupError(f"{folder / NAME} is no manifest; --restart begins again.") from error


def save(folder: Path, manifest: Manifest) -> None:
    """Keep what a run is begun with, whole or not at all."""
    inputs = [
        asdict(one) | {"pieces": [list(asdict(piece).values()) for piece in one.pieces]}
        for one in manifest.inputs
    ]
    content = json.dumps({"facts": manifest.facts, "at": manifest.at, "inputs": inputs})
    written = folder / NEW
    with written.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    written.replace(folder / NAME)


def check(
    folder: Path, begun: Manifest, facts: dict[str, str], inputs: dict[Source, tuple[int, str]]
) -> None:
    """Raise StartupError where a run would go on with something else than it was begun with."""
    for name, meaning in _MEANINGS.items():
        was, now = begun.facts.get(name), facts[name]
        if was != now:
            raise _refuse(folder, f"{meaning.format(was or 'none')}, and now it is {now}")
    was_named = [one.source for one in begun.inputs]
    if was_named != list(inputs):
        raise _refuse(folder, "other files")
    for one in begun.inputs:
        if inputs[one.source] != (one.size, one.sha256):
            raise _refuse(folder, f"{one.source.path} as it was before it changed")


def _refuse(folder: Path, was: str) -> StartupError:
    return StartupError(f"{folder} was begun with {was}; --restart begins again.")


def read_done(folder: Path, form: str) -> dict[int, Done]:
    """The pieces whose parts are there, by number."""
    found = {}
    try:
        lines = (folder / PROGRESS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    for line in lines:
        number, done = _read_line(line)
        path = folder / name_part(number, form)
        if done and path.is_file() and path.stat().st_size == done.size:
            found[number] = done
    return found


def _read_line(line: str) -> tuple[int, Done | None]:
    try:
        found: dict[str, Any] = json.loads(line)
        return found.pop("piece"), Done(**found)
    except (ValueError, KeyError, TypeError, AttributeError):
        # The last line of a run that was killed may be torn.
        return -1, None


def add_done(folder: Path, number: int, done: Done) -> None:
    """Remember that the part of a piece is there."""
    line = json.dumps({"piece": number, **asdict(done)})
    with (folder / PROGRESS).open("a", encoding="utf-8") as file:
        # On a line of its own, whatever stands before it.
        file.write(f"\n{line}\n")
