"""Serves the app with gunicorn, several processes of several threads."""

import gc
import resource
import shutil
import socket
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from api import BATCH_BODIES
from api.errors import StartupError
from api.serving.answering import Limits
from api.serving.arriving import LINE_BYTES
from api.serving.balancing import BOARD
from api.serving.keeping import Keeper, KeepingArbiter, worker_command
from api.serving.stopping import GRACEFUL_SECONDS, KEEPALIVE_SECONDS, STOPPING, is_leaving
from api.settings import Settings
from api.telemetry import counters, instrumenting

SWITCH_SECONDS = 0.001
"""How long a thread may compute while the loop waits to read, a fifth of Python's own: to refuse
what is too much takes the loop several turns."""

OPEN_FILES = 4096
"""Each connection is one, and a process may have a thousand."""


class Server(BaseApplication):
    """Gunicorn over an app that is loaded once, before the processes part."""

    def __init__(self, app: Flask, settings: Settings, host: str, port: int) -> None:
        self.app = app
        self.app.config["IS_STOPPING"] = STOPPING.is_set
        self.app.config["IS_LEAVING"] = is_leaving
        self.drain_seconds = settings.drain_seconds
        self.with_worker = settings.worker
        self.limits = Limits(
            settings.request_seconds, settings.queue_ms / 1000, settings.max_body * BATCH_BODIES
        )
        self.options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": settings.workers,
            # A stream holds its thread for minutes: it takes none of those that answer requests.
            "threads": settings.threads + settings.streams,
            "worker_class": "api.serving.stopping.GracefulWorker",
            "preload_app": True,
            "graceful_timeout": GRACEFUL_SECONDS,
            "keepalive": KEEPALIVE_SECONDS,
            "control_socket_disable": True,
            "limit_request_line": LINE_BYTES,
            "limit_request_field_size": LINE_BYTES,
            # Who is in front is told by WINNOW_TRUSTED_PROXIES alone, and not to gunicorn.
            "forwarded_allow_ips": "",
            "secure_scheme_headers": {},
            "forwarder_headers": "",
            "proc_name": "winnow",
            "loglevel": settings.log_level,
            "logger_class": "api.serving.serverlog.ServerLog",
            "pre_fork": self._place,
            "post_fork": self._part,
            "child_exit": self._end,
            "on_exit": self._clear,
        }
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        self._counts = counters.make_folder()
        counters.share(self._counts, "master")
        _allow_open_files()
        sys.setswitchinterval(SWITCH_SECONDS)
        # What is loaded is never garbage: to look through all of it takes a tenth of a second.
        gc.collect()
        gc.freeze()
        keeper = Keeper(worker_command()) if self.with_worker else None
        KeepingArbiter(self, self.drain_seconds, keeper).run()

    def load_config(self) -> None:
        """Hand our options to gunicorn, and nothing from files or the environment."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        """The app, as WSGI knows it."""
        return self.app.wsgi_app

    def _place(self, arbiter: Any, worker: Any) -> None:
        """Give a process that will be made the first place that none has."""
        taken = {other.place for other in arbiter.WORKERS.values()}
        worker.place = next(place for place in count() if place not in taken)

    def _part(self, _arbiter: Any, worker: Any) -> None:
        self.app.extensions["winnow"].database.forget_connections()
        counters.be(f"server{worker.place}")
        instrumenting.begin(self.app)

    def _end(self, _arbiter: Any, worker: Any) -> None:
        BOARD.clear(worker.age)

    def _clear(self, _arbiter: Any) -> None:
        shutil.rmtree(self._counts, ignore_errors=True)


def _allow_open_files() -> None:
    """As many as this system lets us have without asking, if they are not more already."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # A service manager may forbid even this.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def check_port(host: str, port: int) -> None:
    """Raise StartupError when the port cannot be had."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise StartupError(
            f"Cannot serve on {host}:{port}: {error.strerror}. Choose another with --port."
        ) from error
