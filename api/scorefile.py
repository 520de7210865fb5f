"""`winnow score`: a file of comments in, a verdict a line out, in the same order."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import marshmallow as ma
from rich.console import Console
from rich.progress import Progress

from api.moderation.judging import judge_all
from api.moderation.policy.inforce import DEFAULT, Policy
from api.moderation.policy.subject import Draft, Subject
from api.moderation.scoring import Scorer
from api.moderation.services import utc_now
from api.web.answers import show_verdict
from api.web.body import read_json
from api.web.comment_schemas import CommentIn
from api.web.problems import BodyError, validation_problem

FORMATS = ("jsonl", "csv", "lines")
BATCH = 256
"""Comments scored at once."""

Read = Draft | str
"""What a line holds: a comment, or the sentence that says why not."""


def score_file(
    scorer: Scorer, file: IO[bytes], out: IO[str], form: str | None, policy: Policy = DEFAULT
) -> bool:
    """Write one JSON object for each comment; False when some could not be read."""
    lines = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
    try:
        return _score_lines(scorer, policy, file, lines, out, form)
    finally:
        # The file is the caller's to close.
        lines.detach()


def _score_lines(
    scorer: Scorer,
    policy: Policy,
    file: IO[bytes],
    lines: Iterator[str],
    out: IO[str],
    form: str | None,
) -> bool:
    first = next(lines, "")
    read = _READERS[form or _tell(getattr(file, "name", ""), first)](chain([first], lines))
    fine = True
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Scoring", total=_size(file))
        while some := list(islice(read, BATCH)):
            for answer in _answers(scorer, policy, some):
                fine &= "error" not in answer
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
            progress.update(task, completed=file.tell() if file.seekable() else None)
    return fine


def _answers(scorer: Scorer, policy: Policy, some: list[Read]) -> Iterator[dict[str, Any]]:
    subjects = [Subject(one, utc_now()) for one in some if isinstance(one, Draft)]
    judgements = iter(judge_all(scorer, policy, subjects))
    for one in some:
        if isinstance(one, str):
            yield {"error": one}
        else:
            shown = show_verdict(next(judgements))
            yield {name: shown[name] for name in ("scores", "action", "reasons")}


def _tell(name: str, first: str) -> str:
    """Which format this is, by the file's name or its first line."""
    endings = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".txt": "lines"}
    ending = Path(str(name)).suffix.lower()
    if ending in endings:
        return endings[ending]
    if first.lstrip("\ufeff \t").startswith("{"):
        return "jsonl"
    return "csv" if "text" in _cells(first) else "lines"


def _read_json_lines(lines: Iterable[str]) -> Iterator[Read]:
    for line in lines:
        if line.strip("\ufeff \t\r\n"):
            try:
                yield to_draft(read_json(line.lstrip("\ufeff").encode()))
            except BodyError as error:
                yield str(error)


def _read_table(lines: Iterable[str]) -> Iterator[Read]:
    table = csv.DictReader(_without_mark(lines))
    if "text" not in (table.fieldnames or ()):
        raise ValueError("The CSV has no column named text.")
    for row in table:
        yield to_draft({"text": row["text"] or ""})


def _read_lines(lines: Iterable[str]) -> Iterator[Read]:
    for line in _without_mark(lines):
        if line.strip("\r\n"):
            yield to_draft({"text": line.rstrip("\r\n")})


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line if number else line.removeprefix("\ufeff")


def to_draft(given: Any) -> Read:
    """A comment as a website sends it, of which nothing but the text need be there."""
    if isinstance(given, dict):
        given = {"article": {"id": "none"}, **given}
    try:
        draft: Draft = _SCHEMA.load(given)
    except ma.ValidationError as error:
        wrong = validation_problem({"json": error.messages})["errors"]
        return " ".join(f"{one['pointer']}: {one['detail']}" for one in wrong)
    return draft


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.removeprefix("\ufeff")]), [])


def _size(file: IO[bytes]) -> int | None:
    if not file.seekable():
        return None
    here = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(here)
    return size


_SCHEMA = CommentIn()
_READERS: dict[str, Callable[[Iterable[str]], Iterator[Read]]] = {
    "jsonl": _read_json_lines,
    "csv": _read_table,
    "lines": _read_lines,
}
