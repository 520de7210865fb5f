"""What is kept of a run: whole, torn, of another run, or somebody else's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from api.bulkscore import manifest
from api.bulkscore.cutting import Piece
from api.bulkscore.manifest import Input, Manifest
from api.bulkscore.scoring import Done
from api.bulkscore.sources import Source
from api.errors import StartupError

SOURCE = Source("a.csv", "csv")
FACTS = {
    "winnow": "1",
    "model": "linear-1",
    "second_model": "reader-1",
    "policy": "abc",
    "format": "parquet",
    "columns": "text and id",
}
BEGUN = Manifest(
    FACTS, "2026-11-22T12:00:00+00:00", (Input(SOURCE, 9, "ab", (Piece(5, 9, 0, 2),)),)
)


def test_what_was_begun_is_read_back(tmp_path: Path) -> None:
    manifest.save(tmp_path, BEGUN)

    assert manifest.load(tmp_path) == BEGUN
    manifest.check(tmp_path, BEGUN, FACTS, {SOURCE: (9, "ab")})


@pytest.mark.parametrize("name", FACTS)
def test_a_run_with_something_else_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StartupError, match=r"was begun with .* and now it is other; --restart"):
        manifest.check(tmp_path, BEGUN, FACTS | {name: "other"}, {SOURCE: (9, "ab")})


@pytest.mark.parametrize(
    "now",
    [{SOURCE: (9, "ac")}, {SOURCE: (8, "ab")}, {}, {replace(SOURCE, path="b.csv"): (9, "ab")}],
)
def test_other_files_are_refused(tmp_path: Path, now: dict[Source, tuple[int, str]]) -> None:
    with pytest.raises(StartupError, match="--restart begins again"):
        manifest.check(tmp_path, BEGUN, FACTS, now)


def test_a_part_counts_that_is_whole_and_was_told_to_be(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"part-{number:06}.jsonl").write_bytes(b"12345")
        manifest.add_done(tmp_path, number, Done(1, 0, 5))
    (tmp_path / "part-000001.jsonl").unlink()
    (tmp_path / "part-000002.jsonl").write_bytes(b"123")
    with (tmp_path / manifest.PROGRESS).open("a") as file:
        file.write('{"piece": 9, "ro')
    manifest.add_done(tmp_path, 0, Done(1, 1, 5))

    assert manifest.read_done(tmp_path, "jsonl") == {0: Done(1, 1, 5), 3: Done(1, 0, 5)}
    assert manifest.read_done(tmp_path, "parquet") == {}


def test_a_folder_that_is_no_runs_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "part-000000.parquet"
    theirs.touch()

    manifest.clear(tmp_path, everything=True)

    assert theirs.exists()
    with pytest.raises(StartupError, match=r"holds part-000000\.parquet, which is no run's"):
        manifest.load(tmp_path)


def test_beginning_again_removes_what_is_ours_alone(tmp_path: Path) -> None:
    manifest.save(tmp_path, BEGUN)
    for name in ("part-000000.parquet", "part-of-me.txt", "done.jsonl"):
        (tmp_path / name).touch()
    (tmp_path / ".writing-1").mkdir()

    manifest.clear(tmp_path, everything=True)

    assert [one.name for one in tmp_path.iterdir()] == ["part-of-me.txt"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"facts": 1, "inputs": []}'])
def test_a_torn_manifest_is_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / manifest.NAME).write_text(content)

    with pytest.raises(StartupError, match="is no manifest"):
        manifest.load(tmp_path)


def test_two_runs_do_not_write_to_one_folder(tmp_path: Path) -> None:
    with (
        manifest.hold(tmp_path),
        pytest.raises(StartupError, match="Another run"),
        manifest.hold(tmp_path),
    ):
        pass


@pytest.mark.parametrize("spoil", [Path.touch, lambda path: path.symlink_to("/proc/none")])
def test_a_folder_that_cannot_be_is_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path / "x")

    with pytest.raises(StartupError, match="cannot be written"), manifest.hold(tmp_path / "x"):
        pass
