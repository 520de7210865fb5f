"""Searches all that the suite writes down for what must never be: keys, tokens, people.

A plugin of pytest: `tests/conftest.py` takes its fixture and its hook. Our own loggers are heard
at every level, and so is what tests and their servers print. What is found fails the session.
"""

import logging
import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

PATTERNS = {
    "a key": re.compile(r"wnw_[0-9a-f]{8}_[\w-]{16,}"),
    "credentials": re.compile(r"(?i)authorization\W{1,6}(?:bearer|basic)\s+[\w.~+/=-]{8,}"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?:example|com|org|net)\b"),
    "an address": re.compile(r"\b(?:192\.0\.2|198\.51\.100|203\.0\.113)\.\d{1,3}\b"),
    "a password": re.compile(r"correct horse battery"),
}
"""The last three are what tests call the people they make up."""

WELCOME = re.compile(
    r"^A first site was made\. Its secrets are shown this once:$.*?^Work through the queue: ",
    re.M | re.S,
)
"""What `winnow serve` shows once, to whoever has started it for the first time."""

DELIBERATE = ("api.test",)
"""Loggers of tests of the log itself."""

_TOKEN = re.compile(r"[\w-]{16,}")
_KEY_BEGIN = len("wnw_01234567_")

made: set[str] = set()
"""Every token that was made in this process: of keys, sessions and webhooks."""

found: list[str] = []


def find(text: str) -> list[str]:
    """What is in a text that must not be, each in a few words."""
    said = WELCOME.sub("", text)
    hits = [f"{name}: {hit}" for name, one in PATTERNS.items() for hit in one.findall(said)]
    for token in _TOKEN.findall(said):
        if token in made or token[_KEY_BEGIN:] in made:
            hits.append(f"a token: {token}")
    return hits


def note(text: str, where: str) -> None:
    """Remember what is in a text that must not be."""
    found.extend(f"{where}: {hit}" for hit in find(text))


class Ear(logging.Handler):
    """Hears every record."""

    def emit(self, record: logging.LogRecord) -> None:
        """Search what it says, with what it would say of a failure."""
        if record.name in DELIBERATE:
            return
        # Not of the trace: `api.telemetry.logs` has where it broke, without words.
        note(record.getMessage(), f"{record.name} at {record.filename}:{record.lineno}")


@pytest.fixture(scope="session", autouse=True)
def search_what_is_printed() -> Iterator[None]:
    """Hear all, and fail at the end if there was what must not be."""
    ear, real = Ear(), secrets.token_urlsafe

    def token_urlsafe(nbytes: int | None = None) -> str:
        token = real(nbytes)
        made.add(token)
        return token

    loggers = [logging.getLogger(name) for name in ("api", "classifier")]
    for one in loggers:
        one.addHandler(ear)
        one.setLevel(logging.DEBUG)
    others = [logging.getLogger(), logging.getLogger("gunicorn.error")]
    for one in others:
        one.addHandler(ear)
    secrets.token_urlsafe = token_urlsafe
    yield
    secrets.token_urlsafe = real
    for one in [*loggers, *others]:
        one.removeHandler(ear)
    if found:
        shown = "\n".join(sorted(set(found))[:20])
        pytest.fail(f"the suite has written down what must never be:\n{shown}", pytrace=False)


def pytest_runtest_logreport(report: Any) -> None:
    """Search what a test has printed."""
    note(report.capstdout, f"{report.nodeid} printed")
    note(report.capstderr, f"{report.nodeid} printed")
