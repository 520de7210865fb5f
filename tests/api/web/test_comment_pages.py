"""One comment whole, on a page: all that is kept of it, for those who may know it."""

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from api.moderation.privacy import expiring, settings
from api.moderation.services import Services
from api.store.review import SecondLook
from api.store.tables import Comment
from api.web.pages.differences import LONGEST, compare
from tests.api.web.conftest import EMAIL
from tests.factories import Clock, decide, operator, put_policy, submit

NASTY = '"><script>alert(1)</script>'
HELD = "Come and buy spam0.6 today"


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def look(mo: FlaskClient, comment_id: str) -> str:
    answer = mo.get(f"/moderate/comments/{comment_id}")
    assert answer.status_code == 200
    return shown(answer)


class TestWhole:
    def test_a_text_that_is_deleted_says_so(
        self, mo, backend, moderator, services, site: int
    ) -> None:
        one = submit(backend, HELD, author={"id": "u-5", "name": "Ada"})["id"]
        decide(moderator, one, "reject")
        settings.change(services, operator(site), {"text": 1})
        with services.database.writing() as session:
            session.query(Comment).update({"received_at": services.now() - timedelta(days=1)})
        expiring.sweep(services)

        says = "The text was deleted after the time for which this site keeps texts."
        for path in (f"comments/{one}", "search?q=Ada", "authors?id=u-5"):
            page = shown(mo.get(f"/moderate/{path}"))
            assert says in page
            assert "buy" not in page

        moderator.delete(f"/v1/comments/{one}/decision")
        assert says in shown(mo.get("/moderate"))

    def test_says_all_that_is_kept(self, mo, backend, moderator, clock: Clock) -> None:
        author = {"id": "u-5", "name": "Ada", "email": "Ada@Example.org", "ip": "192.0.2.7"}
        article = {"id": "a-1", "title": "The ferry", "section": "local"}
        one = submit(backend, HELD, author=author, article=article)["id"]
        clock.move(hours=2)
        report = {"reason": "advert", "note": "Not again.", "reporter": {"id": "u-9"}}
        backend.post(f"/v1/comments/{one}/reports", json=report)
        decide(moderator, one, "reject", reason="spam", note="As ever.")
        backend.patch(f"/v1/comments/{one}", json={"text": "Come and buy tea today"})
        page = look(mo, one)
        for words in (
            "Comment by Ada",
            "under The ferry local , 2 hours ago",
            "Pending waits in default",
            "Come and buy tea today",
            "Id u-5",
            "E-mail address Ada@Example.org",
            "192.0.2.0/24",
            "Hold for a person",
            "A moderator rejected an earlier wording.",
            "All 2 verdicts",
            "advert",
            "Not again.",
            "by u-9",
            "Rejected by key:",
            "because: spam",
            "As ever.",
            "Wording 2, just now Come and buy spam0.6 tea today",
            "It was decided: reject, spam; pending → rejected",
            "It came in; new → pending",
        ):
            assert words.replace("key:", "") in page, words

    def test_is_acted_on_by_plain_forms(self, mo, backend) -> None:
        one = submit(backend, HELD)["id"]
        path = f"/moderate/comments/{one}"
        form = {"action": "reject", "reason": "spam", "version": 1, "next": path}
        answer = mo.post(f"{path}/decision", data=form)
        assert answer.location == f"{path}?done={one}"
        page = mo.get(answer.location)
        assert f"Rejected by {EMAIL} , because: spam" in shown(page)
        assert 'value="reject"' not in page.text
        answer = mo.post(f"{path}/undo", data={"version": 2, "next": path})
        assert answer.location.startswith(path)
        assert "Pending" in look(mo, one)
        assert "Rejected by mo@example.org , because: spam just now, wording 1 undone" in look(
            mo, one
        )

    def test_is_passed_on_with_a_note(self, mo, backend, moderator) -> None:
        moderator.put("/v1/queues/lawyers", json={"title": "Lawyers"})
        one = submit(backend, HELD)["id"]
        path = f"/moderate/comments/{one}"
        assert '<option value="lawyers">Lawyers</option>' in mo.get(path).text
        form = {"action": "escalate", "queue": "lawyers", "note": "Libel?", "version": 1}
        mo.post(f"{path}/decision", data=form)
        page = look(mo, one)
        assert "waits in lawyers" in page
        assert "Libel?" in page

    @pytest.mark.parametrize("name", ["c=1", "a+b=", "t@x:1~y", "x.y-z_"])
    def test_comes_back_to_every_id(self, mo, backend, name) -> None:
        one = submit(backend, HELD, id=name)["id"]
        page = mo.get(f"/moderate/comments/{one}").text
        onward = html.unescape(re.search(r'name="next" value="([^"]+)"', page)[1])
        form = {"action": "reject", "version": 1, "next": onward}
        answer = mo.post(f"{onward}/decision", data=form)
        assert answer.location.partition("?")[0] == onward

    def test_notes_are_left_and_taken_away(self, mo, backend, connect, services) -> None:
        one = submit(backend, HELD)["id"]
        path = f"/moderate/comments/{one}"
        answer = mo.post(f"{path}/note", data={"text": f"Mind {NASTY}", "next": path})
        assert answer.location.startswith(path)
        page = mo.get(path)
        assert f"Mind {NASTY}" in shown(page)
        assert "<script>alert" not in page.text
        note = re.search(r"/moderate/notes/note_[0-9a-f]+/delete", page.text)[0]
        assert mo.post(note, data={"next": path}).location == path
        assert "Mind" not in look(mo, one)
        assert mo.post(note, data={"next": path}).status_code == 404

    def test_shows_the_thread(self, mo, backend) -> None:
        top = submit(backend, "The first word.")["id"]
        middle = submit(backend, "An answer.", parent_id=top)["id"]
        submit(backend, "An answer to the answer.", parent_id=middle)
        submit(backend, "Elsewhere.", parent_id="c-0", id="c-9")
        page = look(mo, middle)
        assert "It answers: The first word." in page
        assert "Answers to it An answer to the answer." in page
        assert "a comment that is not there ( c-0 )" in look(mo, "c-9")

    def test_hostile_comments_are_inert(self, mo, backend, moderator) -> None:
        author = {"id": NASTY, "name": NASTY, "url": "javascript:alert(1)", "email": "a@b.example"}
        article = {"id": NASTY, "title": NASTY, "section": NASTY}
        one = submit(backend, f"{NASTY} spam0.6", html=True, author=author, article=article)["id"]
        report = {"reason": "x", "note": NASTY, "reporter": {"id": NASTY}}
        backend.post(f"/v1/comments/{one}/reports", json=report)
        decide(moderator, one, "reject", reason="other", note=NASTY)
        backend.patch(f"/v1/comments/{one}", json={"text": f"{NASTY}{NASTY}"})
        page = mo.get(f"/moderate/comments/{one}").text
        assert "<script>alert" not in page
        assert 'href="javascript:' not in page
        assert page.count("alert(1)") > 8

    def test_another_sites_comment_is_not_there(self, mo, stranger) -> None:
        theirs = submit(stranger, HELD)["id"]
        answer = mo.get(f"/moderate/comments/{theirs}")
        assert answer.status_code == 404
        assert answer.mimetype == "text/html"


