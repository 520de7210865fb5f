"""An author's and an article's own page: what is known of them, and what can be said there."""

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.factories import Clock, decide, put_policy, submit

NASTY = '"><script>alert(1)</script>'
ADA = {"id": "u-5", "name": "Ada", "email": "Ada+x@Example.org", "ip": "192.0.2.7"}


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def say(mo: FlaskClient, standing: str = "held", **form):
    given = {"kind": "author", "value": "u-5", "standing": standing, "reason": "Insults.", **form}
    return mo.post("/moderate/authors/standing", data=given)


class TestAuthor:
    def test_says_what_is_known(self, mo, backend, moderator, clock: Clock) -> None:
        submit(backend, "Fine.", author=ADA)
        clock.move(hours=5)
        one = submit(backend, "Held spam0.6", author={**ADA, "name": "Ada L."})["id"]
        decide(moderator, one, "reject")
        submit(backend, "Held insult0.6", author=ADA)
        page = shown(mo.get("/moderate/authors?id=u-5"))
        for words in (
            "Known by the id u-5 : first seen 5 hours ago, last just now.",
            "Approved 1 Pending 1 Rejected 1",
            "50 % rejected, of 2 judged",
            "Names Ada 2 , Ada L.",
            "E-mail Ada+x@Example.org 3",
            "Reject all that waits",
            "Reject all that is published",
            "Held insult0.6 pending under a-17 insult score".removesuffix(" score"),
        ):
            assert words in page, words

    def test_is_found_by_what_else_they_are_known_by(self, mo, backend) -> None:
        submit(backend, "With an id.", author=ADA)
        submit(backend, "Without one.", author={"email": "ada@example.org", "ip": "192.0.2.9"})
        for query, texts in (
            ("kind=email&value=ADA@example.org", 2),
            ("kind=address&value=192.0.2.7", 1),
            ("kind=network&value=192.0.2.1", 2),
            ("kind=author&value=u-5", 1),
        ):
            page = mo.get(f"/moderate/authors?{query}").text
            assert page.count('<p class="words"') == texts, query
        links = html.unescape(mo.get("/moderate/authors?id=u-5").text)
        assert 'href="/moderate/authors?kind=address&value=192.0.2.7"' in links
        assert "kind=email&value=ada%40example.org" in links.replace("@", "%40")

    def test_comes_in_pages_with_a_filter(self, mo, backend) -> None:
        for number in range(27):
            submit(backend, f"Number {number:02}.", author=ADA)
        submit(backend, "Held spam0.6", author=ADA)
        first = mo.get("/moderate/authors?id=u-5&status=approved").text
        onward = html.unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
        second = mo.get(onward).text
        assert "Number 26." in first
        assert "Number 00." in second
        assert "Held spam" not in first + second
        assert 'rel="next"' not in second

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "id=",
            f"id={'x' * 400}",
            "id=a%00b",
            "kind=nobody&value=x",
            "kind=address&value=x",
            "kind=author",
            "id=u-5&status=lost",
            "id=u-5&cursor=nonsense",
        ],
    )
    def test_refuses_what_is_no_author(self, mo, backend, query) -> None:
        submit(backend, "Fine.", author=ADA)
        answer = mo.get(f"/moderate/authors?{query}")
        assert answer.status_code == 422
        assert answer.mimetype == "text/html"

    def test_nobody_and_others_are_not_there(self, mo, stranger) -> None:
        submit(stranger, "Theirs.", author=ADA)
        stranger.post(
            "/v1/standings",
            json={"kind": "author", "value": "u-6", "standing": "banned", "reason": "x"},
        )
        for path in ("id=u-5", "id=u-6", "kind=address&value=192.0.2.7"):
            assert mo.get(f"/moderate/authors?{path}").status_code == 404

    def test_a_sample_does_not_tell_what_was_said(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"audit": 1})
        submit(backend, "A fine day.", author=ADA)
        assert "A fine day. not told" in shown(mo.get("/moderate/authors?id=u-5"))
        page = mo.get("/moderate/authors?id=u-5&status=approved").text
        assert "A fine day." not in page

    def test_hostile_authors_are_inert(self, mo, backend) -> None:
        author = {"id": NASTY, "name": NASTY, "email": "a@b.example"}
        submit(backend, NASTY, author=author, article={"id": NASTY, "title": NASTY})
        say(mo, value=NASTY, reason=NASTY)
        mo.post("/moderate/authors/notes", data={"kind": "author", "value": NASTY, "text": NASTY})
        page = mo.get("/moderate/authors", query_string={"id": NASTY}).text
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;alert(1)") > 6
        listed = mo.get("/moderate/standings").text
        assert "<script>alert" not in listed


