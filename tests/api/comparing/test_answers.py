"""Files of stored answers, told apart by what is in them, and read past what is broken."""

import io
from typing import IO

import pytest

from api.comparing import answers
from api.comparing.answers import Fault, Read, read_answers
from api.comparing.shapes import Answer


def read(content: str | bytes, name: str = "", form: str | None = None) -> list[Read]:
    file: IO[bytes] = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    if name:
        file.name = name  # type: ignore[misc]
    return list(read_answers(file, form))


def shown(found: list[Read]) -> list[tuple[int, str]]:
    return [(line, one.text if isinstance(one, Answer) else one.why) for line, one in found]


def test_every_line_is_told_for_itself() -> None:
    content = (
        '{"text": "one", "TOXICITY": 0.5}\n'
        "\n"
        '{"request": {"comment": {"text": "three"}}, "response": '
        '{"attributeScores": {"SPAM": {"summaryScore": {"value": 0.1}}}}}\r\n'
        "{broken\n"
        '{"text": "five", "attributeScores": {"THREAT": {"summaryScore": {"value": 0.2}}}}'
    )

    found = read(content)

    assert shown(found) == [(1, "one"), (3, "three"), (4, "no JSON"), (5, "five")]
    assert [dict(one.scores) for _, one in found if isinstance(one, Answer)] == [
        {"TOXICITY": 0.5},
        {"SPAM": 0.1},
        {"THREAT": 0.2},
    ]


@pytest.mark.parametrize(
    "content",
    [
        "text,TOXICITY\nHello,0.5\n",
        "\ufefftext,toxicity\r\nHello,0.5\r\n",
        "id;comment;TOXICITY\n1;Hello;0.5\n",
        "TOXICITY\ttext\n0.5\tHello\n",
        '"text","TOXICITY","INSULT"\n"Hello","0.5",\n',
    ],
)
def test_a_table_is_read_by_its_columns(content: str) -> None:
    assert read(content) == [(2, Answer("Hello", {"TOXICITY": 0.5}, ()))]


def test_a_row_has_the_number_of_its_first_line() -> None:
    content = 'text,TOXICITY\n"two\nthree",0.1\nfour,nothing\n\nsix\nseven,0.7,more\n'

    assert shown(read(content)) == [
        (2, "two\nthree"),
        (4, "a score that is no number"),
        (6, "no scores"),
        (7, "seven"),
    ]


def test_a_field_without_end_is_a_fault_and_no_end() -> None:
    content = f'text,TOXICITY\n"{"x" * 200_000}",0.5\nlast,0.5\n'

    assert shown(read(content)) == [(2, "no row that can be read"), (3, "last")]


def test_a_line_that_is_too_long_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "LONGEST", 50)
    long = '{"text": "' + "x" * 200 + '", "TOXICITY": 0.5}'

    found = read(f'{long}\n{{"text": "two", "TOXICITY": 0.5}}\n{long}')

    assert shown(found) == [(1, "no JSON"), (2, "two"), (3, "no JSON")]


def test_the_name_or_the_option_says_what_the_first_line_does_not() -> None:
    broken = 'text\n{"text": "two", "TOXICITY": 0.5}'

    assert shown(read(broken, "x.jsonl")) == [(1, "no JSON"), (2, "two")]
    assert shown(read(broken, form="jsonl")) == [(1, "no JSON"), (2, "two")]
    assert shown(read('text,"{"\n', "x.csv")) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("id,words,TOXICITY\n1,Hello,0.5\n", "column named text or comment"),
        ("Hello there.\n", "neither JSONL nor a table"),
        ("a\rb\rc\n", "neither JSONL nor a table"),
        ('[{"text": "Hello", "TOXICITY": 0.5}]', "jq -c"),
    ],
)
def test_what_is_neither_is_one_sentence(content: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"{" * 100_000,
        b'{"text": "a", "TOXICITY": ' + b"9" * 10_000 + b"}",
        b'{"text": "\xff\xfe", "TOXICITY": 0.5}',
        b'{"text": "\\ud800", "TOXICITY": 0.5}',
        b"text,TOXICITY\n\x00,0.5\n\r\r,\n",
        b'text,TOXICITY\n"never closed,0.5\n',
    ],
)
def test_no_content_ends_the_reading(content: bytes) -> None:
    assert all(isinstance(one, Answer | Fault) for _, one in read(content))
