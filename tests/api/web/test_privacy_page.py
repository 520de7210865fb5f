"""The page on which admins say how long what is kept."""

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from api.moderation.privacy import settings
from api.moderation.services import Services
from api.store.tables import Comment
from tests.factories import submit

PATH = "/moderate/settings/privacy"


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def seen(answer) -> str:
    return html.unescape(re.search(r'name="seen" value="([^"]*)"', answer.text)[1])


def kept(services: Services, site: int) -> settings.Settings:
    with services.database.reading() as session:
        return settings.read(session, site)


@pytest.fixture
def old(backend: FlaskClient, services: Services) -> None:
    """One comment that came two weeks ago, with all that may go."""
    author = {"id": "u-1", "email": "ada@gazette.example", "ip": "203.0.113.57"}
    submit(backend, author=author)
    with services.database.writing() as session:
        then = services.now() - timedelta(days=14)
        session.query(Comment).update({"received_at": then, "status": "approved"})


def test_nothing_goes_at_first(mo) -> None:
    answer = mo.get(PATH)
    assert answer.status_code == 200
    assert "Nothing goes by itself" in shown(answer)
    assert re.search(r'value="whole" checked', answer.text)


def test_what_takes_nothing_away_is_saved_at_once(mo, services, site) -> None:
    answer = mo.post(PATH, data={"spam": "15", "addresses": "whole"})
    assert answer.location == f"{PATH}?saved=yes"
    assert kept(services, site).keep["spam"] == 15
    answer = mo.get(answer.location)
    assert "Saved." in shown(answer)
    assert re.search(r'name="spam"[^>]* value="15"', answer.text)


def test_what_takes_something_away_says_so_first(mo, services, site, old) -> None:
    form = {"text": "7", "email": "10", "addresses": "truncated"}
    answer = mo.post(PATH, data=form)
    assert answer.status_code == 200
    says = shown(answer)
    assert "Texts: 1 comment" in says
    assert "E-mail addresses: 1 comment" in says
    assert "Addresses are rewritten: 1 comment" in says
    assert "Rejected as spam: " not in says
    assert "Nothing is saved yet." in says
    assert kept(services, site).keep["text"] is None
    again = mo.post(PATH, data={**form, "seen": seen(answer)})
    assert again.status_code == 303
    assert kept(services, site).keep["text"] == 7
    assert kept(services, site).addresses == "truncated"


def test_what_was_changed_after_it_was_seen_is_shown_anew(mo, services, site, old) -> None:
    form = {"text": "7", "addresses": "whole"}
    first = mo.post(PATH, data=form)
    changed = mo.post(PATH, data={**form, "email": "7", "seen": seen(first)})
    assert changed.status_code == 200
    assert "E-mail addresses: 1 comment" in shown(changed)
    assert kept(services, site).keep["text"] is None


@pytest.mark.parametrize("given", ["0", "3651", "-1", "1.5", "two", "١٢", "9" * 50, "<b>"])
def test_days_that_are_none_are_refused_and_stay_in_the_form(mo, services, site, given) -> None:
    answer = mo.post(PATH, data={"rejected": given, "addresses": "whole"})
    assert answer.status_code == 422
    assert "Rejected for whatever reason: whole days from 1 to 3650" in shown(answer)
    assert f'value="{html.escape(given)}"' in answer.text
    assert kept(services, site).keep["rejected"] is None


@pytest.mark.parametrize("given", ["", "gone", "<script>"])
def test_another_way_of_keeping_addresses_is_refused(mo, given) -> None:
    answer = mo.post(PATH, data={"addresses": given})
    assert answer.status_code == 422
    assert "<script>" not in answer.text


def test_emptied_it_is_kept_for_ever_again(mo, services, site) -> None:
    mo.post(PATH, data={"spam": "15", "addresses": "hashed"})
    mo.post(PATH, data={"spam": "", "addresses": "whole"})
    assert kept(services, site) == settings.Settings(dict.fromkeys(settings.KINDS), "whole")
