"""`make bench`: posting comments to Winnow beside a bare Flask insert under the same server."""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from tests.bench.load import Round, run_round

WORKERS, THREADS = "2", "4"
STARTUP_SECONDS = 30
REFERENCES = {
    "fresh": "a connection a request (as in Flask's documentation)",
    "kept": "a connection kept by each thread",
}


def main() -> None:
    """Alternate rounds against the servers and print each, the ratios and their spread."""
    options = _options()
    found: dict[str, list[Round]] = {"winnow": [], "fresh": [], "kept": []}
    with (
        tempfile.TemporaryDirectory() as folder,
        _winnow(folder) as (winnow, key),
        _bare(folder, kept=False) as fresh,
        _bare(folder, kept=True) as kept,
    ):
        # Round 0 warms them up and does not count.
        for number in range(options.rounds + 1):
            load = (key, options.clients, options.requests, f"r{number}")
            for name, port in (("winnow", winnow), ("fresh", fresh), ("kept", kept)):
                one = run_round(port, *load)
                if number:
                    found[name].append(one)
                    _print_row(f"{name} {number}", one)
    _print_summary(found)


def _print_summary(found: dict[str, list[Round]]) -> None:
    for name, rounds in found.items():
        middle = Round(
            median(one.per_second for one in rounds),
            median(one.p50 for one in rounds),
            median(one.p99 for one in rounds),
            sum(one.failed for one in rounds),
        )
        _print_row(f"median {name}", middle)
    for name, meaning in REFERENCES.items():
        pairs = zip(found["winnow"], found[name], strict=True)
        ratios = sorted(ours.per_second / theirs.per_second for ours, theirs in pairs)
        print(
            f"winnow / bare Flask insert, {meaning}: requests per second, median"
            f" {median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}"
            f" in {len(ratios)} rounds)"
        )


def _print_row(name: str, found: Round) -> None:
    print(
        f"{name:<14}{found.per_second:6.0f}/s   p50 {found.p50:6.1f} ms   p99 {found.p99:6.1f} ms"
        f"   failed {found.failed}",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=2000, help="comments a round")
    return parser.parse_args()


@contextmanager
def _winnow(folder: str) -> Iterator[tuple[int, str]]:
    port = _free_port()
    given = {"WINNOW_HOME": folder, "WINNOW_WORKERS": WORKERS, "WINNOW_THREADS": THREADS}
    environment = {**os.environ, **given}
    command = [str(Path(sys.executable).with_name("winnow"))]
    subprocess.run([*command, "site", "create", "bench"], env=environment, check=True, text=True)
    key = subprocess.run(
        [*command, "key", "create", "--site", "bench", "--role", "backend"],
        env=environment,
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    ).stdout.strip()
    with _running([*command, "serve", "--port", str(port)], port, environment):
        yield port, key


@contextmanager
def _bare(folder: str, kept: bool) -> Iterator[int]:
    port = _free_port()
    path = str(Path(folder) / f"bare-{kept}.sqlite3")
    app = f"tests.bench.bare:create_bare_app({path!r}, {kept})"
    options = ["--workers", WORKERS, "--threads", THREADS, "--worker-class", "gthread"]
    bind = ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning"]
    command = [sys.executable, "-m", "gunicorn", *options, *bind, "--preload", app]
    with _running(command, port, dict(os.environ)):
        yield port


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(command, env=environment) as process:
        try:
            _wait_for(port, process)
            yield
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            HTTPConnection("127.0.0.1", port, timeout=1).connect()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"The server on port {port} did not start.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
