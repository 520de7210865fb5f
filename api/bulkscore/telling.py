"""How far a run is: a bar where somebody watches, a line now and then where nobody does."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

EVERY_SECONDS = 30.0

Tell = Callable[[int], None]
"""Says that so many further rows are done."""


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} rows/s")


@contextmanager
def show(total: int, done: int) -> Iterator[Tell]:
    """Show on standard error how many rows of all are done."""
    if sys.stderr.isatty():
        columns = TextColumn("Judging"), BarColumn(), MofNCompleteColumn(), _Rate()
        with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
            task = bar.add_task("rows", total=total, completed=done)
            yield lambda rows: bar.advance(task, rows)
    else:
        yield Lines(total, done).add


class Lines:
    """A line every half minute."""

    def __init__(self, total: int, done: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total, self._done, self._new = total, done, 0
        self._began = self._told = clock()

    def add(self, rows: int) -> None:
        """Count rows, and say so if it is time."""
        self._done += rows
        self._new += rows
        now = self._clock()
        if now - self._told >= EVERY_SECONDS:
            self._told = now
            rate = self._new / (now - self._began)
            left = (self._total - self._done) / rate if rate else 0.0
            click.echo(
                f"{self._done:,} of {self._total:,} rows, {rate:,.0f} a second, "
                f"{left / 60:,.0f} minutes left",
                err=True,
            )
