"""The console: what is known around a comment, pieces for the script, and what others do, live."""

import html
import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.store.tables import Moderator
from api.web.pages import live
from tests.api.web.conftest import EMAIL
from tests.api.web.test_pages import act, cards, shown, submit, undo
from tests.conftest import ON_SQLITE
from tests.factories import Clock, put_policy


def put_wishes(services: Services, **wishes: object) -> None:
    """Have the moderator want something of the pages."""
    with services.database.writing() as session:
        session.query(Moderator).filter_by(email=EMAIL).one().preferences = wishes


def events(answer) -> list[dict]:
    """What a stream has said."""
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line[:5] == "data:"]


def news(mo: FlaskClient, after: int, query: str = "") -> dict:
    answer = mo.get(f"/moderate/live?poll=1&after={after}&{query}")
    assert answer.status_code == 200
    return answer.json


def last(mo: FlaskClient) -> int:
    return mo.get("/moderate/live?poll=1").json["last"]


class TestContext:
    def test_the_author_and_what_is_said_of_them(self, mo, backend, moderator) -> None:
        author = {"id": "u-7", "name": "Ada", "email": "Ada@example.org"}
        for text in ("Fine.", "Fine too.", "spam0.97", "spam0.6", "Now spam0.7"):
            submit(backend, text, author=author)
        said = {"kind": "author", "value": "u-7", "standing": "trusted", "reason": "Known."}
        assert moderator.post("/v1/standings", json=said).status_code in (200, 201)
        said = {"kind": "email", "value": "ada@example.org", "standing": "held", "reason": "Hm."}
        assert moderator.post("/v1/standings", json=said).status_code in (200, 201)
        page = mo.get("/moderate?sort=newest")
        card = cards(page.text)[0]
        assert "2 approved, 2 pending, 1 rejected" in shown(page)
        assert '<a href="/moderate/authors?id=u-7">' in card
        assert 'class="tag standing trusted" title="Known."' in card
        assert "held email" in card

    def test_the_parent(self, mo, backend, stranger) -> None:
        parent = submit(backend, "I like the ferry.", author={"name": "Bo"})
        submit(stranger, "Not for you.", id="elsewhere")
        submit(backend, "spam0.6", parent_id=parent)
        submit(backend, "spam0.7", parent_id="elsewhere")
        page = mo.get("/moderate")
        assert "In answer to Bo I like the ferry." in shown(page)
        assert "Not for you." not in page.text

    def test_reports(self, mo, backend) -> None:
        one = submit(backend)
        for number, reason in enumerate(("spam", "spam", "rude")):
            report = {"reason": reason, "note": f"Look {number}!", "reporter": {"id": f"r{number}"}}
            answer = backend.post(f"/v1/comments/{one}/reports", json=report)
            assert answer.status_code == 201, answer.text
        page = shown(mo.get("/moderate"))
        assert "Reported 3 times: " in page
        assert "spam ×2" in page
        assert "Look 2!" in page

    def test_what_hides_in_the_text(self, mo, backend) -> None:
        submit(backend, "spam0.6 y\u200bou \u202eidi\u043et")
        page = shown(mo.get("/moderate"))
        assert "y⟨U+200B⟩ou ⟨U+202E⟩" in page
        assert "As the machine reads it:" in page

    def test_nothing_hides(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"mode": "pre"})
        submit(backend, "A fine day.")
        page = shown(mo.get("/moderate"))
        assert "reads it just as it is written" in page
        assert "what cannot be seen" not in page

    def test_how_urgent_it_is_and_whether_late(self, mo, backend, services, site, clock) -> None:
        put_policy(services, site, {"review": {"within_minutes": 30}})
        submit(backend, "threat0.6")
        clock.move(minutes=29)
        assert "late: it" not in mo.get("/moderate").text
        for _ in range(6):  # who does nothing for two hours is signed out
            clock.move(hours=1)
            page = mo.get("/moderate")
        assert "late: it has waited 6 hours" in shown(page)
        assert "how bad threat would be 1.00 how likely it is × 0.60" in shown(page)

    def test_two_who_disagree_are_both_shown(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"review": {"two_must_agree": ["reject"]}})
        one = submit(backend)
        headers = {"Winnow-Item": "yes"}
        assert act(mo, one, headers=headers).json["says"] == "Noted; a colleague is asked too"
        assert not cards(mo.get("/moderate").text)

    def test_a_sample_tells_nothing(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"audit": 1.0})
        one = submit(backend, "You insult0.4 me")
        page = mo.get("/moderate?queue=audit")
        [card] = cards(page.text)
        for told in ("<svg", "<mark", "Approved", "Expected harm", "flips", "0.4</"):
            assert told not in card
        assert "data-harsh" in card
        done = act(mo, one, "approve", headers={"Winnow-Item": "yes"})
        assert done.json["says"] == "Approved"


