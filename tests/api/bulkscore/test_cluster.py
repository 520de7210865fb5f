"""A scheduler and workers that run already, as a cluster's do: with certificates, and without."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.api.bulkscore.commands import find_environment, read_rows, score, write_lines

ROUTES = "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES", "DASK_DISTRIBUTED__WORKER__HTTP__ROUTES"


@contextmanager
def serve(folder: Path, *tls: str) -> Iterator[str]:
    """The address of a scheduler with one worker, which has a working directory of its own."""
    known = folder / "scheduler.json"
    environment = find_environment() | dict.fromkeys(ROUTES, "[]")
    common = ["--scheduler-file", str(known), *tls]
    scheduler = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    worker = ["--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--no-nanny"]
    (folder / "elsewhere").mkdir()
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *common, *given],
            env=environment,
            cwd=folder / "elsewhere",
            stderr=subprocess.DEVNULL,
        )
        for name, given in (
            ("dask_scheduler", [*scheduler, "--dashboard-address", "127.0.0.1:0"]),
            ("dask_worker", worker),
        )
    ]
    try:
        yield _find_address(known)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)


def _find_address(known: Path) -> str:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if known.exists() and (content := known.read_text()):
            return str(json.loads(content)["address"])
        time.sleep(0.05)
    raise AssertionError("the scheduler does not start")


def test_a_cluster_with_certificates_does_the_work(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    own = authority.issue_cert("127.0.0.1")
    own.private_key_pem.write_to_path(tmp_path / "own.key")
    own.cert_chain_pems[0].write_to_path(tmp_path / "own.pem")
    tls = [
        *("--tls-ca", str(tmp_path / "ca.pem"), "--tls-cert", str(tmp_path / "own.pem")),
        *("--tls-key", str(tmp_path / "own.key")),
    ]
    write_lines(tmp_path / "a.jsonl", 300)
    stranger = trustme.CA().issue_cert("127.0.0.1")
    stranger.private_key_and_cert_chain_pem.write_to_path(tmp_path / "other.pem")
    other = str(tmp_path / "other.pem")
    given = "a.jsonl", "--out", "out", "--piece-mib", "0.02"

    with serve(tmp_path, "--tls-ca-file", tls[1], *tls[2:], "--protocol", "tls") as address:
        refused = score(
            tmp_path, *given, "--scheduler", address, *tls[:2], "--tls-cert", other,
            "--tls-key", other,
        )  # fmt: skip
        done = score(tmp_path, *given, "--scheduler", address, *tls)

    assert address.startswith("tls://")
    assert refused.returncode == 1
    assert "No Dask scheduler can be reached" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in read_rows(tmp_path / "out")] == [f"n-{n}" for n in range(300)]


def test_where_no_scheduler_is_it_says_so(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 1)

    done = score(tmp_path, "a.jsonl", "--out", "out", "--scheduler", "tcp://127.0.0.1:1")

    assert done.returncode == 1
    assert "No Dask scheduler can be reached at tcp://127.0.0.1:1" in done.stderr
    assert "Traceback" not in done.stderr
