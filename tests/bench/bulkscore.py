"""What judging in bulk costs: `python -m tests.bench.bulkscore --rows 200000`.

The same texts by one process and by two, in turns, so that what else the machine does falls on
both; with the start, as whoever waits for it sees it, and without, as a long run is. Beside each
round it is measured what the machine has left: two processes that do nothing but count, beside one.
Where those are far from linear too, something else has a core, and the round says nothing of
Winnow. Then the most memory that any process has held, for so many rows and for ten times as many.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median

import pyarrow
import pyarrow.parquet
from rich.console import Console
from rich.table import Table

from classifier.reader import SHIPPED
from tests.bench.comments import make_comments

COMMAND = (sys.executable, "-c", "from api.cli import main; main()", "score")
DIFFERENT = 20_000
"""So many comments are made; a larger input has them again and again."""
TIMES = 10
LINEAR = 0.85
"""What two processes are held to: so much of twice the speed of one."""
COUNTING_SECONDS = 2.0
COUNTING = f"""
import time
until, count = time.monotonic() + {COUNTING_SECONDS}, 0
while time.monotonic() < until:
    count += 1
print(count)
"""
STAGES = {"first": "none", "both": str(SHIPPED)}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command."""

    rows: int
    whole: float
    """Seconds from the command to its end."""
    steady: float
    """Seconds from when each process has had a part to the last part."""
    counted: int
    """How many rows came in them."""
    memory: int
    """The most that the largest process has held, in bytes."""
    coordinator: float
    """Seconds of processor time of the one that hands out pieces."""


def main() -> None:
    """Measure and print."""
    options = _options()
    table = Table(
        "stages", "processes", "rows/s, whole", "rows/s, steady", "coordinator, start included"
    )
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for stages in options.stages:
            rows = options.rows if stages == "first" else max(1, options.rows // options.fewer)
            source = write(home / f"{stages}.{options.form}", rows)
            runs, left = defaultdict(list), []
            for number in range(options.rounds):
                before = count_beside()
                for processes in ((1, 2), (2, 1))[number % 2]:
                    runs[processes].append(measure(home, source, rows, processes, stages, options))
                left.append(min(before, count_beside()))
            for processes, found in sorted(runs.items()):
                table.add_row(stages, f"{processes}", *_show(found))
            lines += [f"{stages}: {rows:,} rows; {_compare(runs[1], runs[2])}"]
            lines += [f"{stages}: {_tell_left(left)}"]
            lines += [f"{stages}: {_weigh(home, rows, runs[2], stages, options)}"]
    console = Console(width=118)
    console.print(table)
    for line in (*lines, f"load when it ended: {os.getloadavg()[0]:.1f}"):
        console.print(line, highlight=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000, help="for the first stage alone")
    parser.add_argument("--fewer", type=int, default=20, help="with both stages, rows / fewer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--form", choices=("jsonl", "csv", "parquet"), default="parquet")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument("--pieces", type=int, default=40, help="into which each input is cut")
    parser.add_argument("--no-memory", action="store_true", help="nothing ten times as large")
    return parser.parse_args()


def write(path: Path, rows: int) -> Path:
    """A file of so many comments, some at a time."""
    made = make_comments(min(rows, DIFFERENT))
    texts = (made[number % len(made)] for number in range(rows))
    if path.suffix == ".parquet":
        schema = pyarrow.schema([("id", pyarrow.int64()), ("text", pyarrow.string())])
        with pyarrow.parquet.ParquetWriter(path, schema) as writer:
            start = 0
            while some := list(islice(texts, DIFFERENT)):
                ids = range(start, start := start + len(some))
                writer.write_table(pyarrow.table({"id": ids, "text": some}, schema=schema))
        return path
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_lines(path, texts))
    return path


def _lines(path: Path, texts: Iterator[str]) -> Iterator[str]:
    if path.suffix == ".csv":
        yield "id,text\n"
    for number, text in enumerate(texts):
        # The comments made hold neither quotes nor line ends.
        yield (
            f'{number},"{text}"\n'
            if path.suffix == ".csv"
            else json.dumps({"id": f"{number}", "text": text}) + "\n"
        )


