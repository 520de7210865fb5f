"""Dask: processes of this machine, or a cluster that is somebody's already."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from api.errors import StartupError

TRIES = 3
"""How many processes may die of a piece before it is given up."""
CONNECTING_SECONDS = 10
LOST_SECONDS = 60
"""How long a process that has died may take to come back; on a busy machine Dask's 15 are few."""
KEEPING_SECONDS = 2.0
SCHEMES = ("tcp://", "tls://")
"""Of a scheduler's address."""
LOGGERS = ("distributed", "distributed.client", "bokeh", "tornado", "tornado.application")
"""What they have to say is said by us, in a sentence."""
ENVIRONMENT = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1),
    # What is freed goes back at once, as Dask has it too.
    "MALLOC_TRIM_THRESHOLD_": 65536,
    "DASK_LOGGING__DISTRIBUTED": "critical",
}
"""Of each process that is started here."""


@dataclass(frozen=True, slots=True)
class Where:
    """Who does the work: so many processes here, or a scheduler's workers."""

    processes: int
    scheduler: str | None = None
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


def require() -> None:
    """Raise StartupError without the packages of `winnow[bulk]`."""
    for name in ("dask", "distributed", "pyarrow"):
        # Dask reads how it is to be set up when it is imported, so that is done later.
        if find_spec(name) is None:
            raise StartupError(f"Judging in bulk needs {name}: pip install 'winnow[bulk]'.")


@contextmanager
def connect(where: Where) -> Iterator[Any]:
    """A Dask client; what was started for it ends with it."""
    import dask

    # What it logs is set when it is imported; all else only once it has its defaults.
    with dask.config.set(logging=dict.fromkeys(LOGGERS, "critical")):
        import distributed  # noqa: F401
    with dask.config.set(_SETTINGS):
        opened = _start(where.processes) if where.scheduler is None else _join(where)
        with opened as client:
            yield client


_SETTINGS: dict[str, Any] = {
    # Each process has one piece at a time, so that what dies of it costs no other a try.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.allowed-failures": TRIES - 1,
    "distributed.worker.profile.enabled": False,
    # Dask's processes answer HTTP, without asking who it is: they have nothing to say.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.nanny.pre-spawn-environ": ENVIRONMENT,
    "distributed.deploy.lost-worker-timeout": LOST_SECONDS,
}


@contextmanager
def _start(processes: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    # On loopback alone, without a dashboard; certificates that only these processes have keep
    # out whoever else is on this machine.
    with (
        LocalCluster(
            n_workers=processes,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=True,
            # A port of Dask's choice: with its own, a second run on this machine would warn.
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            preload=["api.bulkscore.undisturbed"],
            silence_logs=False,
        ) as cluster,
        Client(cluster) as client,
        _kept(cluster, processes),
    ):
        yield client


@contextmanager
def _kept(cluster: Any, processes: int) -> Iterator[None]:
    """Have Dask start again those that it has given up.

    It starts one that died again, but forgets one that is not back after LOST_SECONDS or that
    dies before it is; then nobody would do what is left, for ever.
    """
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(KEEPING_SECONDS):
            cluster.scale(processes)

    keeping = threading.Thread(target=keep, name="keeping", daemon=True)
    keeping.start()
    try:
        yield
    finally:
        ended.set()
        keeping.join()


@contextmanager
def _join(where: Where) -> Iterator[Any]:
    from distributed import Client, Security

    try:
        security = None
        if where.ca:
            security = Security(
                tls_ca_file=where.ca,
                tls_client_cert=where.certificate,
                tls_client_key=where.key,
                require_encryption=True,
            )
        client = Client(where.scheduler, security=security, timeout=CONNECTING_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        raise StartupError(
            f"No Dask scheduler can be reached at {where.scheduler}: "
            f"{str(error).splitlines()[0].rstrip('.')}."
        ) from error
    with client:
        yield client
