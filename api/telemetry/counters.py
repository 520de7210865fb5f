"""What a process counts of its own work, to be added up over all processes of a server.

Alone, a process counts in memory. Where several serve, each counts in a file of its own in a
folder they share; the file is named by the process's place, not its number, so that whoever
replaces a dead one counts on from where it was.
"""

import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from api.telemetry import metricnames
from api.telemetry.metricnames import Name

log = logging.getLogger(__name__)

_REGISTRY = CollectorRegistry()
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX = "winnow-metrics-"
_KINDS = ("counter", "histogram", "gauge_sum")
_SIZE = 64 * 1024
_MEMORY = Path("/dev/shm")  # noqa: S108  # only as a place for a private folder


def _counter(name: Name) -> Counter:
    return Counter(name.name, name.meaning, name.labels, registry=_REGISTRY)


def _gauge(name: Name) -> Gauge:
    """One whose values are added up over all processes."""
    return Gauge(name.name, name.meaning, name.labels, registry=_REGISTRY, multiprocess_mode="sum")


# All have labels: only then is their place in the files chosen at the first use, not here.
REQUESTS = _counter(metricnames.REQUESTS)
SECONDS = Histogram(
    metricnames.SECONDS.name,
    metricnames.SECONDS.meaning,
    metricnames.SECONDS.labels,
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
    registry=_REGISTRY,
)
FAILURES = _counter(metricnames.FAILURES)
OPINIONS = _counter(metricnames.OPINIONS)
SHED = _counter(metricnames.SHED)
VERDICTS = _counter(metricnames.VERDICTS)
DECISIONS = _counter(metricnames.DECISIONS)
DELIVERIES = _counter(metricnames.DELIVERIES)
SIGN_IN_FAILURES = _counter(metricnames.SIGN_IN_FAILURES)
LIMITER_FALLBACK = _gauge(metricnames.LIMITER_FALLBACK)
POOL = _gauge(metricnames.POOL)

_place = {"name": "master"}


def make_folder() -> Path:
    """A private folder for the files, and no more those of servers that were killed."""
    # In memory: a file that is mapped and cannot grow, on a full disk, kills its process.
    parent = _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for old in parent.glob(f"{_PREFIX}*"):
        if _is_left_behind(old):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def share(folder: Path, place: str) -> None:
    """Count in files of `folder` from now on; the processes that are forked do so too."""
    os.environ[_FOLDER] = str(folder)
    be(place)
    # Others that use the library in this process, if any, then count there as well.
    values.ValueClass = values.MultiProcessValue(lambda: _place["name"])  # type: ignore[no-untyped-call]


def shared_folder() -> Path | None:
    """The folder that the server which started this process counts in, if any."""
    given = os.environ.get(_FOLDER)
    return Path(given) if given else None


def be(place: str) -> None:
    """Count at another place: no two processes may have the same."""
    folder = shared_folder()
    if folder is not None:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            for kind in _KINDS:
                _lay(folder / f"{kind}_{place}.db")
        except OSError as error:
            # A server that cannot count can still serve.
            log.error("no metrics of %s: %s", place, error.strerror)
    _place["name"] = place


def _lay(file: Path) -> None:
    """Make a file that can be read from the first moment; the library itself takes two steps."""
    if not file.exists():
        new = file.with_suffix(".new")
        new.write_bytes(bytes(_SIZE))
        new.rename(file)


def count(counter: Counter, *labels: str) -> None:
    """Count one more. Where it cannot be counted (no room for the files), all goes on."""
    with suppress(OSError):
        counter.labels(*labels).inc()


def expose() -> bytes:
    """All counts, in Prometheus's text format."""
    return generate_latest(_add_up())


def count_opinions() -> dict[str, int]:
    """How many comments the second stage came to what for, in all processes of the server."""
    return {
        sample.labels["outcome"]: int(sample.value)
        for metric in _add_up().collect()
        if metric.name == metricnames.OPINIONS.name
        for sample in metric.samples
        if sample.name in metricnames.OPINIONS.series
    }


def _add_up() -> CollectorRegistry:
    folder = shared_folder()
    if folder is None or not values.ValueClass._multiprocess:
        return _REGISTRY
    added_up = CollectorRegistry()
    MultiProcessCollector(added_up, path=str(folder))  # type: ignore[no-untyped-call]
    return added_up


class Failures:
    """Counts what a scorer says it has failed at: it keeps a number of its own."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._seen = 0
        self._lock = threading.Lock()

    def note(self, failed: int) -> None:
        """Count what has been added since the last time."""
        if failed == self._seen:
            return
        with self._lock:
            more, self._seen = failed - self._seen, failed
        FAILURES.labels(self._process).inc(max(more, 0))


class Opinions:
    """Counts what a second stage says has come of asking it: it keeps numbers of its own."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()

    def note(self, outcomes: Mapping[str, int]) -> None:
        """Count what has been added since the last time."""
        # Compared as a copy, which is made in one step: other threads go on counting.
        if dict(outcomes) == self._seen:
            return
        with self._lock:
            seen, self._seen = self._seen, dict(outcomes)
            now = self._seen
        for name, number in now.items():
            # What nothing has come to yet is told as nought: its rate is known from the first on.
            OPINIONS.labels(name).inc(max(number - seen.get(name, 0), 0))


def _is_left_behind(folder: Path) -> bool:
    """Whether a folder is ours and the server that made it is gone."""
    number = folder.name.removeprefix(_PREFIX).partition("-")[0]
    try:
        if folder.lstat().st_uid != os.getuid() or not number.isdecimal():
            return False
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
