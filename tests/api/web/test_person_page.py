"""The pages for somebody who wants to know what is kept of them, or wants it gone."""

import json
import re

import pytest
from flask.testing import FlaskClient

from api.moderation.privacy import erasures, forgetting
from api.moderation.services import Services
from api.store.jobs import TakenJob
from api.store.outbox import Job
from tests.api.web.test_people import let_in, shown
from tests.factories import put_policy, submit

PATH = "/moderate/settings/privacy/person"
ANN = {"id": "u-17", "email": "ann@example.org", "ip": "203.0.113.7"}


def work(services: Services) -> None:
    """Do the erasures that wait."""
    with services.database.reading() as session:
        jobs = session.query(Job).filter_by(kind=erasures.JOB).all()
        taken = [
            TakenJob(j.id, j.site_id, j.kind, j.lane, j.payload, 1, "w", j.created_at) for j in jobs
        ]
    for one in taken:
        forgetting.run(services, one)


@pytest.fixture
def said(backend: FlaskClient) -> None:
    """Two comments of Ann's and one of somebody else."""
    submit(backend, author=ANN, id="c-1")
    submit(backend, author={"id": "u-18", "email": "ann+x@example.org"}, id="c-2")
    submit(backend, author={"id": "u-19"}, id="c-3")


def test_the_privacy_page_leads_there(mo) -> None:
    assert f'href="{PATH}"' in mo.get("/moderate/settings/privacy").text
    assert "Who it is" in shown(mo.get(PATH))


def test_what_is_kept_comes_as_a_file(mo, said) -> None:
    answer = mo.post(f"{PATH}/export", data={"email": " Ann@example.org "})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == "attachment; filename=person.jsonl"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    found = [one["public_id"] for one in lines if one["kind"] == "comment"]
    assert sorted(found) == ["c-1", "c-2"]
    assert lines[-1]["kind"] == "end"


def test_it_goes_once_somebody_is_sure(mo, services, moderator, said) -> None:
    form = {"author_id": "u-17", "email": "ann@example.org"}
    unsure = mo.post(f"{PATH}/erase", data=form)
    assert unsure.status_code == 422
    assert "Say that you are sure" in shown(unsure)
    assert 'value="u-17"' in unsure.text

    begun = mo.post(f"{PATH}/erase", data={**form, "sure": "on"})
    assert begun.status_code == 303
    assert "A worker is at it." in shown(mo.get(begun.location))
    work(services)
    assert re.search(
        r"Done\. Nothing of this person is left here\..*Comments 2", shown(mo.get(begun.location))
    )
    assert [one["id"] for one in moderator.get("/v1/comments").json["items"]] == ["c-3"]
    assert "u-17" not in mo.get(begun.location).text


def test_a_policy_that_names_them_is_told_of(mo, services, site) -> None:
    put_policy(services, site, {"note": "Known to us: ann@example.org."})
    begun = mo.post(f"{PATH}/erase", data={"email": "ann@example.org", "sure": "on"})
    work(services)
    assert "They are named still" in shown(mo.get(begun.location))


def test_a_moderator_must_have_left(mo, services, site) -> None:
    let_in(services, site, "eve@example.org")
    answer = mo.post(f"{PATH}/erase", data={"moderator": "eve@example.org", "sure": "on"})
    assert answer.status_code == 409
    assert "remove their account first" in shown(answer)


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Say who: author_id, email or address."),
        ({"email": "nobody"}, "E-mail address: Not an e-mail address."),
        ({"address": "203.0.113.0/24"}, "IP address: Not an IPv4 or IPv6 address."),
        ({"author_id": "x" * 257}, "Your site's id of the author:"),
        ({"moderator": "eve@example.org", "author_id": "u-1"}, "Name a moderator alone"),
        ({"email": '"><script>alert(1)</script>'}, "Not an e-mail address."),
    ],
)
@pytest.mark.parametrize("act", ["export", "erase"])
def test_what_names_nobody_is_refused(mo, form, says, act) -> None:
    answer = mo.post(f"{PATH}/{act}", data={**form, "sure": "on"})
    assert answer.status_code == 422
    assert says in shown(answer)
    assert "<script>alert" not in answer.text


def test_there_is_no_such_erasure(mo) -> None:
    assert mo.get(f"/moderate/settings/privacy/erasures/era_{'0' * 24}").status_code == 404
