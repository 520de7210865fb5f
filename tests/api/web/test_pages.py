"""The pages for people: signing in, the queue, deciding and undoing, the reference."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation import claims
from api.moderation.access import Caller
from api.moderation.services import Services
from api.web.pages import highlight, reference
from api.web.pages.cards import tell_age
from tests.api.web.conftest import EMAIL
from tests.factories import START, Clock, comment, make_moderator, put_policy

PASSWORD = "correct horse battery"
HELD = "Come and buy spam0.6 today"
OURS = {"Sec-Fetch-Site": "same-origin"}
POLICY = "script-src 'self'"


def sign_in(browser, email=EMAIL, password=PASSWORD, base_url=None, **form):
    form = {"email": email, "password": password, **form}
    return browser.post("/moderate/sign-in", data=form, base_url=base_url)


def submit(backend: FlaskClient, text: str = HELD, **more) -> str:
    answer = backend.post("/v1/comments", json=comment(text, **more))
    assert answer.status_code == 201
    return answer.json["id"]


def status(backend: FlaskClient, comment_id: str) -> str:
    return backend.get(f"/v1/comments/{comment_id}").json["status"]


def act(browser, comment_id, action="reject", version=1, headers=None, **form):
    form = {"action": action, "version": version, **form}
    path = f"/moderate/comments/{comment_id}/decision"
    return browser.post(path, data=form, headers=headers)


def undo(browser, comment_id, version=2, **form):
    form = {"version": version, **form}
    return browser.post(f"/moderate/comments/{comment_id}/undo", data=form)


def cards(page: str) -> list[str]:
    return re.findall(r'<article class="card".*?</article>', page, re.DOTALL)


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", answer.text)).split())


class TestSigningIn:
    @pytest.fixture
    def mo(self, services: Services, site: int, browser: FlaskClient) -> FlaskClient:
        """The browser of a moderator who has signed in with a password."""
        make_moderator(services, site, EMAIL, PASSWORD)
        assert sign_in(browser).status_code == 303
        return browser

    def test_opens_the_queue(self, mo: FlaskClient) -> None:
        answer = mo.get("/moderate")
        assert answer.status_code == 200
        assert "gazette" in answer.text
        assert EMAIL in answer.text

    @pytest.mark.parametrize(
        ("base_url", "name", "secure"),
        [
            ("https://mod.example.org", "__Host-winnow", True),
            ("https://127.0.0.1:8000", "__Host-winnow", True),
            ("http://127.0.0.1:8000", "winnow", False),
            ("http://localhost:8000", "winnow", False),
            ("http://[::1]:8000", "winnow", False),
        ],
    )
    def test_cookie(self, services, site, browser, base_url, name, secure) -> None:
        make_moderator(services, site, EMAIL, PASSWORD)
        cookie = sign_in(browser, base_url=base_url).headers["Set-Cookie"]
        flags = {flag.strip() for flag in cookie.split(";")[1:]}
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= flags
        assert ("Secure" in flags) is secure
        assert not any(flag.startswith("Domain") for flag in flags)

    @pytest.mark.parametrize("host", ["mod.example.org", "127.0.0.1.example.org", "192.0.2.1"])
    def test_needs_https_elsewhere(self, services, site, browser, host) -> None:
        make_moderator(services, site, EMAIL, PASSWORD)
        page = browser.get("/moderate/sign-in", base_url=f"http://{host}")
        assert "Signing in needs HTTPS" in page.text
        assert 'type="password"' not in page.text
        answer = sign_in(browser, base_url=f"http://{host}")
        assert answer.status_code == 403
        assert "Set-Cookie" not in answer.headers

    def test_says_the_same_of_unknown_people_and_wrong_passwords(self, mo) -> None:
        unknown = sign_in(mo, email="nobody@example.org")
        wrong = sign_in(mo, password="incorrect horse")
        assert unknown.status_code == wrong.status_code == 403
        assert unknown.text.replace("nobody@example.org", EMAIL) == wrong.text
        assert "The e-mail address or the password is wrong." in wrong.text

    @pytest.mark.parametrize("email", ["a\x00b", "", "\ud800", "x" * 10_000])
    def test_refuses_strange_addresses(self, mo, email) -> None:
        form = {"email": email.encode("utf-8", "surrogatepass"), "password": PASSWORD}
        assert mo.post("/moderate/sign-in", data=form).status_code == 403

    def test_gives_a_new_token_and_ends_the_old_one(self, mo, app) -> None:
        old = mo.get_cookie("winnow").value
        sign_in(mo)
        assert mo.get_cookie("winnow").value != old
        thief = app.test_client()
        thief.set_cookie("winnow", old)
        assert thief.get("/moderate").status_code == 303

    def test_signing_out_ends_the_session_on_the_server(self, mo, app) -> None:
        token = mo.get_cookie("winnow").value
        answer = mo.post("/moderate/sign-out")
        assert answer.location == "/moderate/sign-in"
        assert mo.get_cookie("winnow") is None
        mo.set_cookie("winnow", token)
        assert mo.get("/moderate").status_code == 303

    def test_a_session_expires(self, mo: FlaskClient, clock: Clock) -> None:
        for _ in range(11):
            clock.move(hours=1)
            assert mo.get("/moderate").status_code == 200
        clock.move(minutes=59)
        assert mo.get("/moderate").status_code == 200
        clock.move(minutes=1)
        assert mo.get("/moderate").location == "/moderate/sign-in?next=/moderate"

    def test_comes_back_to_where_one_was(self, browser, services, site) -> None:
        make_moderator(services, site, EMAIL, PASSWORD)
        location = browser.get("/moderate?sort=oldest&section=a%20b").location
        page = browser.get(location).text
        onward = html.unescape(re.search(r'name="next" value="([^"]+)"', page)[1])
        assert sign_in(browser, next=onward).location == "/moderate?sort=oldest&section=a%20b"

    @pytest.mark.parametrize(
        "wanted",
        [
            "//evil.example",
            "https://evil.example/moderate",
            "/\\evil.example",
            "/moderate.evil.example",
            "/moderate/../docs",
            "/moderate?a\r\nSet-Cookie: x=y",
            "/moderate/sign-out",
            "javascript:alert(1)",
            "moderate",
            "",
        ],
    )
    def test_goes_nowhere_else(self, mo: FlaskClient, wanted: str) -> None:
        assert sign_in(mo, next=wanted).location == "/moderate"

    def test_a_key_opens_no_page(self, moderator: FlaskClient) -> None:
        assert moderator.get("/moderate").status_code == 303

    def test_a_session_is_no_key(self, mo: FlaskClient) -> None:
        assert mo.get("/v1/queue").status_code == 401


class TestCrossSite:
    @pytest.mark.parametrize(
        ("headers", "allowed"),
        [
            ({"Sec-Fetch-Site": "same-origin"}, True),
            ({"Sec-Fetch-Site": "none"}, True),
            ({"Sec-Fetch-Site": "same-site"}, False),
            ({"Sec-Fetch-Site": "cross-site"}, False),
            ({"Sec-Fetch-Site": ""}, False),
            ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
            ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
            ({"Origin": "http://localhost"}, True),
            ({"Origin": "https://localhost"}, False),
            ({"Origin": "http://localhost:8000"}, False),
            ({"Origin": "http://localhost.evil.example"}, False),
            ({"Origin": "https://evil.example"}, False),
            ({"Origin": "null"}, False),
            ({}, False),
        ],
    )
    def test_matrix(self, mo, backend, headers, allowed) -> None:
        one = submit(backend)
        del mo.environ_base["HTTP_SEC_FETCH_SITE"]
        answer = act(mo, one, headers=headers)
        assert answer.status_code == (303 if allowed else 403)
        assert status(backend, one) == ("rejected" if allowed else "pending")

    @pytest.mark.parametrize("path", ["sign-in", "sign-out", "comments/c/undo"])
    def test_holds_for_every_form(self, mo: FlaskClient, path: str) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}
        answer = mo.post(f"/moderate/{path}", headers=headers)
        assert answer.status_code == 403
        assert answer.mimetype == "text/html"
        assert "so nothing was done" in shown(answer)

    @pytest.mark.parametrize("path", ["/moderate", "/moderate/decided", "/docs"])
    def test_reading_is_free(self, mo: FlaskClient, path: str) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert mo.get(path, headers=headers).status_code == 200
        assert mo.head(path, headers=headers).status_code == 200

    def test_the_api_does_not_ask(self, backend: FlaskClient) -> None:
        headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://blog.example"}
        assert backend.post("/v1/comments", json=comment(), headers=headers).status_code == 201


class TestQueue:
    def test_shows_what_waits_on_the_own_site(self, mo, backend, stranger) -> None:
        submit(backend, "Held here spam0.6")
        submit(backend, "Fine and approved")
        submit(backend, "Rejected at once spam0.97")
        submit(stranger, "Held elsewhere spam0.6")
        page = mo.get("/moderate").text
        assert len(cards(page)) == 1
        assert "Held here" in page
        for absent in ("Fine and", "Rejected at once", "Held elsewhere"):
            assert absent not in page

    def test_explains_itself(self, mo, backend) -> None:
        author = {"name": "Ada", "email": "ada@example.org", "ip": "192.0.2.7"}
        article = {"id": "a-1", "title": "The ferry", "section": "local"}
        submit(backend, "Buy spam0.61 and insult0.7 now", author=author, article=article)
        answer = mo.get("/moderate")
        for words in (
            "Ada",
            "ada@example.org",
            "192.0.2.7",
            "The ferry",
            "local",
            "just now",
            "This reads like spam or advertising (61% sure).",
            "spam 0.61, limit 0.50",
            "insult 0.70, limit 0.50",
            "What would change the verdict: approved if",
        ):
            assert words in shown(answer), words
        assert '<mark title="spam" class="main">spam0.61</mark>' in answer.text
        assert '<mark title="insult" class="main">insult0.7</mark>' in answer.text
        assert answer.text.count('<svg class="bar"') == 7
        assert 'aria-label="spam 0.61, held from 0.50, rejected from 0.90"' in answer.text

    def test_tells_the_age(self, mo, backend, clock) -> None:
        submit(backend)
        clock.move(hours=3, minutes=59)
        assert "3 hours ago" in mo.get("/moderate").text

    def test_is_friendly_when_empty(self, mo: FlaskClient) -> None:
        assert "All done No comment waits for a decision." in shown(mo.get("/moderate"))
        assert "Nothing is escalated" in shown(mo.get("/moderate?queue=escalated"))
        assert "Nothing here" in shown(mo.get("/moderate?reason=threat_score"))
        assert "Nothing has been decided yet." in shown(mo.get("/moderate/decided"))

    @pytest.mark.parametrize(
        ("query", "first"),
        [
            ("", ["Two", "One", "Three"]),
            ("sort=oldest", ["One", "Two", "Three"]),
            ("sort=newest", ["Three", "Two", "One"]),
            ("reason=threat_score", ["Two"]),
            ("section=world", ["One", "Three"]),
            ("article=a-2", ["Two"]),
            ("section=world&article=a-3&sort=&reason=", ["Three"]),
            ("section=nowhere", []),
        ],
    )
    def test_filters_and_sorts(self, mo, backend, query, first) -> None:
        submit(backend, "One insult0.6", article={"id": "a-1", "section": "world"})
        submit(backend, "Two threat0.6", article={"id": "a-2", "title": "Two's"})
        submit(backend, "Three spam0.6", article={"id": "a-3", "section": "world"})
        found = [
            re.search("One|Two(?= <mark)|Three", card)[0]
            for card in cards(mo.get(f"/moderate?{query}").text)
        ]
        assert sorted(found) == sorted(first)
        if "sort" in query or not query:
            assert found == first

    def test_offers_what_there_is_and_keeps_the_choice(self, mo, backend) -> None:
        submit(backend, article={"id": "a-2", "title": "The <ferry>", "section": "world"})
        page = mo.get("/moderate?section=gone&article=a-2").text
        assert '<option value="world">world</option>' in page
        assert '<option value="gone" selected>gone</option>' in page
        assert '<option value="a-2" selected>The &lt;ferry&gt;</option>' in page

    def test_comes_in_pages(self, mo, backend) -> None:
        for number in range(21):
            submit(backend, f"Number {number:02} spam0.6")
        first = mo.get("/moderate?sort=oldest&reason=spam_score").text
        onward = html.unescape(re.search(r'href="([^"]+)" rel="next"', first)[1])
        second = mo.get(onward).text
        assert len(cards(first)) == 20
        assert "Number 20" in second
        assert len(cards(second)) == 1
        assert 'rel="next"' not in second

    @pytest.mark.parametrize(
        "query",
        ["cursor=nonsense", "sort=worst", "done=../x", "article=%00", f"section={'x' * 300}"],
    )
    def test_refuses_what_it_does_not_know_with_a_page(self, mo, query) -> None:
        answer = mo.get(f"/moderate?{query}")
        assert answer.status_code == 422
        assert answer.mimetype == "text/html"
        assert "Back to the queue" in answer.text

    def test_says_so_when_the_classifier_is_away(self, mo, backend, services) -> None:
        services.scorer.model, services.scorer.failure = None, "gone"
        submit(backend)
        page = shown(mo.get("/moderate"))
        assert "The classifier is not available." in page
        assert "The classifier could not be asked; a person looks." in page

    def test_hostile_text_is_inert(self, mo, backend) -> None:
        evil = "\"><script>alert(1)</script> <img src=x onerror=alert(2)> ' spam0.6 &lt;b&gt;"
        article = {"id": "<i>a</i>", "title": "</title><script>", "section": '"><svg onload=1>'}
        author = {"name": "<script>alert(3)</script>", "url": "javascript:alert(4)"}
        one = submit(backend, evil, html=True, article=article, author=author)
        mo.get("/moderate")
        act(mo, one)
        undo(mo, one)
        pages = [
            mo.get("/moderate"),
            mo.get(f"/moderate?done={one}"),
            act(mo, one, version=3),
            mo.get("/moderate/decided"),
            act(mo, one, "approve", version=1),
        ]
        for answer in pages:
            rest = re.sub(
                r'<script type="module" src="/static/[a-z/]+\.js"></script>', "", answer.text
            )
            rest = re.sub(r'<svg class="bar" ', "", rest)
            for mark in ("<script", "<img", "<svg", "<i>", "javascript:", "style="):
                assert mark not in rest
            assert POLICY in answer.headers["Content-Security-Policy"]
        assert html.escape("<script>alert(1)</script>", quote=False) in pages[0].text

    def test_looking_changes_nothing(self, mo, backend) -> None:
        one = submit(backend)
        before = backend.get(f"/v1/comments/{one}/history").json
        mo.get("/moderate")
        for path in ("decision", "undo"):
            assert mo.get(
                f"/moderate/comments/{one}/{path}?action=reject&version=1"
            ).status_code in (
                404,
                405,
            )
        assert mo.get("/moderate/sign-out").status_code in (404, 405)
        assert backend.get(f"/v1/comments/{one}/history").json == before
        assert mo.get("/moderate").status_code == 200


class TestDeciding:
    @pytest.mark.parametrize(
        ("action", "becomes", "says"),
        [
            ("approve", "approved", "Approved."),
            ("reject", "rejected", "Rejected."),
            ("escalate", "pending", "Escalated."),
        ],
    )
    def test_decide_and_undo(self, mo, backend, action, becomes, says) -> None:
        one = submit(backend)
        answer = act(mo, one, action, reason="spam", next="/moderate?sort=oldest")
        assert (answer.status_code, answer.location) == (303, f"/moderate?sort=oldest&done={one}")
        page = mo.get(answer.location)
        assert says in shown(page)
        assert not cards(page.text)
        assert status(backend, one) == becomes
        decision = backend.get(f"/v1/comments/{one}").json["decision"]
        assert (decision["reason"], decision["actor"]) == ("spam", f"moderator:{EMAIL}")
        version = re.search(
            r'/undo">\s*<input type="hidden" name="version" value="(\d+)"', page.text
        )
        back = mo.get(undo(mo, one, version[1]).location)
        assert "Back in the queue." in shown(back)
        assert len(cards(back.text)) == 1
        assert status(backend, one) == "pending"

    def test_what_is_escalated_waits_apart(self, mo, backend) -> None:
        one = submit(backend)
        act(mo, one, "escalate")
        assert "Waiting 0 Escalated 1" in shown(mo.get("/moderate"))
        page = mo.get("/moderate?queue=escalated").text
        assert len(cards(page)) == 1
        assert f"Escalated by {EMAIL}" in page
        assert 'value="escalate"' not in page

    def test_a_stale_decision_shows_how_things_stand(self, mo, backend, moderator) -> None:
        one = submit(backend)
        path = f"/v1/comments/{one}/decision"
        moderator.post(path, json={"action": "approve"})
        answer = act(mo, one, "reject", version=1)
        assert answer.status_code == 409
        assert "changed since you saw it, so nothing was done. Approved by wnw_" in shown(answer)
        assert status(backend, one) == "approved"

    def test_an_edited_comment_is_shown_anew(self, mo, backend) -> None:
        one = submit(backend)
        backend.patch(f"/v1/comments/{one}", json={"text": "Now it says threat0.6"})
        answer = act(mo, one, "approve", version=1)
        assert answer.status_code == 409
        assert "Now it says" in cards(answer.text)[0]
        assert status(backend, one) == "pending"

    def test_a_stale_undo_changes_nothing(self, mo, backend, moderator) -> None:
        one = submit(backend)
        act(mo, one, "approve")
        moderator.post(f"/v1/comments/{one}/decision", json={"action": "reject"})
        assert undo(mo, one, version=2).status_code == 409
        assert status(backend, one) == "rejected"

    def test_the_script_gets_a_few_words(self, mo, backend) -> None:
        one = submit(backend)
        asks = {"Winnow-Item": "yes"}
        done = act(mo, one, headers=asks)
        assert done.json == {"id": one, "version": 2, "says": "Rejected"}
        back = mo.post(f"/moderate/comments/{one}/undo", data={"version": 2}, headers=asks)
        assert back.json == {"id": one, "version": 3, "says": "Undone"}
        stale = act(mo, one, version=1, headers=asks)
        assert (stale.status_code, stale.text.strip()[:3]) == (409, "<li")
        assert len(cards(stale.text)) == 1
        assert "so nothing was done" in shown(stale)

    def test_an_act_that_is_sent_again_is_done_once(self, mo, backend) -> None:
        one = submit(backend)
        headers = {"Winnow-Item": "yes", "Idempotency-Key": "k-1"}
        first, again = (act(mo, one, "approve", headers=headers) for _ in range(2))
        assert (first.json, again.status_code) == (again.json, 200)
        assert again.headers["Idempotency-Replayed"] == "true"
        back = {"Winnow-Item": "yes", "Idempotency-Key": "k-2"}
        for _ in range(2):
            path = f"/moderate/comments/{one}/undo"
            undone = mo.post(path, data={"version": 2}, headers=back)
            assert (undone.status_code, undone.json["version"]) == (200, 3)
        events = backend.get(f"/v1/comments/{one}/history").json["events"]
        acts = [event["type"] for event in events]
        assert (acts.count("comment.decided"), acts.count("comment.undone")) == (1, 1)
        assert act(mo, one, "reject", version=3, headers=headers).status_code == 422

    def test_a_reason_after_the_act_is_part_of_the_decision(self, mo, backend) -> None:
        one = submit(backend)
        act(mo, one)
        act(mo, one, version=2, reason="spam")
        decision = backend.get(f"/v1/comments/{one}").json["decision"]
        assert (decision["action"], decision["reason"]) == ("reject", "spam")

    def test_what_is_skipped_comes_back(self, mo, backend) -> None:
        one = submit(backend)
        assert act(mo, one, "skip").status_code == 303
        assert not cards(mo.get("/moderate").text)
        assert status(backend, one) == "pending"
        assert undo(mo, one, version=1, skipped="yes").status_code == 303
        assert len(cards(mo.get("/moderate").text)) == 1

    def test_escalates_to_a_place_of_the_sites(self, mo, backend, connect) -> None:
        wish = {"title": "Lawyers", "key": "l"}
        assert connect("admin").put("/v1/queues/legal", json=wish).status_code == 201
        one = submit(backend)
        page = mo.get("/moderate").text
        assert '<option value="legal">Lawyers</option>' in page
        assert act(mo, one, "escalate", queue="nowhere").status_code == 422
        act(mo, one, "escalate", queue="legal")
        assert not cards(mo.get("/moderate").text)
        assert len(cards(mo.get("/moderate?queue=legal").text)) == 1
        assert "Lawyers 1" in shown(mo.get("/moderate"))
        assert mo.get("/moderate?queue=nowhere").status_code == 404

    def test_claims_where_the_site_wants_claims(self, mo, backend, services, site) -> None:
        put_policy(services, site, {"review": {"claims": "required"}})
        one, two = submit(backend), submit(backend, "Another spam0.7")
        assert mo.post(f"/moderate/comments/{one}/claim").json == {"id": one}
        other = Caller(site, "moderator", "moderator:bo@example.org")
        claims.claim_one(services, other, two)
        taken = mo.post(f"/moderate/comments/{two}/claim")
        assert (taken.status_code, taken.json["by"]) == (409, "bo@example.org")
        assert "bo@example.org is on it" in shown(mo.get("/moderate"))
        assert act(mo, one, "approve").status_code == 303
        refused = act(mo, two, "approve")
        assert refused.status_code == 409
        assert "bo@example.org is working on this comment" in shown(refused)
        three = submit(backend, "A third spam0.7")
        assert act(mo, three, "approve").status_code == 303

    def test_notes(self, mo, backend) -> None:
        one = submit(backend)
        path = f"/moderate/comments/{one}/note"
        for said in ("", "x" * 2001, "a\x00b"):
            assert mo.post(path, data={"text": said}).status_code == 422
        assert mo.post(path, data={"text": "Ask Bo first."}).status_code == 303
        page = mo.get("/moderate")
        assert "1 note" in shown(page)
        assert "Ask Bo first." not in page.text

    def test_decided_ones_are_listed_newest_first_and_undone_there(
        self, mo, backend, clock
    ) -> None:
        for number in range(11):
            clock.move(minutes=1)
            act(mo, submit(backend, f"Number {number:02} spam0.6"), reason="spam")
        page = mo.get("/moderate/decided")
        found = re.findall(r"“?Number (\d\d) spam0\.6</span>\s*<small", page.text)
        assert found == [f"{number:02}" for number in range(10, 0, -1)]
        assert f"by {EMAIL}, just now, because: spam" in shown(page)
        last = re.search(r"comments/([^/]+)/undo", page.text)[1]
        answer = undo(mo, last, next="/moderate/decided")
        assert answer.location == f"/moderate/decided?done={last}"
        assert "Back in the queue." in shown(mo.get(answer.location))

    def test_other_sites_comments_do_not_exist(self, mo, backend, stranger) -> None:
        other = submit(stranger)
        assert act(mo, other).status_code == 404
        assert undo(mo, other).status_code == 404
        assert "Back to the queue" in act(mo, "c-none").text
        assert "Held elsewhere" not in mo.get(f"/moderate?done={other}").text
        assert status(stranger, other) == "pending"

    @pytest.mark.parametrize(
        "form",
        [
            {"action": "delete"},
            {"action": ""},
            {"reason": "x" * 101},
            {"queue": "x" * 51},
            {"version": "one"},
            {"version": ""},
        ],
    )
    def test_refuses_forms_it_did_not_make(self, mo, backend, form) -> None:
        one = submit(backend)
        sent = {"action": "reject", "version": "1", **form}
        answer = mo.post(f"/moderate/comments/{one}/decision", data=sent)
        assert answer.status_code == 422
        assert status(backend, one) == "pending"

    @pytest.mark.parametrize("path", ["decision", "undo"])
    def test_needs_somebody_signed_in(self, browser, backend, path) -> None:
        one = submit(backend)
        form = {"action": "approve", "version": 1}
        answer = browser.post(f"/moderate/comments/{one}/{path}", data=form)
        assert (answer.status_code, answer.location) == (303, "/moderate/sign-in")
        assert status(backend, one) == "pending"


@pytest.mark.parametrize("name", ["winnow.css", "keys.js", "queue/main.js", "winnow.svg"])
def test_assets(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 200
    assert POLICY in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text.replace("http://www.w3.org/2000/svg", "")
    answer.close()


class TestReference:
    def test_shows_every_operation(self, client: FlaskClient) -> None:
        answer = client.get("/docs")
        text = shown(answer)
        spec = client.get("/openapi.json").json
        for path, item in spec["paths"].items():
            assert path in text
            for operation in item.values():
                if isinstance(operation, dict):
                    assert operation["summary"].replace("`", "") in text
        assert not re.search(r'(src|href)="(https?:)?//', answer.text)
        assert "<script" not in answer.text

    def test_resolves_fields(self, client: FlaskClient) -> None:
        text = shown(client.get("/docs"))
        assert "text string required 1 to 20,000 characters" in text
        assert "status string one of approved, pending, rejected" in text.replace(" or null", "")

    def test_splits_code(self) -> None:
        assert reference.split_code("`a` and `<b>`") == [
            (True, "a"),
            (False, " and "),
            (True, "<b>"),
        ]


class TestHighlight:
    @staticmethod
    def reason(code: str, *spans: tuple[int, int]) -> dict:
        return {
            "code": code,
            "spans": [{"start": start, "end": end, "weight": 1.0} for start, end in spans],
        }

    def cut(self, text: str, *reasons: dict) -> list[tuple[str, tuple[str, ...]]]:
        return [(one.text, one.reasons) for one in highlight.cut(text, reasons)]

    def test_overlaps_are_split(self) -> None:
        found = self.cut("abcdef", self.reason("spam_score", (1, 4)), self.reason("threat", (3, 5)))
        assert found == [
            ("a", ()),
            ("bc", ("spam",)),
            ("d", ("spam", "threat")),
            ("e", ("threat",)),
            ("f", ()),
        ]

    def test_touching_and_nested_spans_of_one_reason_are_one(self) -> None:
        assert self.cut("abcd", self.reason("x", (0, 2), (2, 4), (1, 3))) == [("abcd", ("x",))]

    @pytest.mark.parametrize("spans", [[(5, 9)], [(-3, 0)], [(2, 2)], [(3, 1)]])
    def test_senseless_spans_are_ignored(self, spans) -> None:
        assert self.cut("abc", self.reason("x", *spans)) == [("abc", ())]

    def test_counts_code_points(self) -> None:
        assert self.cut("👍🏽 é!", self.reason("x", (3, 4))) == [
            ("👍🏽 ", ()),
            ("é", ("x",)),
            ("!", ()),
        ]

    def test_no_text(self) -> None:
        assert self.cut("") == []


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (200_000, "2 days ago"),
    ],
)
def test_age(make_time: Callable[[float], object], seconds: float, says: str) -> None:
    assert tell_age(START, make_time(seconds)) == says


@pytest.fixture
def make_time(clock: Clock):
    def make(seconds: float):
        clock.move(seconds=seconds)
        return clock()

    return make