class TestBlind:
    SECRETS = ("spam 0.", "What the machine says", "Approved", "Rejected", "What happened", "Undo")

    def test_a_sample_tells_nothing(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"audit": 1})
        one = submit(backend, "Fine spam0.2")["id"]
        page = look(mo, one)
        assert "Sample What was said of it is not shown" in page
        assert "Fine spam0.2" in page
        for secret in (*self.SECRETS, "approved"):
            assert secret not in page, secret
        mo.post(f"/moderate/comments/{one}/decision", data={"action": "approve", "version": 1})
        assert "What the machine says" in look(mo, one)

    def test_a_decision_that_is_looked_at_again_tells_nothing(
        self, mo, backend, moderator, services, site
    ) -> None:
        put_policy(services, site, {"review": {"recheck": 1}})
        one = submit(backend, HELD)["id"]
        decide(moderator, one, "reject", note="Surely.")
        page = look(mo, one)
        assert "Sample What was said of it is not shown" in page
        for secret in (*self.SECRETS, "rejected", "Surely."):
            assert secret not in page, secret

    def test_whose_decision_it_is_knows_it(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"review": {"recheck": 1}})
        one = submit(backend, HELD)["id"]
        mo.post(f"/moderate/comments/{one}/decision", data={"action": "reject", "version": 1})
        assert "Rejected by mo@example.org" in look(mo, one)

    def test_a_first_opinion_is_not_told(self, mo, backend, moderator, services, site) -> None:
        put_policy(services, site, {"review": {"two_must_agree": ["reject"]}})
        one = submit(backend, HELD)["id"]
        said = {"action": "reject", "note": "Surely."}
        assert moderator.post(f"/v1/comments/{one}/decision", json=said).status_code < 300
        page = look(mo, one)
        assert "a second person is asked" in page
        for secret in ("Surely.", "Rejected", "Second opinions", "It was decided"):
            assert secret not in page, secret

    def test_second_opinions_are_told_when_both_are_known(
        self, mo, backend, services: Services, clock: Clock
    ) -> None:
        one = submit(backend, HELD)["id"]
        with services.database.writing() as session:
            comment = session.query(Comment).one()
            session.add(
                SecondLook(
                    site_id=comment.site_id,
                    comment_id=comment.id,
                    version=1,
                    kind="agree",
                    first_actor="moderator:ada@example.org",
                    first_action="reject",
                    first_note="Rude.",
                    first_at=clock(),
                    second_actor="moderator:bob@example.org",
                    second_action="approve",
                    second_at=clock(),
                )
            )
        page = look(mo, one)
        assert "reject by ada@example.org ; approve by bob@example.org disagreed Rude." in page


class TestDifferences:
    def test_of_words(self) -> None:
        found = compare("You are late again.", "You were never late.")
        assert [(one.kind, one.text) for one in found] == [
            ("same", "You "),
            ("gone", "are"),
            ("new", "were never"),
            ("same", " late"),
            ("gone", " again"),
            ("same", "."),
        ]

    def test_both_texts_can_be_read_from_it(self) -> None:
        before, after = "a b c\n d 東京 e!", "a x c\n\n 東 e?!"
        found = compare(before, after)
        assert "".join(one.text for one in found if one.kind != "new") == before
        assert "".join(one.text for one in found if one.kind != "gone") == after

    def test_long_texts_are_compared_in_part(self) -> None:
        before, after = "a " * LONGEST, "a " * LONGEST + "b"
        found = compare(before, after)
        assert "".join(one.text for one in found if one.kind != "gone") == after

    def test_the_same_text(self) -> None:
        assert compare("a", "a") == [("same", "a")]
        assert compare("", "") == []
