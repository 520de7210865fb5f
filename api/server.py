"""Serves the app with gunicorn, several processes of several threads."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from api.balancing import BOARD
from api.errors import StartupError
from api.settings import Settings


class Server(BaseApplication):
    """Gunicorn over an app that is loaded once, before the processes part."""

    def __init__(self, app: Flask, settings: Settings, host: str, port: int) -> None:
        self.app = app
        self.options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": settings.workers,
            "threads": settings.threads,
            "worker_class": "api.balancing.BalancedWorker",
            "preload_app": True,
            "graceful_timeout": 30,
            "control_socket_disable": True,
            "proc_name": "winnow",
            "loglevel": "warning",
            "post_fork": self._part,
            "child_exit": self._end,
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn, and nothing from files or the environment."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        """The app, as WSGI knows it."""
        return self.app.wsgi_app

    def _part(self, _arbiter: Any, _worker: Any) -> None:
        self.app.extensions["winnow"].database.forget_connections()

    def _end(self, _arbiter: Any, worker: Any) -> None:
        BOARD.clear(worker.age)


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
