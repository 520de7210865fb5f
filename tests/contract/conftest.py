"""Servers that published clients call, one for all their tests, and a site for each."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.contract.clients import calling
from tests.contract.clients.running import Running, Site, capture


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the shipped model, as a beginner has it."""
    with Running(tmp_path_factory.mktemp("running")) as found:
        yield found


@pytest.fixture(scope="session")
def speechless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server whose model cannot be read, and whose callers reach it by https."""
    home = tmp_path_factory.mktemp("speechless")
    model = str(home / "none.safetensors")
    with Running(home, public_url="https://localhost:{tls}/", WINNOW_MODEL=model) as found:
        yield found


@pytest.fixture
def own(running: Running) -> Site:
    """A site on which only this test's comments are."""
    return running.make_site()


@pytest.fixture
def captured(running: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    """The server to which every name leads that a client of this process calls."""
    capture(running, monkeypatch)
    return running


@pytest.fixture
def call_node(running: Running) -> Callable[..., list[Any]]:
    """Calls a client that is written for Node: `call_node(client, options, *calls)`."""
    ports = (running.port, running.wires.tls)
    return partial(calling.call_node, environment=running.environment, wires=ports)
