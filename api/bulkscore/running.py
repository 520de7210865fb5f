"""A run: begun or gone on with, its pieces handed out, what is done remembered."""

import hashlib
import secrets
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from api.bulkscore import manifest as manifests
from api.bulkscore.cluster import Where, connect
from api.bulkscore.cutting import Piece, cut, find_size, fingerprint
from api.bulkscore.manifest import Input, Manifest
from api.bulkscore.parts import name_part
from api.bulkscore.patience import load_scorer
from api.bulkscore.rows import Columns
from api.bulkscore.scoring import SHIPPED, Done, Job, Models, name_models, try_piece
from api.bulkscore.sources import BrokenError, Source
from api.bulkscore.telling import show
from api.errors import StartupError
from api.version import VERSION
from classifier import reader

AHEAD = 4
"""Pieces handed out for each process, so that none waits and few are remembered."""
AGAIN = 2
"""How often a piece is tried again that failed for a reason that may pass, as a full disk."""

Say = Callable[[str], None]
"""Tells whoever runs it a sentence."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `policy` as it is written, empty for the defaults."""

    sources: Sequence[Source]
    folder: Path
    form: str
    columns: Columns
    policy: str
    model: Path | None
    reader: Path | None
    at: datetime
    piece_size: int | None = None
    restart: bool = False


@dataclass(slots=True)
class Outcome:
    """What came of a run, what earlier runs did included."""

    pieces: int
    done: int = 0
    skipped: int = 0
    """Pieces that were done before."""
    rows: int = 0
    errors: int = 0
    faults: list[str] = field(default_factory=list)
    """Why pieces could not be judged."""
    stopped: bool = False

    def add(self, done: Done) -> None:
        """Count a piece that is done."""
        self.done += 1
        self.rows += done.rows
        self.errors += done.errors


def run(wish: Wish, where: Where, say: Say) -> Outcome:
    """Judge all that is not done yet; raise StartupError where that cannot be begun."""
    with manifests.hold(wish.folder):
        manifests.clear(wish.folder, everything=wish.restart)
        models = _find_models(wish, say)
        with connect(where) as client:
            if not client.nthreads():
                say("The scheduler has no workers yet; waiting for one.")
            begun = _begin(wish, models, client)
            return _finish(wish, begun, models, client)


def _find_models(wish: Wish, say: Say) -> Models:
    scorer = load_scorer(wish.model, wish.reader)
    try:
        models = name_models(scorer)
    except BrokenError as error:
        raise StartupError(str(error)) from error
    if scorer.second.failure:
        say(f"No second opinions: {scorer.second.failure}")
    return models


def _begin(wish: Wish, models: Models, client: Any) -> Manifest:
    """What was begun in the folder before and still holds, or what is begun now."""
    facts = {
        "winnow": VERSION,
        "model": models.first,
        "second_model": models.second or "none",
        "policy": hashlib.sha256(wish.policy.encode()).hexdigest(),
        "format": wish.form,
        "columns": f"{wish.columns.text} and {wish.columns.id}",
    }
    before = manifests.load(wish.folder)
    sources = list(wish.sources)
    if before is not None:
        found = _ask_all(client, fingerprint, sources)
        manifests.check(wish.folder, before, facts, dict(zip(sources, found, strict=True)))
        return before
    size = wish.piece_size or find_size(sum(Path(one.path).stat().st_size for one in sources))
    cuts = _ask_all(client, cut, sources, size=size, text_column=wish.columns.text)
    inputs = [
        Input(source, one.size, one.sha256, one.pieces)
        for source, one in zip(sources, cuts, strict=True)
    ]
    made = Manifest(facts, wish.at.isoformat(), tuple(inputs))
    manifests.save(wish.folder, made)
    return made


def _ask_all(client: Any, question: Callable[..., Any], sources: list[Source], **more: Any) -> Any:
    """What processes say of each file: they, not this one, have the time and see the files."""
    try:
        return client.gather(client.map(question, sources, pure=False, **more))
    except BrokenError as error:
        raise StartupError(str(error)) from error
    except Exception as error:
        raise StartupError(f"The files cannot be looked at: {_tell(error)}.") from error


def _finish(wish: Wish, begun: Manifest, models: Models, client: Any) -> Outcome:
    pieces = begun.pieces()
    known = manifests.read_done(wish.folder, wish.form)
    outcome = Outcome(len(pieces), skipped=len(known))
    for done in known.values():
        outcome.add(done)
    todo = ((at, *one) for at, one in enumerate(pieces) if at not in known)
    total = sum(piece.rows for _, piece in pieces)
    job = _make_job(wish, begun, models)
    with show(total, outcome.rows) as advance, _hearing() as heard:
        try:
            for number, source, came in _hand_out(client, job, todo):
                fault = came if isinstance(came, str) else _miss(wish, number, came)
                if fault:
                    outcome.faults.append(f"Part {number} ({source.path}): {fault}")
                else:
                    manifests.add_done(wish.folder, number, came)
                    outcome.add(came)
                    advance(came.rows)
                if heard:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            outcome.stopped = True
    manifests.clear(wish.folder, everything=False)
    return outcome


@contextmanager
def _hearing() -> Iterator[list[int]]:
    """The signals of Ctrl-C so far: what it raises is lost where it interrupts a finalizer."""
    heard: list[int] = []

    def hear(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, before)


def _make_job(wish: Wish, begun: Manifest, models: Models) -> Job:
    aside = wish.folder / f"{manifests.ASIDE}{secrets.token_hex(4)}"
    aside.mkdir()
    return Job(
        folder=str(wish.folder),
        aside=str(aside),
        form=wish.form,
        columns=wish.columns,
        policy=wish.policy,
        at=datetime.fromisoformat(begun.at),
        model=str(wish.model) if wish.model else None,
        reader=_name_reader(wish.reader),
        models=models,
    )


def _name_reader(path: Path | None) -> str | None:
    # Another host may have what came with Winnow elsewhere.
    return SHIPPED if path == reader.SHIPPED else str(path) if path else None


def _hand_out(
    client: Any, job: Job, todo: Iterator[tuple[int, Source, Piece]]
) -> Iterator[tuple[int, Source, Any]]:
    """Give processes pieces, and say what came of each: `Done`, or why it is not."""
    from distributed import as_completed

    waiting: dict[str, tuple[int, Source]] = {}
    futures = as_completed(raise_errors=False)
    most = AHEAD * max(1, sum(client.nthreads().values()))

    def fill() -> None:
        while len(waiting) < most and (one := next(todo, None)):
            future = client.submit(try_piece, job, *one, pure=False, retries=AGAIN)
            waiting[future.key] = one[:2]
            futures.add(future)

    fill()
    for future in futures:
        number, source = waiting.pop(future.key)
        yield number, source, _find_result(future)
        fill()


def _find_result(future: Any) -> Any:
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        return f"{error.allowed_failures + 1} processes died of it, perhaps for want of memory."
    except Exception as error:
        return f"{_tell(error)}."


def _miss(wish: Wish, number: int, done: Done) -> str | None:
    """Why a part that is said to be done is not; None where it is."""
    path = wish.folder / name_part(number, wish.form)
    if path.is_file() and path.stat().st_size == done.size:
        return None
    return f"{path} is not here: all workers must share this folder."


def _tell(error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0].rstrip(".")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
