"""How fast comments are taken in and given out, and how much memory that takes, at N and at 10 N.

The commands as their users run them, each in a process of its own, on files as other systems write
them: the memory is the largest that the process has had, Python and the model included. Beside it,
in the same run, what the same machine takes to judge such texts and do nothing else. The rates of
the commands are with their start, which is several seconds: take many comments.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tests import postgresql
from tests.bench.comments import make_comments
from tests.reliability.serving import COMMAND

_MADE = 5_000
"""So many texts are made; each is used again with its number behind it."""


@dataclass(frozen=True, slots=True)
class Took:
    """What a command took: seconds, those of them that it computed, and megabytes at most."""

    seconds: float
    computed: float
    megabytes: float


def main() -> None:
    """Make files, take them in, give them out, and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comments", type=int, default=10_000, help="and ten times as many")
    parser.add_argument("--formats", nargs="+", choices=tuple(_WRITERS), default=["jsonl"])
    parser.add_argument("--once", action="store_true", help="not ten times as many")
    both = ["sqlite", "postgresql"] if postgresql.find_binaries() else ["sqlite"]
    parser.add_argument("--databases", nargs="+", choices=both, default=both)
    options = parser.parse_args()
    sizes = [options.comments] if options.once else [options.comments, 10 * options.comments]
    for database in options.databases:
        for form in options.formats:
            for size in sizes:
                print(f"\n{database}, {form}, {size:,} comments", flush=True)
                _measure(database, form, size)


def _measure(database: str, form: str, size: int) -> None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        env = {**os.environ, "WINNOW_HOME": str(home)}
        if database == "postgresql":
            env["WINNOW_DATABASE_URL"] = stack.enter_context(postgresql.Server()).url
        subprocess.run([*COMMAND, "init"], env=env, check=True, capture_output=True)
        file = home / f"comments.{form}"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(_WRITERS[form](size))
        _tell("  the file", f"{file.stat().st_size / 1e6:.0f} MB")
        judged = _judge(env, home, min(size, _MADE))
        _tell("  judged alone, first stage", f"{judged:,.0f} in a second computed")
        took = _run(env, "import", "--site", "default", str(file))
        _show("taken in", size, took, judged)
        _show(
            "the same again", size, _run(env, "import", "--site", "default", "--again", str(file))
        )
        for name in ("out.jsonl", "out.parquet"):
            path = home / name
            _show(f"given out, {name}", size, _run(env, "export", "--site", "default", str(path)))
        lines = sum(1 for _ in (home / "out.jsonl").open("rb"))
        assert lines == size, f"{lines} of {size} came out again"


def _judge(env: dict[str, str], home: Path, count: int) -> float:
    """How many texts `winnow score` judges in a second that it computes, its start left out.

    By the first stage, as history is judged: the second reads only what may still wait.
    """
    lines = [json.dumps({"text": one}) + "\n" for one in make_comments(count + 1, seed=1)]
    seconds = []
    for some in (lines[:1], lines):
        file = home / "texts.jsonl"
        file.write_text("".join(some), encoding="utf-8")
        seconds.append(_run(env | {"WINNOW_READER": "none"}, "score", str(file)).computed)
    return count / max(seconds[1] - seconds[0], 1e-3)


def _run(env: dict[str, str], *command: str) -> Took:
    began = time.perf_counter()
    process = subprocess.Popen(
        [*COMMAND, *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"winnow {command[0]} failed: {said}")
    computed = usage.ru_utime + usage.ru_stime
    return Took(time.perf_counter() - began, computed, usage.ru_maxrss / 1024)


def _show(what: str, size: int, took: Took, judged: float | None = None) -> None:
    rate, computed = size / took.seconds, size / took.computed
    beside = "" if judged is None else f" ({computed / judged:.2f} of judging alone)"
    million = f"a million in {1e6 / rate / 60:.1f} min"
    of_core = f"{computed:,.0f} in a second computed{beside}"
    _tell(f"  {what}", f"{rate:,.0f} a second, {million}; {of_core}; {took.megabytes:.0f} MB")


def _tell(what: str, says: str) -> None:
    print(f"{what:<28} {says}", flush=True)


def _list(size: int) -> Iterator[tuple[int, str, str]]:
    """Number, text and status of each comment."""
    texts = make_comments(_MADE)
    for number in range(1, size + 1):
        status = "pending" if number % 50 == 0 else "rejected" if number % 9 == 0 else "approved"
        yield number, f"{texts[number % _MADE]} {number}", status


def _write_jsonl(size: int) -> Iterator[str]:
    for number, text, status in _list(size):
        one = {
            "id": f"c-{number}",
            "article": {"id": f"a-{number // 200}"},
            "parent_id": f"c-{number - 1}" if number % 3 == 0 else None,
            "author": {"id": f"u-{number * 7919 % 50_000}", "ip": f"10.0.{number % 256}.1"},
            "text": text,
            "status": status,
            "created_at": f"20{10 + number % 15}-03-02T08:30:00Z",
        }
        yield json.dumps(one) + "\n"


def _write_wordpress(size: int) -> Iterator[str]:
    states = {"approved": "1", "rejected": "spam", "pending": "0"}
    yield '<?xml version="1.0" encoding="UTF-8" ?>\n<rss xmlns:wp="http://wordpress.org/export/1.2/">'
    yield "<channel>"
    for number, text, status in _list(size):
        if number % 200 == 1:
            yield "</item>" if number > 1 else ""
            yield f"<item><title>Post</title><wp:post_id>{number // 200 + 1}</wp:post_id>\n"
        yield (
            f"<wp:comment><wp:comment_id>{number}</wp:comment_id>"
            f"<wp:comment_author>Reader {number % 50_000}</wp:comment_author>"
            f"<wp:comment_date_gmt>20{10 + number % 15}-03-02 08:30:00</wp:comment_date_gmt>"
            f"<wp:comment_content>{escape(text)}</wp:comment_content>"
            f"<wp:comment_approved>{states[status]}</wp:comment_approved>"
            "<wp:comment_type>comment</wp:comment_type></wp:comment>\n"
        )
    yield "</item></channel></rss>\n"


_WRITERS: dict[str, Callable[[int], Iterator[str]]] = {
    "jsonl": _write_jsonl,
    "wordpress": _write_wordpress,
}


if __name__ == "__main__":
    main()
