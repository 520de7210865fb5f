"""What a second stage has said, as verdicts, pages, models and metrics tell it."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from api.moderation.scoring import Scored, Scorer
from api.moderation.secondopinions import OUTCOMES, Opinion
from api.moderation.services import Services
from api.store.tables import Verdict
from api.web.pages.stages import TOLD, WORTH_TELLING
from classifier import LABELS, Submission
from tests.conftest import ON_SQLITE
from tests.factories import WordReader, put_policy, submit

HELD = "Come and buy spam0.6 today"
READER = WordReader.version
NOT_READ = [outcome for outcome in OUTCOMES if outcome != "given"]
Come = Callable[..., None]


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> Come:
    """Has whatever is scored from now on come to this with the second stage."""
    score = Scorer.score

    def to(outcome: str, model: str | None = None) -> None:
        def scored(self: Scorer, items: Sequence[Submission], *given: Any) -> list[Scored] | None:
            found = score(self, items, *given)
            self.second.outcomes.subtract({"off": len(items)})
            self.second.outcomes[outcome] += len(items)
            return found and [replace(one, opinion=Opinion(outcome, model)) for one in found]

        monkeypatch.setattr(Scorer, "score", scored)

    return to


def shown(answer: TestResponse) -> str:
    """What a person reads."""
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def age(services: Services) -> None:
    """Make all verdicts those of a release that knew nothing of a second stage."""
    with services.database.writing() as session:
        session.execute(update(Verdict).values(second_opinion=None, second_model=None))


def approximate(services: Services) -> None:
    """Mark the reasons of the only verdict, as those of both stages are marked."""
    with services.database.writing() as session:
        verdict = session.scalars(select(Verdict)).one()
        verdict.reasons = [{**one, "approximate": True} for one in verdict.reasons]


def tell(found: dict[str, Any]) -> tuple[str | None, str | None]:
    return found["verdict"]["second_opinion"], found["verdict"]["second_model"]


class TestVerdicts:
    def test_name_the_second_stage_that_has_read(self, backend: FlaskClient, come: Come) -> None:
        come("given", READER)
        one = submit(backend, HELD)
        assert tell(one) == ("given", READER)
        path = f"/v1/comments/{one['id']}"
        assert tell(backend.get(path).json) == ("given", READER)
        [verdict] = backend.get(f"{path}/history").json["verdicts"]
        assert (verdict["second_opinion"], verdict["second_model"]) == ("given", READER)

    @pytest.mark.parametrize("outcome", NOT_READ)
    def test_say_why_none_has(self, backend: FlaskClient, come: Come, outcome: str) -> None:
        come(outcome)
        assert tell(submit(backend, HELD)) == (outcome, None)

    def test_that_are_not_kept_say_so_too(self, backend: FlaskClient, come: Come) -> None:
        come("given", READER)
        body = {"article": {"id": "a-1"}, "text": HELD}
        assert tell(backend.post("/v1/comments/check", json=body).json) == ("given", READER)

    def test_of_each_wording_are_their_own(self, backend: FlaskClient, come: Come) -> None:
        come("late")
        path = f"/v1/comments/{submit(backend, HELD)['id']}"
        come("given", READER)
        assert tell(backend.patch(path, json={"text": "Another."}).json) == ("given", READER)
        kept = backend.get(f"{path}/history").json["verdicts"]
        assert [one["second_opinion"] for one in kept] == ["late", "given"]

    def test_of_old_releases_say_nothing(
        self, backend: FlaskClient, come: Come, services: Services
    ) -> None:
        come("given", READER)
        path = f"/v1/comments/{submit(backend, HELD)['id']}"
        age(services)
        assert tell(backend.get(path).json) == (None, None)

    def test_without_scores_say_nothing(self, backend: FlaskClient, scorer: Scorer) -> None:
        scorer.model = None
        assert tell(submit(backend, HELD)) == (None, None)

    def test_of_both_stages_have_both_in_them(self, backend: FlaskClient, scorer: Scorer) -> None:
        scorer.second.reader = WordReader()  # type: ignore[assignment]
        found = submit(backend, "You fool insult0.3 as INSULT0.95 says.")
        assert tell(found) == ("given", READER)
        assert backend.get(f"/v1/comments/{found['id']}").json == found
        assert (found["status"], found["verdict"]["model"]) == ("rejected", "words-1")
        [reason] = found["verdict"]["reasons"]
        assert (reason["code"], reason["approximate"]) == ("insult_score", True)
        assert found["verdict"]["scores"]["insult"] == 0.95
        assert "INSULT0.95" in [span["text"] for span in reason["spans"]]

    @ON_SQLITE
    def test_mark_what_is_approximate(self, backend: FlaskClient, services: Services) -> None:
        path = f"/v1/comments/{submit(backend, HELD)['id']}"
        [exact] = backend.get(path).json["verdict"]["reasons"]
        assert "approximate" not in exact
        approximate(services)
        assert backend.get(path).json["verdict"]["reasons"] == [{**exact, "approximate": True}]


@ON_SQLITE
class TestPages:
    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_a_comments_page_says_which_stage_decided(
        self, mo: FlaskClient, backend: FlaskClient, come: Come, outcome: str
    ) -> None:
        come(outcome, READER if outcome == "given" else None)
        page = shown(mo.get(f"/moderate/comments/{submit(backend, HELD)['id']}"))
        assert [says for says in TOLD.values() if says in page] == [TOLD[outcome]]
        assert (READER in page) is (outcome == "given")

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_the_queue_says_it_where_it_is_worth_the_room(
        self, mo: FlaskClient, backend: FlaskClient, come: Come, outcome: str
    ) -> None:
        come(outcome)
        submit(backend, HELD)
        page = shown(mo.get("/moderate"))
        told = [says for says in TOLD.values() if says in page]
        assert told == ([TOLD[outcome]] if outcome in WORTH_TELLING else [])

    def test_of_old_verdicts_nothing_is_said(
        self, mo: FlaskClient, backend: FlaskClient, services: Services
    ) -> None:
        one = submit(backend, HELD)["id"]
        age(services)
        for path in ("/moderate", f"/moderate/comments/{one}"):
            assert "stage" not in shown(mo.get(path))

    def test_nobody_is_told_of_a_sample(
        self, mo: FlaskClient, backend: FlaskClient, services: Services, site: int, come: Come
    ) -> None:
        put_policy(services, site, {"audit": 1})
        come("given", READER)
        one = submit(backend, "Fine spam0.2")["id"]
        for path in ("/moderate?queue=audit", f"/moderate/comments/{one}"):
            assert "Fine spam0.2" in shown(mo.get(path))
            assert TOLD["given"] not in shown(mo.get(path))

    def test_passages_that_are_approximate_are_marked_so(
        self, mo: FlaskClient, backend: FlaskClient, services: Services
    ) -> None:
        one = submit(backend, HELD)["id"]
        for path in ("/moderate", f"/moderate/comments/{one}"):
            assert "approximate" not in mo.get(path).text
        approximate(services)
        for path in ("/moderate", f"/moderate/comments/{one}"):
            answer = mo.get(path)
            assert "limit 0.50 passages approximate" in shown(answer)
            assert '<mark title="spam (approximate)"' in answer.text


@ON_SQLITE
class TestModels:
    PATH, PAGE = "/v1/learning/models", "/moderate/settings/model"

    def test_none_is_wanted(self, moderator: FlaskClient) -> None:
        found = moderator.get(self.PATH).json["second_stage"]
        assert (found["version"], found["usable"]) == (None, False)
        assert found["why_not"] == "WINNOW_READER says that there is to be none."
        assert set(found["outcomes"]) == set(OUTCOMES)

    def test_one_is_usable(self, moderator: FlaskClient, scorer: Scorer) -> None:
        scorer.second.reader = WordReader()  # type: ignore[assignment]
        found = moderator.get(self.PATH).json["second_stage"]
        assert (found["version"], found["usable"], found["why_not"]) == (READER, True, None)

    def test_one_cannot_be_used(
        self, moderator: FlaskClient, mo: FlaskClient, scorer: Scorer
    ) -> None:
        scorer.second.failure = "There is no file."
        found = moderator.get(self.PATH).json["second_stage"]
        assert (found["usable"], found["why_not"]) == (False, "There is no file.")
        assert "None is in use. There is no file." in shown(mo.get(self.PAGE))

    def test_what_came_of_it_is_counted(
        self, moderator: FlaskClient, mo: FlaskClient, backend: FlaskClient, come: Come
    ) -> None:
        before = moderator.get(self.PATH).json["second_stage"]["outcomes"]
        come("late")
        submit(backend, HELD)
        submit(backend, HELD)
        after = moderator.get(self.PATH).json["second_stage"]["outcomes"]
        more = {name: after[name] - before[name] for name in OUTCOMES if after[name] > before[name]}
        assert more == {"late": 2}
        assert f"{after['late']} {TOLD['late']}" in shown(mo.get(self.PAGE))

    def test_the_page_names_it(self, mo: FlaskClient, scorer: Scorer) -> None:
        scorer.second.reader = WordReader()  # type: ignore[assignment]
        assert f"{READER} reads English, on this machine." in shown(mo.get(self.PAGE))

    @pytest.mark.parametrize(
        ("when", "words", "hold"),
        [("never", "asked never.", 0.5), ("always", "asked about everything; where", 0.44)],
    )
    def test_the_page_says_when_it_is_asked_and_whose_thresholds_hold(
        self,
        mo: FlaskClient,
        scorer: Scorer,
        services: Services,
        site: int,
        when: str,
        words: str,
        hold: float,
    ) -> None:
        usual = {label: {"hold": 0.44, "reject": 0.88} for label in LABELS}
        profiles = dict.fromkeys(("relaxed", "balanced", "strict"), usual)
        reader: Any = WordReader(thresholds=usual, profiles=profiles)
        scorer.second.reader = reader
        put_policy(services, site, {"second_opinion": when})
        page = shown(mo.get(self.PAGE))
        assert words in page
        assert page.count(f"insult {hold}") == 1
        assert page.count(str(hold)) == 4 * len(LABELS)


@ON_SQLITE
class TestMetrics:
    def read(self, client: FlaskClient) -> dict[str, float]:
        lines = client.get("/metrics").text.splitlines()
        return {
            name: float(value)
            for name, _, value in (line.rpartition(" ") for line in lines if "# " not in line)
            if re.match("winnow_second_(opinions_total|stage)", name)
        }

    def test_count_what_came_of_it(
        self, client: FlaskClient, backend: FlaskClient, come: Come
    ) -> None:
        client.get("/live")
        before = self.read(client)
        come("given", READER)
        submit(backend, HELD)
        come("failed")
        submit(backend, HELD)
        after = self.read(client)
        series = 'winnow_second_opinions_total{{outcome="{}"}}'.format
        assert {key: after[key] - before[key] for key in before if after[key] > before[key]} == {
            series("given"): 1,
            series("failed"): 1,
        }
        assert set(before) == set(map(series, OUTCOMES))

    def test_say_whether_it_can_be_used(self, client: FlaskClient, scorer: Scorer) -> None:
        assert "winnow_second_stage_usable" not in self.read(client)
        scorer.second.reader = WordReader()  # type: ignore[assignment]
        assert self.read(client)["winnow_second_stage_usable"] == 1
        scorer.second.failure = "It broke."
        assert self.read(client)["winnow_second_stage_usable"] == 0
