"""The page of queues: how much waits in each, and the queues that a site saves for itself."""

import html
import re

import pytest
from flask.testing import FlaskClient

from api.web.pages.savedqueues import make_name
from tests.factories import submit

NASTY = '"><script>alert(1)</script>'


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def save(mo: FlaskClient, title: str = "Hot stories", path: str = "", **form):
    return mo.post(f"/moderate/queues{path}", data={"title": title, "sort": "priority", **form})


def test_counts_what_waits(mo, backend, stranger) -> None:
    submit(backend, "Held spam0.6")
    submit(backend, "Held threat0.6", article={"id": "a-2"})
    submit(stranger, "Held elsewhere spam0.6")
    save(mo, article="a-2")
    page = shown(mo.get("/moderate/queues"))
    assert "Waiting 2 a moment g d every site has it" in page
    assert "Hot stories 1 a moment articles a-2 Change" in page


def test_one_is_saved_changed_and_deleted(mo, moderator) -> None:
    form = {
        "reason": "spam_score\r\nthreat_score",
        "score": "toxicity:0.5-0.9",
        "q": "ferry",
        "waits_longer": "30",
        "key": "h",
        "within_minutes": "60",
        "sort": "oldest",
    }
    assert save(mo, **form).location == "/moderate/queues"
    saved = moderator.get("/v1/queues/hot-stories").json
    assert saved["filter"] == {
        "reason": ["spam_score", "threat_score"],
        "q": "ferry",
        "waits_longer": 30,
        "score": ["toxicity:0.5-0.9"],
    }
    assert (saved["key"], saved["within_minutes"], saved["sort"]) == ("h", 60, "oldest")

    page = mo.get("/moderate/queues/hot-stories").text
    for kept in ("spam_score\nthreat_score", "toxicity:0.5-0.9", 'value="ferry"', 'value="h"'):
        assert kept in page, kept
    assert save(mo, "Cold stories", "/hot-stories", kind="place").status_code == 303
    saved = moderator.get("/v1/queues/hot-stories").json
    assert (saved["title"], saved["filter"], saved["key"]) == ("Cold stories", None, None)

    assert mo.post("/moderate/queues/hot-stories/delete").location == "/moderate/queues"
    assert mo.get("/moderate/queues/hot-stories").status_code == 404


def test_the_address_fills_the_form_in(mo) -> None:
    query = "q=ferry&author=u-5&author=u-6&score=toxicity:0.9&status=pending&since=2026-01-01"
    page = mo.get(f"/moderate/queues/new?{query}")
    assert 'value="ferry"' in page.text
    assert "u-5\nu-6" in page.text
    assert "toxicity:0.9" in page.text
    assert "status and since of your search are left out" in shown(page)


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        ({"title": ""}, 422, "Title: letters or digits make a name."),
        ({"title": "!?"}, 422, "Title: letters or digits make a name."),
        ({"title": "Escalated"}, 409, "Every site has a queue of this name"),
        ({"title": "new"}, 409, "This name means something else"),
        ({"score": "much"}, 422, "Scores: Write label:least-most"),
        ({"q": "!"}, 422, "Words: Names no word to look for"),
        ({"waits_longer": "soon"}, 422, "Waiting for minutes, at least: Not a valid integer."),
        ({"within_minutes": "0"}, 422, "To be decided within minutes: Must be"),
        ({"within_minutes": "x"}, 422, "To be decided within minutes: Not a valid integer."),
        ({"key": "Ä"}, 422, "Key: One small letter from a to z."),
        ({"key": "e"}, 422, "This key leads to the queue escalated."),
        ({"sort": "worst"}, 422, "Sort: Must be one of"),
        ({"queue": "audit"}, 422, "Out of: Must be one of"),
    ],
)
def test_bad_input_gives_a_sentence(mo, moderator, wrong, status, says) -> None:
    answer = save(mo, **{"title": "Hot", "section": "world", **wrong})
    assert answer.status_code == status
    assert says in shown(answer)
    assert ">world</textarea>" in answer.text
    assert all(one["built_in"] for one in moderator.get("/v1/queues").json["items"])


def test_a_new_one_takes_no_others_place(mo, moderator) -> None:
    save(mo, section="world")
    answer = save(mo, "Hot Stories!", section="sport")
    assert answer.status_code == 409
    assert "There is a queue of this name; change that one." in shown(answer)
    assert moderator.get("/v1/queues/hot-stories").json["filter"] == {"section": ["world"]}


def test_a_place_where_something_lies_stays(mo, backend, moderator) -> None:
    save(mo, "Lawyers", kind="place")
    one = submit(backend, "Held spam0.6")["id"]
    said = {"action": "escalate", "queue": "lawyers"}
    assert moderator.post(f"/v1/comments/{one}/decision", json=said).status_code == 200
    assert "Lawyers 1 a moment what was escalated to it" in shown(mo.get("/moderate/queues"))
    answer = mo.post("/moderate/queues/lawyers/delete")
    assert answer.status_code == 409
    assert "1 comment lies in this queue" in shown(answer)


def test_hostile_titles_are_inert(mo) -> None:
    save(mo, f"A {NASTY}", section=NASTY)
    for path in ("", "/a-script-alert-1-script"):
        page = mo.get(f"/moderate/queues{path}").text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_another_sites_queue_is_not_there(mo, stranger) -> None:
    theirs = {"title": "Theirs", "filter": {"section": "world"}}
    assert stranger.put("/v1/queues/theirs", json=theirs).status_code == 201
    assert "Theirs" not in mo.get("/moderate/queues").text
    assert mo.get("/moderate/queues/theirs").status_code == 404
    assert save(mo, "Ours", "/theirs").status_code == 404
    assert mo.post("/moderate/queues/theirs/delete").status_code == 404


def test_names_are_made_of_titles() -> None:
    assert make_name("Sport & Über-Leute!") == "sport-uber-leute"
    assert make_name("東京") == ""
    assert make_name("x " * 60) == ("x-" * 25)[:-1]
