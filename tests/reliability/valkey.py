"""A throw-away Valkey or Redis, whichever the system has, to be started, stopped and killed."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

PROGRAM = shutil.which("valkey-server") or shutil.which("redis-server")

READY_SECONDS = 30


class Store:
    """One server on one port, from start to start; `with Store(folder) as store:`.

    It keeps nothing on a disk. `socket` is where it listens beside the port.
    """

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.folder, self.socket = folder, folder / "store.sock"
        self.url = f"redis://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        assert PROGRAM is not None
        self.process = subprocess.Popen(
            [
                *(PROGRAM, "--port", str(self.port), "--bind", "127.0.0.1"),
                *("--unixsocket", str(self.socket), "--dir", str(self.folder)),
                *("--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        give_up = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert self.process.poll() is None, "the store does not start"
            assert time.monotonic() < give_up, "the store does not answer"
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP has it take connections and never answer."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """End it at once, where it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def read(self) -> bytes:
        """All the names that it has kept something under."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
            line.sendall(b"KEYS *\r\nQUIT\r\n")
            found = b""
            while part := line.recv(65536):
                found += part
        return found

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(5) == b"+PONG"
        except OSError:
            return False
