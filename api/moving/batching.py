"""The comments of a file in batches, each checked and counted, and told of in the report."""

from collections.abc import Iterator
from itertools import islice

from api.moderation.moving.arrivals import Arrival
from api.moderation.moving.runs import Counts
from api.moderation.moving.taking import BATCH, Batch
from api.moving.checking import Checked, Checker
from api.moving.items import FileError, Read, Skip
from api.moving.reports import Report
from api.moving.sources import Source


def read_batches(
    source: Source, checker: Checker, report: Report, position: int
) -> Iterator[Batch]:
    """What is left of a file, after so many comments; raises FileError where it is broken.

    What was whole before that comes first.
    """
    items, fault = islice(source.content.items, position, None), None
    while fault is None:
        some, fault = _read_some(items)
        if not some:
            break
        arrivals, other = [], Counts()
        for number, read in enumerate(some, position + 1):
            arrival = _check(checker, read, number, other, report)
            if arrival is not None:
                arrivals.append(arrival)
        position += len(some)
        yield Batch(arrivals, other)
    if fault is not None:
        raise fault


def _read_some(items: Iterator[Read]) -> tuple[list[Read], FileError | None]:
    """The next few comments, and why there are no more of them if the file is broken."""
    some: list[Read] = []
    try:
        for one in islice(items, BATCH):
            some.append(one)
    except FileError as error:
        return some, error
    return some, None


def _check(
    checker: Checker, read: Read, number: int, counts: Counts, report: Report
) -> Arrival | None:
    found = checker.check(read)
    if isinstance(found, Skip):
        counts.read += 1
        counts.skipped[found.why] += 1
        report.tell(number, "skipped", found.id, found.why)
        return None
    _note_dropped(found, number, counts, report)
    return found.arrival


def _note_dropped(found: Checked, number: int, counts: Counts, report: Report) -> None:
    for name in found.dropped:
        counts.dropped[name] += 1
        report.tell(number, "left out", found.arrival.draft.id, name)
