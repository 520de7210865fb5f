"""Which sites use a key, and how often: to the byte."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from api.moderation import access
from api.moderation.access import Caller
from api.moderation.dropin import usage
from api.moderation.services import Services
from api.store.dropin import AkismetUsage
from tests.api.web.dropin.akismet import Asker
from tests.conftest import ON_SQLITE
from tests.factories import Clock

KEY_SITES = (
    b'{"2026-03":[{"site":"blog.example","api_calls":"120","spam":"100","ham":"20",'
    b'"missed_spam":"1","false_positives":"0","is_revoked":false}],'
    b'"limit":500,"offset":0,"total":1}'
)
CSV = """\
Active sites for {key} during 2026-03 (limit:500, offset: 0, total: 1)
Site,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked
blog.example,120,100,20,1,0,false
"""
USAGE = b'{"limit":"none","usage":120,"percentage":"0.00","throttled":false}'


@pytest.fixture
def akismet(client: FlaskClient, services: Services, site: int) -> Asker:
    return Asker(client, services, site)


@pytest.fixture
def used(akismet: Asker, services: Services, site: int) -> Asker:
    """The example of the documentation."""
    fill(akismet, "2026-03", "blog.example", spam=100, ham=20, missed_spam=1)
    return akismet


def fill(akismet: Asker, month: str, blog: str, **counts: int) -> None:
    """Have asked that often."""
    row = {"site_id": akismet.site, "key": akismet.key_id, "month": month, "blog": blog}
    with akismet.services.database.writing() as session:
        session.add(AkismetUsage(**row, **counts))


def sites(akismet: Asker, **query: Any) -> Any:
    query = {"api_key": akismet.key, "month": "2026-03", **query}
    return akismet.client.get("/1.2/key-sites", query_string=query).json


def names(akismet: Asker, **query: Any) -> list[str]:
    return [one["site"] for one in sites(akismet, **query)["2026-03"]]


def test_the_sites_of_a_month_are_told_as_documented(used: Asker) -> None:
    data = {"api_key": used.key, "month": "2026-03"}
    for answer in (
        used.client.post("/1.2/key-sites", data=data),
        used.client.get("/1.2/key-sites", query_string={**data, "format": "json"}),
        used.client.get("/1.2/key-sites", query_string={**data, "format": "xml", "limit": "x"}),
    ):
        assert answer.content_type == "application/json"
        assert answer.data == KEY_SITES


@pytest.mark.parametrize("form", ["csv", "CSV"])
def test_a_table_is_told_as_documented(used: Asker, form: str) -> None:
    query = {"api_key": used.key, "month": "2026-03", "format": form}
    answer = used.client.get("/1.2/key-sites", query_string=query)

    assert answer.content_type == "text/csv"
    assert answer.text == CSV.format(key=used.key)


def test_use_is_told_as_documented(used: Asker, clock: Clock) -> None:
    fill(used, "2026-11", "blog.example", spam=100, ham=20)

    for answer in (
        used.client.post("/1.2/usage-limit", data={"api_key": used.key}),
        used.client.get("/1.2/usage-limit", query_string={"api_key": used.key}),
    ):
        assert answer.content_type == "application/json"
        assert answer.data == USAGE


def test_a_key_that_was_never_used_has_no_sites(akismet: Asker) -> None:
    query = {"api_key": akismet.key}
    answer = akismet.client.get("/1.2/key-sites", query_string=query)
    assert answer.data == b'{"2026-11":[],"limit":500,"offset":0,"total":0}'
    table = akismet.client.get("/1.2/key-sites", query_string={**query, "format": "csv"})
    assert table.text.splitlines()[0].endswith("during 2026-11 (limit:500, offset: 0, total: 0)")
    assert len(table.text.splitlines()) == 2
    answer = akismet.client.get("/1.2/usage-limit", query_string=query)
    assert answer.json["usage"] == 0


def test_a_key_may_be_in_the_host_here_too(used: Asker) -> None:
    headers = {"Host": f"{used.key}.rest.example"}
    answer = used.client.get("/1.2/key-sites?month=2026-03", headers=headers)
    assert answer.data == KEY_SITES


@pytest.mark.parametrize(
    "month", ["", "2026-13", "2026-3", "march", "2026-03-01", "\u0662026-03", "2026-03\n\n"]
)
def test_a_month_that_is_none_is_the_present_one(used: Asker, month: str) -> None:
    found = sites(used, month=month)
    assert ("2026-11" in found) != (month.strip() == "2026-03")


class TestLists:
    @pytest.fixture(autouse=True)
    def _fill(self, akismet: Asker) -> None:
        fill(akismet, "2026-03", "a.example", spam=5, ham=50, missed_spam=1, false_positives=3)
        fill(akismet, "2026-03", "b.example/news", spam=40, ham=2, missed_spam=2)
        fill(akismet, "2026-03", "c_d.example", spam=10, ham=30, false_positives=9)
        fill(akismet, "2026-02", "old.example", spam=999)

    @pytest.mark.parametrize(
        ("order", "first"),
        [
            *(("", "a b c"), ("total", "a b c"), ("spam", "b c a"), ("ham", "a c b")),
            *(("missed_spam", "b a c"), ("false_positives", "c a b"), ("site_id", "a b c")),
        ],
    )
    def test_sites_are_sorted_as_asked(self, akismet: Asker, order: str, first: str) -> None:
        assert " ".join(one[0] for one in names(akismet, order=order)) == first

    @pytest.mark.parametrize(
        ("part", "found"),
        [
            *(("example", "abc"), ("B.EX", "b"), ("news", "b"), ("_", "c"), ("%", "")),
            *(("nothing", ""), ("", "abc"), ("c_d.example", "c"), ("c\\", "")),
        ],
    )
    def test_sites_are_filtered_by_a_part_of_their_name(
        self, akismet: Asker, part: str, found: str
    ) -> None:
        answer = sites(akismet, filter=part)
        assert "".join(sorted(one["site"][0] for one in answer["2026-03"])) == found
        assert answer["total"] == len(found)

    @pytest.mark.parametrize(
        ("limit", "offset", "found"),
        [
            *(("1", "0", "a"), ("2", "1", "bc"), ("1", "2", "c"), ("5", "3", ""), ("0", "0", "")),
            ("999999999", "999999999", ""),
        ],
    )
    def test_sites_come_in_pages(self, akismet: Asker, limit: str, offset: str, found: str) -> None:
        answer = sites(akismet, limit=limit, offset=offset)
        assert "".join(one["site"][0] for one in answer["2026-03"]) == found
        assert (answer["limit"], answer["offset"], answer["total"]) == (int(limit), int(offset), 3)

    @pytest.mark.parametrize("number", ["-1", "1.5", "x", "9" * 30, "\u0661", ""])
    def test_a_page_that_is_none_is_the_first(self, akismet: Asker, number: str) -> None:
        answer = sites(akismet, limit=number, offset=number)
        assert (answer["limit"], answer["offset"], len(answer["2026-03"])) == (500, 0, 3)


@pytest.mark.parametrize(
    ("blog", "name"),
    [
        ("http://blog.example", "blog.example"),
        ("https://Blog.Example:443/", "blog.example"),
        ("http://blog.example/News/", "blog.example/News"),
        ("http://blog.example:8080/?a=b#c", "blog.example:8080"),
        ("http://[2001:db8::1]:8080/", "[2001:db8::1]:8080"),
        ("https://bücher.example/", "bücher.example"),
        ('http://blog.example/a,"b"', 'blog.example/a,"b"'),
    ],
)
@ON_SQLITE
def test_a_site_is_called_by_its_host_and_path(akismet: Asker, blog: str, name: str) -> None:
    akismet.check(blog=blog)
    found = sites(akismet, month="2026-11")["2026-11"]
    assert [one["site"] for one in found] == [name]


@ON_SQLITE
def test_a_name_with_commas_is_quoted(akismet: Asker) -> None:
    fill(akismet, "2026-11", 'blog.example/a,"b"', ham=1)
    query = {"api_key": akismet.key, "format": "csv"}
    answer = akismet.client.get("/1.2/key-sites", query_string=query)
    assert answer.text.splitlines()[2] == '"blog.example/a,""b""",1,0,1,0,0,false'


