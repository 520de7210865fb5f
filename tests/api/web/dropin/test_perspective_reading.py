"""What Perspective's calls may look like: Google's parser takes more than JSON."""

import json
from contextlib import suppress
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from api.web.dropin.perspective import lenient
from api.web.dropin.perspective.errors import GoogleError
from api.web.dropin.perspective.messages import ANALYZE
from api.web.dropin.perspective.reading import Message
from api.web.dropin.perspective.scalars import integer
from tests.api.web.dropin.perspective import PATH, analyze, post, value_of

BAD = "Invalid JSON payload received."


def faults_of(body: bytes | str) -> list[tuple[str | None, str]]:
    """The fields and sentences with which a body is refused."""
    with pytest.raises(GoogleError) as caught:
        ANALYZE.parse(body if isinstance(body, bytes) else body.encode())
    error = caught.value
    [detail] = error.details
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    found = [(one.get("field"), one["description"]) for one in detail["fieldViolations"]]
    assert error.message == "\n".join(says for _, says in found)
    assert error.code == 400
    return found


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/json", "nonsense"])
def test_the_content_type_does_not_matter(
    shared_admin: FlaskClient, content_type: str | None
) -> None:
    # As `curl -d` sends it, and as the documentation's example is written.
    body = '{comment: {text: "hi"}, languages: ["en"], requestedAttributes: {TOXICITY:{}}}'

    answer = shared_admin.post(PATH, data=body, content_type=content_type)

    assert answer.status_code == 200
    assert list(answer.json["attributeScores"]) == ["TOXICITY"]


def test_a_form_is_read_as_what_it_holds(shared_admin: FlaskClient) -> None:
    body = json.dumps({"comment": {"text": "a=b&c"}, "requestedAttributes": {"SPAM": {}}})

    answer = shared_admin.post(PATH, data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 200


def test_names_may_be_written_with_underscores(shared_admin: FlaskClient) -> None:
    answer = post(
        shared_admin,
        {
            "comment": {"text": "toxicity0.40"},
            "requested_attributes": {
                "TOXICITY": {"score_type": "PROBABILITY", "score_threshold": 0.4}
            },
            "span_annotations": False,
            "do_not_store": True,
            "client_token": "t",
            "session_id": "s",
            "community_id": "c",
            "drop_unsupported_attributes": True,
            "context": {"article_and_parent_comment": {"parent_comment": {"text": "p"}}},
        },
    )

    assert answer.status_code == 200
    assert value_of(answer.json) == 0.4
    assert answer.json["clientToken"] == "t"


def test_null_is_as_good_as_absent(shared_admin: FlaskClient) -> None:
    absent = dict.fromkeys(
        ("context", "spanAnnotations", "doNotStore", "clientToken", "sessionId", "communityId")
    )
    body = analyze(shared_admin, "toxicity0.40", languages=None, **absent)

    assert body == analyze(shared_admin, "toxicity0.40")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        (" \t\r\n{ } ", {}),
        ("{a: 1}", {"a": 1}),
        ("{$a_1: 1, _b: 2}", {"$a_1": 1, "_b": 2}),
        ("{'a': 'b'}", {"a": "b"}),
        ("{'it\\'s': \"it's\"}", {"it's": "it's"}),
        ('{"a": [1, 2, ], }', {"a": [1, 2]}),
        ("[[],]", [[]]),
        ("[true, false, null]", [True, False, None]),
        ("[-1.5e3, 0, 12, 0.25]", [-1500.0, 0, 12, 0.25]),
        ('["a\nb\tc"]', ["a\nb\tc"]),
        (r'["\"\\\/\b\f\n\r\t\q"]', ['"\\/\b\f\n\r\tq']),
        (r"['\u00e9\uD83D\uDE00']", ["é😀"]),
        (r"['\ud800x']", ["\ud800x"]),
        ("{a: 1, a: 2}", {"a": 2}),
        ("'x'", "x"),
        ("[" * 100 + "]" * 100, json.loads("[" * 100 + "]" * 100)),
        ("[12345678901234567890]", [12345678901234567890.0]),
    ],
)
def test_more_is_read_than_json(text: str, value: Any) -> None:
    assert lenient.parse(text) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Unexpected end of string. Expected a value. See line 1, column 1."),
        ("{", "Expected an object key or }. See line 1, column 2."),
        ("{a}", "Expected : between key:value pair. See line 1, column 3."),
        ("{a:}", "Unexpected token. See line 1, column 4."),
        ("{a:b}", "Unexpected token. See line 1, column 4."),
        ("{a:1 b:2}", "Expected , or }. See line 1, column 6."),
        ("{,}", "Expected an object key or }. See line 1, column 2."),
        ("{1:2}", "Expected an object key or }. See line 1, column 2."),
        ("[1 2]", "Expected , or ]. See line 1, column 4."),
        ("[1", "Expected , or ]. See line 1, column 3."),
        ("[,]", "Unexpected token. See line 1, column 2."),
        ("[01]", "Expected , or ]. See line 1, column 3."),
        ("[+1]", "Unexpected token. See line 1, column 2."),
        ("[NaN]", "Unexpected token. See line 1, column 2."),
        ("[-Infinity]", "Unexpected token. See line 1, column 2."),
        ("{}\n{}", "Parsing terminated before end of input. See line 2, column 1."),
        ("['a\"]", "Closing quote expected in string. See line 1, column 2."),
        ("['\\", "Closing quote expected in string. See line 1, column 2."),
        (r"['\u12']", "Illegal hex string. See line 1, column 2."),
        ("<html>", "Unexpected token. See line 1, column 1."),
        ("[" * 102, "Message too deep. See line 1, column 102."),
        ("{a:" * 5000, "Message too deep. See line 1, column 304."),
    ],
)
def test_what_is_too_much_even_so(text: str, says: str) -> None:
    with pytest.raises(lenient.LenientError) as caught:
        lenient.parse(text)

    assert str(caught.value) == says
    if text:
        assert faults_of(text) == [(None, f"{BAD} {says}")]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_JSON, st.booleans())
