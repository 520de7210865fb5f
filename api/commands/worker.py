"""`winnow worker`: does what is to be done later, on this host, beside any number of others."""

import os
import signal
import socket
from collections.abc import Callable

import click

from api.commands import open_services
from api.settings import read_settings
from api.telemetry import counters, instrumenting, logs, traces
from api.version import VERSION
from api.work.worker import GRACE_SECONDS, THREADS, Worker

HURRY_SECONDS = 1.0
"""How long jobs may take to end after Ctrl-C, or when told to stop a second time."""


@click.command()
@click.option(
    "--threads",
    default=THREADS,
    show_default=True,
    type=click.IntRange(1, 200),
    help="Jobs done at once.",
)
@click.option("--parent", type=int, hidden=True, help="End when this process is gone.")
def worker(threads: int, parent: int | None) -> None:
    """Seal events and do jobs: webhooks, judging again, clearing out. Stop with SIGTERM.

    `winnow serve` starts one itself. Start more, here or on other hosts, where one is not enough.
    """
    settings = read_settings()
    logs.configure(settings.log, settings.log_level)
    folder = counters.shared_folder()
    if parent is not None and folder is not None:
        counters.share(folder, "worker")
    services = open_services(settings)
    instrumenting.prepare(settings.traces, services.database.engine)
    traces.begin(settings.traces, "worker")
    made = Worker(services, f"{socket.gethostname()[:60]}:{os.getpid()}", threads)
    _obey(made)
    if parent is None:
        logs.announce(f"Winnow {VERSION} does jobs, {threads} at once")
    try:
        made.run(_alive(parent))
    finally:
        services.database.dispose()


def _obey(made: Worker) -> None:
    def stop(number: int, _frame: object) -> None:
        made.stop(HURRY_SECONDS if number == signal.SIGINT or made.is_stopping else GRACE_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _alive(parent: int | None) -> Callable[[], bool]:
    """Whether the server that started this is still there; it may be killed without a word."""
    return lambda: parent is None or os.getppid() == parent
