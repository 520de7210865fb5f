"""People on the pages: their roles, preferences and passwords, and what admins set."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation import access, foreignkeys, people, signins
from api.moderation.access import Caller
from api.moderation.people import Newcomer
from api.moderation.services import Services
from api.store.tables import Moderator
from tests.api.web.conftest import EMAIL
from tests.factories import make_key, operator, submit

PASSWORD = "correct horse battery"
NASTY = '"><script>alert(1)</script>'
ADMIN_PAGES = ("keys", "moderators", "privacy", "webhooks")


def shown(answer) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def token(page: str) -> str:
    return re.search(r'name="token" value="([0-9a-f]+)"', page)[1]


def set_role(services: Services, role: str) -> None:
    with services.database.writing() as session:
        session.query(Moderator).filter_by(email=EMAIL).update({"role": role})


def let_in(services: Services, site: int, email: str, role: str = "moderator") -> str:
    boss = Caller(site, "admin", "test")
    return people.create(services, boss, Newcomer(email, role, (), PASSWORD)).person.id


@pytest.fixture
def plain(mo: FlaskClient, services: Services) -> FlaskClient:
    """The browser of somebody who is no admin."""
    set_role(services, "moderator")
    return mo


class TestRoles:
    @pytest.mark.parametrize("page", ADMIN_PAGES)
    def test_pages_that_hand_out_power_need_an_admin(self, mo, services, page) -> None:
        path = f"/moderate/settings/{page}"
        assert mo.get(path).status_code == 200
        set_role(services, "moderator")
        answer = mo.get(path)
        assert answer.status_code == 403
        assert answer.mimetype == "text/html"
        assert "This page is for the site's admins." in shown(answer)

    def test_forms_do_so_as_well(self, plain, services, site) -> None:
        one = let_in(services, site, "eve@example.org")
        for path in (
            "keys",
            "keys/wnw_00000000/revoke",
            "keys/cor_00000000/secret",
            "moderators",
            f"moderators/{one}",
            f"moderators/{one}/remove",
            "webhooks",
            f"webhooks/wh_{'0' * 24}",
        ):
            answer = plain.post(f"/moderate/settings/{path}", data={"role": "admin"})
            assert answer.status_code == 403, path
        assert access.list_keys(services, site) == []

    @pytest.mark.parametrize("page", ["settings/model", "preferences", "policy", "standings"])
    def test_other_pages_do_not(self, plain, page) -> None:
        answer = plain.get(f"/moderate/{page}")
        assert answer.status_code == 200
        assert "/moderate/settings/keys" not in answer.text

    @pytest.mark.parametrize("page", [*ADMIN_PAGES, "model"])
    def test_strangers_are_sent_to_sign_in(self, browser, page) -> None:
        path = f"/moderate/settings/{page}"
        assert browser.get(path).location == f"/moderate/sign-in?next={path}"


class TestKeys:
    def test_a_key_is_made_and_shown_once(self, mo, services, site, client) -> None:
        form = {"role": "moderator", "token": token(mo.get("/moderate/settings/keys").text)}
        made = mo.post("/moderate/settings/keys", data=form)
        assert made.status_code == 201
        [key] = re.findall(r"wnw_[0-9a-f]{8}_[\w-]+", made.text)
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get("/v1/queue", headers=headers).status_code == 200
        assert key not in mo.get("/moderate/settings/keys").text

        again = mo.post("/moderate/settings/keys", data=form)
        assert again.status_code == 409
        assert "This form was sent before" in shown(again)
        assert len(access.list_keys(services, site)) == 1

    def test_a_key_of_akismets_style_is_made(self, mo, services, site, client) -> None:
        page = mo.get("/moderate/settings/keys").text
        form = {"role": "backend", "style": "akismet", "token": token(page)}
        made = mo.post("/moderate/settings/keys", data=form)
        assert made.status_code == 201
        [key] = re.findall(r">([0-9a-f]{12})<", made.text)
        verify = {"key": key, "blog": "https://blog.example/"}
        assert client.post("/1.1/verify-key", data=verify).text == "valid"

        [kept] = access.list_keys(services, site)
        assert (kept.role, kept.style) == ("backend", "akismet")
        page = mo.get("/moderate/settings/keys").text
        assert kept.prefix in page
        assert key not in page
        mo.post(f"/moderate/settings/keys/{kept.prefix}/revoke")
        assert client.post("/1.1/verify-key", data=verify).text == "invalid"

    def test_a_foreign_key_has_no_other_role(self, mo, services, site) -> None:
        form = {"role": "admin", "style": "akismet", "token": "0" * 32}
        answer = mo.post("/moderate/settings/keys", data=form)
        assert answer.status_code == 422
        assert "A key of this style has the role backend." in shown(answer)
        assert access.list_keys(services, site) == []

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"role": "root", "token": "0" * 32},
            {"role": "admin", "token": "x"},
            {"role": "backend", "style": "perspective", "token": "0" * 32},
        ],
    )
    def test_another_form_makes_none(self, mo, services, site, form) -> None:
        assert mo.post("/moderate/settings/keys", data=form).status_code == 422
        assert access.list_keys(services, site) == []

    def test_a_phase_of_corals_is_made_and_its_secret_kept(self, mo, services, site) -> None:
        secret, page = "empsec_0123456789abcdef", mo.get("/moderate/settings/keys").text
        form = {"role": "backend", "style": "coral", "token": token(page)}
        [name] = set(
            re.findall(r"cor_[0-9a-f]{8}", mo.post("/moderate/settings/keys", data=form).text)
        )
        path = f"/moderate/settings/keys/{name}/secret"
        assert f'action="{path}"' in mo.get("/moderate/settings/keys").text

        answer = mo.post(path, data={"secret": f" {secret} "})
        assert answer.location == "/moderate/settings/keys"
        page = mo.get(answer.location).text
        assert "Another signing secret" in page
        assert secret not in page
        found = foreignkeys.find_coral(services, name)
        assert found is not None
        assert found[1] == secret

    @pytest.mark.parametrize("form", [{}, {"secret": ""}, {"secret": "<b>short</b>"}])
    def test_what_is_no_secret_is_not_kept(self, mo, services, site, form) -> None:
        name = foreignkeys.create_coral(services, operator(site)).id
        answer = mo.post(f"/moderate/settings/keys/{name}/secret", data=form)
        assert answer.status_code == 422
        assert "A signing secret is 16 to 500 visible ASCII characters" in shown(answer)
        assert "<b>short" not in answer.text
        assert foreignkeys.find_coral(services, name) is None

    def test_another_sites_phase_is_not_there(self, mo, services) -> None:
        theirs = foreignkeys.create_coral(
            services, operator(access.create_site(services, "else"))
        ).id
        form = {"secret": "empsec_0123456789abcdef"}
        assert mo.post(f"/moderate/settings/keys/{theirs}/secret", data=form).status_code == 404

    def test_a_key_is_revoked(self, mo, services, site, client) -> None:
        key = make_key(services, site, "backend")
        path = f"/moderate/settings/keys/{key[:12]}/revoke"
        assert f'action="{path}"' in mo.get("/moderate/settings/keys").text
        assert mo.post(path).location == "/moderate/settings/keys"
        headers = {"Authorization": f"Bearer {key}"}
        assert client.get("/v1/site", headers=headers).status_code == 401
        assert "revoked 22 Nov 2026" in shown(mo.get("/moderate/settings/keys"))

    def test_another_sites_key_is_not_there(self, mo, services) -> None:
        theirs = make_key(services, access.create_site(services, "else"), "admin")[:12]
        assert theirs not in mo.get("/moderate/settings/keys").text
        assert mo.post(f"/moderate/settings/keys/{theirs}/revoke").status_code == 404


class TestModerators:
    def test_somebody_is_let_in_with_a_password_that_is_shown_once(self, mo, services) -> None:
        form = {
            "email": "Ada@example.org",
            "role": "moderator",
            "sections": "world\r\n  sport \r\n\r\n",
            "token": token(mo.get("/moderate/settings/moderators").text),
        }
        made = mo.post("/moderate/settings/moderators", data=form)
        assert made.status_code == 201
        password = re.search(r'class="secret">([\w-]+)<', made.text)[1]
        found = access.find_signed_in(
            services, signins.sign_in(services, "ada@example.org", password, 1)
        )
        assert (found.role, found.sections) == ("moderator", ("world", "sport"))
        listed = mo.get("/moderate/settings/moderators")
        assert "ada@example.org moderator world, sport" in shown(listed)
        assert password not in listed.text
        assert mo.post("/moderate/settings/moderators", data=form).status_code == 409

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"email": "nobody"}, "E-mail address: Not an e-mail address."),
            ({"email": ""}, "E-mail address: "),
            ({"role": "root"}, "Role: Must be one of: moderator, admin."),
            ({"sections": "x" * 300}, "Sections: "),
            ({"email": EMAIL}, f"There is a moderator {EMAIL} already."),
        ],
    )
    def test_bad_input_gives_a_sentence_and_keeps_the_form(self, mo, wrong, says) -> None:
        form = {"email": "ada@example.org", "role": "admin", "token": "0" * 32, **wrong}
        answer = mo.post("/moderate/settings/moderators", data=form)
        assert answer.status_code in (409, 422)
        assert says in shown(answer)
        assert f'value="{form["email"]}"' in answer.text

    def test_role_and_sections_are_changed(self, mo, services, site) -> None:
        one = let_in(services, site, "ada@example.org")
        path = f"/moderate/settings/moderators/{one}"
        assert "ada@example.org" in mo.get(path).text
        answer = mo.post(path, data={"role": "admin", "sections": "world"})
        assert answer.location == "/moderate/settings/moderators"
        assert "ada@example.org admin world" in shown(mo.get(answer.location))

    def test_somebody_is_let_go(self, mo, services, site) -> None:
        one = let_in(services, site, "ada@example.org")
        session = signins.sign_in(services, "ada@example.org", PASSWORD, 1)
        answer = mo.post(f"/moderate/settings/moderators/{one}/remove")
        assert answer.status_code == 303
        assert access.find_signed_in(services, session) is None
        assert mo.get(f"/moderate/settings/moderators/{one}").status_code == 404

    def test_the_last_admin_stays(self, mo, services, site) -> None:
        [own] = people.list_people(services, Caller(site, "admin", "test"))
        for path, form in (("/remove", {}), ("", {"role": "moderator", "sections": ""})):
            answer = mo.post(f"/moderate/settings/moderators/{own.id}{path}", data=form)
            assert answer.status_code == 409
            assert "This is the site's only admin" in shown(answer)
        assert mo.get("/moderate/settings/keys").status_code == 200

    def test_another_sites_people_are_not_there(self, mo, services) -> None:
        theirs = let_in(services, access.create_site(services, "else"), "theirs@example.org")
        path = f"/moderate/settings/moderators/{theirs}"
        assert "theirs@" not in mo.get("/moderate/settings/moderators").text
        assert mo.get(path).status_code == 404
        assert mo.post(path, data={"role": "admin"}).status_code == 404
        assert mo.post(f"{path}/remove").status_code == 404

    def test_hostile_sections_are_inert(self, mo, services, site) -> None:
        boss = Caller(site, "admin", "test")
        wanted = Newcomer("ada@example.org", "moderator", (NASTY,), PASSWORD)
        one = people.create(services, boss, wanted).person.id
        for path in ("", f"/{one}"):
            page = mo.get(f"/moderate/settings/moderators{path}").text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page


class TestWebhooks:
    URL = "https://gazette.example/hook"

    def add(self, mo, **more):
        form = {"url": self.URL, "token": "0" * 32, **more}
        return mo.post("/moderate/settings/webhooks", data=form)

    def path(self, mo) -> str:
        page = mo.get("/moderate/settings/webhooks").text
        return re.search(r"/moderate/settings/webhooks/wh_[0-9a-f]{24}", page)[0]

    def test_one_is_added_and_its_secret_shown_once(self, mo) -> None:
        made = self.add(mo, description="Ours", type="comment.held")
        assert made.status_code == 201
        [secret] = re.findall(r"whsec_[\w+/=]+", made.text)
        listed = mo.get("/moderate/settings/webhooks")
        assert secret not in listed.text
        assert f"{self.URL} Ours comment.held works" in shown(listed)
        assert self.add(mo).status_code == 409

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"url": "http://127.0.0.1/"}, "Address: "),
            ({"url": "nonsense"}, "Address: "),
            ({"type": "nonsense"}, "Events: "),
            ({"description": "x" * 300}, "Description: "),
        ],
    )
    def test_bad_input_gives_a_sentence(self, mo, wrong, says) -> None:
        answer = self.add(mo, **wrong)
        assert answer.status_code == 422
        assert says in shown(answer)

    def test_it_is_switched_off_and_on(self, mo) -> None:
        self.add(mo)
        path = self.path(mo)
        assert mo.post(path, data={"act": "off"}).location == path
        off = shown(mo.get(path))
        assert f"It is off, and nothing is sent. Switched off by moderator:{EMAIL}." in off
        assert "Send again" not in mo.get(path).text
        mo.post(path, data={"act": "on"})
        assert "It is off" not in shown(mo.get(path))

    def test_messages_are_listed_and_sent_again(self, mo) -> None:
        self.add(mo)
        path = self.path(mo)
        mo.post(path, data={"act": "test"})
        page = mo.get(path)
        assert "webhook.test pending" in shown(page)
        again = re.search(rf'action="({path}/deliveries/msg_[0-9a-f]+/redeliver)"', page.text)[1]
        assert mo.post(again).location == path
        assert "webhook.test" in shown(mo.get(f"{path}?status=pending"))
        assert "webhook.test" not in shown(mo.get(f"{path}?status=failed"))
        assert mo.get(f"{path}?status=lost").status_code == 422
        assert mo.post(path, data={"act": "again"}).status_code == 303
        mo.post(path, data={"act": "off"})
        for refused in (mo.post(again), mo.post(path, data={"act": "again"})):
            assert refused.status_code == 409
            assert "switched off; switch it on first" in shown(refused)

    def test_it_is_ended(self, mo) -> None:
        self.add(mo)
        path = self.path(mo)
        assert mo.post(path, data={"act": "burn"}).status_code == 422
        assert mo.post(path, data={"act": "end"}).location == "/moderate/settings/webhooks"
        assert mo.get(path).status_code == 404

    def test_another_sites_webhook_is_not_there(self, mo, stranger) -> None:
        made = stranger.post("/v1/webhooks", json={"url": self.URL}).json
        path = f"/moderate/settings/webhooks/{made['id']}"
        assert mo.get(path).status_code == 404
        assert mo.post(path, data={"act": "end"}).status_code == 404
        assert made["id"] not in mo.get("/moderate/settings/webhooks").text


class TestModel:
    def test_tells_what_is_in_use(self, plain) -> None:
        page = shown(plain.get("/moderate/settings/model"))
        assert "words-1" in page
        assert "identity attack 0.5 0.9 0.5 0.9" in page

    def test_says_so_when_there_is_none(self, plain, services) -> None:
        services.scorer.model, services.scorer.failure = None, "The file is gone."
        page = shown(plain.get("/moderate/settings/model"))
        assert "No model is in use, so new comments wait for people. The file is gone." in page


class TestPreferences:
    def test_are_kept(self, plain, services) -> None:
        form = {"blur": "on", "remind_minutes": "45", "spared": ["threat", "nonsense"]}
        answer = plain.post("/moderate/preferences", data=form)
        assert answer.location == "/moderate/preferences?saved=preferences"
        page = plain.get(answer.location).text
        assert "Saved." in page
        assert 'name="blur" checked' in page
        assert 'name="keys" checked' not in page
        assert 'value="45"' in page
        assert 'value="threat" checked' in page
        found = access.find_signed_in(services, "token")
        assert found.spared == ("threat",)
        assert found.preferences == {
            "blur": True,
            "keys": False,
            "remind_minutes": 45,
            "spared": ["threat"],
        }

    def test_keys_act_until_somebody_says_otherwise(self, plain) -> None:
        assert 'name="keys" checked' in plain.get("/moderate/preferences").text

    @pytest.mark.parametrize("minutes", ["0", "601", "-1", "x", "1.5", "9" * 30, "²"])
    def test_refuses_strange_reminders(self, plain, services, minutes) -> None:
        answer = plain.post("/moderate/preferences", data={"remind_minutes": minutes})
        assert answer.status_code == 422
        assert "A reminder comes after 1 to 600 minutes" in shown(answer)
        assert access.find_signed_in(services, "token").preferences == {}

    def test_sections_are_shown(self, plain, services) -> None:
        with services.database.writing() as session:
            session.query(Moderator).one().sections = ["world"]
        assert "a moderator, looks after world" in shown(plain.get("/moderate/preferences"))


class TestOwnPassword:
    @pytest.fixture
    def ada(self, services: Services, site: int, browser: FlaskClient) -> FlaskClient:
        """Somebody who has signed in with a password, here and elsewhere."""
        let_in(services, site, "ada@example.org")
        form = {"email": "ada@example.org", "password": PASSWORD}
        assert browser.post("/moderate/sign-in", data=form).status_code == 303
        return browser

    def change(self, ada, old=PASSWORD, new="battery staple horse", again=None):
        form = {"old": old, "new": new, "again": new if again is None else again}
        return ada.post("/moderate/preferences/password", data=form)

    def test_is_changed_and_other_sessions_end(self, ada, services: Services) -> None:
        elsewhere = signins.sign_in(services, "ada@example.org", PASSWORD, 1)
        answer = self.change(ada)
        assert answer.location == "/moderate/preferences?saved=password"
        assert "Your password is changed" in shown(ada.get(answer.location))
        assert access.find_signed_in(services, elsewhere) is None
        assert signins.sign_in(services, "ada@example.org", "battery staple horse", 1)

    @pytest.mark.parametrize(
        ("wrong", "status", "says"),
        [
            ({"old": "incorrect horse"}, 403, "The present password is another one."),
            ({"new": "short"}, 422, "A password has 12 characters at least"),
            ({"new": "x" * 2000}, 422, "A password has 1000 characters at most"),
            ({"again": "battery staple house"}, 422, "not the same both times"),
        ],
    )
    def test_what_is_wrong_is_said(self, ada, services, wrong, status, says) -> None:
        answer = self.change(ada, **wrong)
        assert answer.status_code == status
        assert says in shown(answer)
        assert signins.sign_in(services, "ada@example.org", PASSWORD, 1)


def test_a_plain_moderator_may_do_the_work(
    plain: FlaskClient, backend: Callable[..., FlaskClient], moderator: FlaskClient
) -> None:
    one = submit(backend, "Held spam0.6")["id"]
    form = {"action": "reject", "version": 1}
    assert plain.post(f"/moderate/comments/{one}/decision", data=form).status_code == 303
    assert moderator.get(f"/v1/comments/{one}").json["status"] == "rejected"
