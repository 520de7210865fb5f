"""The internet as a client sees it, where every name leads to one server that speaks no TLS."""

import asyncio
import ssl
import threading
from pathlib import Path
from typing import Self

import trustme

NAMES = (
    "localhost",
    "127.0.0.1",
    "api.openai.com",
    "commentanalyzer.googleapis.com",
    "rest.akismet.com",
    "*.rest.akismet.com",
)

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


class Wires:
    """Two ports in front of the port `target` of this host: `with Wires(target, folder) as wires:`.

    At `tls` TLS ends, with no idea of HTTP. `proxy` takes CONNECT and leads to `tls`, whatever
    the name. `names` are those that TLS was asked for; `authority` is the file to trust.
    """

    def __init__(self, target: int, folder: Path) -> None:
        self.target = target
        self.names: list[str] = []
        self.tls = self.proxy = 0
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.authority))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*NAMES).configure_cert(self._context)
        self._context.sni_callback = self._note
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the ports do not open"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _note(self, _socket: object, name: str | None, _context: object) -> None:
        self.names.append(name or "")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        tls = await asyncio.start_server(self._end_tls, "127.0.0.1", ssl=self._context)
        proxy = await asyncio.start_server(self._lead, "127.0.0.1")
        self.tls, self.proxy = (one.sockets[0].getsockname()[1] for one in (tls, proxy))
        self._ready.set()
        await self._over.wait()
        # Whatever is still connected is cancelled with the loop.
        tls.close()
        proxy.close()

    async def _end_tls(self, reader: Reader, writer: Writer) -> None:
        await _join(reader, writer, self.target)

    async def _lead(self, reader: Reader, writer: Writer) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        await _join(reader, writer, self.tls)


async def _join(reader: Reader, writer: Writer, port: int) -> None:
    """Hand on what comes, both ways, until one end has no more to say."""
    there, to_there = await asyncio.open_connection("127.0.0.1", port)
    copies = [asyncio.create_task(_copy(*way)) for way in ((reader, to_there), (there, writer))]
    try:
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        writer.close()
    except asyncio.CancelledError:
        writer.transport.abort()
    finally:
        to_there.close()
        for copy in copies:
            copy.cancel()


async def _copy(source: Reader, sink: Writer) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except OSError:
        return
