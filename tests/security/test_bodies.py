"""Bodies that are wrong: each is refused with a problem document, and nothing is kept."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import comment, count

JSON = "application/json"
HALF = "\\ud800"  # half a surrogate pair, as JSON spells it
NUL = "\\u0000"
DIGITS = "9" * 5000
MIB = 1024 * 1024


def body(text: str = '"fine"', more: str = "") -> bytes:
    """A submission written by hand: `more` is what a JSON library would not write."""
    return f'{{"article": {{"id": "a-17"}}, "text": {text}{more}}}'.encode()


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


UNREADABLE: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "text": b"hello",
    "half an object": b'{"text": "a',
    "two objects": body() + body(),
    "trailing comma": b'{"text": "a",}',
    "single quotes": b"{'text': 'a'}",
    "comment in JSON": b'{"text": "a"} // fine',
    "raw control character in a string": b'{"text": "a\nb"}',
    "100,000 arrays": nested(100_000).encode(),
    "100,000 arrays in metadata": body(more=f', "metadata": {{"a": {nested(100_000)}}}'),
    "40 arrays in metadata": body(more=f', "metadata": {{"a": {nested(40)}}}'),
    "40 objects": ('{"a":' * 40 + "1" + "}" * 40).encode(),
    "100,000 open brackets": b"[" * 100_000,
    "integer of 5,000 digits": body(more=f', "form": {{"elapsed_ms": {DIGITS}}}'),
    "5,000 digits in metadata": body(more=f', "metadata": {{"n": {DIGITS}}}'),
    "negative 5,000 digits": body(more=f', "metadata": {{"n": -{DIGITS}}}'),
    "5,000 digits alone": DIGITS.encode(),
    "1e400": body(more=', "metadata": {"n": 1e400}'),
    "-1e400": body(more=', "metadata": {"n": -1e400}'),
    "5,000 digits and a point": body(more=f', "metadata": {{"n": {DIGITS}.0}}'),
    "NaN": body(more=', "metadata": {"n": NaN}'),
    "Infinity": body(more=', "form": {"elapsed_ms": Infinity}'),
    "-Infinity": body("-Infinity"),
    "NaN alone": b"NaN",
    "hexadecimal": body(more=', "metadata": {"n": 0x10}'),
    "leading zero": body(more=', "metadata": {"n": 010}'),
    "plus sign": body(more=', "metadata": {"n": +1}'),
    "same key twice": body(more=', "text": "other"'),
    "same key twice, same value": body(more=', "text": "fine"'),
    "same key twice, spelt otherwise": body(more=', "te\\u0078t": "other"'),
    "same key twice, nested": b'{"article": {"id": "a", "id": "b"}, "text": "fine"}',
    "same key twice in metadata": body(more=', "metadata": {"a": [{"b": 1, "b": 2}]}'),
    "half a surrogate as a key twice": f'{{"{HALF}": 1, "{HALF}": 2}}'.encode(),
    "byte order mark": b"\xef\xbb\xbf" + body(),
    "UTF-16": body().decode().encode("utf-16"),
    "UTF-16 without mark": body().decode().encode("utf-16-le"),
    "UTF-32": body().decode().encode("utf-32"),
    "Latin-1": '{"text": "é"}'.encode("latin-1"),
    "overlong UTF-8": b'{"text": "\xc0\xaf"}',
    "surrogate in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "cut in a character": b'{"text": "\xe2\x82',
    "raw NUL": b'{"text": "a\x00b"}',
    "gzip": gzip.compress(body()),
    "multipart": b"--x\r\nContent-Disposition: form-data; name=text\r\n\r\nfine\r\n--x--",
    "form": b"text=fine&article.id=a-17",
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
}

WRONG_TYPES: list[Any] = [None, True, 1, 1.5, "", "yes", [], [1], {}, {"a": 1}]


def refuses(value: Any, *accepted: Any) -> bool:
    return not any(value == fine and type(value) is type(fine) for fine in accepted)


WRONG_FIELDS: list[tuple[str, Any]] = [
    *(("/text", value) for value in WRONG_TYPES if refuses(value, "yes")),
    *(("/article", value) for value in [None, True, 1, "a-17", [], [{"id": "a"}]]),
    *(("/article/id", value) for value in WRONG_TYPES if refuses(value, "yes")),
    *(("/article/url", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/article/title", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/article/section", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/id", value) for value in WRONG_TYPES if refuses(value, None, "yes")),
    *(("/parent_id", value) for value in WRONG_TYPES if refuses(value, None, "yes")),
    *(("/html", value) for value in [None, 0, 1, 1.0, "true", "false", "yes", "", [], {}]),
    *(("/author", value) for value in [None, True, 1, "Ada", [], [{}]]),
    *(("/author/id", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/author/name", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/author/email", value) for value in WRONG_TYPES if refuses(value, None, "")),
    *(("/author/url", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/author/ip", value) for value in WRONG_TYPES if refuses(value, None, "")),
    *(("/author/user_agent", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/author/created_at", value) for value in WRONG_TYPES if refuses(value, None, "")),
    *(("/author/role", value) for value in WRONG_TYPES if refuses(value, None, "")),
    *(("/form", value) for value in [None, True, 1, "sent", [], [{}]]),
    *(("/form/honeypot", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/form/elapsed_ms", value) for value in WRONG_TYPES if refuses(value, None, "", 1)),
    *(("/form/token", value) for value in WRONG_TYPES if refuses(value, None, "", "yes")),
    *(("/language", value) for value in WRONG_TYPES if refuses(value, None, "yes")),
    *(("/created_at", value) for value in WRONG_TYPES),
    *(("/metadata", value) for value in WRONG_TYPES if refuses(value, {}, {"a": 1})),
    ("/text", "x" * 20_001),
    ("/id", "x" * 129),
    ("/id", "a b"),
    ("/id", "../etc/passwd"),
    ("/id", ".."),
    ("/id", "a/b"),
    ("/id", "a\n"),
    ("/id", "é"),
    ("/id", "check\r\n"),
    ("/parent_id", "x" * 129),
    ("/article/id", "x" * 257),
    ("/article/url", "x" * 2049),
    ("/article/title", "x" * 1001),
    ("/article/section", "x" * 257),
    ("/author/id", "x" * 257),
    ("/author/name", "x" * 201),
    ("/author/url", "x" * 2049),
    ("/author/user_agent", "x" * 2049),
    ("/author/email", "ada"),
    ("/author/email", "ada@"),
    ("/author/email", "a@b\nc.example"),
    ("/author/email", "x" * 250 + "@b.example"),
    ("/author/ip", "127.0.0.256"),
    ("/author/ip", "127.1"),
    ("/author/ip", "0x7f.0.0.1"),
    ("/author/ip", "127.0.0.1:80"),
    ("/author/ip", "localhost"),
    ("/author/ip", "10.0.0.0/8"),
    ("/author/ip", "fe80::1%" + "x" * 5000),
    ("/author/ip", "fe80::1%\ud800"),
    ("/author/ip", "fe80::1%\x00"),
    ("/author/role", "admin"),
    ("/author/created_at", "yesterday"),
    ("/author/created_at", "2026-01-01T00:00:00"),
    ("/form/elapsed_ms", -1),
    ("/form/elapsed_ms", 10**13),
    ("/form/elapsed_ms", 10**4000),
    ("/form/elapsed_ms", 1.5),
    ("/form/honeypot", "x" * 1001),
    ("/form/token", "x" * 2001),
    ("/language", "x" * 36),
    ("/language", "en_US"),
    ("/language", "e"),
    ("/language", "en\n"),
    ("/created_at", "2026-01-01T00:00:00"),
    ("/created_at", "2026-01-01"),
    ("/created_at", "2026-13-01T00:00:00Z"),
    ("/created_at", "2026-02-30T00:00:00Z"),
    ("/created_at", "2026-01-01T25:00:00Z"),
    ("/created_at", "0000-01-01T00:00:00Z"),
    ("/created_at", "10000-01-01T00:00:00Z"),
    ("/created_at", "0001-01-01T00:00:00+14:00"),
    ("/created_at", "9999-12-31T23:59:59-14:00"),
    ("/created_at", "2026-01-01T00:00:00+99:00"),
    ("/created_at", "now"),
    ("/created_at", 1767225600),
    ("/metadata", {"a": "x" * 4100}),
    ("/metadata", {"a": "é" * 2050}),
    ("/metadata", {"a": [0] * 1500}),
    ("/nonsense", 1),
    ("/article/nonsense", 1),
    ("/author/nonsense", 1),
    ("/form/nonsense", 1),
    ("/a~1b~0c", 1),
    ("/", 1),
    # What only the answer may hold cannot be given.
    *((f"/{name}", 1) for name in ("status", "version", "revision", "verdict", "decision")),
    *((f"/{name}", 1) for name in ("site_id", "score", "role", "queue", "priority", "received_at")),
]

TEXT_FIELDS = [
    "/text",
    "/id",
    "/parent_id",
    "/article/id",
    "/article/url",
    "/article/title",
    "/article/section",
    "/author/id",
    "/author/name",
    "/author/email",
    "/author/url",
    "/author/ip",
    "/author/user_agent",
    "/author/created_at",
    "/author/role",
    "/form/honeypot",
    "/form/token",
    "/language",
    "/created_at",
]


def submission(pointer: str, value: Any) -> bytes:
    """A fine submission, but for the field at `pointer`."""
    whole: dict[str, Any] = comment("fine")
    *path, name = [p.replace("~1", "/").replace("~0", "~") for p in pointer[1:].split("/")]
    inside = whole
    for step in path:
        inside = inside.setdefault(step, {})
    inside[name] = value
    return json.dumps(whole).encode()


def post(
    client: FlaskClient, data: bytes, path: str = "/v1/comments", kind: str | None = JSON
) -> TestResponse:
    return client.post(path, data=data, content_type=kind)


def assert_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.data)
    assert found["status"] == status
    assert found["type"].startswith("urn:winnow:problem:")
    assert found["title"]
    assert found["detail"]
    return found


def assert_names(answer: TestResponse, pointer: str) -> None:
    problem = assert_problem(answer, 422)
    assert pointer in [error.get("pointer") for error in problem["errors"]]
    assert all(error["detail"] for error in problem["errors"])


@pytest.fixture(autouse=True)
def nothing_is_kept(shared_admin: FlaskClient) -> Iterator[None]:
    """Whatever a test here sends, no row comes of it."""
    database = shared_admin.application.extensions["winnow"].database
    before = count(database)
    yield
    assert count(database) == before


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_body_that_is_not_strict_json_is_refused(shared_admin: FlaskClient, name: str) -> None:
    assert_problem(post(shared_admin, UNREADABLE[name]), 400)


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/comments/check"),
        ("POST", "/v1/comments/batch"),
        ("PATCH", "/v1/comments/c-1"),
        ("POST", "/v1/comments/c-1/decision"),
        ("POST", "/v1/keys"),
    ],
)
def test_every_route_reads_bodies_as_strictly(
    shared_admin: FlaskClient, name: str, method: str, path: str
) -> None:
    answer = shared_admin.open(path, method=method, data=UNREADABLE[name], content_type=JSON)

    assert_problem(answer, 400)


@pytest.mark.parametrize(("pointer", "value"), WRONG_FIELDS)
def test_a_field_of_the_wrong_kind_is_named(
    shared_admin: FlaskClient, pointer: str, value: Any
) -> None:
    answer = post(shared_admin, submission(pointer, value))

    assert_names(answer, pointer)


@pytest.mark.parametrize("pointer", TEXT_FIELDS)
@pytest.mark.parametrize("value", ["a\x00b", "\x00", "a\ud800", "\udfffb", "\ude00\ud83d"])
def test_what_no_database_keeps_is_refused_in_every_text(
    shared_admin: FlaskClient, pointer: str, value: str
) -> None:
    assert_names(post(shared_admin, submission(pointer, value)), pointer)


@pytest.mark.parametrize("half", ["\x00", "\ud800", "\ude00\ud83d"])
@pytest.mark.parametrize("where", ["value", "key", "nested value", "nested key", "list"])
def test_what_no_database_keeps_is_refused_all_through_metadata(
    shared_admin: FlaskClient, half: str, where: str
) -> None:
    metadata = {
        "value": {"a": half},
        "key": {half: 1},
        "nested value": {"a": {"b": [{"c": half}]}},
        "nested key": {"a": {"b": [{half: 1}]}},
        "list": {"a": ["fine", half]},
    }[where]

    assert_names(post(shared_admin, submission("/metadata", metadata)), "/metadata")


@pytest.mark.parametrize("key", ["\x00", "a\x00b", "\n", "{0}", "%s", "\u202e", "__proto__"])
def test_a_strange_unknown_field_is_named_as_it_was(shared_admin: FlaskClient, key: str) -> None:
    assert_names(post(shared_admin, json.dumps(comment(**{key: 1})).encode()), f"/{key}")


def test_an_unknown_field_of_half_a_surrogate_is_refused(shared_admin: FlaskClient) -> None:
    assert_names(post(shared_admin, body(more=f', "{HALF}": 1')), "/?")


@pytest.mark.parametrize("missing", ["/text", "/article", "/article/id"])
def test_a_missing_field_is_named(shared_admin: FlaskClient, missing: str) -> None:
    whole = comment("fine", article={"id": "a-17", "title": "A"})
    if missing == "/article/id":
        del whole["article"]["id"]
    else:
        del whole[missing[1:]]

    assert_names(post(shared_admin, json.dumps(whole).encode()), missing)


@pytest.mark.parametrize("whole", ["[]", "[{}]", "null", "true", "1", "-0", "1.5", '"text"', '""'])
def test_a_body_that_is_no_object_is_refused(shared_admin: FlaskClient, whole: str) -> None:
    problem = assert_problem(post(shared_admin, whole.encode()), 422)

    assert problem["errors"]


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/octet-stream",
        "application/jsonp",
        "application/json, text/plain",
        "json",
        "*/*",
    ],
)
def test_a_body_that_does_not_claim_to_be_json_is_415(
    shared_admin: FlaskClient, kind: str | None
) -> None:
    assert_problem(post(shared_admin, body(), kind=kind), 415)


@pytest.mark.parametrize("path", ["/v1/comments", "/v1/comments/check"])
def test_a_body_over_the_limit_is_413(shared_admin: FlaskClient, path: str) -> None:
    assert_problem(post(shared_admin, submission("/text", "x" * 10 * MIB), path), 413)


def test_a_body_over_the_limit_is_413_whatever_it_claims_to_be(shared_admin: FlaskClient) -> None:
    assert post(shared_admin, b"x" * 10 * MIB, kind="text/plain").status_code in (413, 415)


def test_a_batch_may_be_larger_than_one_comment_but_not_endless(shared_admin: FlaskClient) -> None:
    too_long = {"items": [comment("x" * 20_001) for _ in range(100)]}
    data = json.dumps(too_long).encode()

    assert MIB < len(data) < 8 * MIB
    assert post(shared_admin, data, "/v1/comments/batch").status_code == 207
    assert_problem(post(shared_admin, b" " * 8 * MIB + data, "/v1/comments/batch"), 413)


@pytest.mark.parametrize(
    "given",
    [{}, {"items": None}, {"items": {}}, {"items": []}, {"items": "x"}, {"items": [1] * 1001}],
)
def test_a_batch_that_is_no_list_of_comments_is_refused(
    shared_admin: FlaskClient, given: dict[str, Any]
) -> None:
    assert_names(post(shared_admin, json.dumps(given).encode(), "/v1/comments/batch"), "/items")


def test_a_batch_answers_each_wrong_item_in_its_place(shared_admin: FlaskClient) -> None:
    items: list[Any] = [
        None,
        1,
        "x",
        [],
        {},
        [{}],
        comment(""),
        comment("a\x00"),
        comment("\ud800"),
    ]

    answer = post(shared_admin, json.dumps({"items": items}).encode(), "/v1/comments/batch")

    assert answer.status_code == 207
    assert [item["status"] for item in answer.json["items"]] == [422] * len(items)
    assert all(item["problem"]["errors"] for item in answer.json["items"])


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/action", None),
        ("/action", "delete"),
        ("/action", 1),
        ("/action", ["approve"]),
        ("/reason", ""),
        ("/reason", "x" * 101),
        ("/reason", "a\x00"),
        ("/reason", "\ud800"),
        ("/note", 1),
        ("/note", "x" * 2001),
        ("/note", "a\x00"),
        ("/version", "1"),
        ("/version", 1.5),
        ("/version", True),
        ("/actor", "moderator:eve"),
    ],
)
def test_a_wrong_decision_names_its_field(
    shared_admin: FlaskClient, pointer: str, value: Any
) -> None:
    data = json.dumps({"action": "approve", pointer[1:]: value}).encode()

    assert_names(post(shared_admin, data, "/v1/comments/c-1/decision"), pointer)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/text", ""),
        ("/text", "x" * 20_001),
        ("/text", "\x00"),
        ("/html", "true"),
        ("/html", 1),
        ("/version", "1"),
        ("/version", True),
        ("/status", "approved"),
        ("/author", {}),
    ],
)
def test_a_wrong_edit_names_its_field(shared_admin: FlaskClient, pointer: str, value: Any) -> None:
    data = json.dumps({"text": "fine", pointer[1:]: value}).encode()

    answer = shared_admin.patch("/v1/comments/c-1", data=data, content_type=JSON)

    assert_names(answer, pointer)


@pytest.mark.parametrize("role", [None, 1, "", "root", "Admin", "\x00", ["admin"]])
def test_a_wrong_role_for_a_key_is_named(shared_admin: FlaskClient, role: Any) -> None:
    assert_names(post(shared_admin, json.dumps({"role": role}).encode(), "/v1/keys"), "/role")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('"fine"', '"\\u0066ine"'),
        ('"\\ud83d\\ude00"', '"😀"'),
        ('"a/b"', '"a\\/b"'),
        ('"spam0.97"', '"spam0.\\u0039\\u0037"'),
    ],
)
def test_two_spellings_of_one_value_have_one_verdict(
    shared_admin: FlaskClient, one: str, other: str
) -> None:
    answers = [post(shared_admin, body(text), "/v1/comments/check") for text in (one, other)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
