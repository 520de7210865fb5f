"""The search's page: what is found, how it is marked, and what can be done with it."""

import html
import re

import pytest
from flask.testing import FlaskClient

from api.web.pages import rows
from tests.factories import decide, put_policy, submit

NASTY = '"><script>alert(1)</script>'


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def found(page: str) -> list[str]:
    """The texts that were found."""
    texts = re.findall(r'<p class="words" dir="auto">(.*?)</p>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in texts]


@pytest.fixture
def some(backend: FlaskClient, moderator: FlaskClient) -> None:
    """Some comments to be found."""
    ada, bob = {"id": "u-1", "name": "Ada"}, {"id": "u-2", "name": "Bob"}
    submit(backend, "The ferry is late.", author=ada, article={"id": "a-1", "section": "local"})
    submit(backend, "The FÉRRY again, spam0.6", author=bob, article={"id": "a-2"})
    one = submit(backend, "No bus, no ferries.", author=ada, article={"id": "a-2"})["id"]
    decide(moderator, one, "reject")


@pytest.mark.usefixtures("some")
class TestFinding:
    @pytest.mark.parametrize(
        ("query", "texts"),
        [
            ("q=ferry", ["The FÉRRY again, spam0.6", "The ferry is late."]),
            ("q=ferr*", ["No bus, no ferries.", "The FÉRRY again, spam0.6", "The ferry is late."]),
            ("q=ferry+-late", ["The FÉRRY again, spam0.6"]),
            ("q=%22is+late%22", ["The ferry is late."]),
            ("status=rejected", ["No bus, no ferries."]),
            ("author=u-1&q=", ["No bus, no ferries.", "The ferry is late."]),
            (
                "author=u-1&author=u-2&article=a-2",
                ["No bus, no ferries.", "The FÉRRY again, spam0.6"],
            ),
            ("section=local&q=ferry", ["The ferry is late."]),
            ("reason=spam_score", ["The FÉRRY again, spam0.6"]),
            ("since=2026-11-22&until=2026-11-23&q=late", ["The ferry is late."]),
            ("since=2026-11-23", []),
            ("score=spam:0.5", ["The FÉRRY again, spam0.6"]),
        ],
    )
    def test_finds_by_words_and_by_the_rest(self, mo, query, texts) -> None:
        answer = mo.get(f"/moderate/search?{query}")
        assert answer.status_code == 200
        assert found(answer.text) == texts
        assert ("Nothing found" in shown(answer)) is (not texts)

    def test_marks_the_words(self, mo) -> None:
        page = mo.get("/moderate/search?q=ferry").text
        assert 'The <mark class="main">FÉRRY</mark> again' in page
        page = mo.get("/moderate/search?q=ferr*").text
        assert 'no <mark class="main">ferries</mark>' in page

    def test_leads_on_with_the_same_filter(self, mo) -> None:
        page = html.unescape(mo.get("/moderate/search?q=ferry&author=u-2&status=").text)
        assert 'href="/moderate/bulk/new?q=ferry&author=u-2"' in page
        assert 'href="/moderate/queues/new?q=ferry&author=u-2"' in page
        assert 'href="/moderate/authors?id=u-2"' in page
        assert 'href="/moderate/articles?id=a-2"' in page

    def test_explains_how_to_ask(self, mo) -> None:
        page = mo.get("/moderate/search")
        assert "words that begin so" in shown(page)
        assert found(page.text) == []
        assert "Nothing found" not in shown(page)

    @pytest.mark.parametrize(
        ("query", "says"),
        [
            ("q=!", "Words: Names no word to look for"),
            (f"q={'x' * 300}", "Words: Longer than maximum length 200."),
            ("status=lost", "Status: Must be one of"),
            ("since=yesterday", "Since: Not a valid"),
            ("score=much", "Score: Write label:least-most"),
            ("since=2026-11-22&until=2026-11-20", "Until: Must be after since."),
            ("q=ferry&cursor=nonsense", "This cursor was not given out for this list."),
            ("status=pending&cursor=nonsense", "This cursor was not given out for this list."),
            ("author=a%00b", "Author: Holds the character U+0000."),
        ],
    )
    def test_bad_input_gives_a_sentence(self, mo, query, says) -> None:
        answer = mo.get(f"/moderate/search?{query}")
        assert answer.status_code == 422
        assert says in shown(answer)
        assert found(answer.text) == []


def test_comes_in_pages(mo, backend) -> None:
    for number in range(28):
        submit(backend, f"Ferry number {number:02}.")
    seen: list[str] = []
    path: str | None = "/moderate/search?q=ferry&status=approved"
    for _ in range(10):
        page = mo.get(path).text
        seen += found(page)
        onward = re.search(r'href="([^"]+)" rel="next"', page)
        if onward is None:
            break
        path = html.unescape(onward[1])
        assert "q=ferry&status=approved&cursor=" in path
    assert seen == [f"Ferry number {number:02}." for number in reversed(range(28))]


def test_finds_nothing_of_another_site(mo, stranger) -> None:
    submit(stranger, "The ferry elsewhere.")
    assert found(mo.get("/moderate/search?q=ferry").text) == []


def test_a_sample_does_not_tell_what_was_said(mo, backend, services, site) -> None:
    put_policy(services, site, {"audit": 1})
    submit(backend, "The ferry sails.")
    page = shown(mo.get("/moderate/search?q=ferry"))
    assert "The ferry sails. not told" in page
    assert "approved by" not in page
    page = mo.get("/moderate/search?q=ferry&status=approved")
    assert found(page.text) == []
    assert "1 of this page is left out" in shown(page)


def test_hostile_searches_and_finds_are_inert(mo, backend) -> None:
    author = {"id": NASTY, "name": NASTY}
    article = {"id": NASTY, "title": NASTY, "section": NASTY}
    submit(backend, f"Look {NASTY} alert", author=author, article=article)
    answer = mo.get("/moderate/search", query_string={"q": f"alert {NASTY}"})
    assert len(found(answer.text)) == 1
    assert "<script>alert" not in answer.text
    answer = mo.get("/moderate/search", query_string={"author": NASTY, "reason": NASTY})
    assert "<script>alert" not in answer.text


class TestMarking:
    @pytest.mark.parametrize(
        ("query", "text", "marked"),
        [
            ("ferry", "Ferry, ferry! Ferryman.", ["Ferry", "ferry"]),
            ("ferr*", "Ferry, ferry! Ferryman.", ["Ferry", "ferry", "Ferryman"]),
            ("zoe", "Zoë and Zoe\u0308", ["Zoë", "Zoe\u0308"]),
            ("-ferry late", "The ferry is late", ["late"]),
            ("late_2", "late_2", ["late", "2"]),
            ("東", "東京", ["東京"]),
            ("!", "Anything!", []),
        ],
    )
    def test_marks_whole_words(self, query, text, marked) -> None:
        pieces = rows.mark(text, rows.read_words(query))
        assert [piece for piece, found in pieces if found] == marked
        assert "".join(piece for piece, _ in pieces) == text

    def test_cuts_to_where_the_word_is(self) -> None:
        text = f"{'x ' * 400}ferry {'y ' * 400}"
        cut = rows.cut(text, rows.read_words("ferry"))
        assert "ferry" in cut
        assert (cut[0], cut[-1]) == ("…", "…")
        assert len(cut) == rows.SNIPPET + 2
        assert rows.cut("short", rows.NO_WORDS) == "short"
