"""The pages of audit samples and of the threshold advisor, without JavaScript."""

import html
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.advice.measuring import Estimate, Point
from api.moderation.services import Services
from api.store.tables import Moderator, SignIn
from api.web.pages import advice_chart
from api.web.pages.advice import tell
from api.web.pages.advice_chart import Mark
from tests.api.moderation.deciding import Kept, keep
from tests.factories import START, put_policy, submit

PAGE = "/moderate/policy/advice"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def mo(app: Flask, services: Services, site: int) -> FlaskClient:
    """The browser of a moderator who has signed in."""
    with services.database.writing() as session:
        moderator = Moderator(
            site_id=site, email="mo@example.org", password_hash="", created_at=START
        )
        session.add(moderator)
        session.flush()
        until = START + timedelta(hours=12)
        digest = access.digest("token")
        signed = SignIn(
            digest=digest, moderator_id=moderator.id, created_at=START, expires_at=until
        )
        session.add(signed)
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    client.set_cookie("winnow", "token")
    return client


def shown(page: str) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


class TestSamples:
    @pytest.fixture(autouse=True)
    def audited(self, services: Services, site: int, backend: FlaskClient) -> None:
        """Everything is a sample; one comment waits."""
        put_policy(services, site, {"audit": 1})
        submit(backend, "spam0.97 for sale", id="c-1")
        submit(backend, "spam0.60 maybe", id="c-2")

    def test_have_a_tab_with_their_number(self, mo: FlaskClient) -> None:
        page = mo.get("/moderate").text
        assert "Samples 1" in shown(page)
        assert "for sale" not in page

    def test_do_not_show_what_the_machine_said(self, mo: FlaskClient) -> None:
        page = mo.get("/moderate?queue=audit").text
        said = shown(page)
        assert "spam0.97 for sale" in said
        assert "judge for yourself" in said
        for word in (
            'class="scores"',
            "<mark",
            "limit",
            "sure)",
            "verdict",
            "rejected",
            "Rejected",
        ):
            assert word not in page
        assert "maybe" not in page
        waiting = mo.get("/moderate").text
        assert 'class="scores"' in waiting, (
            "what waits shows its scores, so the words above can be found"
        )

    @pytest.mark.parametrize(("action", "word"), [("approve", "Approved"), ("reject", "Rejected")])
    def test_are_decided_and_undone_in_place(self, mo: FlaskClient, action: str, word: str) -> None:
        path = "/moderate/comments/c-1"
        form = {"action": action, "version": 1, "next": "/moderate?queue=audit"}
        answer = mo.post(f"{path}/decision", data=form)
        assert answer.headers["Location"] == "/moderate?queue=audit&done=c-1"
        after = mo.get(answer.headers["Location"]).text
        assert f"{word}." in shown(after)
        assert "No sample waits" in shown(after)
        undone = mo.post(f"{path}/undo", data={"version": 2}, headers={"Winnow-Item": "yes"})
        assert undone.json == {"id": "c-1", "version": 3, "says": "Undone"}
        again = mo.get("/moderate?queue=audit").text
        assert "judge for yourself" in shown(again)
        assert 'class="scores"' not in again

    def test_cannot_be_asked_for_by_reason(self, mo: FlaskClient) -> None:
        assert mo.get("/moderate?queue=audit&reason=spam_score").status_code == 422

    def test_no_tab_where_there_are_none(self, mo: FlaskClient) -> None:
        mo.post("/moderate/comments/c-1/decision", data={"action": "reject", "version": 1})
        assert "Samples" not in shown(mo.get("/moderate").text)


