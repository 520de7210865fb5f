"""What is read of other systems' files, each in its own shape."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.moving import sources
from api.moving.checking import Checked, Checker
from api.moving.items import Ban, FileError, Item, Skip
from tests.api.moving import files
from tests.factories import START

Make = Callable[[Path], Path]


def read(path: Path, form: str | None = None, prefix: str = "") -> list[Checked | Skip]:
    """All that a file holds."""
    form = form or sources.find_form(path)
    with sources.open_source(path, form, START) as source:
        return [Checker(form, prefix).check(one) for one in source.content.items]


def taken(found: list[Checked | Skip]) -> list[Any]:
    """The comments."""
    return [one.arrival for one in found if isinstance(one, Checked)]


def skipped(found: list[Checked | Skip]) -> list[tuple[str | None, str]]:
    """What is no comment: its id, and why."""
    return [(one.id, one.why) for one in found if isinstance(one, Skip)]


def told(found: list[Checked | Skip]) -> list[tuple[Any, ...]]:
    """Id, status and decision of each comment."""
    return [
        (one.draft.id, one.status, one.decided and (one.decided.action, one.decided.reason))
        for one in taken(found)
    ]


def write(folder: Path, text: str | bytes, name: str = "export.xml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_wordpress(tmp_path: Path) -> None:
    path = write(tmp_path, files.wxr({}))
    [one] = taken(read(path))
    assert one.draft.article == {
        "id": "17",
        "url": "https://gazette.example/?p=17",
        "title": "A bridge & a ferry",
        "published_at": "2015-03-01T10:00:00+00:00",
    }
    assert one.draft.author == {
        "name": "Ann",
        "email": "ann@readers.example",
        "url": "https://ann.example/",
        "ip": "192.0.2.7",
    }
    assert (one.draft.text, one.draft.html, one.draft.parent_id) == ("A fine day.", True, None)
    assert one.draft.created_at.isoformat() == "2015-03-02T08:30:00+00:00"
    assert one.decided.actor == "import:wordpress"


def test_what_wordpress_calls_a_status(tmp_path: Path) -> None:
    states = ["1", "0", "spam", "trash", "post-trashed", "approve", "hold", "strange"]
    found = read(
        write(
            tmp_path,
            files.wxr(
                *({"comment_id": str(at), "comment_approved": s} for at, s in enumerate(states, 1))
            ),
        )
    )
    assert told(found) == [
        ("1", "approved", ("approve", None)),
        ("2", "pending", None),
        ("3", "rejected", ("reject", "spam")),
        ("4", "rejected", ("reject", "other")),
        ("6", "approved", ("approve", None)),
        ("7", "pending", None),
    ]
    assert skipped(found) == [
        ("5", "its post is in the trash"),
        ("8", "a status that WordPress does not have"),
    ]


def test_what_machines_write_in_wordpress_is_skipped(tmp_path: Path) -> None:
    kinds = ["", "comment", "review", "pingback", "trackback", "order_note"]
    found = read(
        write(
            tmp_path,
            files.wxr(*({"comment_id": str(at), "comment_type": k} for at, k in enumerate(kinds))),
        )
    )
    assert [one.draft.id for one in taken(found)] == ["0", "1", "2"]
    assert [why for _, why in skipped(found)] == [
        "a pingback",
        "a trackback",
        "of a type that is no comment",
    ]


def test_replies_users_and_a_prefix(tmp_path: Path) -> None:
    reply = {"comment_id": "2", "comment_parent": "1", "comment_user_id": "7"}
    [_, one] = taken(read(write(tmp_path, files.wxr({}, reply)), prefix="wp-"))
    assert (one.draft.id, one.draft.parent_id, one.draft.author["id"]) == ("wp-2", "wp-1", "7")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<![CDATA[a ]]]]><![CDATA[> b & <b>c</b>]]>", "a ]]> b & <b>c</b>"),
        ("a &lt;b&gt; &amp;amp; &#x1F600;", "a <b> &amp; 😀"),
        ("<![CDATA[Où est  l’été ?]]>", "Où est  l’été ?"),
        ("<![CDATA[a\x08b\x0cc\x1f]]>", "abc"),
        ("<![CDATA[=cmd|' /C calc'!A0]]>", "=cmd|' /C calc'!A0"),
    ],
)
def test_texts_are_what_was_written(tmp_path: Path, content: str, text: str) -> None:
    [one] = taken(read(write(tmp_path, files.wxr({"comment_content": content}))))
    assert one.draft.text == text


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    head = files.WXR_HEAD.replace("UTF-8", declared)
    text = files.wxr({"comment_content": "Où est Zoë?"}, head=head)
    [one] = taken(read(write(tmp_path, text.encode(encoding)), "wordpress"))
    assert one.draft.text == "Où est Zoë?"


def test_bytes_that_are_not_what_the_file_says_are_replaced(tmp_path: Path) -> None:
    broken = files.wxr({"comment_content": "<![CDATA[caf\udce9 noir]]>"})
    [one] = taken(read(write(tmp_path, broken.encode("utf-8", "surrogateescape"))))
    assert one.draft.text == "caf\ufffd noir"


def test_an_encoding_that_nobody_knows(tmp_path: Path) -> None:
    path = write(tmp_path, files.wxr({}, head=files.WXR_HEAD.replace("UTF-8", "klingon-1")))
    with pytest.raises(FileError, match="encoding klingon-1"):
        read(path)


def test_what_cannot_be_kept_of_a_comment_is_left_out(tmp_path: Path) -> None:
    odd = {
        "comment_author_email": "not an address",
        "comment_author_IP": "somewhere",
        "comment_author": "n" * 201,
        "comment_date_gmt": "2015-03-02 25:61:00",
    }
    [found] = read(write(tmp_path, files.wxr(odd)))
    assert isinstance(found, Checked)
    assert found.arrival.draft.author == {"url": "https://ann.example/"}
    assert found.arrival.draft.created_at is None
    assert sorted(found.dropped) == ["author.email", "author.ip", "author.name", "created_at"]


def test_without_authors_and_times(tmp_path: Path) -> None:
    bare = dict.fromkeys(
        (
            *("comment_author", "comment_author_email", "comment_author_url"),
            *("comment_author_IP", "comment_user_id"),
        ),
        "",
    )
    [one] = read(write(tmp_path, files.wxr({**bare, "comment_date_gmt": "0000-00-00 00:00:00"})))
    assert isinstance(one, Checked)
    assert (one.arrival.draft.author, one.dropped) == ({}, ())
    assert one.arrival.draft.created_at is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "no text"),
        ("<![CDATA[ \n\t ]]>", "no text"),
        ("x" * 20_001, "a text of more than 20,000 characters"),
        ("x" * 300_000, "a text of more than 20,000 characters"),
    ],
)
def test_texts_that_are_none(tmp_path: Path, content: str, why: str) -> None:
    found = read(write(tmp_path, files.wxr({"comment_content": content})))
    assert skipped(found) == [("1", why)]


def test_disqus(tmp_path: Path) -> None:
    posts = [
        files.disqus_post(1),
        files.disqus_post(2, "<p>Buy</p>", parent=1, spam="true"),
        files.disqus_post(3, deleted="true"),
        files.disqus_post(4, thread=292),
        files.disqus_post(5, thread=999),
    ]
    found = read(write(tmp_path, files.disqus(*posts)), prefix="d-")
    assert told(found) == [
        ("d-1", "approved", ("approve", None)),
        ("d-2", "rejected", ("reject", "spam")),
        ("d-4", "approved", ("approve", None)),
    ]
    assert skipped(found) == [("d-3", "deleted there"), ("d-5", "its thread is not in the file")]
    first, second, other = taken(found)
    assert first.draft.article == {
        "id": "bridge-17",
        "url": "https://gazette.example/bridge",
        "title": "A bridge",
        "published_at": "2015-03-01T10:00:00+00:00",
    }
    assert other.draft.article["id"] == "https://gazette.example/ferry"
    assert first.draft.author == {
        "id": "ann_r",
        "name": "Ann",
        "email": "ann@readers.example",
        "ip": "192.0.2.7",
    }
    assert second.draft.parent_id == "d-1"


def test_coral(tmp_path: Path) -> None:
    comments = [
        files.coral_comment("c-1"),
        files.coral_comment("c-2", "NONE"),
        files.coral_comment("c-3", "REJECTED", parentID="c-1"),
        files.coral_comment("c-4", "PREMOD"),
        files.coral_comment("c-5", "SYSTEM_WITHHELD"),
        files.coral_comment("c-6", deletedAt={"$date": "2020-01-01T00:00:00Z"}),
        files.coral_comment("c-7", "STRANGE"),
        files.coral_comment("c-8", revisions=[]),
    ]
    found = read(files.coral(tmp_path / "dump", comments, [files.coral_user("u-1")]))
    assert told(found) == [
        ("c-1", "approved", ("approve", None)),
        # Nobody had looked at it.
        ("c-2", "approved", None),
        ("c-3", "rejected", ("reject", None)),
        ("c-4", "pending", None),
        ("c-5", "pending", None),
    ]
    assert [why for _, why in skipped(found)] == [
        "deleted there",
        "a status that Coral does not have",
        "no text",
    ]
    one = taken(found)[0].draft
    assert one.text == "<div>A fine day.</div>"
    assert one.article == {
        "id": "s-1",
        "url": "https://gazette.example/bridge",
        "title": "A bridge",
        "published_at": "2019-05-01T00:00:00+00:00",
    }
    assert one.author["id"] == "u-1"
    assert one.author["email"] == "u-1@readers.example"
    assert one.created_at.isoformat() == "2019-05-06T01:02:03.456000+00:00"


def test_when_corals_moderators_decided(tmp_path: Path) -> None:
    folder = files.coral(tmp_path / "dump", [files.coral_comment("c-1", "REJECTED")])
    acts = [
        {"id": "1", "commentID": "c-1", "status": "APPROVED", "createdAt": "2019-05-07T00:00:00Z"},
        {
            "id": "2",
            "commentID": "c-1",
            "status": "REJECTED",
            "moderatorID": "m-1",
            "createdAt": {"$date": {"$numberLong": "1557360000000"}},
        },
    ]
    lines = "".join(json.dumps(one) + "\n" for one in acts)
    (folder / "commentModerationActions.json").write_text(lines)
    [one] = taken(read(folder))
    assert one.decided.at.isoformat() == "2019-05-09T00:00:00+00:00"


def test_whom_coral_has_banned(tmp_path: Path) -> None:
    later, past = {"$date": "2027-01-01T00:00:00Z"}, {"$date": "2020-01-01T00:00:00Z"}
    users = [
        files.coral_user("u-1"),
        files.coral_user("u-2", ban={"active": True, "history": []}),
        files.coral_user("u-3", suspension={"history": [{"from": {"finish": past}}]}),
        files.coral_user("u-4", suspension={"history": [{"from": {"finish": later}}]}),
        files.coral_user("u-5", premod={"active": True, "history": []}),
    ]
    folder = files.coral(tmp_path / "dump", [files.coral_comment("c-1")], users)
    with sources.open_source(folder, "coral", START) as source:
        [ban, suspension, premod] = source.content.bans
    assert ban == Ban("u-2", "banned")
    assert (suspension.author_id, suspension.standing) == ("u-4", "suspended")
    assert suspension.until is not None
    assert suspension.until.isoformat() == "2027-01-01T00:00:00+00:00"
    assert premod == Ban("u-5", "held")


def test_corals_list_in_one_file(tmp_path: Path) -> None:
    comments = [files.coral_comment("c-1"), files.coral_comment("c-2")]
    listed = "[" + ",\n".join(json.dumps(one) for one in comments) + "]\n"
    path = write(tmp_path, listed, "comments.json")
    assert sources.find_form(path) == "coral"
    assert [one.draft.id for one in taken(read(path))] == ["c-1", "c-2"]


def test_isso(tmp_path: Path) -> None:
    rows = [{}, {"mode": 2, "parent": 1}, {"mode": 4, "text": ""}, {"tid": 9}, {"mode": 7}]
    found = read(files.isso(tmp_path / "comments.db", rows), prefix="isso-")
    assert told(found) == [
        ("isso-1", "approved", ("approve", None)),
        ("isso-2", "pending", None),
    ]
    assert [why for _, why in skipped(found)] == [
        "deleted there",
        "its thread is not in the file",
        "a mode that Isso does not have",
    ]
    first, second = taken(found)
    assert first.draft.article == {"id": "/bridge/", "title": "A bridge"}
    assert first.draft.author == {
        "name": "Ann",
        "email": "ann@readers.example",
        "url": "https://ann.example/",
        "ip": "192.0.2.0",
    }
    assert (first.draft.text, first.draft.html) == ("A *fine* day.", False)
    assert first.draft.created_at.isoformat() == "2015-03-02T08:30:00.250000+00:00"
    assert second.draft.parent_id == "isso-1"


def test_jsonl(tmp_path: Path) -> None:
    plain = {"article": {"id": "a-1"}, "text": "A fine day."}
    by_ann = {"action": "approve", "actor": "moderator:ann@x.example"}
    lines = [
        {**plain, "id": "1", "status": "approved"},
        {
            **plain,
            "id": "2",
            "status": "rejected",
            "reason": "spam",
            "decided_at": "2015-03-03T00:00:00Z",
        },
        {**plain, "id": "3", "status": "pending"},
        {**plain, "id": "4"},
        {**plain, "id": "5", "status": "approved", "decision": None},
        {
            **plain,
            "id": "6",
            "status": "approved",
            "decision": by_ann,
        },
        {**plain, "id": "7", "status": "published"},
        {**plain, "id": "a b"},
        {**plain, "id": "9", "colour": "red"},
        {"id": "10", "text": "No article."},
    ]
    text = "\ufeff" + "".join(json.dumps(one) + "\n" for one in lines) + "\n{broken\n[1]\n"
    found = read(write(tmp_path, text, "comments.jsonl"))
    assert told(found) == [
        ("1", "approved", ("approve", None)),
        ("2", "rejected", ("reject", "spam")),
        ("3", "pending", None),
        ("4", None, None),
        ("5", "approved", None),
        ("6", "approved", ("approve", None)),
        ("9", None, None),
    ]
    assert [one.decided.actor for one in taken(found) if one.decided] == [
        "import:jsonl",
        "import:jsonl",
        "import:moderator:ann@x.example",
    ]
    assert [why for _, why in skipped(found)] == [
        "a status other than approved, pending, rejected",
        "an id that cannot stand in an address",
        "no article",
        "no JSON that can be read",
        "no JSON object",
    ]


def test_one_without_an_id_has_the_same_each_time(tmp_path: Path) -> None:
    line = json.dumps({"article": {"id": "a-1"}, "text": "A fine day."}) + "\n"
    other = json.dumps({"article": {"id": "a-2"}, "text": "A fine day."}) + "\n"
    found = [one.draft.id for one in taken(read(write(tmp_path, line + line + other, "c.jsonl")))]
    again = [one.draft.id for one in taken(read(write(tmp_path, line, "d.jsonl"), prefix="p-"))]
    assert found[0] == found[1] != found[2]
    assert again == [f"p-{found[0]}"]


def test_csv(tmp_path: Path) -> None:
    table = (
        "id;text;article_id;author_name;status;reason;created_at;html\r\n"
        '1;"A ""fine"" day;\r\nindeed.";a-1;Ann;approved;;2015-03-02T08:30:00Z;no\r\n'
        "2;<b>Buy</b>;a-1;;rejected;spam;;yes\r\n"
        "3;short\r\n"
        "4;What?;a-1;;;;;perhaps\r\n"
    )
    found = read(write(tmp_path, "\ufeff" + table, "comments.csv"))
    assert told(found) == [
        ("1", "approved", ("approve", None)),
        ("2", "rejected", ("reject", "spam")),
    ]
    first, second = taken(found)
    assert (first.draft.text, first.draft.html) == ('A "fine" day;\r\nindeed.', False)
    assert (first.draft.author, second.draft.author) == ({"name": "Ann"}, {})
    assert second.draft.html
    assert [id_ for id_, _ in skipped(found)] == ["3", "4"]


@pytest.mark.parametrize("names", ["id,text", "article_id,id", "text,article_id,colour"])
def test_tables_of_something_else(tmp_path: Path, names: str) -> None:
    path = write(tmp_path, f"{names}\n1,2,3\n", "comments.csv")
    with pytest.raises(FileError, match="column"):
        read(path, "csv")


def _gzip(path: Path) -> Path:
    return write(path.parent, gzip.compress(path.read_bytes()), f"{path.name}.gz")


def _zip(path: Path) -> Path:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("export")
        archive.write(path, f"export/{path.name}")
    return write(path.parent, content.getvalue(), f"{path.name}.zip")


@pytest.mark.parametrize("pack", [_gzip, _zip])
def test_packed(tmp_path: Path, pack: Make) -> None:
    path = pack(write(tmp_path, files.wxr({})))
    assert sources.find_form(path) == "wordpress"
    assert [one.draft.id for one in taken(read(path))] == ["1"]


def test_what_was_whole_before_the_file_ends_is_read(tmp_path: Path) -> None:
    whole = files.wxr({}, {"comment_id": "2"}, {"comment_id": "3"})
    path = write(tmp_path, whole[: whole.rindex("<wp:comment_id>3")])
    with sources.open_source(path, "wordpress", START) as source:
        found = [next(source.content.items) for _ in range(2)]
        with pytest.raises(FileError, match=r"Line \d+ is no XML any more: no element found"):
            next(source.content.items)
    assert [one.given["id"] for one in found if isinstance(one, Item)] == ["1", "2"]


def test_a_file_that_is_none_of_them(tmp_path: Path) -> None:
    for content in (b"", b"hello\n", b"<html></html>", b"\x89PNG\r\n\x1a\n"):
        with pytest.raises(FileError, match="none of the known formats"):
            sources.find_form(write(tmp_path, content))
    with pytest.raises(FileError, match=r"There is no comments\.json"):
        read(tmp_path / ".")


def test_the_same_file_is_known_again(tmp_path: Path) -> None:
    path = write(tmp_path, files.wxr({}))
    other = write(tmp_path, files.wxr({"comment_id": "2"}), "other.xml")
    known = sources.digest(path, "wordpress", "")
    assert known == sources.digest(path.rename(tmp_path / "moved.xml"), "wordpress", "")
    assert known != sources.digest(other, "wordpress", "")
    assert known != sources.digest(tmp_path / "moved.xml", "wordpress", "wp-")
