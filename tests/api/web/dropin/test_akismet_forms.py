"""What clients of Akismet send, in every charset and shape that they are known to send it in."""

from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
from flask import Request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from api.moderation.services import Services
from api.web.dropin.akismet.forms import Form, read_form
from tests.api.web.dropin.akismet import BLOG, DEBUG, IP, Asker, said
from tests.conftest import ON_SQLITE

URLENCODED = "application/x-www-form-urlencoded"


def read(body: bytes = b"", kind: str | None = URLENCODED, query: str = "") -> Form:
    headers = {} if kind is None else {"Content-Type": kind}
    builder = EnvironBuilder(method="POST", query_string=query, data=body, headers=headers)
    environ = builder.get_environ()
    if kind is None:
        environ.pop("CONTENT_TYPE", None)
    return read_form(Request(environ))


@pytest.mark.parametrize(
    ("kind", "more", "written"),
    [
        (URLENCODED, "", "utf-8"),
        (f"{URLENCODED}; charset=utf-8", "", "utf-8"),
        (f"{URLENCODED};charset=UTF-8", "", "utf-8"),
        (f'{URLENCODED}; charset="ISO-8859-1"', "", "iso-8859-1"),
        (f"{URLENCODED}; charset=windows-1252", "", "cp1252"),
        (f"{URLENCODED}; charset=ISO-8859-1", "&blog_charset=UTF-8", "iso-8859-1"),
        (URLENCODED, "&blog_charset=ISO-8859-1", "iso-8859-1"),
        (URLENCODED, "&charset=latin1", "iso-8859-1"),
        (f"{URLENCODED}; charset=nonsense", "&blog_charset=latin1", "iso-8859-1"),
        (f"{URLENCODED}; charset=iso-8859-99", "", "utf-8"),
        (f"{URLENCODED}; charset=", "&blog_charset=null", "utf-8"),
        (f"{URLENCODED}; charset=idna", "", "utf-8"),
        (f"{URLENCODED}; charset=rot13", "", "utf-8"),
        (f"{URLENCODED}; charset=unicode_escape", "", "utf-8"),
        ("", "", "utf-8"),
        ("text/plain", "", "utf-8"),
        ("application/json", "", "utf-8"),
        ("multipart/form-data", "", "utf-8"),
        (";;=;charset", "", "utf-8"),
    ],
)
def test_a_text_is_read_in_its_charset(kind: str, more: str, written: str) -> None:
    body = f"text={quote_from_bytes('Zoë façade'.encode(written))}{more}"
    assert read(body.encode(), kind).get("text") == "Zoë façade"


@pytest.mark.parametrize(
    ("charset", "plain"),
    [
        ("windows-1251", "Привет"),
        ("koi8-r", "Привет"),
        ("shift_jis", "こんにちは"),
        ("euc-kr", "안녕하세요"),
        ("gb2312", "你好"),
        ("big5", "你好"),
        ("iso-8859-2", "Łódź"),
        ("iso-8859-1", "“a”"),
    ],
)
def test_a_site_may_have_any_of_the_old_charsets(charset: str, plain: str) -> None:
    written = "cp1252" if charset == "iso-8859-1" else charset
    body = f"text={quote_from_bytes(plain.encode(written))}".encode()
    assert read(body, f"{URLENCODED}; charset={charset}").get("text") == plain


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"text=a%FFb", "a\ufffdb"),
        (b"text=a\xffb", "a\ufffdb"),
        (b"text=%E9t%C3%A9", "\ufffdté"),
        (b"text=%zz%4", "%zz%4"),
        (b"text=a+b%2Bc", "a b+c"),
        (b"text=a=b=c", "a=b=c"),
        (b"text=a;b", "a;b"),
        (b"&&=x&text=a&&\r\n", "a"),
        (b"text=a\r\n", "a"),
        (b"text=%0D%0Aa%0D%0A", "\r\na\r\n"),
        (b"text=one&text=two", "two"),
        (b"text", None),
        (b"", None),
    ],
)
def test_a_body_that_is_odd_is_read_as_far_as_it_goes(body: bytes, text: str | None) -> None:
    assert read(body).get("text") == text


@pytest.mark.parametrize(
    "body",
    [
        b"words[]=a&words[]=b",
        b"words%5B%5D=a&words%5B%5D=b",
        b"words[0]=a&words[1]=b",
        b"words%5B0%5D=a&words%5B1%5D=b",
        b"words=a&words=b",
        b"words[x][y]=a&words[z]=b&words[]=&words[]=null",
    ],
)
def test_a_list_is_a_list_in_every_spelling(body: bytes) -> None:
    assert read(body).list_all("words") == ["a", "b"]


def test_a_single_word_is_a_list_too() -> None:
    assert read(b"words=a").list_all("words") == ["a"]
    assert read(b"").list_all("words") == []


@pytest.mark.parametrize("given", ["1", "true", "True", "yes", "2", "off?"])
def test_a_flag_is_on_unless_it_says_no(given: str) -> None:
    assert read(f"flag={given}".encode()).is_on("flag")


@pytest.mark.parametrize("given", ["flag=0", "flag=false", "flag=FALSE", "flag=", "flag", ""])
def test_a_flag_is_off_where_it_says_so(given: str) -> None:
    assert not read(given.encode()).is_on("flag")


@pytest.mark.parametrize("given", ["", "undefined", "null", "NULL", "%20"])
def test_nothing_is_nothing_but_was_sent(given: str) -> None:
    form = read(f"text={given}".encode())
    assert (form.get("text"), form.has("text"), form.has("other")) == (None, True, False)


