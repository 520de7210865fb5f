"""Runs a client in a process of its own, written for Node or fit to live with no other client."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
PYTHON_AKISMET = Path(sys.prefix) / "python-akismet"
PATIENCE_SECONDS = 60
WITHOUT_PROXY = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), "")

Call = tuple[str, *tuple[Any, ...]]
"""A method's name and what it is given."""


class CallError(Exception):
    """A client's own error: its `name`, its message, and what else it says of itself."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error.get("message"))
        self.name: str = error["name"]
        self.more = error


def call_node(
    client: str, options: Any, *calls: Call, environment: dict[str, str], wires: tuple[int, int]
) -> list[Any]:
    """What a client answers; skips where there is no Node. Its errors are in their places.

    `wires` are the ports where its calls to other hosts' ports 80 and 443 go.
    """
    node = shutil.which("node")
    if node is None or not MODULES.is_dir():
        pytest.skip("install Node and npm, then `make test` fetches the clients written for it")
    return _run(
        [node, "--require", str(HERE / "capture.cjs"), str(HERE / "call.mjs"), client],
        {"options": options, "calls": calls},
        # Some of them know proxies but not CONNECT.
        {**environment, **WITHOUT_PROXY, "CAPTURE": "{},{}".format(*wires)},
    )


def call_python_akismet(options: Any, *calls: Call, environment: dict[str, str]) -> list[Any]:
    """The same of python-akismet, whose package has the name of another client's."""
    if not PYTHON_AKISMET.is_dir():
        pytest.skip("`make test` fetches python-akismet")
    command = [sys.executable, str(HERE / "call.py")]
    path = {"PYTHONPATH": str(PYTHON_AKISMET)}
    return _run(command, {"options": options, "calls": calls}, {**environment, **path})


def _run(command: list[str], asked: Any, environment: dict[str, str]) -> list[Any]:
    done = subprocess.run(
        command,
        input=json.dumps(asked),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return [
        CallError(one["error"]) if "error" in one else one.get("value")
        for one in json.loads(done.stdout)
    ]
