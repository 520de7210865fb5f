"""Processes that Dask starts on this machine, and loses."""

import os
import signal

import pytest

from api.bulkscore import cluster


def test_a_process_that_dask_has_forgotten_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Less than any process takes to come back.
    monkeypatch.setitem(cluster._SETTINGS, "distributed.deploy.lost-worker-timeout", "1ms")
    with cluster.connect(cluster.Where(1)) as client:
        before = client.submit(os.getpid, pure=False).result(60)
        os.kill(before, signal.SIGKILL)
        after = client.submit(os.getpid, pure=False).result(60)

    assert after != before
