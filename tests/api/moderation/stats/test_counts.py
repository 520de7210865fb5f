"""The figures, counted once more in plain Python over made-up histories, on both databases."""

import random
from collections import Counter
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import pytest
from flask.testing import FlaskClient
from sklearn.metrics import cohen_kappa_score

from api.moderation import access
from api.moderation.services import Services
from api.moderation.stats import decided, volumes
from tests.api.moderation.stats import histories
from tests.api.moderation.stats.histories import PEOPLE, Said, Story
from tests.factories import put_policy

DAYS = 7


def sort(said: dict[str | None, str | None]) -> dict[str, str]:
    """What two people said, by their names in order."""
    return {str(who): str(said[who]) for who in sorted(said, key=str)}


def day_of(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")


class Reference:
    """What is to be counted of one site."""

    def __init__(self, site: int, stories: list[Story], now: datetime) -> None:
        self.stories = [one for one in stories if one.site == site]
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.since = midnight - timedelta(days=DAYS - 1)
        self.days = [day_of(self.since + timedelta(days=one)) for one in range(DAYS)]

    def made(self) -> list[tuple[Story, Said]]:
        """The decisions of the period with their comments."""
        return [
            (story, one)
            for story in self.stories
            for one in story.decisions
            if one.at >= self.since
        ]

    def verdict_before(self, story: Story, decision: Said) -> Said:
        return [one for one in story.verdicts if one.version < decision.version][-1]

    def is_first(self, story: Story, decision: Said) -> bool:
        before = [one for one in story.decisions if one.version < decision.version]
        same = [one for one in before if one.revision == decision.revision]
        final = decision.action != "escalate"
        return final and not any(one.action != "escalate" for one in same)

    def volumes(self) -> dict[str, Counter[str]]:
        found = {day: Counter[str]() for day in self.days}
        names = {"approve": "approved", "hold": "held", "reject": "rejected"}
        for story in self.stories:
            if story.came >= self.since:
                found[day_of(story.came)]["came"] += 1
                said = names[story.verdicts[0].action]
                found[day_of(story.came)]["undisclosed" if story.is_open_sample else said] += 1
        return found

    def waits(self) -> dict[str, list[float]]:
        found: dict[str, list[float]] = {day: [] for day in self.days}
        for story, one in self.made():
            verdict = self.verdict_before(story, one)
            if one.bulk is None and verdict.action == "hold" and self.is_first(story, one):
                found[day_of(one.at)].append((one.at - verdict.at).total_seconds() / 60)
        return found

    def backlog(self) -> dict[str, int]:
        spans = []
        for story in self.stories:
            last, decision = story.verdicts[-1], story.in_force
            if story.status == "pending":
                since = last.at if last.action == "hold" else (decision or last).at
                spans.append((since, None))
        for story, one in self.made():
            verdict = self.verdict_before(story, one)
            if verdict.action == "hold" and self.is_first(story, one):
                spans.append((verdict.at, one.at))
        return {
            day: sum(
                day_of(since) <= day and (until is None or day_of(until) > day)
                for since, until in spans
            )
            for day in self.days
        }

    def telling(self) -> list[tuple[Story, Said, Said, float]]:
        """Decisions that say something of the machine, with what each stands for."""
        found = []
        for story, one in self.made():
            verdict = self.verdict_before(story, one)
            tells = one is story.in_force and not story.is_blind and one.bulk is None
            if not tells or one.action == "escalate" or verdict is not story.verdicts[-1]:
                continue
            if verdict.action == "hold":
                found.append((story, one, verdict, 1.0))
            elif story.sampled:
                found.append((story, one, verdict, 1 / story.sampled))
        return found


@pytest.fixture(params=range(2))
def history(request: pytest.FixtureRequest, services: Services, site: int) -> Reference:
    chance = random.Random(request.param)
    put_policy(services, site, {"audit": 0.5})
    other = access.create_site(services, "other")
    stories = histories.tell(chance, (site, other), services.now(), 320)
    histories.keep(services, stories)
    histories.begin_bulk(services, site)
    return Reference(site, stories, services.now())


@pytest.fixture
def found(history: Reference, moderator: FlaskClient) -> Any:
    return moderator.get(f"/v1/stats?days={DAYS}").json


def by_day(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return {row["day"]: row[name] for row in rows}


def test_volumes(history: Reference, found: Any) -> None:
    expected = history.volumes()
    for name in ("came", "approved", "held", "rejected", "undisclosed"):
        counts = {day: counts[name] for day, counts in expected.items()}
        assert by_day(found["volumes"]["by_day"], name) == counts
        assert found["volumes"][name] == sum(counts.values())
    came = [one for one in history.stories if one.came >= history.since]
    held = sum(one.verdicts[0].action == "hold" and not one.is_open_sample for one in came)
    assert found["volumes"]["automatic"]["n"] == len(came)
    assert found["volumes"]["automatic"]["hits"] == len(came) - held
    assert found["volumes"]["undisclosed"] > 0


def test_waiting(history: Reference, found: Any) -> None:
    expected = history.waits()
    assert sum(map(len, expected.values())) > 20
    for row in found["waiting"]["by_day"]:
        waits = sorted(expected[row["day"]])
        assert row["n"] == len(waits)
        assert row["median_minutes"] == (pytest.approx(median(waits), abs=0.06) if waits else None)
        if len(waits) < 10:
            assert row["p90_minutes"] is None
        else:
            within = sum(wait <= row["p90_minutes"] + 0.06 for wait in waits)
            assert within >= 0.9 * len(waits)
    everything = [wait for waits in expected.values() for wait in waits]
    assert found["waiting"]["n"] == len(everything)
    assert found["waiting"]["median_minutes"] == pytest.approx(median(everything), abs=0.06)


def test_backlog(history: Reference, found: Any) -> None:
    expected = history.backlog()
    assert by_day(found["backlog"]["by_day"], "waiting") == expected
    now = sum(one.status == "pending" for one in history.stories)
    assert found["backlog"]["now"] == {"default": now}
    assert expected[history.days[-1]] == now > 0


def test_decisions(history: Reference, found: Any) -> None:
    told, made = found["decisions"], history.made()
    single = [(story, one) for story, one in made if one.bulk is None]
    assert (told["made"], told["bulk"]) == (len(single), len(made) - len(single))
    assert told["bulk_decisions"] == 1
    assert told["undone"]["n"] == len(single)
    assert told["undone"]["hits"] == sum(one.undone for _, one in single)
    kinds = {"approved": "approve", "rejected": "reject", "escalated": "escalate"}
    for name, action in kinds.items():
        shown = Counter(
            day_of(one.at) for story, one in single if one.action == action and not story.is_blind
        )
        assert by_day(told["by_day"], name) == {day: shown[day] for day in history.days}
    hours = Counter(one.at.hour for _, one in single)
    assert [row["decisions"] for row in told["by_hour"]] == [hours[hour] for hour in range(24)]
    worked = {(one.actor, one.at.strftime("%Y-%m-%d %H")) for _, one in single}
    assert told["an_hour"] == pytest.approx(len(single) / len(worked), abs=0.06)


def test_people(history: Reference, found: Any) -> None:
    told = {one["actor"]: one for one in found["moderators"]}
    assert set(told) == set(PEOPLE)
    ended = [
        look
        for story in history.stories
        for look in story.looks
        if look.at and look.at >= history.since
    ]
    for who in PEOPLE:
        own = [one for _, one in history.made() if one.actor == who]
        single = [one for one in own if one.bulk is None]
        assert told[who]["decisions"] == len(single)
        assert told[who]["bulk"] == len(own) - len(single)
        assert told[who]["undone"]["hits"] == sum(one.undone for one in single)
        said = sum(look.kind == "agree" and look.first == who for look in ended)
        said += sum(
            look.second == who and (look.kind == "recheck" or look.action != look.other)
            for look in ended
        )
        assert told[who]["opinions"] == said


def test_reasons(history: Reference, found: Any) -> None:
    expected: dict[tuple[str, str], list[tuple[bool, float]]] = {}
    for story, one, verdict, weight in history.telling():
        for code in story.codes:
            opinions = expected.setdefault((code, verdict.action), [])
            opinions.append((one.action == "reject", weight))
    told = {(one["code"], one["verdict"]): one for one in found["reasons"]}
    assert set(told) == set(expected)
    for key, opinions in expected.items():
        precision, overridden = told[key]["precision"], told[key]["overridden"]
        right = sum(rejected for rejected, _ in opinions)
        assert (precision["n"], precision["hits"]) == (len(opinions), right)
        assert (overridden["n"], overridden["hits"]) == (len(opinions), len(opinions) - right)
        if len(opinions) < 20:
            assert precision["value"] is overridden["value"] is None
            continue
        whole = sum(weight for _, weight in opinions)
        share = sum(weight for rejected, weight in opinions if rejected) / whole
        assert precision["value"] == pytest.approx(share, abs=1e-4)
        assert overridden["value"] == pytest.approx(1 - share, abs=2e-4)
        assert precision["low"] <= precision["value"] <= precision["high"]


def test_samples(history: Reference, found: Any) -> None:
    told, telling = found["samples"], history.telling()
    recent = [one for one in telling if one[0].came >= history.since]
    kinds = {"false_holds": ("hold", "approve"), "false_rejections": ("reject", "approve")}
    kinds["missed"] = "approve", "reject"
    for name, (verdict, wrong) in kinds.items():
        own = [one for one in recent if one[2].action == verdict]
        hits = [one for one in own if one[1].action == wrong]
        assert (told[name]["n"], told[name]["hits"]) == (len(own), len(hits))
        if len(own) >= 20:
            share = sum(one[3] for one in hits) / sum(one[3] for one in own)
            assert told[name]["value"] == pytest.approx(share, abs=1e-4)
    came = [one for one in history.stories if one.came >= history.since]
    assert told["open"] == sum(one.is_open_sample for one in came)


def test_what_is_caught_counts_those_that_wait_by_those_decided(
    history: Reference, found: Any
) -> None:
    recent = [one for one in history.telling() if one[0].came >= history.since]
    came = [one for one in history.stories if one.came >= history.since]
    held = [one for one in recent if one[2].action == "hold"]
    drawn = [one for one in recent if one[2].action != "hold"]
    of_held = 1 + sum(one.status == "pending" for one in came) / max(len(held), 1)
    open_weight = sum(1 / one.sampled for one in came if one.is_open_sample and one.sampled)
    of_drawn = 1 + open_weight / max(sum(one[3] for one in drawn), 1)
    for name, action in (("caught", "reject"), ("stopped", "approve")):
        stopped = of_held * sum(one[1].action == action for one in held)
        own = [one for one in drawn if one[1].action == action]
        stopped += of_drawn * sum(one[3] for one in own if one[2].action == "reject")
        passed = of_drawn * sum(one[3] for one in own if one[2].action == "approve")
        told = found["samples"][name]
        assert told["n"] == len([one for one in recent if one[1].action == action])
        if told["value"] is not None:
            assert told["value"] == pytest.approx(stopped / (stopped + passed), abs=1e-4)
            assert told["low"] <= told["value"] <= told["high"]


def test_agreement(history: Reference, found: Any) -> None:
    ended = [
        look
        for story in history.stories
        for look in story.looks
        if look.at and look.at >= history.since
    ]
    told = found["agreement"]
    assert told["whole"]["n"] == len(ended) > 0
    assert told["whole"]["agreed"] == sum(look.action == look.other for look in ended)
    pairs = Counter(tuple(sorted((look.first, look.second or ""))) for look in ended)
    assert {(one["one"], one["other"]): one["n"] for one in told["pairs"]} == pairs
    enough = [pair for pair in told["pairs"] if pair["n"] >= 20]
    assert enough
    for one in enough:
        said = [
            {look.first: look.action, look.second: look.other}
            for look in ended
            if {look.first, look.second} == {one["one"], one["other"]}
        ]
        expected = cohen_kappa_score(
            *zip(*(both.values() for both in map(sort, said)), strict=True)
        )
        assert one["value"] == pytest.approx(expected, abs=1e-4)
    for one in told["reasons"]:
        same = sum(
            (look.reason == one["code"]) == (look.other_reason == one["code"]) for look in ended
        )
        assert (one["n"], one["agreed"]) == (len(ended), same)


def test_reports(history: Reference, found: Any) -> None:
    came = [one for story in history.stories for one in story.reports if one[0] >= history.since]
    told = found["reports"]
    assert told["came"] == len(came) > 0
    assert told["upheld"]["hits"] == sum(outcome == "upheld" for _, outcome in came)
    assert told["dismissed"] == sum(outcome == "dismissed" for _, outcome in came)
    assert told["open"] == sum(outcome is None for _, outcome in came)
    days = Counter(day_of(at) for at, _ in came)
    assert by_day(told["by_day"], "came") == {day: days[day] for day in history.days}


def test_of_too_many_comments_some_stand_for_all(
    history: Reference, moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = moderator.get(f"/v1/stats?days={DAYS}").json["volumes"]
    monkeypatch.setattr(volumes, "MOST", 80)
    told = moderator.get(f"/v1/stats?days={DAYS}").json["volumes"]

    assert exact["every"] == 1
    assert told["every"] in (2, 3)
    assert told["came"] % told["every"] == 0
    assert told["came"] == pytest.approx(exact["came"], rel=0.25)
    assert told["automatic"]["n"] == told["came"] // told["every"]


def test_of_too_many_decisions_the_newest_count(
    history: Reference, moderator: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decided, "MOST", 20)
    told = moderator.get(f"/v1/stats?days={DAYS}").json
    newest = sorted(one.at for _, one in history.made() if one.bulk is None)[-20:]

    assert told["decisions"]["made"] == 20
    assert datetime.fromisoformat(told["decisions_since"]) == newest[0]
