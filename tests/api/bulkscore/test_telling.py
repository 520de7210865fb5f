"""What is said while nobody watches."""

import pytest

from api.bulkscore.telling import EVERY_SECONDS, Lines


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 1.0, EVERY_SECONDS, EVERY_SECONDS + 1, 2 * EVERY_SECONDS])
    lines = Lines(10_000, 1_000, lambda: next(times))

    for rows in (1_000, 2_000, 100, 2_900):
        lines.add(rows)

    assert capsys.readouterr().err.splitlines() == [
        "4,000 of 10,000 rows, 100 a second, 1 minutes left",
        "7,000 of 10,000 rows, 100 a second, 0 minutes left",
    ]
