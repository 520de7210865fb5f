"""A pgbouncer in transaction mode before a throw-away PostgreSQL server."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import psycopg

from tests.bench.servers import free_port
from tests.postgresql import READY_SECONDS, Server

LIMITS = "SET lock_timeout = '5s'; SET statement_timeout = '15s'"
"""What Winnow cannot say through a pooler: the same as `docs/scaling.md` has operators say."""


def find_pooler() -> str | None:
    """The program, or None."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


class Pooler:
    """A pgbouncer that has at most `size` connections to `server`; `with` starts and ends it."""

    def __init__(self, server: Server, size: int = 4) -> None:
        program = find_pooler()
        if program is None:
            raise FileNotFoundError("pgbouncer is in no known place")
        self._program, self._user = program, server.user
        self.port = free_port()
        self.url = f"postgresql://postgres:{server.password}@127.0.0.1:{self.port}/postgres"
        self.folder = Path(tempfile.mkdtemp(prefix="winnow-pooler-"))
        place = urlsplit(server.url)
        (self.folder / "users").write_text(f'"postgres" "{server.password}"\n')
        (self.folder / "pgbouncer.ini").write_text(f"""
[databases]
postgres = host={place.hostname} port={place.port} connect_query='{LIMITS.replace("'", "''")}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {self.folder}/users
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
""")
        if self._user:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        user = self._user
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [self._program, str(self.folder / "pgbouncer.ini")],
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
            )
        give_up = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=2, prepare_threshold=None).close()
        except psycopg.OperationalError:
            return False
        return True
