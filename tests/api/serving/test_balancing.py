"""New connections go to the process that has the fewest."""

import socket

import pytest

from api.serving.balancing import BalancedWorker, Board


def test_a_process_sees_others_with_fewer_connections() -> None:
    board = Board()
    board.show(1, 4)
    board.show(2, 3)

    assert board.has_fewer(1, 4)
    assert not board.has_fewer(2, 3)
    assert not board.has_fewer(2, 2)


def test_a_process_that_ended_has_no_connections_to_compare_with() -> None:
    board = Board()
    board.show(1, 4)
    board.show(2, 0)

    board.clear(2)

    assert not board.has_fewer(1, 4)


def test_a_process_is_never_its_own_alternative() -> None:
    board = Board()
    board.show(300, 4)

    assert not board.has_fewer(300, 5)


class Listening(BalancedWorker):
    """A worker whose connections go nowhere."""

    age = 1

    def __init__(self) -> None:
        self.booted = self.alive = True
        self.taken = 0

    def enqueue_req(self, conn: socket.socket) -> None:
        self.taken += 1
        conn.close()


@pytest.mark.parametrize("others", [0, 1, 2])
def test_a_connection_is_taken_in_the_end_whatever_the_others_do(
    monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    board = Board()
    monkeypatch.setattr("api.serving.balancing.BOARD", board)
    monkeypatch.setattr("gunicorn.workers.gthread.TConn", lambda _, conn, *__: conn)
    worker = Listening()
    worker.cfg = None
    worker.nr_conns = 1
    board.show(2, others)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()),
    ):
        listener.setblocking(False)
        left = 0
        while not worker.taken:
            worker.accept(listener)
            left += not worker.taken

    assert worker.nr_conns == 2
    assert (left > 0) == (others < 1)
