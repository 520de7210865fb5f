"""`make bench-classifier`: how fast and how small the classifier is, beside its alternatives.

Everyone runs on the same core, in a process of its own, on the same comments, in turns: what
else the machine does hits all alike. Medians of the rounds, with their lowest and highest.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.comments import make_comments, read_comments

ROOT = Path(__file__).parents[2]
OURS, PEERS = ("winnow", "HashingVectorizer"), ("alt-profanity-check", "BERT-base")
ORDER = ("winnow", "alt-profanity-check", "HashingVectorizer", "BERT-base")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}


@dataclass(slots=True)
class Result:
    """What was measured of one contestant: seconds, and megabytes; empty where missing."""

    name: str
    missing: str = ""
    firsts: list[float] = field(default_factory=list)
    batches: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    memory: dict[str, float] = field(default_factory=dict)
    forked: list[dict[str, float]] = field(default_factory=list)

    @property
    def per_second(self) -> tuple[float, float, float]:
        """Comments a second: median, lowest and highest round."""
        return 1 / median(self.batches), 1 / max(self.batches), 1 / min(self.batches)

    @property
    def call(self) -> tuple[float, float]:
        """Milliseconds of one call: the median and the 99th of a hundred."""
        cuts = quantiles(self.calls, n=100)
        return cuts[49] * 1000, cuts[98] * 1000


class Contestant:
    """A running contestant that answers one question at a time."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.greeting = self._read()

    def ask(self, question: str) -> Any:
        assert self._process.stdin
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"missing": "it ended"}


@contextmanager
def _started(name: str, options: argparse.Namespace, texts: Path) -> Iterator[Contestant]:
    python = options.peers if name in PEERS and options.peers else sys.executable
    command = [python, "-W", "ignore", "-m", "tests.bench.contestants"]
    with subprocess.Popen(
        [*command, name, str(texts), str(options.core)],
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if options.verbose else subprocess.DEVNULL,
    ) as process:
        yield Contestant(process)
        assert process.stdin
        process.stdin.close()


def main() -> None:
    """Measure everyone, print the table and, with --out, draw it."""
    options = _options()
    count = options.comments
    texts = read_comments(options.data, count) if options.data else make_comments(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(texts), encoding="utf-8")
        results = _measure(options, path)
    note = _describe(texts, options, results)
    console = Console(width=118)
    console.print(_table(results))
    console.print(note, highlight=False, markup=False)
    if options.out:
        from tests.bench.drawing import draw_results

        options.out.write_bytes(draw_results(results, note))
        console.print(f"wrote {options.out}", highlight=False, markup=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--comments", type=int, default=12_000)
    parser.add_argument("--data", type=Path, help="folder of CSV files to take real texts from")
    parser.add_argument("--peers", help="interpreter that has alt-profanity-check and torch")
    parser.add_argument("--out", type=Path, help="draw the table into this SVG file")
    parser.add_argument("--only", nargs="+", choices=ORDER, default=ORDER)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--verbose", action="store_true", help="show what contestants complain of")
    return parser.parse_args()


def _measure(options: argparse.Namespace, texts: Path) -> list[Result]:
    results = {name: Result(name) for name in ORDER if name in options.only}
    # Fresh processes: the first start of each fills the page cache and does not count.
    for number in range(4):
        for name, result in results.items():
            with _started(name, options, texts) as contestant:
                result.missing = contestant.greeting.get("missing", "")
                if number and not result.missing:
                    result.firsts.append(contestant.greeting["first"])
    present = {name: one for name, one in results.items() if not one.missing}
    with ExitStack() as stack:
        started = {name: stack.enter_context(_started(name, options, texts)) for name in present}
        for name, contestant in started.items():
            present[name].memory = contestant.ask("memory")
        # Round 0 warms everyone up.
        for number in range(options.rounds + 1):
            for name, contestant in started.items():
                seconds, calls = contestant.ask("batch"), contestant.ask("single")
                if number:
                    present[name].batches.append(seconds)
                    present[name].calls += calls
        if "winnow" in started:
            present["winnow"].forked = started["winnow"].ask("forked")
    return list(results.values())


def _table(results: list[Result]) -> Table:
    heads = ("comments/s", "lowest to highest", "time", "p50, ms", "p99, ms", "first, s", "MB")
    table = Table("", *heads)
    peer = next((one for one in results if one.name == PEERS[0] and one.batches), None)
    for one in results:
        if one.missing:
            table.add_row(one.name, "not installed", *[""] * (len(heads) - 1))
            continue
        times = f"{median(one.batches) / median(peer.batches):.2f}" if peer else "-"
        middle, low, high = (f"{rate:,.{0 if rate >= 100 else 1}f}" for rate in one.per_second)
        rest = (*(f"{ms:.3f}" for ms in one.call), f"{median(one.firsts):.2f}")
        memory = f"{one.memory['resident']:.0f}"
        table.add_row(one.name, middle, f"{low} to {high}", times, *rest, memory)
    return table


def _describe(texts: list[str], options: argparse.Namespace, results: list[Result]) -> str:
    lengths, origin = [len(text) for text in texts], "real" if options.data else "generated"
    forked = [one for result in results for one in result.forked]
    mean = sum(lengths) / len(texts)
    lines = [
        f"{len(texts):,} {origin} comments, {mean:.0f} characters (median {median(lengths):.0f}).",
        f"One core, {options.rounds} rounds in turns.",
        "time: of a batch, alt-profanity-check = 1. p50, p99: a call with 400 characters.",
        "first: import to first score, median of 3 fresh processes. MB: resident after it.",
        "BERT-base: random weights, 8 of the comments, splitting into tokens left out.",
    ]
    if forked:
        own, share = (median(one[kind] for one in forked) for kind in ("own", "share"))
        lines.append(
            f"winnow in {len(forked)} forked workers, after scoring: each {own:.0f} MB of its own, "
            f"{share:.0f} MB with its share of what all use."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
