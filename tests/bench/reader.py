"""What reading costs: `python -m tests.bench.reader` measures the second stage on one core.

The first stage alone, the second alone, a BERT-base with random weights in float32, and both
stages as a service asks them; each in a process of its own on the same core, in turns, the others
asleep meanwhile. Then how long both take to start, and their memory. Everything is printed beside
what it is held to; on a busy machine only the ratio means something.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

# Everything that is started from here has one thread, and this one core.
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
os.environ |= ONE_THREAD

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from classifier import readerfile  # noqa: E402
from classifier.reader import SHIPPED  # noqa: E402
from tests.bench.classifier import ROOT, Contestant  # noqa: E402
from tests.bench.comments import make_comments, read_comments  # noqa: E402
from tests.bench.readers import CONTESTANTS, MIX  # noqa: E402
from tests.bench.readerstart import READINGS, measure_server, measure_start  # noqa: E402

LENGTHS = (60, 280, 1000)
SINGLES, PAIRED = 60, 16
"""So many comments of each length; so many of 280 that BERT-base reads, too."""
PAIR = "pair"
ASKED = (
    *(("linear", "280"), ("reader", "60"), ("reader", "280"), ("reader", "1000")),
    *(("reader", PAIR), ("BERT-base", PAIR), ("cascade", MIX)),
)
Row = tuple[str, Sequence[float], str, str]
"""What was measured, its rounds, how to write one, and what it is held to."""


def main() -> None:
    """Measure everything in turns and print the table."""
    options = _options()
    options.load = os.getloadavg()[0]
    os.sched_setaffinity(0, {options.core})
    try:
        readerfile.read(options.reader)
    except readerfile.ReaderError as error:
        raise SystemExit(str(error)) from error
    texts = _make_texts(options)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(texts), encoding="utf-8")
        facts, seconds, starts = _measure(options, path)
    rows = [*_readings(seconds), *_wholes(facts, seconds), *_starts(starts)]
    if not options.no_server:
        rows += _servers(options)
    console = Console(width=118)
    console.print(_table(rows))
    console.print(_describe(options, texts, facts), highlight=False, markup=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", type=Path, default=SHIPPED, help="the shipped one if not given")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--comments", type=int, default=2000, help="of the ordinary mix")
    parser.add_argument(
        "--data", type=Path, help="CSV file, or folder of them, to take real texts from"
    )
    parser.add_argument("--peers", help="interpreter that has torch and tokenizers")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--no-server", action="store_true", help="do not start `winnow serve`")
    parser.add_argument("--verbose", action="store_true", help="show what contestants complain of")
    # `make bench-classifier` gives the same arguments to `tests.bench.classifier`, whose these are.
    parser.add_argument("--out", help=argparse.SUPPRESS)
    parser.add_argument("--only", nargs="+", help=argparse.SUPPRESS)
    return parser.parse_args()


def _make_texts(options: argparse.Namespace) -> dict[str, list[str]]:
    """Return comments by length, those of 280 characters that all read, and an ordinary mix."""
    if options.data and not options.data.exists():
        print(f"There is no {options.data}; comments are generated.")
        options.data = None
    count = options.comments
    mix = read_comments(options.data, count) if options.data else make_comments(count)
    texts = {MIX: mix}
    whole = " ".join(mix)
    for length in LENGTHS:
        # Too few comments begin again: what counts is how long they are.
        many = whole * (1 + SINGLES * length // len(whole))
        texts[f"{length}"] = [many[at * length :][:length] for at in range(SINGLES)]
    return texts | {PAIR: texts["280"][:PAIRED]}


@contextmanager
def _started(name: str, options: argparse.Namespace, texts: Path) -> Iterator[Contestant]:
    python = options.peers if name == "BERT-base" and options.peers else sys.executable
    command = [python, "-W", "ignore", "-m", "tests.bench.readers", name]
    with subprocess.Popen(
        [*command, str(texts), str(options.reader.absolute()), str(options.core)],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if options.verbose else subprocess.DEVNULL,
    ) as process:
        yield Contestant(process)
        assert process.stdin
        process.stdin.close()


Seconds = Mapping[tuple[str, str], Sequence[float]]


def _measure(
    options: argparse.Namespace, texts: Path
) -> tuple[dict[str, Any], Seconds, list[dict[str, float]]]:
    """Return what each says of itself, seconds a comment of each round, and fresh starts."""
    seconds: dict[tuple[str, str], list[float]] = defaultdict(list)
    starts = []
    with ExitStack() as stack:
        enter = stack.enter_context
        running = {name: enter(_started(name, options, texts)) for name in CONTESTANTS}
        facts = {name: one.greeting for name, one in running.items()}
        for name, said in facts.items():
            if "missing" in said and name != "BERT-base":
                raise SystemExit(f"{name} cannot be measured: {said['missing']}")
        present = [asked for asked in ASKED if "missing" not in facts[asked[0]]]
        # Round 0 warms everyone up.
        for number in range(options.rounds + 1):
            for name, which in present:
                found = running[name].ask(which)
                if isinstance(found, dict):
                    raise SystemExit(f"{name} ended; --verbose shows why.")
                if number:
                    seconds[name, which].append(found)
            start = measure_start(options.reader.absolute())
            starts += [start] if number else []
    return facts, seconds, starts


def _readings(seconds: Seconds) -> Iterator[Row]:
    """Yield milliseconds for a comment, alone."""
    titles = {"linear": "first stage alone", "reader": "second stage alone"}
    for (name, which), found in seconds.items():
        if name in titles and which != PAIR:
            title = f"{titles[name]}, {int(which):,} characters"
            yield title, [1000 * one for one in found], "{:,.3g} ms", ""


def _wholes(facts: Mapping[str, Any], seconds: Seconds) -> Iterator[Row]:
    """Yield BERT-base beside the second stage, and both stages on an ordinary mix."""
    if found := seconds.get(("BERT-base", PAIR)):
        milliseconds = [1000 * one for one in found]
        yield "BERT-base in float32, 280 characters", milliseconds, "{:,.0f} ms", ""
        # Of each round: what else the machine did then hit both.
        pairs = zip(found, seconds["reader", PAIR], strict=True)
        ratios = [slow / fast for slow, fast in pairs]
        yield "BERT-base beside the second stage", ratios, "{:.1f} times", "at least 15"
    rates = [1 / one for one in seconds["cascade", MIX]]
    yield "both stages, an ordinary mix", rates, "{:,.0f} comments/s", "at least 700"
    share = 100 * facts["cascade"]["asked"]
    yield "of which the second stage is asked", [share], "{:.1f} %", ""


def _starts(starts: Sequence[Mapping[str, float]]) -> Iterator[Row]:
    seconds = [one["seconds"] for one in starts]
    yield "process start to first answer, both read", seconds, "{:.2f} s", "at most 2"
    for name, title in (("now", "resident"), ("peak", "resident at most")):
        megabytes = [one[name] for one in starts]
        yield f"{title}, after {READINGS} readings", megabytes, "{:.0f} MB", "at most 200"


def _servers(options: argparse.Namespace) -> Iterator[Row]:
    """Yield what one worker of `winnow serve` takes up with, and without a second stage."""
    whole = str(options.reader.absolute())
    for reader, title, held in ((whole, "with", "at most 200"), ("none", "without", "")):
        # The worker is the largest: the others load no second stage, or never read.
        largest = max(measure_server(reader), key=lambda one: one["share"])
        for name, kind in (("now", "resident"), ("share", "fair share")):
            words = f"a worker of `winnow serve` {title} it, {kind}"
            yield words, [largest[name]], "{:.0f} MB", held if name == "now" else ""


def _table(rows: Sequence[Row]) -> Table:
    table = Table("", "median", "lowest to highest", "held to")
    for title, found, form, held in rows:
        write: Callable[[float], str] = form.format
        spread = f"{write(min(found))} to {write(max(found))}" if len(found) > 1 else ""
        table.add_row(title, write(median(found)), spread, held)
    return table


def _describe(
    options: argparse.Namespace, texts: Mapping[str, Sequence[str]], facts: Mapping[str, Any]
) -> str:
    lengths, origin = [len(text) for text in texts[MIX]], "real" if options.data else "generated"
    bert = facts["BERT-base"]
    read = (
        f"BERT-base was left out: {bert['missing']}; --peers names a Python that has torch."
        if "missing" in bert
        else f"BERT-base: {bert['parameters'] / 1e6:.0f} million weights by chance,"
        f" {bert['version']}, the same word pieces, {PAIRED} of the comments."
    )
    mean, middle = sum(lengths) / len(lengths), median(lengths)
    return (
        f"{facts['cascade']['version']}, {facts['reader']['megabytes']:.1f} MB; core"
        f" {options.core}, one thread, {options.rounds} rounds in turns.\n"
        f"An ordinary mix: {len(lengths):,} {origin} comments, {mean:.0f} characters (median"
        f" {middle:.0f}), in one call; the others one at a time.\n{read}\n"
        f"Load of the machine before: {options.load:.1f} on {os.cpu_count()} cores."
    )


if __name__ == "__main__":
    main()
