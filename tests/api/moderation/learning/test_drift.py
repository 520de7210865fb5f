"""Drift: what is usual raises no alarm, and what is not raises one, once."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from api.moderation import access
from api.moderation.learning import (
    bands,
    drift,
    driftcounts,
    driftmeasures,
    driftwindows,
    vocabulary,
)
from api.moderation.learning.bands import Past
from api.moderation.learning.driftscales import Before
from api.moderation.services import Services
from api.store.jobs import LaterError
from api.store.tables import Comment
from classifier import LABELS
from tests.api.moderation.learning.days import (
    Came,
    keep,
    live,
    read_days,
    read_events,
    tell,
)
from tests.conftest import ON_SQLITE
from tests.factories import Clock

TODAY = date(2026, 11, 22)


def wide(middle: float) -> tuple[float, float]:
    """Bands that reach at least one to each side."""
    return middle - 1, middle + 1


def is_outside(value: float, before: list[float], outside: frozenset[int] = frozenset()) -> bool:
    """Whether a value is outside of the days before it; the last of them was yesterday."""
    past = [Past(len(before) - at, one, at in outside) for at, one in enumerate(before)]
    found = bands.judge(value, past, wide)
    return found is not None and found.outside


def test_a_band_takes_seven_days_and_is_no_narrower_than_its_floor() -> None:
    assert bands.judge(99.0, [Past(ago, 5.0, False) for ago in range(1, 7)], wide) is None
    assert not is_outside(5.9, [5.0] * 7)
    assert is_outside(6.1, [5.0] * 7)
    assert is_outside(3.9, [5.0] * 7)


def test_a_band_is_as_wide_as_the_days_before_differ() -> None:
    before = [float(5 + 2 * (at % 2)) for at in range(28)]
    # The median is 6, the MAD 1, and the band of 28 days a seventh wider for being of so few.
    edge = 6 + 4 * 1.4826 * (1 + 4 / 28)
    assert not is_outside(edge - 0.01, before)
    assert is_outside(edge + 0.01, before)


def test_a_weekend_is_not_strange() -> None:
    before = [1.0 if at % 7 in (5, 6) else 9.0 for at in range(26)]
    # The next day is a sixth of its week, as those that were 1.
    assert not is_outside(1.0, before)
    assert is_outside(1.0, before[:-1])
    assert is_outside(-2.0, before)


def test_what_was_strange_twice_on_a_day_of_the_week_is_usual_on_it() -> None:
    before = [9.0] * 28
    before[-7] = 1.0
    assert is_outside(1.0, before, frozenset({21}))
    before[-14] = 1.0
    assert not is_outside(1.0, before, frozenset({14, 21}))


def count(texts: list[str]) -> vocabulary.Counts:
    """The words of some comments."""
    counts = vocabulary.start()
    vocabulary.count(counts, texts)
    return counts


def test_a_word_counts_once_for_a_comment_however_it_is_written() -> None:
    counts = count(["Tea tea TEA teaaaaa teaaa", "tea", ""])
    assert sorted(counts[counts > 0]) == [1, 2]
    assert count(["word " * 2_000])[counts > 0].sum() == 0


def test_new_words_are_those_that_no_day_before_had() -> None:
    past = vocabulary.unite([vocabulary.pack(count([one])) for one in ("tea and cake", "jam")])
    assert vocabulary.find_unseen(count(["cake and jam"]), past) == 0
    assert vocabulary.find_unseen(count(["cake and pie", "tea"]), past) == 0.25
    assert vocabulary.find_unseen(count([""]), past) == 0


def test_a_quiet_day_is_no_farther_than_a_busy_one_and_another_topic_is() -> None:
    chance = np.random.default_rng(1)
    words = [f"word{number}" for number in range(400)]

    def say(many: int, among: list[str]) -> vocabulary.Counts:
        return count([" ".join(chance.choice(among, 12)) for _ in range(many)])

    past = vocabulary.unite([vocabulary.pack(say(300, words)) for _ in range(7)])
    busy, quiet = (vocabulary.find_distance(say(many, words), past) for many in (500, 50))
    topic = vocabulary.find_distance(say(50, words[:200]), past)
    assert max(busy, quiet) < 0.1 < 0.4 < topic <= 1
    assert vocabulary.find_distance(count([""]), past) == 0


class Simulated:
    """A site without a database, whose days are measured as the job does."""

    def __init__(self) -> None:
        self.days: list[tuple[dict[str, Any], Any, list[str]]] = []

    def live(self, document: dict[str, Any]) -> list[str]:
        """Measure a day; return what is outside."""
        past = [
            Before(len(self.days) - at, *day)
            for at, day in enumerate(self.days)
            if at + driftwindows.KEPT >= len(self.days)
        ]
        found, outside = driftmeasures.measure(document, {}, past)
        self.days.append((document, found, outside))
        return outside


def describe(chance: np.random.Generator, mood: float, weekend: bool) -> dict[str, Any]:
    """A day that differs from others more than by the chance of a draw, as real ones do."""
    odds = chance.normal(0, mood, 3)
    came = int(chance.poisson(300 * (0.5 if weekend else 1) * np.exp(odds[0])))
    scores = {}
    for label in LABELS:
        bad = chance.random(came) < 0.1 * np.exp(chance.normal(0, mood))
        drawn = np.where(bad, chance.beta(4, 2, came), chance.beta(0.6, 12, came))
        bins = np.searchsorted(driftcounts.EDGES, drawn, "right")
        scores[label] = np.bincount(bins, minlength=10).tolist()
    held = int(chance.binomial(came, 1 / (1 + np.exp(1.5 - odds[1]))))
    wrong = int(chance.binomial(held, 1 / (1 + np.exp(0.7 - odds[2]))))
    decided = {"": [held, wrong], "spam_score": [held // 2, wrong // 2]}
    return {
        "came": came,
        "held": held,
        "scored": came,
        "model": "words-1",
        "scores": scores,
        "decided": decided,
    }


@pytest.mark.parametrize(("mood", "most"), [(0.1, 0), (0.2, 2)])
def test_stable_sites_raise_hardly_any_alarm_in_sixty_days(mood: float, most: int) -> None:
    alarms = 0
    for seed in range(8):
        chance, made, before = np.random.default_rng(seed), Simulated(), set[str]()
        for day in range(60):
            outside = {*made.live(describe(chance, mood, day % 7 >= 5))}
            alarms += len(outside - before)
            before = outside
    # Of 8 sites and 60 days, with eleven figures each: of 5,280.
    assert alarms <= most


def test_days_that_pass_raise_no_alarm_and_a_wave_does_once(
    services: Services, site: int, clock: Clock
) -> None:
    chance = np.random.default_rng(7)
    for _ in range(24):
        live(services, clock, site, tell(chance, 90))
    assert read_events(services, site) == []

    wave = [Came("cheap watches at my shop", 0.97, "reject", "spam_score")] * 45
    for _ in range(2):
        live(services, clock, site, [*tell(chance, 90), *wave])
    noticed = ("drift.noticed", "score.spam")
    assert read_events(services, site).count(noticed) == 1

    # A window has four such days: then the wave is in it no more.
    for _ in range(4):
        live(services, clock, site, tell(chance, 90))
    told = [event for event in read_events(services, site) if event[1] == "score.spam"]
    assert told == [noticed, ("drift.ended", "score.spam")]
    last = read_days(services, site)[-6:]
    is_outside = ["score.spam" in row.outside for row in last]
    assert (is_outside[0], is_outside[-1]) == (True, False)
    assert ["score.spam" in row.measures["alarms"] for row in last] == is_outside


@ON_SQLITE
def test_a_new_vocabulary_is_noticed(services: Services, site: int, clock: Clock) -> None:
    chance = np.random.default_rng(8)
    for _ in range(24):
        live(services, clock, site, tell(chance, 80))
    for day in range(2):
        strange = [Came(f"zyx{at}{day} qux{at} vox{at} wix{at}{day} yaz{at}") for at in range(40)]
        live(services, clock, site, [*tell(chance, 40), *strange])

    noticed = {name for _, name in read_events(services, site)}
    assert noticed >= {"words.unseen", "words.distance"}


def test_people_who_draw_another_line_are_noticed(
    services: Services, site: int, clock: Clock
) -> None:
    chance = np.random.default_rng(9)
    for _ in range(22):
        live(services, clock, site, tell(chance, 120, held=0.4, wrong=0.2))
    assert read_events(services, site) == []
    for _ in range(3):
        live(services, clock, site, tell(chance, 120, held=0.4, wrong=0.8))

    assert read_events(services, site) == [
        ("drift.noticed", "overrides"),
        ("drift.noticed", "false_holds.spam_score"),
    ]


def test_only_what_people_do_of_themselves_one_by_one_is_counted(
    services: Services, site: int, clock: Clock
) -> None:
    held = {"spam": 0.6, "verdict": "hold", "code": "spam_score"}
    rows = [
        *[Came("a", decision="approve", **held)] * 3,
        *[Came("a", decision="reject", **held)] * 4,
        *[Came("a", decision="approve", bulk=1, **held)] * 5,
        *[Came("a", decision="approve", asked=0.8, **held)] * 6,
        *[Came("a", decision="approve", undone=True, **held)] * 7,
        Came("a", decision="reject"),
        Came("a", 0.97, "reject", "spam_score", "approve"),
    ]
    live(services, clock, site, rows)

    [day] = read_days(services, site)
    assert day.measures["decided"] == {"": [9, 5], "spam_score": [7, 3]}
    assert (day.measures["came"], day.measures["held"]) == (27, 25)
    assert day.measures["scores"]["spam"] == [0, 0, 1, 0, 0, 0, 0, 25, 0, 1]


@ON_SQLITE
def test_a_decision_undone_since_is_counted_anew(
    services: Services, site: int, clock: Clock
) -> None:
    held = {"spam": 0.6, "verdict": "hold", "code": "spam_score"}
    live(services, clock, site, [Came("a", decision="approve", **held)] * 30)
    [before] = read_days(services, site)
    with services.database.writing() as session:
        session.get_one(Comment, 1).decision_version = None
    live(services, clock, site, [])

    after = read_days(services, site)[0]
    assert before.measures["found"]["overrides"][:3] == [1.0, 30, 30]
    assert after.measures["found"]["overrides"][:3] == [1.0, 29, 29]
    assert after.measured_at > before.measured_at


@ON_SQLITE
def test_another_model_is_no_change_of_the_comments(
    services: Services, site: int, clock: Clock
) -> None:
    chance = np.random.default_rng(3)
    for _ in range(15):
        live(services, clock, site, tell(chance, 60))
    assert "score.spam" in read_days(services, site)[-1].measures["found"]
    live(services, clock, site, [Came("a fine day", 0.6, model="words-2+site")] * 60)

    day = read_days(services, site)[-1]
    assert not any(name.startswith("score.") for name in day.measures["found"])
    assert day.measures["model"] == "words-2"


@ON_SQLITE
def test_a_day_is_measured_once_it_has_ended_and_only_once(
    services: Services, site: int, clock: Clock
) -> None:
    keep(services, site, tell(np.random.default_rng(1), 60))
    drift.watch(services)
    assert read_days(services, site) == []
    clock.move(hours=12, minutes=9)
    drift.watch(services)
    assert read_days(services, site) == []
    clock.move(minutes=1)
    drift.watch(services)
    [first] = read_days(services, site)
    clock.move(hours=1)
    drift.watch(services)

    [again] = read_days(services, site)
    assert first.day == TODAY
    assert again.measured_at == first.measured_at
    drift.close(services, site, TODAY)
    assert len(read_days(services, site)) == 1


@ON_SQLITE
def test_days_that_were_missed_are_made_up_for_without_stale_news(
    services: Services, site: int, clock: Clock
) -> None:
    chance = np.random.default_rng(2)
    for day in range(90):
        wave = [Came("cheap watches", 0.97, "reject")] * (40 if day in (60, 61) else 0)
        keep(services, site, [*tell(chance, 60), *wave])
        clock.move(days=1)
    for _ in range(2):
        with pytest.raises(LaterError):
            drift.watch(services)
    drift.watch(services)

    days = read_days(services, site)
    assert days[0].day == TODAY + timedelta(days=90 - drift.BACK)
    assert len(days) == drift.BACK
    assert [row.day for row in days if "score.spam" in row.outside]
    assert read_events(services, site) == []


@ON_SQLITE
def test_words_are_forgotten_when_no_day_is_compared_with_them(
    services: Services, site: int, clock: Clock
) -> None:
    for _ in range(31):
        live(services, clock, site, [Came("a fine day")] * driftwindows.ENOUGH)

    kept = [row.words is not None for row in read_days(services, site)]
    assert kept == [False] * 3 + [True] * 28


@ON_SQLITE
def test_words_are_kept_for_longer_where_windows_are_longer(
    services: Services, site: int, clock: Clock
) -> None:
    for _ in range(50):
        live(services, clock, site, [Came("a fine day")] * 30)

    # Windows of ten days are compared with thirty days before each.
    kept = [row.words is not None for row in read_days(services, site)]
    assert kept == [False] * 11 + [True] * 39


def test_a_small_site_is_told_of_many_days_together(
    services: Services, site: int, clock: Clock
) -> None:
    chance = np.random.default_rng(5)
    for _ in range(52):
        live(services, clock, site, tell(chance, 30))
    assert read_events(services, site) == []
    spam = [Came("cheap watches at my shop", 0.97, "reject", "spam_score")] * 10
    for _ in range(5):
        live(services, clock, site, [*tell(chance, 20), *spam])

    assert ("drift.noticed", "score.spam") in read_events(services, site)
    found = read_days(services, site)[-1].measures["found"]
    assert {found[name][1] for name in ("held", "score.spam", "words.unseen")} == {300}
    assert {found[name][5] for name in ("held", "score.spam", "words.unseen")} == {10}
    # The day itself, and nothing else, is how many came.
    assert (found["volume"][0], found["volume"][5]) == (30, 1)


@ON_SQLITE
def test_a_site_with_hardly_any_comments_is_told_of_28_days(
    services: Services, site: int, clock: Clock
) -> None:
    for _ in range(24):
        live(services, clock, site, [Came("a fine day", verdict="hold")] * 2)
    assert "held" not in read_days(services, site)[-1].measures["found"]
    for _ in range(6):
        live(services, clock, site, [Came("a fine day", verdict="hold")] * 2)

    assert read_days(services, site)[-1].measures["found"]["held"][:3] == [1.0, 56, 56]


@ON_SQLITE
def test_a_site_that_falls_silent_is_noticed(services: Services, site: int, clock: Clock) -> None:
    chance = np.random.default_rng(4)
    for _ in range(9):
        live(services, clock, site, tell(chance, 90))
    live(services, clock, site, tell(chance, 4))

    assert read_events(services, site) == [("drift.noticed", "volume")]


@ON_SQLITE
def test_what_comes_elsewhere_is_of_no_account(services: Services, site: int, clock: Clock) -> None:
    other = access.create_site(services, "elsewhere")
    keep(services, other, tell(np.random.default_rng(1), 70))
    live(services, clock, site, [Came("a fine day")])

    assert [row.measures["came"] for row in read_days(services, site)] == [1]
    assert [row.measures["came"] for row in read_days(services, other)] == [70]


@ON_SQLITE
def test_of_very_many_comments_some_stand_for_all(
    services: Services, site: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driftcounts, "MOST", 20)
    live(services, clock, site, tell(np.random.default_rng(1), 90))

    [day] = read_days(services, site)
    assert (day.measures["came"], day.measures["scored"]) == (90, 18)