def measure(
    home: Path, source: Path, rows: int, processes: int, stages: str, options: argparse.Namespace
) -> Run:
    """Run the command once into a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=home) as folder:
        out = Path(folder) / "out"
        # Pieces of a like number of rows, so that at the end no process has long to wait.
        size = 280 * rows / options.pieces / (1 << 20)
        arguments = [str(source), "--out", str(out), "--piece-mib", f"{size}"]
        began = time.monotonic()
        process = subprocess.Popen(
            [*COMMAND, *arguments, "--processes", f"{processes}"],
            env=os.environ | {"WINNOW_READER": STAGES[stages]},
            stderr=subprocess.PIPE,
            text=True,
        )
        watch = _Watch(process.pid)
        _, said = process.communicate()
        whole = time.monotonic() - began
        watch.end()
        if process.returncode:
            raise SystemExit(said)
        steady, counted = _find_steady(out, processes)
    return Run(rows, whole, steady, counted, watch.memory, watch.coordinator)


def _find_steady(out: Path, processes: int) -> tuple[float, int]:
    """Seconds from when each process has had a part to the last part, and the rows since."""
    parts = sorted((one.stat().st_mtime_ns, one) for one in out.glob("part-*"))
    rows = [pyarrow.parquet.read_metadata(one).num_rows for _, one in parts]
    return (parts[-1][0] - parts[processes - 1][0]) / 1e9, sum(rows[processes:])


class _Watch:
    """Looks at a process and those it started now and then, while it runs."""

    def __init__(self, pid: int) -> None:
        self.memory = 0
        self.coordinator = 0.0
        self._pid = pid
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._ending.wait(0.2):
            self.coordinator = max(self.coordinator, _find_seconds(self._pid))
            peaks = [_find_peak(one) for one in (self._pid, *_find_children(self._pid))]
            self.memory = max(self.memory, *peaks)

    def end(self) -> None:
        self._ending.set()
        self._thread.join()


def _find_children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for one in _read(task).split():
            yield int(one)
            yield from _find_children(int(one))


def _find_peak(pid: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", _read(Path(f"/proc/{pid}/status")))
    return 1024 * int(found[1]) if found else 0


def _find_seconds(pid: int) -> float:
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        # It has ended meanwhile.
        return ""


def count_beside() -> float:
    """How much of twice the speed of one process two have that only count."""
    [alone], both = _count(1), _count(2)
    return sum(both) / alone / 2


def _count(processes: int) -> list[int]:
    command = [sys.executable, "-c", COUNTING]
    started = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)
    ]
    return [int(one.communicate()[0]) for one in started]


def _tell_left(left: Sequence[float]) -> str:
    return (
        f"two processes that only count have {median(left):.2f} of it here"
        f" ({min(left):.2f} to {max(left):.2f}, the worse of before and after each round)"
    )


def _show(runs: Sequence[Run]) -> tuple[str, str, str]:
    shares = [run.coordinator / run.whole for run in runs]
    return (
        f"{median(run.rows / run.whole for run in runs):,.0f}",
        f"{median(run.counted / run.steady for run in runs):,.0f}",
        f"{median(shares):.0%} of a core",
    )


def _compare(one: Sequence[Run], two: Sequence[Run]) -> str:
    """How much of twice the speed two processes have, of rounds that ran side by side."""
    pairs = list(zip(one, two, strict=True))
    whole = [a.whole / b.whole / 2 for a, b in pairs]
    steady = [b.counted / b.steady / (a.counted / a.steady) / 2 for a, b in pairs]
    return (
        f"two processes have {median(steady):.2f} of linear speed-up"
        f" ({min(steady):.2f} to {max(steady):.2f} in {len(pairs)} rounds; held to {LINEAR}),"
        f" {median(whole):.2f} with the start"
    )


def _weigh(
    home: Path, rows: int, runs: Sequence[Run], stages: str, options: argparse.Namespace
) -> str:
    usual = max(run.memory for run in runs)
    said = f"the largest process held {usual >> 20:,} MiB for {rows:,} rows"
    if options.no_memory:
        return said
    source = write(home / f"large.{options.form}", TIMES * rows)
    large = measure(home, source, TIMES * rows, 2, stages, options)
    return f"{said}, {large.memory >> 20:,} MiB for {TIMES * rows:,}"


if __name__ == "__main__":
    main()
