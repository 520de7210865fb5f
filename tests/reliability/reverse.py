"""The reverse proxies of docs/deploy, with their own configuration, in front of servers here."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
import urllib3

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
HOST = "winnow.example"
READY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Front:
    """A proxy that runs: `url` over https, and how to trust it."""

    name: str
    port: int
    plain_port: int
    authority: str

    def pool(self, source: str = "127.0.0.1", **more: object) -> urllib3.HTTPSConnectionPool:
        """Connections to it, from an address of this machine."""
        return urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            self.port,
            server_hostname=HOST,
            assert_hostname=HOST,
            ca_certs=self.authority,
            cert_reqs="CERT_REQUIRED",
            source_address=(source, 0),
            headers={"Host": HOST},
            retries=False,
            timeout=30,
            **more,  # type: ignore[arg-type]
        )

    def connect(self) -> ssl.SSLSocket:
        """A connection to write to by hand."""
        context = ssl.create_default_context(cafile=self.authority)
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return context.wrap_socket(plain, server_hostname=HOST)


def write(name: str, folder: Path, servers: tuple[int, int]) -> tuple[list[str], Front]:
    """The configuration of docs/deploy for ports of this machine; the command that runs it."""
    port, plain = _free_port(), _free_port()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate = authority.issue_cert(HOST, "127.0.0.1")
    pem = b"".join(one.bytes() for one in certificate.cert_chain_pems)
    (folder / "fullchain.pem").write_bytes(pem)
    (folder / "privkey.pem").write_bytes(certificate.private_key_pem.bytes())
    (folder / "both.pem").write_bytes(pem + certificate.private_key_pem.bytes())
    file = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg", "caddy": "Caddyfile"}[name]
    text = (DEPLOY / file).read_text()
    text = text.replace("/etc/ssl/winnow", str(folder))
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{servers[0]}")
    text = text.replace("127.0.0.1:8001", f"127.0.0.1:{servers[1]}")
    found = Front(name, port, plain, str(folder / "authority.pem"))
    return _WRITERS[name](text, folder, found), found


def _nginx(text: str, folder: Path, front: Front) -> list[str]:
    text = text.replace("listen 80;", f"listen 127.0.0.1:{front.plain_port};")
    text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{front.port} ssl;")
    (folder / "site.conf").write_text(text)
    places = "".join(
        f"{one}_temp_path {folder}/{one};\n"
        for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = folder / "nginx.conf"
    # Started by root, its processes would be somebody else, who may not write here.
    user = "user root;" if os.geteuid() == 0 else ""
    whole.write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;\n"
        f"events {{}} http {{ {places} include {folder}/site.conf; }}\n"
    )
    return ["nginx", "-e", f"{folder}/error.log", "-c", str(whole)]


def _haproxy(text: str, folder: Path, front: Front) -> list[str]:
    text = text.replace("maxconn 4000", "maxconn 200")
    text = text.replace("bind :80", f"bind 127.0.0.1:{front.plain_port}")
    text = text.replace("bind :443", f"bind 127.0.0.1:{front.port}")
    (folder / "haproxy.cfg").write_text(text)
    return ["haproxy", "-db", "-f", str(folder / "haproxy.cfg")]


def _caddy(text: str, folder: Path, front: Front) -> list[str]:
    ours = "admin off\n\tauto_https disable_redirects\n\tservers {"
    text = text.replace("servers {", ours, 1)
    secured = f"tls {folder}/fullchain.pem {folder}/privkey.pem"
    names = ", ".join(f"https://{one}:{front.port}" for one in (HOST, "127.0.0.1"))
    text = re.sub(
        r"^winnow\.example \{",
        f"{names} {{\n\tbind 127.0.0.1\n\t{secured}",
        text,
        flags=re.M,
    )
    (folder / "Caddyfile").write_text(text)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


_WRITERS = {"nginx": _nginx, "haproxy": _haproxy, "caddy": _caddy}


@contextmanager
def running(name: str, folder: Path, servers: tuple[int, int]) -> Iterator[Front]:
    """The proxy while the block runs."""
    command, front = write(name, folder, servers)
    program = find(command[0])
    environment = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "PATH": "/usr/bin:/bin"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(program), *command[1:]], env=environment, stdout=log, stderr=log
        )
        try:
            _wait_for(front, process, folder)
            yield front
        finally:
            process.terminate()
            process.wait()


def find(name: str) -> str | None:
    """The program, which on Debian is not on everybody's path."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")


def _wait_for(front: Front, process: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while True:
        try:
            with front.pool() as pool:
                if pool.request("GET", "/live").status == 200:
                    return
        except urllib3.exceptions.HTTPError:
            pass
        said = (folder / "log").read_text(errors="replace")[-2000:]
        assert process.poll() is None, said
        assert time.monotonic() < give_up, said
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