class TestAdvice:
    @pytest.fixture
    def decided(self, services: Services, site: int) -> None:
        """Enough to go by, and no audit samples."""
        rows = [
            *[Kept(0.1, "approve")] * 500,
            *[Kept(0.6, "hold", "approve")] * 60,
            *[Kept(0.6, "hold", "reject", "abusive")] * 40,
            *[Kept(0.8, "hold", "approve")] * 5,
            *[Kept(0.8, "hold", "reject")] * 95,
            *[Kept(0.8, "hold", "reject", "other")] * 3,
            *[Kept(0.8, "hold")] * 2,
            *[Kept(0.95, "reject")] * 5,
        ]
        keep(services, site, "toxicity", rows)

    def test_needs_somebody_who_is_signed_in(self, app: Flask) -> None:
        answer = app.test_client().get(f"{PAGE}?score=spam")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/moderate/sign-in?next=/moderate/policy")

    @pytest.mark.usefixtures("decided")
    def test_says_the_threshold_and_what_it_does(self, mo: FlaskClient) -> None:
        page = mo.get(f"{PAGE}?score=toxicity&target=precision:0.9&days=30")
        said = shown(page.text)
        assert page.status_code == 200
        assert "Hold from 0.8 At 0.8: precision 0.95 (0.89 to 0.98), recall not known," in said
        assert "105 comments a day held, about 35 minutes to look at" in said
        assert "5 comments a day rejected" in said
        assert "In force now. At 0.5: precision 0.68" in said
        assert "200 decisions: 135 rejections and 65 approvals, 0 of them" in said
        assert "Recall is not known. 0 audit samples have been decided" in said
        assert "2 held comments and samples wait still" in said
        assert "3 rejections for another reason" in said
        assert "What was rejected without a person is not among it" in said
        assert '<option value="precision:0.9" selected>' in page.text
        assert '<option value="30" selected>' in page.text
        assert (
            page.text.count("<script")
            == page.text.count('<script type="module" src="/static/')
            == 1
        )
        assert " style=" not in page.text

    @pytest.mark.usefixtures("decided")
    def test_has_a_picture_that_can_be_read_aloud(self, mo: FlaskClient) -> None:
        page = mo.get(f"{PAGE}?score=toxicity&target=precision:0.9").text
        [picture] = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        root = ElementTree.fromstring(picture)
        names = root.attrib["aria-labelledby"].split()
        said = {one.attrib["id"]: one.text for one in root if "id" in one.attrib}
        assert said[names[0]] == "Precision and recall of toxicity by threshold"
        assert "advised is 0.8" in (said[names[1]] or "")
        assert root.find("line[@class='advised']") is not None
        assert root.find("path[@class='recall']") is None, "nobody knows it"

    @pytest.mark.usefixtures("decided")
    def test_says_so_when_no_threshold_will_do(self, mo: FlaskClient) -> None:
        said = shown(mo.get(f"{PAGE}?target=precision:0.99").text)
        assert "No threshold meets this" in said

    @pytest.mark.usefixtures("decided")
    def test_keeps_a_target_of_ones_own(self, mo: FlaskClient) -> None:
        page = mo.get(f"{PAGE}?target=minutes:40&days=31").text
        assert '<option value="minutes:40" selected>' in page
        assert '<option value="31" selected>' in page
        assert "Hold from 0.8" in shown(page)

    def test_says_what_is_missing(self, mo: FlaskClient, services: Services, site: int) -> None:
        keep(services, site, "toxicity", [Kept(0.6, "hold", "reject")] * 12)
        said = shown(mo.get(f"{PAGE}?target=recall:0.8").text)
        assert "Too little has been decided yet" in said
        assert "rejections for what the score is about 12 of 50" in said
        assert "approvals 0 of 50" in said
        assert "audit samples, decided 0 of 50" in said

    def test_says_that_there_is_no_classifier(self, mo: FlaskClient, services: Services) -> None:
        services.scorer.model = None
        assert "There is no classifier" in shown(mo.get(PAGE).text)

    @pytest.mark.parametrize(
        "query", ["score=rudeness", "target=precision:2", "days=0", "days=x", "target=<script>"]
    )
    def test_refuses_what_it_does_not_know(self, mo: FlaskClient, query: str) -> None:
        answer = mo.get(f"{PAGE}?{query}")
        assert answer.status_code == 422
        assert "<script>" not in answer.text


def point(threshold: float, precision: float, recall: float | None = None) -> Point:
    low, high = max(0.0, precision - 0.1), min(1.0, precision + 0.1)
    found = None if recall is None else Estimate(recall, recall, recall)
    return Point(threshold, Estimate(precision, low, high), found, 41.2, 0, 34.9)


class TestDrawing:
    def draw(self, *thresholds: float, marks: tuple[Mark, ...] = ()) -> ElementTree.Element:
        curve = [point(one, 0.5 + one / 2, 1 - one) for one in thresholds]
        return ElementTree.fromstring(advice_chart.draw(curve, marks, "<spam>"))

    def test_lines_go_where_the_numbers_are(self) -> None:
        root = self.draw(0, 0.5, 1)
        path = root.find("path[@class='precision']")
        assert path is not None
        places = [tuple(map(float, one.split())) for one in path.attrib["d"][1:].split("L")]
        (left, low), (middle, half), (right, top) = places
        assert middle == pytest.approx((left + right) / 2)
        assert half == pytest.approx((low + top) / 2)
        ends = [one for one in root.iter("line") if one.attrib["class"] == "grid"]
        assert {float(ends[0].attrib["x1"]), float(ends[0].attrib["x2"])} == {left, right}
        assert {float(one.attrib["y1"]) for one in ends} >= {low, top}
        recall = root.find("path[@class='recall']")
        assert recall is not None
        first = recall.attrib["d"][1:].split("L")[0]
        assert tuple(map(float, first.split())) == (left, top)

    @pytest.mark.parametrize(
        "span", [(0, 1), (0.5, 0.9), (0.97, 0.99), (0.985, 0.9851), (0.3, 0.3)]
    )
    def test_everything_is_inside_the_picture(self, span: tuple[float, float]) -> None:
        marks = (Mark("in-force", "in force", span[1]), Mark("advised", "advised", span[0]))
        root = self.draw(*span, marks=marks)
        ticks = [one for one in root.iter("text") if one.attrib["class"] == "tick"]
        assert 8 <= len(ticks) <= 16
        for one in root.iter("text"):
            width = len(one.text or "") * 6
            at = float(one.attrib["x"])
            start = at - {"start": 0, "middle": width / 2, "end": width}[one.attrib["text-anchor"]]
            assert start >= 0
            assert start + width <= advice_chart.WIDTH
            assert 0 < float(one.attrib["y"]) < advice_chart.HEIGHT

    def test_words_are_no_markup(self) -> None:
        title = self.draw(0.1, 0.9).find("title")
        assert title is not None
        assert title.text == "Precision and recall of <spam> by threshold"


def test_a_point_in_a_sentence() -> None:
    assert tell(point(0.83, 0.9)) == (
        "At 0.83: precision 0.90 (0.80 to 1.00), recall not known,"
        " 41 comments a day held, about 35 minutes to look at."
    )