@ON_SQLITE
def test_a_very_long_site_is_counted_under_what_fits(akismet: Asker) -> None:
    answer = akismet.check(blog=f"https://blog.example/{'x' * 5000}")
    assert answer.data == b"false"
    [site] = sites(akismet, month="2026-11")["2026-11"]
    assert (len(site["site"]), site["ham"]) == (300, "1")


def test_what_was_asked_is_counted(akismet: Asker, clock: Clock) -> None:
    for text in ("A fine day.", "spam0.60", "spam0.95", "spam0.95"):
        akismet.check(text)
    akismet.check(blog="https://other.example")
    clock.move(days=20)
    akismet.check("Another month.")

    found = sites(akismet, month="2026-11")["2026-11"]
    assert [(one["site"], one["api_calls"], one["spam"], one["ham"]) for one in found] == [
        ("blog.example", "4", "3", "1"),
        ("other.example", "1", "0", "1"),
    ]
    query = {"api_key": akismet.key}
    assert akismet.client.get("/1.2/usage-limit", query_string=query).json["usage"] == 1


def test_another_keys_use_is_not_told(
    used: Asker, client: FlaskClient, services: Services, site: int
) -> None:
    for other in (
        Asker(client, services, site),
        Asker(client, services, access.create_site(services, "elsewhere")),
    ):
        assert sites(other)["2026-03"] == []
    who = Caller(site, "backend", f"key:{used.key_id}")
    assert [one.of for one in usage.by_month(services, who)] == ["2026-03"]