class TestWishes:
    def test_nothing_is_blurred_and_keys_are_on(self, mo, backend) -> None:
        submit(backend, "threat0.7")
        page = mo.get("/moderate").text
        assert '<body class="console"' in page
        assert "<kbd>j</kbd>" in page
        assert 'data-remind=""' in page

    def test_blurred_reminded_and_without_keys(self, mo, backend, services) -> None:
        put_wishes(services, blur=True, remind_minutes=45, keys=False)
        submit(backend, "threat0.7")
        submit(backend, "spam0.7")
        page = mo.get("/moderate").text
        assert '<body class="console blurring"' in page
        assert 'data-remind="45"' in page
        assert "<kbd>j</kbd>" not in page
        assert "are switched off for you" in page
        assert ["data-harsh" in card for card in cards(page)] == [True, False]

    def test_spared_labels(self, mo, backend, services) -> None:
        put_wishes(services, spared=["threat"])
        submit(backend, "threat0.7")
        submit(backend, "spam0.7")
        assert len(cards(mo.get("/moderate").text)) == 1


class TestPieces:
    def test_the_next_ones(self, mo, backend) -> None:
        for number in range(22):
            submit(backend, f"Number {number:02} spam0.6")
        page = mo.get("/moderate?sort=oldest").text
        cursor = html.unescape(re.search(r'data-next="([^"]+)"', page)[1])
        piece = mo.get(f"/moderate/items?sort=oldest&cursor={cursor}").text
        assert len(cards(piece)) == piece.count("data-for=") == 2
        assert "<html" not in piece
        assert 'data-next=""' in piece

    def test_by_id_what_waits_there(self, mo, backend, stranger) -> None:
        here = submit(backend, "Here spam0.6", article={"id": "a-1"})
        there = submit(backend, "There spam0.6", article={"id": "a-2"})
        fine, other = submit(backend, "Fine."), submit(stranger, "Elsewhere spam0.6")
        ids = "&".join(f"id={one}" for one in (here, there, fine, other, "none"))
        piece = mo.get(f"/moderate/items?article=a-1&{ids}").text
        assert len(cards(piece)) == 1
        assert "Here" in piece

    @pytest.mark.parametrize("path", ["items", "live"])
    def test_needs_somebody_signed_in(self, browser, path) -> None:
        assert browser.get(f"/moderate/{path}").status_code == 303

    def test_tells_how_to_decide_all(self, mo, backend) -> None:
        submit(backend, article={"id": "a 1"})
        page = mo.get("/moderate?article=a+1&reason=").text
        assert 'href="/moderate/bulk/new?article=a+1"' in page

    def test_samples_do_not_tell_reasons(self, mo) -> None:
        for query in ("reason=spam_score", "score=spam:0.5"):
            assert mo.get(f"/moderate?queue=audit&{query}").status_code == 422


