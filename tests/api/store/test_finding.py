"""Whatever people write and search for, both databases find what a plain reading finds."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from api.store import finding, wording
from api.store.database import Database
from api.store.finding import open_finder
from api.store.patience import Patience
from api.store.queries import Query, QueryError
from api.store.searching import matching, missing, site_word, write_words
from api.store.tables import Comment
from tests.api.store.rows import add_comments

HERE, ELSEWHERE = 7, 8


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """Two sites with comments 1 to 40, whose words the tests write; undone at the end."""
    add_comments(database, {HERE: range(1, 41), ELSEWHERE: range(41, 51)})
    with database.engine.connect() as found:
        yield found


# Few letters and few words, so that much is found; and what is hard to fold, to split or to quote.
_LETTERS = "aab bé京ñİß'\"*-_:()&|!<>\\ \u0301ิ한"
_WORDS = st.sampled_from(
    ["a", "ab", "abc", "b", "e", "é", "京", "京都", "한", "don't", "x_y", ":7"]
)
_TEXTS = st.one_of(
    st.lists(_WORDS, max_size=8).map(" ".join), st.text(_LETTERS, max_size=12), st.text(max_size=6)
).filter(lambda said: "\x00" not in said)
_TERMS = st.builds(
    lambda minus, quote, said, star: f"{minus}{quote}{said}{quote}{star}",
    st.sampled_from(["", "", "", "-"]),
    st.sampled_from(["", '"']),
    st.lists(_WORDS, min_size=1, max_size=2).map(" ".join),
    st.sampled_from(["", "", "*"]),
)
_QUERIES = st.one_of(st.lists(_TERMS, min_size=1, max_size=3).map(" ".join), _TEXTS)


def read_plainly(query: str) -> list[tuple[bool, list[str], bool]]:
    """What a query means, written without the code that is tested: (wanted, words, prefix)."""
    found = []
    for minus, quoted, bare in re.findall(r'(-?)(?:"([^"]*)"?|([^\s"]+))', query):
        words = wording.split(quoted + bare)
        if words:
            found.append((not minus, words, (quoted + bare).endswith("*")))
    return found


def has(words: list[str], wanted: list[str], prefix: bool) -> bool:
    """Whether words stand side by side in others."""
    for begin in range(len(words) - len(wanted) + 1):
        some = words[begin : begin + len(wanted)]
        if some[:-1] == wanted[:-1] and (
            some[-1] == wanted[-1] or (prefix and some[-1].startswith(wanted[-1]))
        ):
            return True
    return False


def fits(texts: tuple[str, str], terms: list[tuple[bool, list[str], bool]]) -> bool:
    """Whether a comment is what a query means; no phrase goes from the name into the text."""
    parts = [wording.split(one) for one in texts]
    return all(
        wanted == any(has(part, words, prefix) for part in parts) for wanted, words, prefix in terms
    )


def find_all(connection: Connection, query: Query, most: int, seconds: float) -> list[int]:
    """All that a finder gives, step by step."""
    finder = open_finder(connection, HERE, query, Patience(seconds))
    found, below = list[int](), None
    while True:
        step = finder.newest(below, most)
        assert len(step.ids) <= most
        found += step.ids
        if step.reached is None:
            return found
        assert below is None or step.reached < below
        below = step.reached


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=st.lists(st.tuples(st.sampled_from(["", "Ab", "京"]), _TEXTS), min_size=1, max_size=12),
    query=_QUERIES,
    most=st.integers(1, 15),
    hurry=st.booleans(),
    few=st.sampled_from([0, 10_000]),
)
def test_both_databases_find_what_a_plain_reading_finds(
    connection: Connection,
    said: list[tuple[str, str]],
    query: str,
    most: int,
    hurry: bool,
    few: int,
) -> None:
    connection.execute(text("DELETE FROM comment_words"))
    for number, texts in enumerate(said, start=1):
        write_words(connection, HERE, number, *texts)
    for number in range(41, 45):
        write_words(connection, ELSEWHERE, number, *said[0])
    try:
        wanted = Query.parse(query)
    except QueryError:
        terms = read_plainly(query)
        assert not any(wanted for wanted, _, _ in terms) or len(query) > 20
        return
    terms = read_plainly(query)
    expected = [n for n, texts in reversed(list(enumerate(said, start=1))) if fits(texts, terms)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "FEW", few)
        patch.setattr(finding, "SAMPLE", 3)
        patch.setattr(finding._OnSqlite, "_WINDOW", 4)
        assert find_all(connection, wanted, most, 0 if hurry else 60) == expected
    finder = open_finder(connection, HERE, wanted, Patience(1))
    assert finder.among(range(1, 41)) == set(expected)
    condition = matching(Comment.id, query), Comment.site_id == HERE
    assert set(Session(connection).scalars(select(Comment.id).where(*condition))) == set(expected)


@pytest.mark.parametrize("times", [1, 255, 256, 20_000])
def test_however_often_a_word_comes_both_find_the_same(connection: Connection, times: int) -> None:
    write_words(connection, HERE, 1, "", "ab " * times + "end")

    def found(query: str) -> bool:
        return bool(find_all(connection, Query.parse(query), 10, 1))

    assert found("ab")
    assert found("end") == (times < wording.MOST_WORDS)
    # The last places of a word that comes too often are forgotten, and no other word takes them.
    assert found('"ab end"') == (times <= wording.MOST_TIMES)
    assert found('"ab ab"') == (times > 1)


def test_a_long_word_is_found_by_its_beginning(connection: Connection) -> None:
    write_words(connection, HERE, 1, "", "a" * 5000)

    for query in ("a" * 64, "a" * 200, "a" * 10 + "*", "a" * 100 + "*"):
        assert find_all(connection, Query.parse(query), 10, 1) == [1]
    assert find_all(connection, Query.parse("a" * 63), 10, 1) == []


def test_no_text_has_the_word_of_a_site(connection: Connection) -> None:
    write_words(connection, HERE, 1, ":8", f"{site_word(ELSEWHERE)} :7 8")
    finder = open_finder(connection, ELSEWHERE, Query.parse(":7"), Patience(1))

    assert finder.newest(None, 10).ids == []


def test_the_words_go_with_the_comment(connection: Connection) -> None:
    write_words(connection, HERE, 3, "", "gone soon")
    connection.execute(text("DELETE FROM comments WHERE id = 3"))

    assert missing(connection, [3, 4]) == {3, 4}
    assert find_all(connection, Query.parse("gone"), 10, 1) == []


def test_another_wording_takes_the_place_of_the_first(connection: Connection) -> None:
    write_words(connection, HERE, 3, "Ada", "one thing")
    write_words(connection, HERE, 3, "Ada", "another")

    assert find_all(connection, Query.parse("one"), 10, 1) == []
    assert find_all(connection, Query.parse("ada another"), 10, 1) == [3]
    assert missing(connection, [3]) == set()
