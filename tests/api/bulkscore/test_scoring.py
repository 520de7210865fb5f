"""One piece from its file to its part, and what keeps a part from being there."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import classifier
from api.bulkscore.cutting import cut
from api.bulkscore.rows import Columns
from api.bulkscore.scoring import Done, Job, Models, score_piece, try_piece
from api.bulkscore.sources import Source
from tests.api.bulkscore.commands import read_rows


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "x", "text": "Fine."}\n{"id": "y"}\n')
    return Source(str(path), "jsonl")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "aside").mkdir()
    return Job(
        folder=str(tmp_path),
        aside=str(tmp_path / "aside"),
        form="jsonl",
        columns=Columns(),
        policy="",
        at=datetime(2026, 11, 22, tzinfo=UTC),
        model=None,
        reader=None,
        models=Models(classifier.load().version, None),
    )


def test_a_piece_becomes_a_part(tmp_path: Path, job: Job, source: Source) -> None:
    [piece] = cut(source, 1000, "text").pieces

    done = try_piece(job, 7, source, piece)

    size = (tmp_path / "part-000007.jsonl").stat().st_size
    assert done == Done(rows=2, errors=1, size=size)
    assert [(row["id"], row["row"], "error" in row) for row in read_rows(tmp_path)] == [
        ("x", 1, False),
        ("y", 2, True),
    ]
    assert not list((tmp_path / "aside").iterdir())


@pytest.mark.parametrize(
    "models", [Models("another", None), Models(classifier.load().version, "reader-x")]
)
def test_a_process_with_other_models_writes_nothing(
    tmp_path: Path, job: Job, source: Source, models: Models
) -> None:
    [piece] = cut(source, 1000, "text").pieces

    said = try_piece(replace(job, models=models), 0, source, piece)

    assert isinstance(said, str)
    assert said.startswith("A process has other models than ")
    assert read_rows(tmp_path) == []


def test_what_is_left_of_an_earlier_run_replaces_nothing(
    tmp_path: Path, job: Job, source: Source
) -> None:
    [piece] = cut(source, 1000, "text").pieces
    (tmp_path / "aside").rmdir()

    with pytest.raises(FileNotFoundError):
        score_piece(job, 0, source, piece)

    assert read_rows(tmp_path) == []


def test_a_piece_that_fails_leaves_no_part(tmp_path: Path, job: Job, source: Source) -> None:
    [piece] = cut(source, 1000, "text").pieces
    Path(source.path).write_text("")

    said = try_piece(job, 0, source, piece)

    assert said == f"{source.path} has changed since it was begun with."
    assert read_rows(tmp_path) == []
