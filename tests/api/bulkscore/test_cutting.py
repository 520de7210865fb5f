"""Files cut into pieces and read piece by piece: nothing is lost, doubled or cut in two."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.bulkscore.cutting import LARGEST, SMALLEST, Piece, cut, find_size
from api.bulkscore.rows import Columns, Row, read_piece
from api.bulkscore.sources import BrokenError, Source, find_sources
from api.moderation.policy.subject import Draft

CELLS = st.text(alphabet='a,"\n\r é\u2028', min_size=1, max_size=8)
ONE_FOLDER: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}
LINES = st.lists(st.text(alphabet='a,"\n\ré', max_size=12), max_size=12)


def read_all(source: Source, size: int, columns: Columns | None = None) -> list[Row]:
    """The rows of all pieces, which must lie side by side and number their rows."""
    found = cut(source, size, (columns or Columns()).text)
    rows = 0
    for before, piece in zip([None, *found.pieces], found.pieces, strict=False):
        assert piece.before == rows
        assert before is None or before.end == piece.start
        rows += piece.rows
    return [row for one in found.pieces for row in read_piece(source, one, columns or Columns())]


def texts(rows: Sequence[Row]) -> list[str]:
    """Texts, or errors in their place."""
    return [row.read.text if isinstance(row.read, Draft) else "!" for row in rows]


def write(path: Path, content: str | bytes) -> Source:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    [source] = find_sources([str(path)])
    return source


@pytest.mark.parametrize("size", [1, 5, 40, 10_000])
@given(cells=st.lists(st.tuples(CELLS, CELLS), max_size=12))
@settings(**ONE_FOLDER, max_examples=60)
def test_a_table_with_line_ends_in_quotes(
    tmp_path: Path, size: int, cells: list[tuple[str, str]]
) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([("id", "text"), *cells])
    source = write(tmp_path / "x.csv", written.getvalue())

    rows = read_all(source, size)

    assert [row.id for row in rows] == [name for name, _ in cells]
    assert texts(rows) == [text for _, text in cells]


@pytest.mark.parametrize("size", [1, 7, 10_000])
@given(lines=LINES)
@settings(**ONE_FOLDER, max_examples=100)
def test_whatever_a_table_holds_its_pieces_hold_the_same(
    tmp_path: Path, size: int, lines: list[str]
) -> None:
    content = "\n".join(["id,text", *lines])
    source = write(tmp_path / "x.csv", content)
    reader = csv.DictReader(io.StringIO(content, newline=""))
    expected = [(row["id"] or None, row["text"] or "!") for row in reader]

    rows = read_all(source, size)

    assert [(row.id, text) for row, text in zip(rows, texts(rows), strict=True)] == expected


@pytest.mark.parametrize("size", [1, 20, 10_000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_json(tmp_path: Path, size: int, end: str) -> None:
    given = [json.dumps({"id": f"n-{n}", "text": f"é {n}"}, ensure_ascii=False) for n in range(9)]
    content = "\ufeff" + end.join([given[0], "", "  ", *given[1:5], "{", *given[5:]])
    source = write(tmp_path / "x.jsonl", content)

    rows = read_all(source, size)

    assert texts(rows) == [*(f"é {n}" for n in range(5)), "!", *(f"é {n}" for n in range(5, 9))]
    assert [row.id for row in rows] == [
        *(f"n-{n}" for n in range(5)),
        None,
        *(f"n-{n}" for n in range(5, 9)),
    ]


@pytest.mark.parametrize("size", [1, 30, 100, 10_000])
@pytest.mark.parametrize("group", [1, 7, 100])
def test_parquet_is_cut_within_its_row_groups(tmp_path: Path, size: int, group: int) -> None:
    table = pyarrow.table({"id": range(50), "text": [f"Text {n}." for n in range(50)]})
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet", row_group_size=group)
    [source] = find_sources([str(tmp_path)])

    rows = read_all(source, size)

    assert [row.id for row in rows] == [str(n) for n in range(50)]
    assert texts(rows) == [f"Text {n}." for n in range(50)]


@pytest.mark.parametrize("packed", ["gz", "zst"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_is_packed_is_one_piece(tmp_path: Path, packed: str, form: str) -> None:
    lines = {"csv": ["text", '"a\nb"', "c"], "jsonl": ['{"text": "a\\nb"}', '{"text": "c"}']}
    content = "\n".join(lines[form]).encode()
    pack = {"gz": gzip.compress, "zst": pyarrow.Codec("zstd").compress}[packed]
    source = write(tmp_path / f"x.{form}.{packed}", bytes(pack(content)))

    assert len(cut(source, 1, "text").pieces) == 1
    assert texts(read_all(source, 1)) == ["a\nb", "c"]


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl"])
def test_an_empty_file_has_no_pieces(tmp_path: Path, name: str) -> None:
    assert cut(write(tmp_path / name, b""), 1, "text").pieces == ()


BROKEN: dict[str, tuple[str, bytes]] = {
    "no text": ("x.csv", b"id,comment\n1,Fine.\n"),
    "no Parquet": ("x.parquet", b"PAR1 and nothing else"),
    "no gzip": ("x.csv.gz", b"text\nFine.\n"),
    "torn gzip": ("x.csv.gz", gzip.compress(b"text\n" + b"Fine.\n" * 1000)[:-9]),
    "no zstd": ("x.csv.zst", b"text\nFine.\n"),
    "a cell without end": ("x.csv", b'text\n"' + b"x" * (1 << 21)),
    "a line without end": ("x.jsonl", b" " * (1 << 24) + b"x"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named(tmp_path: Path, name: str) -> None:
    file, content = BROKEN[name]
    source = write(tmp_path / file, content)

    with pytest.raises(BrokenError, match=rf"{file}.*\.\Z"):
        cut(source, 1000, "text")


def test_a_file_that_has_changed_meanwhile_is_named(tmp_path: Path) -> None:
    source = write(tmp_path / "x.jsonl", '{"text": "a"}\n{"text": "b"}\n')
    [piece] = cut(source, 1000, "text").pieces
    write(tmp_path / "x.jsonl", '{"text": "a"}\n')

    with pytest.raises(BrokenError, match=r"x\.jsonl has changed"):
        list(read_piece(source, piece, Columns()))


def test_a_page_of_parquet_that_is_broken_is_named(tmp_path: Path) -> None:
    table = pyarrow.table({"text": [f"Text number {n}." for n in range(1000)]})
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet")
    content = bytearray((tmp_path / "x.parquet").read_bytes())
    content[4:200] = bytes(196)
    source = write(tmp_path / "x.parquet", bytes(content))

    with pytest.raises(BrokenError, match=r"x\.parquet cannot be read"):
        list(read_piece(source, Piece(0, 1000, 0, 1000), Columns()))


def test_large_inputs_have_larger_pieces() -> None:
    assert find_size(1000) == SMALLEST
    assert SMALLEST < find_size(20 << 30) < LARGEST
    assert find_size(1 << 50) == LARGEST
