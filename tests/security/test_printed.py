"""The search of what the suite prints finds what it is for; the suite itself is searched by it.

`tests.printed` is on in every run, whichever tests it has and in whatever order (C3.35).
"""

import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import WELCOME
from tests import printed

KEY = "wnw_0123abcd_" + "k" * 43


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"no such key: {KEY}", "a key"),
        ("{'Authorization': 'Bearer abcdefgh1234'}", "credentials"),
        ("Authorization: Basic YWRhOnNlY3JldA==", "credentials"),
        ("ada@psoriasis.example has signed in", "an e-mail address"),
        ("a request from 192.0.2.77", "an address"),
        ("the password is correct horse battery", "a password"),
        (f"Work through the queue: \n{KEY}", "a key"),
    ],
)
def test_what_must_not_be_is_found(text: str, what: str) -> None:
    assert [hit.partition(":")[0] for hit in printed.find(text)] == [what]


@pytest.mark.parametrize(
    "text",
    [
        "the key wnw_0123abcd_… is wrong",
        "the database failed: no such table",
        WELCOME.format(key=KEY, email="a@b.example", password="correct horse battery", url="u"),
        "key:0123abcd has asked 127.0.0.1",
    ],
)
def test_what_may_be_is_left_alone(text: str) -> None:
    assert printed.find(text) == []


def test_a_token_is_known_because_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "made", {"session-token-1234567890"})

    assert printed.find("cookie=session-token-1234567890;")
    assert printed.find("wnw_0123abcx_session-token-1234567890")
    assert not printed.find("cookie=session-token-1234567891;")


LEAKS = {
    "logs": 'logging.getLogger("api.web").debug("key %s", KEY)',
    "prints": "print(KEY)",
    "writes": 'import sys; sys.stderr.write("ada@psoriasis.example")',
    "makes": 'import secrets; logging.getLogger("x").error(secrets.token_urlsafe(32))',
}


@pytest.mark.parametrize("leak", [*LEAKS, "nothing"])
def test_a_run_in_which_something_leaks_fails(tmp_path: Path, leak: str) -> None:
    test = tmp_path / "test_it.py"
    body = LEAKS.get(leak, 'logging.getLogger("api.web").error("all is well")')
    more = "def test_other():\n    pass\n"
    test.write_text(f"import logging\nKEY = {KEY!r}\ndef test_it():\n    {body}\n{more}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.printed", str(test)]
    given = ["-c", "/dev/null", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]

    result = subprocess.run(
        [*command, *given],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert result.returncode == (0 if leak == "nothing" else 1), result.stdout
    assert ("what must never be" in result.stdout) is (leak != "nothing")
