"""Where clients of Akismet put their key, and what becomes of those who have none."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.moderation import access, foreignkeys
from api.moderation.services import Services
from tests.api.web.dropin.akismet import BLOG, DEBUG, IP, THANKS, Asker, said
from tests.conftest import ON_SQLITE
from tests.factories import count, make_key, operator, revoke_key

VALID, INVALID = (200, b"valid"), (200, b"invalid")
OTHER = "0123456789ab"
"""A key that nobody has."""


@pytest.fixture
def akismet(client: FlaskClient, services: Services, site: int) -> Asker:
    return Asker(client, services, site)


@ON_SQLITE
class TestVerifyKey:
    def test_a_key_that_is_good_is_valid(self, akismet: Asker, client: FlaskClient) -> None:
        for name in ("key", "api_key"):
            answer = client.post("/1.1/verify-key", data={name: akismet.key, "blog": BLOG})
            assert said(answer) == VALID
            assert not {name for name, _ in answer.headers if name.lower().startswith("x-akis")}

    @pytest.mark.parametrize("role", access.ROLES)
    def test_any_key_of_ours_is_good(
        self, client: FlaskClient, services: Services, site: int, role: str
    ) -> None:
        data = {"key": make_key(services, site, role), "blog": BLOG}
        assert said(client.post("/1.1/verify-key", data=data)) == VALID

    @pytest.mark.parametrize("key", [OTHER, "", "x", "wnw_00000000_x", "é", "\x00", "a" * 5000])
    def test_a_key_that_is_nobodys_is_invalid(self, akismet: Asker, key: str) -> None:
        answer = akismet.client.post("/1.1/verify-key", data={"key": key, "blog": BLOG})
        assert said(answer) == INVALID
        assert answer.headers[DEBUG]
        assert key not in answer.headers[DEBUG] or len(key) < 2

    def test_a_key_that_is_being_changed_is_the_one_to_verify(self, akismet: Asker) -> None:
        for key, api_key, says in ((akismet.key, OTHER, VALID), (OTHER, akismet.key, INVALID)):
            data = {"key": key, "api_key": api_key, "blog": BLOG}
            assert said(akismet.client.post("/1.1/verify-key", data=data)) == says

    @pytest.mark.parametrize(
        ("blog", "why"),
        [
            (None, "Missing required field: blog."),
            ("", 'Empty "blog" value'),
            ("not a url", "We were unable to parse your blog URI"),
            ("blog.example", "We were unable to parse your blog URI"),
            ("http://", "We were unable to parse your blog URI"),
            ("ftp://blog.example", "We were unable to parse your blog URI"),
            ("http://[::1", "We were unable to parse your blog URI"),
            ("http://blog.example:port", "We were unable to parse your blog URI"),
            ("http://bl og.example", "We were unable to parse your blog URI"),
        ],
    )
    def test_a_blog_that_is_none_is_invalid(
        self, akismet: Asker, blog: str | None, why: str
    ) -> None:
        data = {"key": akismet.key} | ({} if blog is None else {"blog": blog})
        answer = akismet.client.post("/1.1/verify-key", data=data)
        assert said(answer) == INVALID
        assert answer.headers[DEBUG] == why

    @pytest.mark.parametrize(
        "blog",
        [
            *("http://blog.example", "https://blog.example/news/", "HTTP://Blog.Example:8080"),
            *(
                "http://localhost",
                "http://192.0.2.1",
                "http://[2001:db8::1]/",
                " http://b.example ",
            ),
            *("https://bücher.example/", "http://b_c.example/?a=b#c"),
        ],
    )
    def test_a_blog_is_any_url(self, akismet: Asker, blog: str) -> None:
        data = {"key": akismet.key, "blog": blog}
        assert said(akismet.client.post("/1.1/verify-key", data=data)) == VALID


@ON_SQLITE
class TestHosts:
    def ask(self, client: FlaskClient, host: str, **more: str) -> tuple[int, bytes]:
        data = {"blog": BLOG, "user_ip": IP, "comment_content": "spam0.95", **more}
        return said(client.post("/1.1/comment-check", data=data, headers={"Host": host}))

    @pytest.mark.parametrize(
        "host",
        [
            *("{}.rest.akismet.com", "{}.winnow.example:8000", "{}.localhost", "{}.a.b.c.d"),
            *("{}.EXAMPLE.org.", "{}.10.0.0.1.nip.example"),
        ],
    )
    def test_the_key_is_the_first_label_of_any_host(
        self, akismet: Asker, client: FlaskClient, host: str
    ) -> None:
        assert self.ask(client, host.format(akismet.key)) == (200, b"true")
        assert self.ask(client, host.format(akismet.key.upper())) == (200, b"true")
        assert self.ask(client, host.format(OTHER)) == INVALID

    def test_a_key_of_ours_is_known_in_small_letters(
        self, client: FlaskClient, services: Services, site: int
    ) -> None:
        key = make_key(services, site, "backend")
        assert self.ask(client, f"{key.lower()}.rest.example") == (200, b"true")
        assert self.ask(client, f"{key}.rest.example") == (200, b"true")

    @pytest.mark.parametrize(
        "host",
        [
            *("winnow.example", "localhost", "localhost:8000", "127.0.0.1", "127.0.0.1:8000"),
            *("[::1]:8000", "", ":", "123456789012.", "rest.{}.example", "{}"),
        ],
    )
    def test_other_hosts_have_no_key(self, akismet: Asker, client: FlaskClient, host: str) -> None:
        assert self.ask(client, host.format(akismet.key)) == INVALID

    def test_the_field_counts_for_more_than_the_host(
        self, akismet: Asker, client: FlaskClient
    ) -> None:
        good, bad = f"{akismet.key}.rest.example", f"{OTHER}.rest.example"
        assert self.ask(client, bad, api_key=akismet.key) == (200, b"true")
        assert self.ask(client, good, api_key=OTHER) == INVALID
        assert self.ask(client, good, api_key="") == (200, b"true")

    @pytest.mark.parametrize("target", ["http://{}.rest.example", "HTTPS://{}.rest.example:8000"])
    def test_the_host_may_be_in_the_request_line(
        self, akismet: Asker, client: FlaskClient, target: str
    ) -> None:
        target = target.format(akismet.key) + "/1.1/comment-check"
        data = {"blog": BLOG, "user_ip": IP, "comment_content": "spam0.95"}
        answer = client.post("/1.1/comment-check", data=data, environ_overrides={"RAW_URI": target})
        assert said(answer) == (200, b"true")

    @pytest.mark.parametrize("target", ["http://[", "http://", "/1.1/x?u=http://{}.b.example/"])
    def test_another_request_line_has_no_host(
        self, akismet: Asker, client: FlaskClient, target: str
    ) -> None:
        raw = {"RAW_URI": target.format(akismet.key)}
        answer = client.post("/1.1/comment-check", data={"blog": BLOG}, environ_overrides=raw)
        assert said(answer) == INVALID


CALLS = (
    *("/1.1/verify-key", "/1.1/comment-check", "/1.1/submit-spam", "/1.1/submit-ham"),
    *("/1.2/key-sites", "/1.2/usage-limit"),
)


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("key", [None, OTHER, ""])
def test_no_call_is_answered_without_a_good_key(akismet: Asker, path: str, key: str | None) -> None:
    before = count(akismet.services.database)
    given = {"blog": BLOG, "user_ip": IP} | ({} if key is None else {"api_key": key, "key": key})

    for answer in (
        akismet.client.post(path, data=given),
        akismet.client.get(path, query_string=given),
    ):
        assert said(answer) == INVALID
        assert answer.headers[DEBUG]

    assert count(akismet.services.database) == before


@pytest.mark.parametrize("path", CALLS)
def test_a_revoked_key_is_nobodys_at_once(akismet: Asker, path: str) -> None:
    given = {"api_key": akismet.key, "key": akismet.key, "blog": BLOG, "user_ip": IP}
    assert said(akismet.client.post(path, data=given), plain=False) != INVALID
    revoke_key(akismet.services, akismet.site, akismet.key_id)

    assert said(akismet.client.post(path, data=given)) == INVALID


@ON_SQLITE
@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("end", ["", "/"])
def test_every_call_takes_either_method_and_either_path(
    akismet: Asker, path: str, method: str, end: str
) -> None:
    given = {"api_key": akismet.key, "blog": BLOG, "user_ip": IP}
    how = {"query_string": given} if method == "GET" else {"data": given}

    answer = akismet.client.open(f"{path}{end}", method=method, **how)

    assert answer.status_code == 200
    assert DEBUG not in answer.headers
    assert answer.data in (b"valid", b"false", THANKS.encode()) or answer.is_json


@ON_SQLITE
def test_a_path_may_be_percent_encoded(akismet: Asker) -> None:
    data = {"key": akismet.key, "blog": BLOG}
    assert said(akismet.client.post("/1.1/verify%2Dkey", data=data)) == VALID


@ON_SQLITE
def test_a_key_of_akismets_style_opens_no_other_door(akismet: Asker, client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {akismet.key}"}
    assert client.get("/v1/site", headers=headers).status_code == 401


@ON_SQLITE
def test_a_key_of_corals_style_opens_no_door_of_akismets(
    client: FlaskClient, services: Services, site: int
) -> None:
    made = foreignkeys.create_coral(services, operator(site))
    data = {"key": made.key, "blog": BLOG}
    assert said(client.post("/1.1/verify-key", data=data)) == INVALID


@ON_SQLITE
def test_keys_do_not_come_into_logs(
    akismet: Asker, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    akismet.check("spam0.95")
    akismet.ask("comment-check", api_key=OTHER)
    assert akismet.key not in caplog.text
    assert OTHER not in caplog.text
