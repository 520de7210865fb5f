"""A wire between a program and its database that can be slow, or cut."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Self


class Proxy:
    """Hands on what goes to and from a server on this host; `with Proxy(port) as proxy:`.

    `delay` are seconds that every message to the server takes. `watch` is asked about every
    message before it is handed on, and may call `cut`.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.delay = 0.0
        self.watch: Callable[[bytes], None] = lambda _: None
        self.messages = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def cut(self) -> None:
        """End all connections at once, as a cable does."""
        with self._lock:
            for one in self._open:
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._connect, args=[client, server], daemon=True).start()

    def _connect(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=self._hand_on, args=[server, client, False], daemon=True)
        back.start()
        self._hand_on(client, server, True)
        back.join()
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()

    def _hand_on(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        try:
            while message := source.recv(65536):
                if outward:
                    self.messages += 1
                    time.sleep(self.delay)
                    self.watch(message)
                sink.sendall(message)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        while self._open:
            time.sleep(0.001)
