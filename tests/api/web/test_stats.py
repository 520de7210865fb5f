"""The figures over HTTP, by what goes in and out at the front door."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation.access import Caller
from api.moderation.services import Services
from api.moderation.stats import agreement, decided, gathering, volumes
from api.moderation.stats.shares import LEAST
from api.moderation.stats.sheets import ERRORS, SHEETS, Sheet
from api.web import stats
from tests.api.moderation.deciding import Kept, keep
from tests.conftest import ON_SQLITE
from tests.factories import Clock, decide, put_policy, submit

URL = "/v1/stats"


def ask(client: FlaskClient, **query: Any) -> Any:
    answer = client.get(URL, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def read(client: FlaskClient, sheet: str, **query: Any) -> list[list[str]]:
    answer = client.get(f"{URL}/{sheet}.csv", query_string=query)
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text)))


def test_a_day_of_moderation(backend: FlaskClient, moderator: FlaskClient, clock: Clock) -> None:
    submit(backend, "A fine day.", id="fine")
    submit(backend, "spam0.95 for sale", id="sold")
    for number in range(3):
        submit(backend, "spam0.60 maybe", id=f"c-{number}")
    clock.move(minutes=30)
    decide(moderator, "c-0", "approve")
    clock.move(minutes=30)
    decide(moderator, "c-1", "reject", reason="spam")
    moderator.delete("/v1/comments/c-1/decision")

    found = ask(moderator)

    assert (found["days"], found["since"]) == (7, "2026-11-16T00:00:00Z")
    assert found["until"] == "2026-11-22T13:00:00Z"
    assert found["decisions_since"] is None
    volumes = found["volumes"]
    assert [volumes[name] for name in ("came", "approved", "held", "rejected")] == [5, 1, 3, 1]
    assert volumes["every"] == 1
    assert volumes["automatic"] == {"n": 5, "hits": 2, "value": None, "low": None, "high": None}
    assert [day["came"] for day in volumes["by_day"]] == [0, 0, 0, 0, 0, 0, 5]
    assert volumes["by_day"][-1]["day"] == "2026-11-22"
    assert found["backlog"]["now"] == {"default": 2}
    assert found["backlog"]["oldest_since"] is not None
    waiting = found["waiting"]
    assert (waiting["n"], waiting["median_minutes"], waiting["p90_minutes"]) == (2, 45, None)
    decisions = found["decisions"]
    assert (decisions["made"], decisions["bulk"], decisions["an_hour"]) == (2, 0, 1)
    assert (decisions["undone"]["n"], decisions["undone"]["hits"]) == (2, 1)
    assert [row["decisions"] for row in decisions["by_hour"]][12:14] == [1, 1]
    [who] = found["moderators"]
    assert (who["actor"][:4], who["decisions"], who["median_seconds"]) == ("key:", 2, None)
    [reason] = found["reasons"]
    assert (reason["code"], reason["verdict"]) == ("spam_score", "hold")
    assert (reason["precision"]["n"], reason["overridden"]["hits"]) == (1, 1)
    assert found["samples"]["false_holds"]["n"] == 1


def test_a_site_that_promises_a_time_sees_whether_it_keeps_it(
    backend: FlaskClient, moderator: FlaskClient, clock: Clock, services: Services, site: int
) -> None:
    for number in range(24):
        submit(backend, "spam0.60 maybe", id=f"c-{number}")
    clock.move(minutes=20)
    for number in range(18):
        decide(moderator, f"c-{number}", "approve")
    clock.move(minutes=20)
    for number in range(18, 24):
        decide(moderator, f"c-{number}", "approve")
    waiting = ask(moderator)["waiting"]
    assert (waiting["within_minutes"], waiting["in_time"]) == (None, None)
    assert (waiting["median_minutes"], waiting["p90_minutes"]) == (20, 40)

    put_policy(services, site, {"review": {"within_minutes": 30}})
    waiting = ask(moderator)["waiting"]
    assert waiting["within_minutes"] == 30
    assert (waiting["in_time"]["n"], waiting["in_time"]["value"]) == (24, 0.75)


@pytest.mark.parametrize("days", [1, 30, 90])
def test_a_period_is_whole_days_with_today(moderator: FlaskClient, days: int) -> None:
    found = ask(moderator, days=days)
    assert found["days"] == days
    rows = found["volumes"]["by_day"]
    assert (len(rows), rows[-1]["day"]) == (days, "2026-11-22")
    for part in ("backlog", "waiting", "decisions", "reports"):
        assert [row["day"] for row in found[part]["by_day"]] == [row["day"] for row in rows]


def test_what_came_before_is_not_counted(
    backend: FlaskClient, moderator: FlaskClient, clock: Clock
) -> None:
    submit(backend, "spam0.60 maybe", id="old")
    clock.move(days=8)
    submit(backend, "A fine day.", id="new")
    decide(moderator, "old", "approve")

    found = ask(moderator)

    assert found["volumes"]["came"] == 1
    # Decided now, whenever it came.
    assert (found["decisions"]["made"], found["waiting"]["median_minutes"]) == (1, 8 * 24 * 60)
    # And waited all the while.
    assert [row["waiting"] for row in found["backlog"]["by_day"]] == [1, 1, 1, 1, 1, 1, 0]
    # It says something of a reason, but is none of this period's comments.
    assert found["reasons"][0]["precision"]["n"] == 1
    assert found["samples"]["false_holds"]["n"] == 0


def test_rates_have_intervals_and_are_told_from_twenty_on(
    moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 0.1})
    rows = [
        *[Kept(0.6, "hold", "approve", policy=2)] * 6,
        *[Kept(0.6, "hold", "reject", policy=2)] * 18,
        *[Kept(0.2, "approve", "approve", sampled=0.1, policy=2)] * 38,
        *[Kept(0.2, "approve", "reject", sampled=0.1, policy=2)] * 2,
        *[Kept(0.95, "reject", "reject", sampled=0.1, policy=2)] * 19,
    ]
    keep(services, site, "spam", rows)
    told = ask(moderator)["samples"]

    assert told["false_holds"]["value"] == 0.25
    assert 0.10 < told["false_holds"]["low"] < 0.13 < 0.4 < told["false_holds"]["high"] < 0.5
    assert told["missed"]["value"] == 0.05
    few = {"n": 19, "hits": 0, "value": None, "low": None, "high": None}
    assert told["false_rejections"] == few
    assert told["agreement"]["value"] == pytest.approx(57 / 59, abs=1e-4)
    # 18 held and 190 rejected were stopped, and each that was missed stands for ten.
    assert told["caught"]["value"] == pytest.approx(208 / 228, abs=1e-4)
    assert told["stopped"]["value"] == pytest.approx(6 / 386, abs=1e-4)


@pytest.mark.parametrize(
    ("waiting", "caught"),
    [
        # Each of the 24 held stands for two.
        ([Kept(0.6, "hold", policy=2)] * 24, (36 + 190) / (36 + 190 + 20)),
        # Each of the 59 samples does.
        ([Kept(0.2, "approve", sampled=0.1, policy=2)] * 59, (18 + 380) / (18 + 380 + 40)),
        # What came while no samples were drawn is another matter.
        ([Kept(0.6, "hold")] * 24, (18 + 190) / (18 + 190 + 20)),
        ([Kept(0.6, "hold", "reject")] * 24, (18 + 190) / (18 + 190 + 20)),
    ],
)
def test_what_waits_is_stood_for_by_what_was_decided(
    moderator: FlaskClient, services: Services, site: int, waiting: list[Kept], caught: float
) -> None:
    put_policy(services, site, {"audit": 0.1})
    rows = [
        *[Kept(0.6, "hold", "approve", policy=2)] * 6,
        *[Kept(0.6, "hold", "reject", policy=2)] * 18,
        *[Kept(0.2, "approve", "approve", sampled=0.1, policy=2)] * 38,
        *[Kept(0.2, "approve", "reject", sampled=0.1, policy=2)] * 2,
        *[Kept(0.95, "reject", "reject", sampled=0.1, policy=2)] * 19,
    ]
    keep(services, site, "spam", [*rows, *waiting])

    assert ask(moderator)["samples"]["caught"]["value"] == pytest.approx(caught, abs=1e-4)


def test_an_open_sample_is_not_told(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 1})
    submit(backend, "spam0.97 for sale", id="c-1")

    before = ask(moderator)
    assert (before["volumes"]["came"], before["volumes"]["undisclosed"]) == (1, 1)
    assert before["volumes"]["rejected"] == before["volumes"]["approved"] == 0
    assert before["reasons"] == []
    assert before["samples"]["open"] == 1
    assert read(moderator, "volumes", days=1) == [
        ["day", "came", "approved", "held", "rejected", "undisclosed"],
        ["2026-11-22", "1", "0", "0", "0", "1"],
    ]

    decide(moderator, "c-1", "reject")
    after = ask(moderator)
    assert (after["volumes"]["rejected"], after["volumes"]["undisclosed"]) == (1, 0)
    assert after["samples"]["agreement"]["n"] == 1


def test_a_decision_that_a_colleague_looks_at_again_is_not_told(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"review": {"recheck": 1}})
    submit(backend, "spam0.60 maybe", id="c-1")
    decide(moderator, "c-1", "reject", reason="spam")

    found = ask(moderator)

    today = found["decisions"]["by_day"][-1]
    assert (today["decisions"], today["rejected"], today["approved"]) == (1, 0, 0)
    assert found["reasons"] == []
    assert found["samples"]["false_holds"]["n"] == 0


def test_two_people_on_one_comment_are_compared(
    backend: FlaskClient, connect: Any, services: Services, site: int
) -> None:
    put_policy(services, site, {"review": {"recheck": 1}})
    ada, bo = connect("moderator"), connect("moderator")
    for number in range(24):
        said = "reject" if number % 2 else "approve"
        submit(backend, "spam0.60 maybe", id=f"c-{number}")
        decide(ada, f"c-{number}", said, reason="spam" if number % 2 else None)
        decide(bo, f"c-{number}", "approve" if number < 4 else said)

    told = ask(ada)["agreement"]

    # Two of 24 were rejected by the one alone: 11/12 agreed, chance would have made half.
    assert (told["whole"]["n"], told["whole"]["agreed"]) == (24, 22)
    assert told["whole"]["value"] == pytest.approx(5 / 6, abs=1e-4)
    assert told["whole"]["low"] < told["whole"]["value"] < told["whole"]["high"] < 1
    [pair] = told["pairs"]
    assert (pair["n"], pair["value"]) == (24, told["whole"]["value"])
    assert [one["code"] for one in told["reasons"]] == ["spam"]


def test_another_site_has_figures_of_its_own(
    backend: FlaskClient, moderator: FlaskClient, stranger: FlaskClient
) -> None:
    submit(backend, "spam0.60 maybe", id="c-1")
    backend.post("/v1/comments/c-1/reports", json={"reason": "spam"})
    decide(moderator, "c-1", "reject")

    found = ask(stranger)

    assert found["volumes"]["came"] == found["decisions"]["made"] == found["reports"]["came"] == 0
    assert found["moderators"] == found["reasons"] == []
    assert found["backlog"] == {**found["backlog"], "now": {}, "oldest_since": None}
    assert ask(moderator)["reports"]["came"] == 1


@pytest.mark.parametrize("wrong", ["0", "91", "-7", "x", "7.5", ""])
@ON_SQLITE
def test_a_wrong_number_of_days_is_named(moderator: FlaskClient, wrong: str) -> None:
    for path in (URL, f"{URL}/volumes.csv"):
        answer = moderator.get(f"{path}?days={wrong}")
        assert answer.status_code == 422
        assert [one["parameter"] for one in answer.json["errors"]] == ["days"]


@ON_SQLITE
def test_what_else_is_asked_is_named_and_no_other_table_is_there(moderator: FlaskClient) -> None:
    answer = moderator.get(f"{URL}?zone=CET")
    assert answer.status_code == 422
    assert [one["parameter"] for one in answer.json["errors"]] == ["zone"]
    for path in ("events.csv", "volumes.json", "volumes", "Volumes.csv"):
        assert moderator.get(f"{URL}/{path}").status_code == 404


@ON_SQLITE
def test_a_websites_backend_may_not_see_them(backend: FlaskClient, client: FlaskClient) -> None:
    assert backend.get(URL).status_code == 403
    assert backend.get(f"{URL}/moderators.csv").status_code == 403
    assert client.get(URL).status_code == 401


def test_each_table_says_what_the_answer_says(
    backend: FlaskClient, moderator: FlaskClient, services: Services, site: int
) -> None:
    keep(services, site, "spam", [Kept(0.6, "hold", "approve")] * 30)
    submit(backend, "spam0.60 maybe", id="c-1")
    decide(moderator, "c-1", "reject")
    found = ask(moderator, days=30)

    tables = {name: read(moderator, name, days=30) for name in SHEETS}
    assert all(len(rows) >= 1 for rows in tables.values())
    for name, part in (("volumes", "volumes"), ("decisions", "decisions"), ("waiting", "waiting")):
        columns, *rows = tables[name]
        shown = [
            {key: None if cell == "" else cell for key, cell in zip(columns, row, strict=True)}
            for row in rows
        ]
        told = found[part]["by_day"]
        assert [{key: str(one[key]) for key in columns} for one in told] == [
            {key: str(one[key]) for key in columns} for one in shown
        ]
    samples = {row[0]: row for row in tables["samples"][1:]}
    told = found["samples"]["false_holds"]
    assert samples["false_holds"][1:] == [
        str(told[key]) for key in ("hits", "n", "value", "low", "high")
    ]
    # Without a reason code: none of them says why it was held.
    assert [row[0] for row in tables["reasons"][1:]] == ["spam_score"]
    assert len(tables["hours"]) == 25


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_is_a_formula(start: str) -> None:
    wild = f'{start}HYPERLINK("https://a.example")'
    text = stats.write(Sheet(("one", "other"), [[wild, -0.25], ["a,b", None]]))

    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["one", "other"],
        [f"'{wild}", "-0.25"],
        ["a,b", ""],
    ]


@ON_SQLITE
def test_a_table_is_a_file_to_keep(moderator: FlaskClient) -> None:
    answer = moderator.get(f"{URL}/hours.csv?days=30")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="winnow-hours-30d.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@ON_SQLITE
def test_the_chapter_names_every_table_and_every_column(services: Services, site: int) -> None:
    chapter = (Path(__file__).parents[3] / "docs" / "dashboard.md").read_text()
    found = gathering.gather(services, Caller(site, "moderator", "key:1"), 7)

    for name, make in SHEETS.items():
        assert f"`{name}.csv`" in chapter
        for column in make(found).columns:
            start = re.sub(r"^(precision|overridden)_(value|low|high)$", r"_\2", column)
            assert f"`{start}`" in chapter, (name, column)
    for figure in ERRORS:
        assert f"| `{figure}` |" in chapter
    assert f"fewer than {LEAST} no share" in chapter
    assert f"more than {volumes.MOST:,}" in chapter
    assert f"newest {decided.MOST:,}" in chapter
    assert f"newest {agreement.MOST:,}" in chapter