class TestLive:
    def test_what_a_colleague_decides(self, mo, backend, moderator) -> None:
        one = submit(backend)
        after = last(mo)
        moderator.post(f"/v1/comments/{one}/decision", json={"action": "reject"})
        found = news(mo, after)
        by = found["changes"][-1].pop("by")
        assert found["changes"] == [{"id": one, "version": 2, "waits": False, "says": "Rejected"}]
        assert by.startswith("wnw_")
        assert found["arrived"] == []
        assert found["counts"]["default"] == 0
        assert found["last"] > after

    def test_what_comes_to_wait(self, mo, backend, stranger) -> None:
        after = last(mo)
        here = submit(backend, article={"id": "a-1"})
        submit(backend, article={"id": "a-2"})
        submit(backend, "Fine.")
        submit(stranger)
        assert news(mo, after, "article=a-1")["arrived"] == [here]
        assert len(news(mo, after)["arrived"]) == 2
        assert news(mo, after, "queue=escalated")["arrived"] == []

    def test_what_is_undone_waits_again(self, mo, backend) -> None:
        one = submit(backend)
        act(mo, one)
        after = last(mo)
        undo(mo, one)
        [change] = [each for each in news(mo, after)["changes"] if each["version"] == 3]
        assert (change["waits"], change["says"], change["by"]) == (True, "Undone", EMAIL)

    def test_what_is_deleted(self, mo, backend) -> None:
        one = submit(backend)
        after = last(mo)
        backend.delete(f"/v1/comments/{one}")
        [change] = news(mo, after)["changes"]
        assert (change["waits"], change["says"]) == (False, "Deleted")

    def test_a_sample_is_not_told(self, mo, backend, moderator, services, site) -> None:
        put_policy(services, site, {"review": {"recheck": 1.0}})
        one = submit(backend)
        after = last(mo)
        moderator.post(f"/v1/comments/{one}/decision", json={"action": "reject"})
        [change] = news(mo, after)["changes"]
        assert (change["says"], change["by"]) == (None, None)

    def test_late_commits_are_not_missed(self, mo, backend) -> None:
        one = submit(backend)
        after = last(mo) + 50
        assert [each["id"] for each in news(mo, after)["changes"]] == [one]

    @pytest.mark.parametrize("query", ["queue=nowhere", "sort=worst"])
    def test_of_views_that_there_are(self, mo, query) -> None:
        assert mo.get(f"/moderate/live?poll=1&{query}").status_code in (404, 422)


@ON_SQLITE
class TestStream:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch, app: Flask) -> list[int]:
        """Streams that ask at once, and end when they have asked twice."""
        monkeypatch.setattr(live, "PAUSE_SECONDS", 0)
        monkeypatch.setattr(live, "COUNT_SECONDS", -1)
        asked = [0]

        def is_leaving() -> bool:
            asked[0] += 1
            return asked[0] > 3

        app.config["IS_LEAVING"] = is_leaving
        return asked

    def test_tells_each_thing_once(self, mo, backend, moderator) -> None:
        one = submit(backend)
        after = last(mo)
        moderator.post(f"/v1/comments/{one}/decision", json={"action": "approve"})
        answer = mo.get("/moderate/live", headers={"Last-Event-ID": str(after)})
        assert answer.mimetype == "text/event-stream"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        told = [each for said in events(answer) for each in said["changes"]]
        assert [each["says"] for each in told if each["version"] == 2] == ["Approved"]
        assert events(answer)[0]["counts"]["default"] == 0
        assert f"id: {last(mo)}" in answer.text

    def test_begins_with_now(self, mo, backend) -> None:
        submit(backend)
        answer = mo.get("/moderate/live")
        assert answer.text.startswith("retry: 2000")

    def test_there_are_so_many_places(self, mo, app, quick) -> None:
        places = app.extensions["streams"]
        while places.acquire(blocking=False):
            pass
        assert mo.get("/moderate/live").status_code == 204
        assert mo.get("/moderate/live?poll=1").status_code == 200
        places.release()
        for _ in range(3):
            quick[0] = 0
            # Its place is free again, read or not.
            mo.get("/moderate/live", buffered=False).close()
        assert places.acquire(blocking=False)

    def test_none_begins_on_a_server_that_leaves(self, mo, quick) -> None:
        quick[0] = 10
        assert mo.get("/moderate/live").status_code == 204


def test_the_clock_of_waiting_is_the_queues(mo, backend, connect, clock: Clock) -> None:
    wish = {"title": "Threats", "filter": {"reason": ["threat_score"]}, "within_minutes": 5}
    assert connect("admin").put("/v1/queues/threats", json=wish).status_code == 201
    submit(backend, "threat0.7")
    clock.move(minutes=6)
    assert "late: it has waited 6 minutes" in shown(mo.get("/moderate?queue=threats"))
    assert "late: it" not in mo.get("/moderate").text