def test_json_is_read_as_json(value: Any, plain: bool) -> None:
    assert lenient.parse(json.dumps(value, ensure_ascii=plain)) == value


@given(
    st.text(alphabet="{}[]:,'\"\\u0aef1-.e nt\n") | st.binary().map(lambda b: b.decode("latin-1"))
)
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    with suppress(GoogleError):
        assert isinstance(ANALYZE.parse(text.encode()), dict)


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf", b"{}"])
def test_an_empty_body_is_an_empty_message(body: bytes) -> None:
    assert ANALYZE.parse(body) == {}


def test_a_body_may_begin_with_the_mark_of_utf_8() -> None:
    assert ANALYZE.parse(b'\xef\xbb\xbf{"clientToken": "t"}') == {"clientToken": "t"}


def unknown(name: str, at: str | None = None, why: str = "Cannot find field.") -> Any:
    place = f" at '{at}'" if at else ""
    return at, f'{BAD} Unknown name "{name}"{place}: {why}'


def wrong(field: str, kind: str, shown: str) -> Any:
    return field, f"Invalid value at '{field}' ({kind}), {shown}"


NO_LIST = "Proto field is not repeating, cannot start list."
ENTRY = "type.googleapis.com/google.commentanalyzer.v1alpha1.TextEntry"
NO_MAP = "Cannot bind a list to map for field 'requested_attributes'."
NO_OBJECT = "Starting an object on a scalar field"


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (b'{"clientToken": "\xff"}', [(None, f"{BAD} Encountered non UTF-8 code points.")]),
        ("[]", [unknown("", why="Root element must be a message.")]),
        ('"x"', [unknown("", why="Root element must be a message.")]),
        ("null", [unknown("", why="Root element must be a message.")]),
        ('{"foo": 1}', [unknown("foo")]),
        ('{"foo": null}', [unknown("foo")]),
        ('{"comment": {"foo": 1}}', [unknown("foo", "comment")]),
        (
            '{"a": 1, "context": {"entries": [{}, {"b": 1}]}}',
            [unknown("a"), unknown("b", "context.entries[1]")],
        ),
        (
            '{"requestedAttributes": {"SPAM": {}, "THREAT": {"c": 1}}}',
            [unknown("c", "requested_attributes[1].value")],
        ),
        ('{"languages": [5]}', [wrong("languages[0]", "TYPE_STRING", "5")]),
        (
            '{"languages": ["en", true, {}]}',
            [
                wrong("languages[1]", "TYPE_STRING", "true"),
                wrong("languages[2]", "TYPE_STRING", NO_OBJECT),
            ],
        ),
        ('{"comment": "hi"}', [wrong("comment", ENTRY, '"hi"')]),
        ('{"comment": {"text": 5}}', [wrong("comment.text", "TYPE_STRING", "5")]),
        ('{"comment": {"text": ["hi"]}}', [unknown("text", "comment", NO_LIST)]),
        ('{"comment": []}', [unknown("comment", why=NO_LIST)]),
        ('{"comment": {"type": true}}', [wrong("comment.type", "TYPE_ENUM", "true")]),
        (
            '{"requestedAttributes": ["TOXICITY"]}',
            [wrong("requested_attributes", "Map", NO_MAP)],
        ),
        (
            '{"spanAnnotations": "yes", "doNotStore": 1}',
            [
                wrong("span_annotations", "TYPE_BOOL", '"yes"'),
                wrong("do_not_store", "TYPE_BOOL", "1"),
            ],
        ),
    ],
)
def test_what_is_wrong_is_said_in_googles_words(
    body: bytes | str, faults: list[tuple[str | None, str]]
) -> None:
    assert faults_of(body) == faults


