"""The dashboard, as a browser gets it: without a script."""

import html
import re
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.moderation.stats.sheets import SHEETS
from api.web.pages.charts import axes, bars, dots, lines
from api.web.pages.charts.axes import Series
from api.web.pages.charts.dots import Dot
from api.web.pages.panels import tell_minutes
from tests.api.moderation.deciding import Kept, keep
from tests.conftest import ON_SQLITE
from tests.factories import decide, put_policy, submit

PAGE = "/moderate/dashboard"
SVG = "{http://www.w3.org/2000/svg}"


def shown(page: str) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def pictures(page: str) -> list[ElementTree.Element]:
    found = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    return [
        ElementTree.fromstring(one.replace("<svg", f'<svg xmlns="{SVG[1:-1]}"')) for one in found
    ]


@pytest.fixture
def busy(services: Services, site: int, backend: FlaskClient, moderator: FlaskClient) -> None:
    """Enough of everything to be drawn."""
    put_policy(services, site, {"audit": 0.1, "review": {"within_minutes": 30}})
    rows = [
        *[Kept(0.6, "hold", "approve", policy=2, days_ago=2)] * 10,
        *[Kept(0.6, "hold", "reject", policy=2, days_ago=1)] * 20,
        *[Kept(0.2, "approve", "approve", sampled=0.1, policy=2)] * 24,
        *[Kept(0.6, "hold", policy=2)] * 3,
    ]
    keep(services, site, "spam", rows)
    for number in range(22):
        submit(backend, "spam0.60 maybe", id=f"c-{number}")
        decide(moderator, f"c-{number}", "reject")
    backend.post("/v1/comments/c-1/reports", json={"reason": "spam"})


@pytest.mark.usefixtures("busy")
def test_it_shows_numbers_pictures_and_tables(mo: FlaskClient) -> None:
    answer = mo.get(PAGE)
    page = answer.text

    assert answer.status_code == 200
    assert "Comments 79 11 a day" in shown(page)
    assert "Held for nothing 19% 11% to 32%, n 52" in shown(page)
    assert "In time, within 30 minutes: 100% (93% to 100%, n 52)." in shown(page)
    found = pictures(page)
    assert len(found) == page.count("<figure>") >= 6
    for picture in found:
        assert picture.get("role") == "img"
        assert picture.get("aria-label")
        assert picture.get("viewBox", "").startswith("0 0 480 ")
    labels = " ".join(picture.get("aria-label", "") for picture in found)
    assert "Precision of each reason: spam, held 100%." in labels
    assert "held, but people approve 19%" in labels
    for sheet in SHEETS:
        assert (f'id="panel-{sheet}"' in page) == (sheet != "queues")


@pytest.mark.usefixtures("busy")
def test_each_picture_has_its_table_and_its_file(mo: FlaskClient) -> None:
    page = mo.get(f"{PAGE}?days=30").text
    panels = re.findall(r'<section class="panel".*?</section>', page, re.DOTALL)

    assert len(panels) == len(SHEETS) - 1
    for panel in panels:
        [address] = re.findall(r'href="(/moderate/dashboard/\w+\.csv\?days=30)"', panel)
        kept = mo.get(address)
        assert (kept.status_code, kept.mimetype) == (200, "text/csv")
        rows = kept.text.splitlines()[1:]
        assert ("<figure>" not in panel) or ("<details" in panel)
        assert panel.count("<tr>") == (len(rows) + 1 if rows else 0)


@pytest.mark.usefixtures("busy")
def test_it_keeps_to_the_policy_for_contents(mo: FlaskClient) -> None:
    page = mo.get(PAGE).text

    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert re.search(r'href="[^"]*/charts\.css"', page)
    with mo.get("/static/charts.css") as sheet:
        assert sheet.status_code == 200


@pytest.mark.parametrize("days", [7, 30, 90])
def test_the_period_can_be_chosen(mo: FlaskClient, backend: FlaskClient, days: int) -> None:
    submit(backend, id="c-1")
    page = mo.get(f"{PAGE}?days={days}").text

    assert f'href="{PAGE}?days={days}" aria-current="page"' in page
    assert page.count(f'{PAGE}?days={days}"') == 1
    assert f"The last {days} days, today among them" in shown(page)


def test_a_new_site_is_told_what_will_be_here(mo: FlaskClient) -> None:
    page = mo.get(PAGE).text

    assert "Nothing to count yet" in page
    assert "<svg" not in page
    assert mo.get(f"{PAGE}/volumes.csv").status_code == 200


