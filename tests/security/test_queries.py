"""Query strings that are wrong, or dangerous elsewhere: refused by name, or only looked for."""

import base64
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.factories import count, submit


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "é",
        "=",
        "AAAA",
        "bnVsbA",
        "W10",
        "a" * 500,
        cursor(),
        cursor("1"),
        cursor(None),
        cursor(True),
        cursor([1]),
        cursor(1.5),
        cursor(1, 2),
        cursor(2**63),
        cursor(-(2**63) - 1),
        cursor(10**100),
        cursor(float("nan")),
        cursor(float("inf")),
        cursor("'; DROP TABLE comments; --"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/comments?cursor=", "/v1/queue?sort=oldest&cursor="])
def test_a_cursor_that_was_not_given_out_is_refused(
    shared_admin: FlaskClient, path: str, given: str
) -> None:
    answer = shared_admin.get(path + quote(given))

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == ["cursor"]


@pytest.mark.parametrize(
    "given",
    [
        cursor(1),
        cursor(0.5, 1.5),
        cursor(10**400, 1),
        cursor(-(10**100), 1),
        cursor(2**63, 1),
        cursor(float("nan"), 1),
        cursor(float("inf"), 1),
        cursor(float("-inf"), 1),
        cursor(0.5, float("nan")),
        cursor(0.5, 2**63),
        cursor(0.5, None),
        cursor("0.5", 1),
    ],
)
def test_a_cursor_of_the_queue_is_checked_as_well(shared_admin: FlaskClient, given: str) -> None:
    answer = shared_admin.get("/v1/queue", query_string={"cursor": given})

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == ["cursor"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "201"),
        ("limit", "ten"),
        ("limit", ""),
        ("limit", "1.5"),
        ("limit", "1e2"),
        ("limit", "9" * 5000),
        ("status", "held"),
        ("status", ""),
        ("since", "yesterday"),
        ("since", "2026-01-01T00:00:00"),
        ("since", "0001-01-01T00:00:00+14:00"),
        ("q", "x" * 201),
        ("q", "a\x00"),
        ("article", "\x00"),
        ("author", "x" * 257),
        ("reason", "x" * 101),
        ("cursor", "x" * 501),
        ("nonsense", "1"),
        ("site", "2"),
        ("sort", "oldest"),
    ],
)
def test_a_wrong_parameter_of_the_list_is_named(
    shared_admin: FlaskClient, name: str, value: str
) -> None:
    answer = shared_admin.get("/v1/comments", query_string={name: value})

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort", "worst"),
        ("sort", "priority; DROP TABLE comments"),
        ("sort", ""),
        ("queue", "other"),
        ("limit", "0"),
        ("limit", "201"),
        ("article", "x" * 257),
        ("section", "\x00"),
        ("status", "approved"),
        ("q", "a\x00"),
        ("score", "spam"),
        ("score", "spam:0.9-0.1"),
        ("score", "spam:1e-1"),
        ("score", "status:0.5"),
        ("waits_longer", "-1"),
        ("waits_longer", "1.5"),
        ("waits_shorter", "9" * 5000),
        ("since", "yesterday"),
        ("until", ""),
        ("mine", "1"),
        ("campaign", "x" * 41),
        ("language", "x" * 36),
        ("reporter", "\x00"),
        ("author", "x" * 257),
        ("queue", "x" * 51),
    ],
)
def test_a_wrong_parameter_of_the_queue_is_named(
    shared_admin: FlaskClient, name: str, value: str
) -> None:
    answer = shared_admin.get("/v1/queue", query_string={name: value})

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [name]


INJECTIONS = [
    "'",
    '"',
    "''",
    "`",
    ";",
    "\\",
    "\\'",
    "--",
    "' --",
    "/*",
    "' OR '1'='1",
    "' OR 1=1 --",
    '" OR ""="',
    "') OR ('a'='a",
    "1 OR 1=1",
    "1; DROP TABLE comments",
    "'; DROP TABLE comments; --",
    "'; UPDATE comments SET status = 'approved'; --",
    "' UNION SELECT digest FROM api_keys --",
    "' UNION SELECT NULL, NULL, NULL --",
    "' AND 1=(SELECT COUNT(*) FROM moderators) --",
    "' AND pg_sleep(9) --",
    "'||pg_sleep(9)||'",
    "'; SELECT pg_sleep(9); --",
    "' AND randomblob(1000000000) --",
    "'; ATTACH DATABASE '/tmp/x' AS x; --",
    "$$; SELECT 1; $$",
    "%27%20OR%201=1",
    "' OR '%' LIKE '%",
    "\u02b9 OR 1=1",
    "\uff07 OR 1=1",
    "%",
    "_",
    "%s",
    "%(id)s",
    ":id",
    ":param_1",
    "?",
    "$1",
    "{0}",
    "{{7*7}}",
    "${7*7}",
    "[a-z]",
    "*",
    "a\nb",
    "\x1b[31m",
    "../../etc/passwd",
    "NULL",
]
PARAMETERS = {
    "/v1/comments": ["article", "author", "reason", "q", "status", "since", "limit", "cursor"],
    "/v1/queue": [
        *("article", "section", "reason", "author", "reporter"),
        *("queue", "sort", "limit", "cursor", "score", "waits_longer", "until"),
    ],
}
FREE = {"article", "author", "reason", "q", "section", "reporter"}


