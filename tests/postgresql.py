"""A throw-away PostgreSQL server, made of the binaries that the system has."""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import psycopg

STOPPING = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
"""PostgreSQL's ways to stop: once all have left, at once but in order, or leaving a recovery."""

READY_SECONDS = 60
"""How long a start may take; recovery after a kill is part of it."""

# Letters beyond English have their small and large forms.
LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"

# Reads until this process is gone, however it went, and leaves nothing of the server behind.
_GUARD = """
cat > /dev/null
[ ! -e "$1/data/postmaster.pid" ] || kill -QUIT $(head -n 1 "$1/data/postmaster.pid")
while [ -e "$1/data/postmaster.pid" ] && [ "${n:=0}" -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
rm -rf "$1"
"""


@cache
def find_binaries() -> Path | None:
    """The folder with the newest `initdb` and `postgres`, or None."""
    packaged = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    found = sorted(packaged, key=lambda one: float(one.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    return next((one for one in found if (one / "postgres").exists()), None)


def find_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: None is whoever runs the tests; PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {one.pw_name: one for one in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


class Server:
    """One server with an empty cluster, on one port from start to start.

    `with Server() as server:` starts it and leaves nothing behind. `durable` is PostgreSQL's
    `fsync`; `options` are more of its settings, as `["max_connections=20"]`. `namespace` names
    a network namespace it shall run in, listening on `host`.
    """

    def __init__(
        self,
        *,
        durable: bool = True,
        options: Sequence[str] = (),
        host: str = "127.0.0.1",
        namespace: str | None = None,
    ) -> None:
        binaries = find_binaries()
        if binaries is None:
            raise FileNotFoundError("PostgreSQL's initdb is in no known place")
        self.binaries, self.host, self.namespace = binaries, host, namespace
        self.port = _free_port()
        self.password = secrets.token_hex(16)
        self.url = f"postgresql://postgres:{self.password}@{host}:{self.port}/postgres"
        self.options = [f"fsync={'on' if durable else 'off'}", *options]
        self.user = find_user()
        # Not pytest's folder, where nobody else may look.
        self.folder = Path(tempfile.mkdtemp(prefix="winnow-postgresql-"))
        self.process: subprocess.Popen[bytes] | None = None
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", self.folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._make_cluster()
        except BaseException:
            self.remove()
            raise

    def _make_cluster(self) -> None:
        secret = self.folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self.user:
            for path in (self.folder, secret):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        how = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={secret}"]
        how += ["--encoding=UTF8", f"--locale={LOCALE}", "--no-sync"]
        made = self._spawn("initdb", *how, "-D", str(self.folder / "data"))
        if made.wait() != 0:
            raise AssertionError(f"initdb failed:\n{self.log()}")
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")

    def start(self) -> Self:
        """Start it and wait until it answers; after a kill it recovers first."""
        assert self.process is None, "it runs already"
        settings = [
            f"port={self.port}",
            f"listen_addresses={self.host}",
            f"unix_socket_directories={self.folder}",
            *self.options,
        ]
        arguments = [part for one in settings for part in ("-c", one)]
        self.process = self._spawn("postgres", "-D", str(self.folder / "data"), *arguments)
        give_up = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"PostgreSQL does not start:\n{self.log()}")
            time.sleep(0.02)
        return self

    def stop(self, mode: str = "fast") -> None:
        """Stop it as PostgreSQL does: `smart`, `fast` or `immediate`."""
        assert self.process is not None, "it does not run"
        self.process.send_signal(STOPPING[mode])
        self.process.wait(READY_SECONDS)
        self.process = None

    def kill(self) -> None:
        """End all its processes with SIGKILL, with no chance to tidy up."""
        assert self.process is not None, "it does not run"
        master = self.process.pid
        # While it is stopped it cannot make new children, nor see its own end.
        os.kill(master, signal.SIGSTOP)
        listed = Path(f"/proc/{master}/task/{master}/children")
        children = listed.read_text().split() if listed.exists() else []
        for one in (*map(int, children), master):
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        self.process = None

    def restart(self, mode: str = "fast") -> None:
        """Stop and start it."""
        self.stop(mode)
        self.start()

    def remove(self) -> None:
        """Stop it, if it runs, and delete everything it wrote."""
        if self._guard.stdin is None or self._guard.stdin.closed:
            return
        if self.process is not None:
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
        self._guard.stdin.close()
        self._guard.wait()

    def log(self) -> str:
        """The end of what it wrote into its log."""
        path = self.folder / "log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(self.binaries / program), *arguments]
        how: dict[str, Any] = {}
        if self.namespace:
            enter = ["nsenter", f"--net=/run/netns/{self.namespace}"]
            if self.user:
                enter += [f"--setgid={self.user.pw_gid}", f"--setuid={self.user.pw_uid}"]
            command = [*enter, "--", *command]
        elif self.user:
            how = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
                # Otherwise Ctrl-C would end it before the tests that use it.
                start_new_session=True,
                **how,
            )

    def _answers(self) -> bool:
        # By its socket, which can be reached from every network namespace.
        try:
            psycopg.connect(
                host=str(self.folder),
                port=self.port,
                user="postgres",
                password=self.password,
                dbname="postgres",
                connect_timeout=2,
            ).close()
        except psycopg.OperationalError:
            return False
        return True

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.remove()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
