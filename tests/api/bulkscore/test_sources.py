"""Which files are meant by what somebody names."""

from pathlib import Path

import pytest

from api.bulkscore.sources import BrokenError, Source, find_sources


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.csv", "b.jsonl.gz", "in/c.parquet", "in/_SUCCESS", "in/.d.csv", "in/e.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / "f[1].csv").touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (["a.csv"], [Source("a.csv", "csv")]),
        (["b.jsonl.gz"], [Source("b.jsonl.gz", "jsonl", "gzip")]),
        (["in"], [Source("in/c.parquet", "parquet")]),
        (["in", "a.csv", "in"], [Source("in/c.parquet", "parquet"), Source("a.csv", "csv")]),
        (["[ab].*"], [Source("a.csv", "csv"), Source("b.jsonl.gz", "jsonl", "gzip")]),
        (["**/*.parquet"], [Source("in/c.parquet", "parquet")]),
        (["f[1].csv"], [Source("f[1].csv", "csv")]),
    ],
)
def test_files_folders_and_patterns(named: list[str], expected: list[Source]) -> None:
    assert find_sources(named) == expected


def test_a_format_is_for_names_that_do_not_tell() -> None:
    assert find_sources(["in/e.txt", "a.csv"], "jsonl") == [
        Source("in/e.txt", "jsonl"),
        Source("a.csv", "csv"),
    ]


@pytest.mark.parametrize("named", ["none.csv", "*.none", "in/e.txt", "/dev/null", "in/none"])
def test_what_is_none_is_a_sentence(named: str) -> None:
    with pytest.raises(BrokenError, match=r"\.\Z") as raised:
        find_sources([named])

    assert named in str(raised.value)


def test_packed_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "g.parquet.gz").touch()

    with pytest.raises(BrokenError, match="packed twice"):
        find_sources(["g.parquet.gz"])
