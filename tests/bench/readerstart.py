"""How long both stages take to start, and what they keep: fresh processes, and a real server.

`python -m tests.bench.readerstart READER` is such a process: both stages loaded, one comment read
by both, its answer a line of JSON; then 200 more comments, and what the process takes up.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.comments import make_comments

ROOT = Path(__file__).parents[2]
READINGS = 200
_POSTED = "/v1/comments/check"


def measure_start(reader: Path) -> dict[str, float]:
    """Return seconds from starting a fresh process to its first answer, and its megabytes."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "tests.bench.readerstart", str(reader)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        seconds = time.perf_counter() - begin
        rest = process.stdout.readline()
    if not rest:
        raise SystemExit(f"The fresh process ended without an answer ({first.strip() or 'none'}).")
    return {"seconds": seconds, **json.loads(rest)}


def main() -> None:
    """Load, answer, read on, and say what that takes up."""
    # Nothing is imported before that the two stages do not need.
    from classifier import load
    from classifier.bothstages import open_cascade

    cascade = open_cascade(load(), Path(sys.argv[1]))
    answer = cascade.score(["The first comment of the day, by someone nobody knows."], "always")
    print(json.dumps(answer.tolist()), flush=True)
    for text in make_comments(READINGS, seed=1):
        cascade.score([text], "always")
    print(json.dumps(find_memory(os.getpid())), flush=True)


def find_memory(process: int) -> dict[str, float]:
    """Return megabytes of a process: resident now, at most so far, and its fair share."""
    found = _amounts(Path(f"/proc/{process}/status")) | _amounts(
        Path(f"/proc/{process}/smaps_rollup")
    )
    return {"now": found["VmRSS"], "peak": found["VmHWM"], "share": found["Pss"]}


def _amounts(path: Path) -> dict[str, float]:
    """Return every line that says an amount of kB, in megabytes."""
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    return {
        parts[0].rstrip(":"): int(parts[1]) * 1024 / 1e6
        for parts in lines
        if len(parts) == 3 and parts[2] == "kB"
    }


def measure_server(reader: str) -> list[dict[str, float]]:
    """Serve with one worker, have 200 comments judged, and return each process's megabytes."""
    # Not at the top: a fresh process that is measured would have it all, too.
    from http.client import HTTPConnection

    from tests.bench.servers import winnow

    with tempfile.TemporaryDirectory() as folder:
        given = {"WINNOW_READER": reader, "WINNOW_WORKERS": "1"}
        with winnow(Path(folder) / "home", **given) as server:
            connection = HTTPConnection("127.0.0.1", server.port)
            headers = {"Authorization": f"Bearer {server.key}", "Content-Type": "application/json"}
            for text in make_comments(READINGS, seed=1):
                body = json.dumps({"article": {"id": "a"}, "text": text})
                connection.request("POST", _POSTED, body, headers)
                answer = connection.getresponse()
                if answer.read() and answer.status != 200:
                    raise SystemExit(f"The server answered {answer.status}.")
            return [find_memory(one) for one in _below(os.getpid())]


def _below(process: int) -> Iterator[int]:
    """Yield the processes that it started, and those that they did."""
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, path.read_text(encoding="ascii").split()):
            yield child
            yield from _below(child)


if __name__ == "__main__":
    main()