class TestStandings:
    def test_somebody_is_suspended_and_it_is_ended(self, mo, backend) -> None:
        submit(backend, "Fine.", author=ADA)
        answer = say(mo, "suspended", hours="24")
        assert answer.location == "/moderate/authors?id=u-5"
        page = mo.get(answer.location)
        assert "suspended until 23 Nov 2026, 12:00 UTC : Insults. by mo@example.org" in shown(page)
        assert submit(backend, "Fine again.", author=ADA)["status"] == "rejected"
        assert "u-5 id suspended 23 Nov 2026, 12:00 Insults." in shown(
            mo.get("/moderate/standings")
        )

        path = re.search(r"/moderate/standings/std_[0-9a-f]+/end", page.text)[0]
        answer = mo.post(path, data={"next": "/moderate/authors?id=u-5"})
        assert answer.location == "/moderate/authors?id=u-5"
        assert "suspended ended : Insults." in shown(mo.get(answer.location))
        assert submit(backend, "Fine once more.", author=ADA)["status"] == "approved"
        assert "None." in shown(mo.get("/moderate/standings"))
        assert "u-5" in shown(mo.get("/moderate/standings?ended=1"))

    def test_addresses_are_judged_as_well(self, mo, backend) -> None:
        submit(backend, "Fine.", author=ADA)
        answer = say(mo, "banned", kind="network", value="192.0.2.200", hours="")
        assert mo.get(answer.location).status_code == 200
        assert submit(backend, "Fine again.", author=ADA)["status"] == "rejected"

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"reason": ""}, "Reason: Length must be between 1 and 1000."),
            ({"reason": "x" * 2000}, "Reason: Length must be between 1 and 1000."),
            ({"standing": "loved"}, "Standing: Must be one of"),
            ({"standing": "suspended", "hours": ""}, "How long: A suspension has an end"),
        ],
    )
    def test_bad_input_gives_a_sentence(self, mo, backend, wrong, says) -> None:
        submit(backend, "Fine.", author=ADA)
        answer = say(mo, **wrong)
        assert answer.status_code == 422
        assert says in shown(answer)
        assert "None." in shown(mo.get("/moderate/standings"))

    @pytest.mark.parametrize(
        "wrong", [{"kind": "x"}, {"value": ""}, {"hours": "9"}, {"kind": "address", "value": "x"}]
    )
    def test_another_form_says_nothing(self, mo, backend, wrong) -> None:
        submit(backend, "Fine.", author=ADA)
        assert say(mo, **wrong).status_code == 422
        assert "None." in shown(mo.get("/moderate/standings"))

    def test_another_sites_standing_stays(self, mo, stranger) -> None:
        said = {"kind": "author", "value": "u-5", "standing": "banned", "reason": "Theirs."}
        theirs = stranger.post("/v1/standings", json=said).json["id"]
        assert "Theirs." not in mo.get("/moderate/standings").text
        assert mo.post(f"/moderate/standings/{theirs}/end").status_code == 404
        assert stranger.get(f"/v1/standings/{theirs}").json["active"] is True


class TestNotes:
    def test_are_left_and_taken_away(self, mo, backend, moderator) -> None:
        submit(backend, "Fine.", author=ADA)
        form = {"kind": "email", "value": "ADA@example.org", "text": "Writes\r\nto us, too."}
        answer = mo.post("/moderate/authors/notes", data=form)
        page = mo.get(answer.location)
        assert "Writes to us, too. mo@example.org , just now" in shown(page)
        note = re.search(r"/moderate/notes/note_[0-9a-f]+/delete", page.text)[0]
        assert mo.post(note, data={"next": answer.location}).location == answer.location
        assert "Writes" not in mo.get(answer.location).text

    @pytest.mark.parametrize("text", ["", "  ", "x" * 3000, "a\x00b"])
    def test_bad_input_gives_a_sentence(self, mo, backend, text) -> None:
        submit(backend, "Fine.", author=ADA)
        form = {"kind": "author", "value": "u-5", "text": text}
        answer = mo.post("/moderate/authors/notes", data=form)
        assert answer.status_code == 422
        assert "A note has 1 to 2000 characters" in shown(answer)


class TestArticle:
    def test_says_what_is_known(self, mo, backend, services, site, clock: Clock) -> None:
        policy = {"sections": {"local": {"mode": "pre"}}, "close_after_days": 14}
        put_policy(services, site, policy)
        article = {"id": "a-1", "title": "The ferry", "section": "local"}
        one = submit(backend, "Come.", article=article, author=ADA)["id"]
        clock.move(hours=3)
        submit(backend, "Go.", article=article)
        backend.post(f"/v1/comments/{one}/reports", json={"reason": "rude"})
        answer = mo.get("/moderate/articles?id=a-1")
        page = shown(answer)
        for words in (
            "The ferry Known by the id a-1 , in local : first comment 3 hours ago, last just now.",
            "Approved 0 Pending 2 Rejected 0 Last hour 1 Last day 2",
            "Comments are held until a person has looked",
            "the thread ends 6 Dec 2026, 12:00 UTC",
            "Waiting 2 in waiting",
            "Open reports 1, most of them of",
            "Go. pending by somebody",
            "Come. pending by Ada",
        ):
            assert words in page, words
        links = html.unescape(answer.text)
        assert 'href="/moderate?queue=default&article=a-1"' in links
        assert 'href="/moderate/bulk/new?article=a-1&status=pending"' in links

    def test_comes_in_pages_with_a_filter(self, mo, backend) -> None:
        for number in range(27):
            submit(backend, f"Number {number:02}.")
        submit(backend, "Held spam0.6")
        first = mo.get("/moderate/articles?id=a-17&status=approved").text
        onward = html.unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
        assert "Number 00." in mo.get(onward).text
        assert "Held spam" not in first + mo.get(onward).text

    @pytest.mark.parametrize(
        ("query", "status"),
        [("", 422), ("id=", 422), ("id=a%00", 422), ("id=a-17&status=x", 422), ("id=a-18", 404)],
    )
    def test_refuses_what_is_no_article(self, mo, backend, query, status) -> None:
        submit(backend, "Fine.")
        assert mo.get(f"/moderate/articles?{query}").status_code == status

    def test_another_sites_article_is_not_there(self, mo, stranger) -> None:
        submit(stranger, "Theirs.", article={"id": "a-9"})
        assert mo.get("/moderate/articles?id=a-9").status_code == 404

    def test_hostile_articles_are_inert(self, mo, backend) -> None:
        article = {"id": NASTY, "title": NASTY, "section": NASTY}
        submit(backend, NASTY, article=article, author={"name": NASTY})
        page = mo.get("/moderate/articles", query_string={"id": NASTY}).text
        assert "<script>alert" not in page
        assert page.count("&lt;script&gt;alert(1)") > 4
