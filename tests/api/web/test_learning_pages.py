"""The pages about what a site has taught: labels, models, and a model on trial."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.moderation import inforce
from api.moderation.learning import labels, surveying
from api.moderation.learning.imports import Row
from api.moderation.services import Services
from api.store.learning import StoredAdapter
from tests.api.moderation.learning.adapters import REPORT, keep_adapter
from tests.factories import Clock, decide, put_policy, submit

NASTY = '"><script>alert(1)</script>'
PAGE = "/moderate/learning"
FORBIDDEN_HERE = "My own channel learned0.95 spam0.40"
MEASURED: dict[str, Any] = {
    "open": True,
    "why": "It is worse at nothing.",
    "shipped": {"value": 0.2, "low": 0.15, "high": 0.25},
    "candidate": {"value": 0.1, "low": 0.05, "high": 0.15},
    "suites": {"harmless_cases": {"cases": 90, "shipped": 0.9, "candidate": 0.95}},
    "accounts": {"count": 3, "doubted": 1, "capped": 0},
}


@pytest.fixture
def model(services: Services, site: int) -> StoredAdapter:
    return keep_adapter(services, site, report=MEASURED)


def shown(answer: TestResponse) -> str:
    """What a person reads."""
    assert answer.status_code in (200, 409, 422), answer.status_code
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_site_that_has_taught_nothing_is_told_what_it_takes(mo: FlaskClient) -> None:
    page = shown(mo.get(PAGE))

    assert "None yet. It takes 30 decisions" in page
    assert "the model as it is shipped" in page


def test_labels_are_told_by_account_and_reason(mo: FlaskClient, moderator: FlaskClient) -> None:
    for number, given in enumerate(
        [{"action": "reject", "reason": "spam"}, {"action": "reject"}, {"action": "approve"}]
    ):
        submit(moderator, f"spam0.60 and {number}", id=f"c-{number}")
        decide(moderator, f"c-{number}", **given)

    page = shown(mo.get(PAGE))

    assert "Decisions to learn from 3 3 new; a training takes 30" in page
    assert re.search(r"Account Approved Rejected wnw_\w+ 1 2", page)
    assert "spam 0 1" in page
    assert "no reason given 1 1" in page


def test_who_taught_a_model_is_told_with_how_far_they_were_believed(
    mo: FlaskClient, services: Services, site: int
) -> None:
    """One of them signs in no more; her name is in the report as in her decisions."""
    one = keep_adapter(services, site)

    page = shown(mo.get(f"{PAGE}/{one.public_id}"))

    assert "Who taught it How far each account was believed" in page
    assert "Account Decisions Believed Contradicted gone@example.org 50 0.99 5.1 %" in page
    assert "wnw_01234567 1,150 1 capped –" in page
    assert "accounts: those" not in page


def test_of_very_many_accounts_the_page_says_that_it_shows_some(
    mo: FlaskClient, services: Services, site: int
) -> None:
    accounts = {**REPORT["accounts"], "count": 1073}
    accounts["items"] = [{**accounts["items"][0], "actor": f"moderator:{NASTY}"}]
    one = keep_adapter(services, site, report={**REPORT, "accounts": accounts})

    answer = mo.get(f"{PAGE}/{one.public_id}")

    assert "These are 1 of 1,073 accounts: those that are not believed in all" in shown(answer)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("own", "says"),
    [
        (True, "3 accounts; 1 not believed in everything."),
        (False, "3 accounts of several sites, which are not named to each other; 1 not"),
    ],
)
def test_what_names_no_accounts_tells_how_many_they_are(
    mo: FlaskClient, services: Services, site: int, own: bool, says: str
) -> None:
    one = keep_adapter(services, site if own else None, report=MEASURED)

    assert f"Who taught it {says}" in shown(mo.get(f"{PAGE}/{one.public_id}"))


def test_accounts_are_told_with_what_the_last_training_found(
    mo: FlaskClient, moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    keep_adapter(services, site, report=MEASURED)
    submit(moderator, "spam0.60 here", id="c-1")
    decide(moderator, "c-1", "reject")
    assert re.search(r"Account Approved Rejected wnw_\w+ 0 1 ", shown(mo.get(PAGE)))
    [taught] = surveying.survey(services, site).actors
    believed = {**REPORT["accounts"]["items"][0], "actor": taught.name}
    clock.move(hours=1)
    accounts = {**REPORT["accounts"], "items": [believed]}
    keep_adapter(services, site, state="refused", report={**REPORT, "accounts": accounts})
    labels.import_labels(services, site, "command line", [Row("Loans", "reject", clock())])

    page = shown(mo.get(PAGE))

    assert "not at all, as the training just now found." in page
    head = "Account Approved Rejected Believed Contradicted"
    assert re.search(head + r" command line 0 1 – – wnw_\w+ 0 1 0.99 5.1 %", page)


def test_learning_that_is_off_says_so(mo: FlaskClient, services: Services, site: int) -> None:
    put_policy(services, site, {"learning": {"on": False, "ask": 0.02}})

    page = shown(mo.get(PAGE))

    assert "Learning is off" in page
    assert "Asked to learn from 2 %" in page


def test_models_are_listed_with_what_the_gate_said(
    mo: FlaskClient, services: Services, site: int, model: StoredAdapter
) -> None:
    refused = {**MEASURED, "open": False, "why": f"Worse on names. {NASTY}"}
    keep_adapter(services, site, state="refused", report=refused)

    answer = mo.get(PAGE)

    page = shown(answer)
    assert "10.0% 20.0% waits It is worse at nothing. 1 account is not believed" in page
    assert "refused Worse on names." in page
    assert "<script>alert" not in answer.text
    assert f'href="{PAGE}/{model.public_id}"' in answer.text


def test_there_are_as_many_pages_as_it_takes(
    mo: FlaskClient, services: Services, site: int
) -> None:
    for _ in range(21):
        keep_adapter(services, site)
    first = mo.get(PAGE)
    onward = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert onward

    second = mo.get(html.unescape(onward[1]))

    assert first.text.count('data-label="State"') == 20
    assert second.text.count('data-label="State"') == 1
    assert 'rel="next"' not in second.text


def test_an_admin_puts_one_in_force_and_takes_it_back(
    mo: FlaskClient, moderator: FlaskClient, model: StoredAdapter
) -> None:
    assert "Put in force" in shown(mo.get(PAGE))

    answer = mo.post(PAGE, data={"act": "promote", "model": model.public_id})

    assert (answer.status_code, answer.location) == (303, PAGE)
    page = shown(mo.get(PAGE))
    assert "Wrong about later decisions 10.0% 5.0% to 15.0%; as shipped 20.0%" in page
    assert submit(moderator, FORBIDDEN_HERE)["status"] == "pending"
    back = {"act": "rollback", "model": model.public_id}
    assert mo.post(PAGE, data=back).status_code == 303
    assert submit(moderator, FORBIDDEN_HERE)["status"] == "approved"
    assert "taken back" in shown(mo.get(PAGE))
    again = mo.post(PAGE, data=back)
    assert (again.status_code, "Another model is in force by now" in shown(again)) == (409, True)


def test_what_the_gate_refused_takes_more_than_a_click(
    mo: FlaskClient, services: Services, site: int
) -> None:
    refused = {**MEASURED, "open": False, "why": "Worse on names."}
    one = keep_adapter(services, site, state="refused", report=refused).public_id
    assert "Put" not in shown(mo.get(PAGE))

    for path, data in ((PAGE, {"model": one}), (f"{PAGE}/{one}", {})):
        answer = mo.post(path, data={"act": "promote", **data})
        assert (answer.status_code, "The gate was shut" in shown(answer)) == (409, True)


def test_a_trial_shows_both_side_by_side(
    mo: FlaskClient, moderator: FlaskClient, services: Services, model: StoredAdapter
) -> None:
    path = f"{PAGE}/{model.public_id}"
    assert "It has not been tried." in shown(mo.get(path))
    answer = mo.post(path, data={"act": "start"})
    assert (answer.status_code, answer.location) == (303, path)
    assert "No comment has come since" in shown(mo.get(path))
    submit(moderator, FORBIDDEN_HERE, id="c-1")
    submit(moderator, f"A rude learned0.05 insult0.60 {NASTY}", id="c-2")
    decide(moderator, "c-2", "approve")

    answer = mo.get(path)

    page = shown(answer)
    assert "2 comments judged beside what was in force" in page
    assert "is approved 0 1 0" in page
    assert "Review +0 min" in page
    assert "Now approved By the trial held People have not decided" in page
    assert "By the trial approved People approved it" in page
    assert 'learned here" class="main">learned0.95</mark>' in answer.text
    assert "<script>alert" not in answer.text
    assert 'href="/moderate/comments/c-1"' in answer.text

    assert mo.post(path, data={"act": "stop"}).status_code == 303
    assert "Try it on new comments" in shown(mo.get(path))
    assert mo.post(path, data={"act": "stop"}).status_code == 404


def test_shares_are_told_once_there_are_enough(
    mo: FlaskClient, moderator: FlaskClient, services: Services, site: int, model: StoredAdapter
) -> None:
    with services.database.writing() as session:
        session.get_one(inforce.Site, site).trial = model.id
    for number in range(20):
        submit(moderator, "A rude learned0.05 insult0.60", id=f"c-{number}")
        decide(moderator, f"c-{number}", "approve")

    page = shown(mo.get(f"{PAGE}/{model.public_id}"))

    assert "Newly approved 20 0 0 0%, 0% to 16%, n 20 20 100%, 84% to 100%, n 20" in page


def test_the_trial_of_another_models_correction_is_refused_in_words(
    mo: FlaskClient, services: Services, site: int
) -> None:
    old = keep_adapter(services, site, base="words-0").public_id
    del services.adapted[max(services.adapted)]

    answer = mo.post(f"{PAGE}/{old}", data={"act": "start"})

    assert (answer.status_code, "It corrects words-0" in shown(answer)) == (409, True)


def test_moderators_look_and_admins_act(bo: FlaskClient, model: StoredAdapter) -> None:
    path = f"{PAGE}/{model.public_id}"

    assert "Put in force" not in shown(bo.get(PAGE))
    assert "Try it" not in shown(bo.get(path))
    for where in (PAGE, path):
        assert bo.post(where, data={"act": "promote", "model": model.public_id}).status_code == 403


def test_another_form_does_nothing(mo: FlaskClient, model: StoredAdapter) -> None:
    for where in (PAGE, f"{PAGE}/{model.public_id}"):
        assert mo.post(where, data={"act": "burn"}).status_code == 422
    assert mo.post(PAGE, data={"act": "promote", "model": NASTY}).status_code == 404


def test_one_of_several_sites_is_there_too(mo: FlaskClient, services: Services) -> None:
    other = keep_adapter(services, None, created_at=services.now() - timedelta(days=2))
    assert "of several sites" in shown(mo.get(PAGE))
    assert "2 days ago" in shown(mo.get(f"{PAGE}/{other.public_id}"))
    assert mo.get(f"{PAGE}/mdl_{'f' * 16}").status_code == 404