def test_the_body_counts_for_more_than_the_query() -> None:
    form = read(b"a=body", query="a=query&b=query&c%5B%5D=1")
    assert (form.get("a"), form.get("b"), form.list_all("c")) == ("body", "query", ["1"])


class TestMultipart:
    PART = 'Content-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'

    def body(self, *fields: tuple[str, str], end: str = "--x--\r\n") -> bytes:
        return "".join(f"--x\r\n{self.PART % field}" for field in fields).encode() + end.encode()

    def read(self, body: bytes, more: str = "") -> Form:
        return read(body, f"multipart/form-data; boundary=x{more}")

    def test_fields_are_read(self) -> None:
        form = self.read(self.body(("text", "Zoë\r\n& more"), ("words[]", "a"), ("words[]", "b")))
        assert form.get("text") == "Zoë\r\n& more"
        assert form.list_all("words") == ["a", "b"]

    def test_a_file_is_a_field(self) -> None:
        part = self.PART.replace("\r\n\r\n", '; filename="x.txt"\r\n\r\n') % ("text", "a")
        assert self.read(f"--x\r\n{part}--x--\r\n".encode()).get("text") == "a"

    def test_a_field_is_in_the_sites_charset(self) -> None:
        body = self.body(("text", "#"), ("blog_charset", "iso-8859-1")).replace(b"#", b"Zo\xeb")
        assert self.read(body).get("text") == "Zoë"

    @pytest.mark.parametrize("end", ["", "--x", "--x\r\nnonsense", "--x\r\n\r\n", "--y--"])
    def test_a_broken_one_is_read_up_to_the_break(self, end: str) -> None:
        form = self.read(self.body(("text", "a"), ("more", "b"), end=end))
        assert form.get("text") == "a"

    @pytest.mark.parametrize("body", [b"", b"text=a", b"--x--", b"\x00\xff", b"--x\r\n\r\n\r\n--x"])
    def test_one_that_is_none_has_no_fields(self, body: bytes) -> None:
        assert self.read(body).get("text") is None


@ON_SQLITE
class TestThroughTheDoor:
    @pytest.fixture
    def akismet(self, client: FlaskClient, services: Services, site: int) -> Asker:
        return Asker(client, services, site)

    def fields(self, akismet: Asker, **more: Any) -> dict[str, Any]:
        return {"api_key": akismet.key, "blog": BLOG, "user_ip": IP, **more}

    @pytest.mark.parametrize(
        "kind", [None, "", "application/json", "text/xml", f"{URLENCODED};charset=x", "nonsense"]
    )
    def test_a_body_is_a_form_whatever_it_says(self, akismet: Asker, kind: str | None) -> None:
        body = urlencode(self.fields(akismet, comment_content="spam0.95"))
        answer = akismet.client.post("/1.1/comment-check", data=body, content_type=kind)
        assert said(answer) == (200, b"true")

    def test_a_site_in_latin_1_is_understood(self, akismet: Asker) -> None:
        fields = {**self.fields(akismet), "comment_content": "Zoë", "comment_author": "André"}
        body = urlencode(fields, encoding="iso-8859-1")
        kind = f"{URLENCODED}; charset=ISO-8859-1"
        akismet.client.post("/1.1/comment-check", data=body, content_type=kind)
        state = akismet.find()
        assert (state.revision.text, state.comment.author["name"]) == ("Zoë", "André")

    def test_everything_may_be_in_the_query(self, akismet: Asker) -> None:
        query = self.fields(akismet, comment_content="spam0.95")
        assert said(akismet.client.get("/1.1/comment-check", query_string=query)) == (200, b"true")
        assert akismet.find().revision.text == "spam0.95"

    def test_a_multipart_form_is_a_form(self, akismet: Asker) -> None:
        fields = self.fields(akismet, comment_content="spam0.95 ☂")
        kind = "multipart/form-data"
        answer = akismet.client.post("/1.1/comment-check", data=fields, content_type=kind)
        assert said(answer) == (200, b"true")
        assert akismet.find().revision.text == "spam0.95 ☂"

    def test_fields_that_nobody_knows_are_harmless(self, akismet: Asker) -> None:
        more = {f"POST_field_{one}": "x" * 10 for one in range(3_000)}
        more |= {"REMOTE_ADDR": IP, "REQUEST_URI": "/a", "[": "x", "]": "x", "a[b": "x"}
        assert said(akismet.check("spam0.95", **more)) == (200, b"true")

    def test_what_no_database_can_keep_is_replaced(self, akismet: Asker) -> None:
        body = (
            urlencode(self.fields(akismet)) + "&comment_content=a%00b%ED%A0%80&comment_author=%FF"
        )
        answer = akismet.client.post("/1.1/comment-check", data=body, content_type=URLENCODED)
        assert said(answer) == (200, b"false")
        state = akismet.find()
        assert state.revision.text == "a\ufffdb\ufffd\ufffd\ufffd"
        assert state.comment.author["name"] == "\ufffd"

    def test_a_body_that_is_too_large_is_told_so_with_status_200(self, akismet: Asker) -> None:
        answer = akismet.check("x" * 1_100_000)
        sentence = b"The body is larger than this server accepts."
        assert said(answer) == (200, sentence)
        assert answer.headers[DEBUG] == sentence.decode()
        assert akismet.find_ids() == []