@pytest.fixture(scope="module")
def one_of_each(shared_admin: FlaskClient) -> list[str]:
    """A comment for each status, of which no query here may find a single one."""
    return [submit(shared_admin, text)["id"] for text in ("Fine.", "spam0.6", "spam0.97")]


@pytest.mark.usefixtures("one_of_each")
@pytest.mark.parametrize("given", INJECTIONS)
@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in PARAMETERS.items() for name in names]
)
def test_sql_in_a_parameter_is_only_a_value(
    shared_admin: FlaskClient, path: str, name: str, given: str
) -> None:
    before = count(shared_admin.application.extensions["winnow"].database)

    answer = shared_admin.get(path, query_string={name: given})

    if name in FREE and not (name == "q" and not re.search(r"[^\W_]", given)):
        assert (answer.status_code, answer.json["items"]) == (200, [])
    else:
        assert answer.status_code == 422
        assert [error["parameter"] for error in answer.json["errors"]] == [name]
    assert count(shared_admin.application.extensions["winnow"].database) == before


@pytest.mark.parametrize("given", INJECTIONS)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/comments/{}"),
        ("DELETE", "/v1/comments/{}"),
        ("GET", "/v1/comments/{}/history"),
        ("DELETE", "/v1/comments/{}/decision"),
        ("DELETE", "/v1/keys/{}"),
    ],
)
def test_sql_in_a_path_is_an_id_that_does_not_exist(
    shared_admin: FlaskClient, method: str, path: str, given: str
) -> None:
    before = count(shared_admin.application.extensions["winnow"].database)

    answer = shared_admin.open(path.format(quote(given, safe="")), method=method)

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert count(shared_admin.application.extensions["winnow"].database) == before


@pytest.mark.parametrize(
    "given",
    ["%00", "a%00b", "%ED%A0%80", "%FF", "%C0%AF", "%0A", "%0D%0AX-Evil:1", "%2F", "%2e%2e"],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/comments/{}"),
        ("DELETE", "/v1/comments/{}"),
        ("GET", "/v1/comments/{}/history"),
        ("DELETE", "/v1/comments/{}/decision"),
        ("DELETE", "/v1/keys/{}"),
    ],
)
def test_bytes_that_no_database_keeps_are_no_id(
    shared_admin: FlaskClient, method: str, path: str, given: str
) -> None:
    answer = shared_admin.open(path.format(given), method=method)

    assert answer.status_code in (404, 405)
    assert answer.content_type == "application/problem+json"
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("name", ["q", "article", "author", "reason", "status", "cursor", "since"])
@pytest.mark.parametrize("given", ["%00", "a%00b"])
def test_nul_in_a_parameter_is_refused(shared_admin: FlaskClient, name: str, given: str) -> None:
    answer = shared_admin.get(f"/v1/comments?{name}={given}")

    assert answer.status_code == 422
    assert [error["parameter"] for error in answer.json["errors"]] == [name]


@pytest.mark.parametrize("given", ["%ED%A0%80", "%FF", "%C0%AF", "%", "%zz", "+", "&&&", "=", "q"])
def test_bytes_that_are_no_utf8_do_no_harm(shared_admin: FlaskClient, given: str) -> None:
    assert shared_admin.get(f"/v1/comments?q={given}").status_code in (200, 422)
    assert shared_admin.get(f"/v1/comments?{given}=1").status_code in (200, 422)


def test_a_thousand_parameters_are_refused(shared_admin: FlaskClient) -> None:
    query = "&".join(f"p{n}={n}" for n in range(1000))

    assert shared_admin.get(f"/v1/comments?{query}").status_code == 422
