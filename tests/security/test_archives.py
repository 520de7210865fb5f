"""Files that are made to hurt whoever imports them: refused, with the memory and disk of nothing.

Bombs are small on disk and made here. What is measured is the memory of a process of its own.
"""

import gzip
import io
import json
import resource
import sqlite3
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from api.moving import sources
from api.moving.checking import Checker
from api.moving.items import FileError, Item, Skip
from tests.api.moving import files
from tests.factories import START

MEGABYTE = 1024 * 1024
Read = Item | Skip


def read(path: Path, form: str | None = None) -> list[Read]:
    """All that a file holds, as the command reads it."""
    form = form or sources.find_form(path)
    with sources.open_source(path, form, START) as source:
        return list(source.content.items)


def put(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def deflate(head: bytes, chunk: bytes, times: int) -> bytes:
    """What unpacks to a head and so many times the same, packed once."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    begin = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    # Nothing after a full flush refers to what was before it.
    block = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)
    return begin + block * times + packer.flush()


def bomb(path: Path, megabytes: int, said: int | None = None) -> Path:
    """A zip whose one file unpacks to so many zeros, whatever its list says of that."""
    packed = deflate(b"", bytes(MEGABYTE), megabytes)
    size = min(megabytes * MEGABYTE if said is None else said, 0xFFFFFFFE)
    name = b"comments.jsonl"
    shared = (0, 8, 0, 0, 0, len(packed), size, len(name), 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, *shared) + name
    central = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, *shared, 0, 0, 0, 0, 0) + name
    end = (0, 0, 1, 1, len(central), len(local) + len(packed), 0)
    path.write_bytes(local + packed + central + struct.pack("<4s4H2LH", b"PK\x05\x06", *end))
    return path


LINE = json.dumps({"id": "1", "article": {"id": "a-1"}, "text": "A fine day."}).encode() + b"\n"


def test_a_plain_zip_is_read(tmp_path: Path) -> None:
    """So that what is refused below is refused for what it is."""
    [one] = read(put(tmp_path / "fine.zip", ("comments.jsonl", LINE)))
    assert isinstance(one, Item)


def test_ten_gigabytes_of_zeros(tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.zip", 10 * 1024)
    assert path.stat().st_size < 12 * MEGABYTE
    with pytest.raises(FileError, match="unpacks to more than 100 times its size"):
        read(path, "jsonl")


@pytest.mark.parametrize("form", ["jsonl", "csv", "wordpress", "disqus"])
def test_zeros_that_the_list_is_silent_about(tmp_path: Path, form: str) -> None:
    # Its list says that it unpacks to a hundred bytes.
    path = bomb(tmp_path / "bomb.zip", 200, said=100)
    with pytest.raises(FileError):
        read(path, form)


def test_a_gzip_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml.gz"
    head = (files.WXR_HEAD + files.WXR_POST).encode()
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    path.write_bytes(header + deflate(head, b" " * MEGABYTE, 4096))
    assert path.stat().st_size < 5 * MEGABYTE
    with pytest.raises(FileError, match="more than 100 times its size"):
        read(path)


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = put(tmp_path / "inner.zip", ("comments.jsonl", LINE)).read_bytes()
    packed = gzip.compress(LINE)
    gzipped = tmp_path / "outer.gz"
    for content in (inner, packed):
        outer = put(tmp_path / "outer.zip", ("comments.jsonl", content))
        gzipped.write_bytes(gzip.compress(content))
        for path in (outer, gzipped):
            with pytest.raises(FileError, match="an archive in an archive"):
                read(path, "jsonl")


@pytest.mark.parametrize(
    "name",
    [
        *("../comments.jsonl", "a/../../comments.jsonl", "/etc/comments.jsonl"),
        *("..\\comments.jsonl", "C:\\comments.jsonl", "a/..", "\\\\host\\share\\comments.jsonl"),
    ],
)
def test_names_that_lead_out(tmp_path: Path, name: str) -> None:
    path = put(tmp_path / "out.zip", (name, LINE))
    before = sorted(tmp_path.parent.rglob("*"))
    with pytest.raises(FileError, match="a name that leads out of it"):
        read(path, "jsonl")
    assert sorted(tmp_path.parent.rglob("*")) == before


def test_links(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("comments.jsonl")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = put(tmp_path / "link.zip", (link, b"/etc/passwd"))
    with pytest.raises(FileError, match="a link, which is not followed"):
        read(path, "jsonl")


def test_several_files_none_and_too_many(tmp_path: Path) -> None:
    for names in ((), ("a.jsonl", "b.jsonl")):
        path = put(tmp_path / "many.zip", *((name, LINE) for name in names))
        with pytest.raises(FileError, match=f"holds {len(names)} files"):
            read(path, "jsonl")
    path = put(tmp_path / "many.zip", *((f"{n:0>80}", b"") for n in range(9_000)))
    with pytest.raises(FileError, match="list of files is longer than 1 MB"):
        read(path, "jsonl")


def test_broken_archives(tmp_path: Path) -> None:
    whole = put(tmp_path / "whole.zip", ("comments.jsonl", LINE * 500)).read_bytes()
    packed = gzip.compress(LINE * 500)
    wrong_sum = bytearray(packed)
    wrong_sum[-6] ^= 1
    encrypted = bytearray(whole)
    encrypted[6] |= 1
    encrypted[whole.index(b"PK\x01\x02") + 8] |= 1
    broken = (whole[: len(whole) // 2], packed[: len(packed) // 2], bytes(wrong_sum), encrypted)
    for content in broken:
        path = tmp_path / "broken"
        path.write_bytes(content)
        with pytest.raises(FileError, match=r"unpack|cut off"):
            read(path, "jsonl")


def test_nothing_is_unpacked_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for name in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(name, str(temporary))
    path = put(tmp_path / "fine.zip", ("comments.jsonl", LINE * 1000))
    assert len(read(path)) == 1000
    assert list(temporary.iterdir()) == []
    assert sorted(one.name for one in tmp_path.iterdir()) == ["fine.zip", "temporary"]


LAUGHS = (
    '<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>\n<rss><channel><item><title>&j;</title></item></channel></rss>"
)
BLOWUP = (
    f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]><rss><item><wp:comment>'
    f"<wp:comment_content>{'&a;' * 50_000}</wp:comment_content></wp:comment></item></rss>"
)
OUTSIDE = (
    '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><wp:comment>'
    "<wp:comment_content>&a;</wp:comment_content></wp:comment></item></rss>"
)
REMOTE = '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd"><rss></rss>'
PARAMETER = '<!DOCTYPE rss [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><rss></rss>'


@pytest.mark.parametrize("text", [LAUGHS, BLOWUP, OUTSIDE, REMOTE, PARAMETER])
@pytest.mark.parametrize("form", ["wordpress", "disqus"])
def test_document_types(tmp_path: Path, text: str, form: str) -> None:
    """Billion laughs, quadratic blow-up, files and addresses outside: there are no entities."""
    path = tmp_path / "export.xml"
    path.write_text(text.replace("rss", "disqus") if form == "disqus" else text)
    with pytest.raises(FileError, match="a document type, which no export has"):
        read(path)


def test_depth(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text("<rss>" + "<item>" * 200_000)
    with pytest.raises(FileError, match="nest deeper than 100"):
        read(path)


def test_names_without_end(tmp_path: Path) -> None:
    """Each would be kept until the end of the file."""
    for many in (
        "".join(f"<n{n}/>" for n in range(2000)),
        " ".join(f"<n a{n}=''/>" for n in range(2000)),
    ):
        path = tmp_path / "export.xml"
        path.write_text(f"<rss><item>{many}</item></rss>")
        with pytest.raises(FileError, match="more than 1,000 kinds"):
            read(path)


TAGS = {"comment": b"<!--", "tag": b"<", "attribute": b'<item a="', "instruction": b"<?a "}


@pytest.mark.parametrize("begin", TAGS.values(), ids=TAGS)
def test_tags_that_do_not_end(tmp_path: Path, begin: bytes) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes(b"<rss><channel>" + begin + b"x" * (5 * MEGABYTE))
    with pytest.raises(FileError, match="a tag that is longer than 1 MB"):
        read(path)


def test_json_that_is_deep_or_odd(tmp_path: Path) -> None:
    odd = [b"[" * 100_000, b'{"a":' * 100_000, b'{"id": NaN}', b'{"id": 1e999}', b"\xff\xfe{}"]
    path = tmp_path / "comments.jsonl"
    path.write_bytes(b"\n".join([*odd, LINE]))
    *refused, one = read(path, "jsonl")
    assert isinstance(one, Item)
    whys = [found.why for found in refused if isinstance(found, Skip)]
    assert whys == ["no JSON that can be read"] * len(odd)


def test_an_isso_database_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE threads (id, uri, title)")
    base.execute(
        "CREATE VIEW comments AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT i AS id, 1 AS tid, NULL AS parent, 0 AS created, 1 AS mode, '' AS remote_addr,"
        " 'x' AS text, '' AS author, '' AS email, '' AS website FROM n"
    )
    base.commit()
    base.close()
    with pytest.raises(FileError, match="there is no table comments"):
        read(path)
    content = bytearray(files.isso(tmp_path / "whole.db", [{}] * 200).read_bytes())
    content[4096:20_480] = bytes(range(256)) * 64
    path.write_bytes(content)
    with pytest.raises(FileError, match="database of Isso's"):
        read(path)


def test_an_isso_comment_of_megabytes(tmp_path: Path) -> None:
    path = files.isso(tmp_path / "comments.db", [{"text": "x" * (8 * MEGABYTE)}])
    with pytest.raises(FileError, match="string or blob too big"):
        read(path)


SCRIPT = """
import resource, sys
from pathlib import Path
from api.moving import sources
from api.moving.items import FileError
from tests.factories import START
path, form = Path(sys.argv[1]), sys.argv[2]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    with sources.open_source(path, form, START) as source:
        found = [(type(one).__name__, getattr(one, "why", "")) for one in source.content.items]
except FileError as error:
    found = str(error)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(found)
"""


def _write_line(out: io.BufferedWriter, _: int) -> None:
    out.write(b'{"id": "1", "text": "')
    # A hole, which takes no disk.
    out.truncate(1024 * MEGABYTE)


def _write_table(out: io.BufferedWriter, chunks: int) -> None:
    out.write(b'id,text,article_id\n1,"')
    # A quote that is never closed, over lines of a usual length.
    out.writelines(b"x" * 1000 + b"\n" for _ in range(chunks * 1024))


def _write_element(out: io.BufferedWriter, chunks: int) -> None:
    head, tail = files.wxr({"comment_content": "<![CDATA[SPLIT]]>"}).encode().split(b"SPLIT")
    out.write(head)
    out.writelines(b"x" * MEGABYTE for _ in range(chunks))
    out.write(tail)


def _write_post(out: io.BufferedWriter, chunks: int) -> None:
    head, tail = files.wxr({}).encode().split(b"The post, which is no comment.")
    out.write(head)
    out.writelines(b"x" * MEGABYTE for _ in range(chunks))
    out.write(tail)


HUGE: list[tuple[Callable[[io.BufferedWriter, int], None], str, str]] = [
    (_write_line, "jsonl", "Line 1 is longer than 8 MB."),
    (_write_table, "csv", "field larger than field limit"),
    (_write_element, "wordpress", "Item"),
    (_write_post, "wordpress", "Item"),
]


@pytest.mark.parametrize(("write", "form", "says"), HUGE)
def test_all_in_one_piece(
    tmp_path: Path, write: Callable[[io.BufferedWriter, int], None], form: str, says: str
) -> None:
    """A line of 1 GB, and a cell, an element and a post of 256 MB, take what 8 MB may take."""
    path = tmp_path / "huge"
    with path.open("wb") as out:
        write(out, 256)
    command = [sys.executable, "-c", SCRIPT, str(path), form]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    path.unlink()
    taken, found = result.stdout.splitlines()
    assert says in found
    assert int(taken) * resource.getpagesize() // 4096 < 64 * 1024, f"{taken} KB more"


def test_an_element_of_megabytes_is_no_comment(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    with path.open("wb") as out:
        _write_element(out, 16)
    [one] = read(path)
    found = Checker("wordpress").check(one)
    assert isinstance(found, Skip)
    assert found.why == "a text of more than 20,000 characters"