def test_where_little_is_known_it_says_what_it_takes(mo: FlaskClient, backend: FlaskClient) -> None:
    submit(backend, "spam0.60 maybe", id="c-1")
    said = shown(mo.get(PAGE).text)

    assert "Held for nothing – 0 of the 20 it takes" in said
    assert "It takes 20 decisions about a reason" in said
    assert "It takes 20 comments that two people judged" in said
    assert "Nobody decided in these days." in said


def test_an_open_sample_is_not_told(
    mo: FlaskClient, backend: FlaskClient, services: Services, site: int
) -> None:
    put_policy(services, site, {"audit": 1})
    submit(backend, "spam0.97 for sale", id="c-1")
    page = mo.get(PAGE).text

    assert "open samples: not told" in page
    assert "today 1 open samples: not told" in page
    assert "rejected 1" not in page


@ON_SQLITE
@pytest.mark.parametrize("wrong", ["days=0", "days=91", "days=x", "zone=CET"])
def test_a_wrong_address_is_a_page_that_says_so(mo: FlaskClient, wrong: str) -> None:
    for path in (PAGE, f"{PAGE}/volumes.csv"):
        answer = mo.get(f"{path}?{wrong}")
        assert answer.status_code == 422
        assert "1 to 90" in answer.text


@ON_SQLITE
def test_who_is_not_signed_in_sees_nothing(browser: FlaskClient) -> None:
    for path in (PAGE, f"{PAGE}/moderators.csv"):
        answer = browser.get(path)
        assert answer.status_code in (302, 303)
        assert "/moderate/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("most", "whole", "step"),
    [
        (0, True, 1),
        (4, True, 1),
        (6, True, 2),
        (25, True, 5),
        (115, True, 25),
        (120_000, True, 25_000),
        (0.3, False, 0.1),
        (11.2, False, 2.5),
    ],
)
def test_few_round_numbers_stand_at_the_left(most: float, whole: bool, step: float) -> None:
    assert axes.find_step(most, whole) == pytest.approx(step)
    within = axes.frame(["a"], most, whole=whole)
    assert within.most >= most
    assert within.most / within.step <= 5


def test_bars_are_as_high_as_their_numbers() -> None:
    days = ["21 Nov", "22 Nov"]
    [picture] = pictures(
        bars.draw("Both.", days, [Series("held", "held", [2, 0]), Series("open", "<b>", [1, 4])])
    )
    heights = [
        (one.get("class"), float(one.get("height", 0))) for one in picture.iter(f"{SVG}rect")
    ]
    unit = heights[0][1] / 2
    assert heights == [
        ("held", pytest.approx(2 * unit)),
        ("open", pytest.approx(unit, abs=0.2)),
        ("open", pytest.approx(4 * unit, abs=0.2)),
    ]
    titles = [one.text for one in picture.iter(f"{SVG}title")]
    assert titles == ["21 Nov: held 2, <b> 1", "22 Nov: <b> 4"]


def test_a_line_has_gaps_where_nothing_is_known() -> None:
    days = [f"{day} Nov" for day in range(1, 6)]
    [picture] = pictures(lines.draw("It.", days, [Series("waiting", "w", [1, 2, None, 3, None])]))

    assert len(list(picture.iter(f"{SVG}path"))) == 1
    assert len(list(picture.iter(f"{SVG}circle"))) == 3


def test_a_dot_lies_within_its_interval_and_a_long_name_is_cut() -> None:
    name = "a" * 60
    [picture] = pictures(dots.draw("It.", [Dot(name, "n 20", 0.5, -0.4, 0.75)], -0.25, False))
    line = next(one for one in picture.iter(f"{SVG}line") if one.get("class") == "interval")
    [circle] = picture.iter(f"{SVG}circle")

    # What is below the scale ends where the scale does.
    assert float(line.get("x1", "")) == 8
    assert float(line.get("x1", "")) < float(circle.get("cx", "")) < float(line.get("x2", ""))
    texts = [one.text or "" for one in picture.iter(f"{SVG}text")]
    assert f"{'a' * 41}…" in texts
    assert "0.50 · n 20" in texts


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(None, "–"), (0.4, "under a minute"), (90, "90 min"), (150, "2 h"), (4_000, "3 d")],
)
def test_a_time_is_said_in_a_fitting_unit(minutes: float | None, said: str) -> None:
    assert tell_minutes(minutes) == said