def with_threshold(value: str) -> str:
    return f'{{"requestedAttributes": {{"TOXICITY": {{"scoreThreshold": {value}}}}}}}'


@pytest.mark.parametrize("value", ['"x"', "true", "{}", "1e999", '""', '"1_0"', '" 1"', '"NaN"'])
def test_a_threshold_is_a_number(value: str) -> None:
    field = "requested_attributes[0].value.score_threshold"

    [(path, says)] = faults_of(with_threshold(value))

    assert path == field
    assert says.startswith(f"Invalid value at '{field}' (TYPE_FLOAT), ")


@pytest.mark.parametrize(("value", "number"), [("1", 1), ('"0.5"', 0.5), ("-3", -3), ("0", 0)])
def test_a_number_may_be_a_text(value: str, number: float) -> None:
    read = ANALYZE.parse(with_threshold(value).encode())

    assert read == {"requestedAttributes": {"TOXICITY": {"scoreThreshold": number}}}


def test_a_whole_number_of_32_bits() -> None:
    message = Message("Span", {"begin": integer})

    for sent, found in (("0", 0), ('"7"', 7), ("3.0", 3), ("2147483647", 2147483647)):
        assert message.parse(b'{"begin": %s}' % sent.encode()) == {"begin": found}
    for sent in ("2147483648", "1.5", '"a"', "true", "[]", "{}", "9" * 5000):
        with pytest.raises(GoogleError):
            message.parse(b'{"begin": %s}' % sent.encode())


@pytest.mark.parametrize(
    ("given", "read"), [("true", True), ('"true"', True), ("false", False), ('"false"', False)]
)
def test_a_boolean_may_be_a_word(given: str, read: bool) -> None:
    assert ANALYZE.parse(b'{"doNotStore": %s}' % given.encode()) == {"doNotStore": read}


def test_what_protobuf_reads_besides() -> None:
    # A lone value for a list, an enumeration by its number, an attribute without parameters.
    body = '{languages: "en", comment: {type: 2}, requestedAttributes: {TOXICITY: null}}'

    assert ANALYZE.parse(body.encode()) == {
        "languages": ["en"],
        "comment": {"type": "HTML"},
        "requestedAttributes": {"TOXICITY": {}},
    }


def test_half_a_character_becomes_one_that_can_be_sent() -> None:
    body = rb'{"clientToken": "a\ud800b", "requestedAttributes": {"\udfff": {}}}'

    assert ANALYZE.parse(body) == {
        "clientToken": "a\ufffdb",
        "requestedAttributes": {"\ufffd": {}},
    }


def test_depth_where_python_reads_it() -> None:
    inner = "[" * 400 + "]" * 400

    assert faults_of(f'{{"foo": {inner}}}') == [unknown("foo")]


def test_a_number_of_thousands_of_digits() -> None:
    assert faults_of(f'{{"clientToken": {"9" * 5000}}}') == [
        wrong("client_token", "TYPE_STRING", "Infinity")
    ]


def test_of_a_thousand_faults_some_are_said() -> None:
    assert len(faults_of(json.dumps({f"f{at}": 1 for at in range(1000)}))) == 50


def test_a_long_name_is_not_said_whole() -> None:
    [(_, says)] = faults_of(json.dumps({"x" * 5000: 1}))

    assert len(says) < 200


def test_a_large_body_has_to_be_plain_json() -> None:
    text = "x" * (1024 * 1024)

    assert ANALYZE.parse(json.dumps({"clientToken": text}).encode()) == {"clientToken": text}
    assert faults_of(f"{{clientToken: '{text}'}}") == [
        (None, f"{BAD} A body of this size has to be plain JSON.")
    ]
