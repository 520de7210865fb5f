"""Builds what tests need in one line."""

import math
import re
import secrets
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from flask.testing import FlaskClient
from numpy.typing import NDArray
from sqlalchemy import func, select

from api.moderation import keys, passwords
from api.moderation.access import COMMAND_LINE, Caller, digest, key_prefix
from api.moderation.policy.reading.schema import load_document
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from api.settings import Settings
from api.store import jobs
from api.store.database import Database
from api.store.policies import PolicyVersion
from api.store.tables import ApiKey, Base, Moderator, Site
from classifier import LABELS, LEARNED, Contribution, Span, Submission, Threshold
from tests.classifier.cascades import FakeReader
from tests.classifier.cascades import facts as make_facts

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def move(self, **delta: float) -> None:
        """Let time pass: `move(hours=2)`."""
        self.time += timedelta(**delta)


class Failing:
    """Stands for a database, and fails at whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        """Fail."""
        raise self.error


class WordModel:
    """A model for tests: the word `spam0.97` in a text gives it a spam score of 0.97."""

    version = "words-1"
    labels: tuple[str, ...] = LABELS

    def __init__(self) -> None:
        self.thresholds = {label: Threshold(hold=0.5, reject=0.9) for label in LABELS}

    @property
    def profiles(self) -> dict[str, dict[str, Threshold]]:
        """All profiles alike."""
        return dict.fromkeys(("relaxed", "balanced", "strict"), self.thresholds)

    def find_threshold(self, label: str, kind: str, value: float) -> float | None:
        """A score that says what it is."""
        return value if kind == "precision" else 1 - value

    def score(self, items: Sequence[Submission]) -> NDArray[np.float64]:
        """Read the scores off the texts."""
        rows = [[self._find(one.text, label)[0] for label in self.labels] for one in items]
        return np.array(rows)

    def log_odds(self, items: Sequence[Submission]) -> NDArray[np.float64]:
        """Those of the scores."""
        scores = self.score(items)
        return np.log(scores / (1 - scores))

    def explain(
        self, item: Submission, label: str, limit: int = 5, lowering: bool = False
    ) -> list[Span]:
        """The words that gave the score."""
        score, start, end = self._find(item.text, label)
        return [Span(start, end, 2 * score)] if end else []

    def signals(self, item: Submission) -> list[Contribution]:
        """One where the author has a page."""
        signal = Contribution("author_trade_url", 1.4, (), "The author's page sells something.")
        return [signal] if item.author_url else []

    def smallest_change(
        self, item: Submission, label: str, threshold: float, among: Sequence[Span]
    ) -> list[Span]:
        """The words that gave the score."""
        return list(among)

    def _find(self, text: str, label: str) -> tuple[float, int, int]:
        start = text.find(f"{label}0.")
        if start < 0:
            return 0.01, 0, 0
        end = start
        while end < len(text) and not text[end].isspace():
            end += 1
        return float(text[start + len(label) : end].rstrip(".,!?")), start, end


class TaughtWordModel(WordModel):
    """The same as a site has taught it: the word `learned0.9` says so, and no such word nothing."""

    version = "words-1+taught"
    labels = (*LABELS, LEARNED)

    def _find(self, text: str, label: str) -> tuple[float, int, int]:
        found = super()._find(text, label)
        return (0.5, 0, 0) if label == LEARNED and not found[2] else found


class WordReader(FakeReader):
    """A second stage for tests: the word `INSULT0.9` in a text has it say 0.9, and no word 0.01.

    It waits for `pause` seconds before it reads a text, and raises `error` where there is one.
    """

    pause = 0.0
    error: Exception | None = None

    def __init__(self, **facts: Any) -> None:
        super().__init__(make_facts(WordModel, **facts), self._say)  # type: ignore[arg-type]

    def log_odds(self, items: Sequence[Any], until: float | None = None) -> NDArray[np.float64]:
        """As the words say; NaN for what there was no time for."""
        if self.error is not None:
            raise self.error
        found = np.full((len(items), len(LABELS)), np.nan)
        for row, item in enumerate(items):
            if until is not None and time.monotonic() >= until:
                break
            found[row] = super().log_odds([item])
            time.sleep(self.pause)
        return found

    def _say(self, text: str) -> dict[str, float]:
        words = re.findall(r"\b([A-Z_]+)(0\.\d+)", text)
        said = dict.fromkeys(LABELS, 0.01) | {name.lower(): float(one) for name, one in words}
        return {label: math.log(one / (1 - one)) for label, one in said.items()}


def words_scorer(second: SecondStage | None = None) -> Scorer:
    """A scorer over `WordModel`, by default without a second stage."""
    found = Scorer(Path("/no model"), second)
    found.model, found.failure = WordModel(), None  # type: ignore[assignment]
    return found


def plain_settings(home: Path, url: str) -> Settings:
    """The settings of a small installation."""
    return Settings(
        home=home,
        database_url=url,
        model=None,
        secret_key="k" * 32,
        workers=1,
        threads=1,
        max_body=1024 * 1024,
        trusted_proxies=0,
        session_hours=12,
        # Tests ask thousands of times from one address; those of limits set their own.
        limit_key="none",
        limit_address="none",
        limit_author="none",
    )


def operator(site: int) -> Caller:
    """Whoever runs `winnow` for a site."""
    return Caller(site, "admin", COMMAND_LINE)


def make_key(services: Services, site: int, role: str) -> str:
    """A key that was there before the test, so that the site's log knows nothing of it."""
    key = f"wnw_{secrets.token_hex(4)}_{secrets.token_urlsafe(32)}"
    with services.database.writing() as session:
        session.add(
            ApiKey(
                site_id=site,
                role=role,
                prefix=key_prefix(key),
                digest=digest(key),
                folded=digest(key.lower()),
                created_at=services.now(),
            )
        )
    return key


def revoke_key(services: Services, site: int, prefix: str) -> None:
    """End a key's power, as the command line does."""
    keys.revoke(services, operator(site), prefix)


def make_moderator(
    services: Services, site: int, email: str, password: str, role: str = "moderator"
) -> None:
    """Somebody who could sign in before the test, so that the site's log knows nothing of it."""
    with services.database.writing() as session:
        session.add(
            Moderator(
                site_id=site,
                email=email,
                password_hash=passwords.hash_password(password),
                created_at=services.now(),
                role=role,
            )
        )


def put_policy(services: Services, site: int, document: dict[str, Any]) -> int:
    """Have a policy in force, however wrong its examples are; return its version."""
    load_document(document)
    with services.database.writing() as session:
        found = session.get_one(Site, site)
        found.policy += 1
        row = PolicyVersion(
            site_id=site,
            version=found.policy,
            text=yaml.safe_dump(document),
            document=document,
            actor="test",
            created_at=services.now(),
        )
        session.add(row)
        return row.version


def comment(text: str = "A fine day.", **more: Any) -> dict[str, Any]:
    """The body of a submission."""
    return {"article": {"id": "a-17"}, "text": text, **more}


def submit(client: FlaskClient, text: str = "A fine day.", **more: Any) -> dict[str, Any]:
    """Keep a comment and return what the API says of it."""
    answer = client.post("/v1/comments", json=comment(text, **more))
    assert answer.status_code in (200, 201), answer.text
    found: dict[str, Any] = answer.json
    return found


def decide(client: FlaskClient, comment_id: str, action: str, **more: Any) -> dict[str, Any]:
    """Decide about a comment, alone, and return what the API says of it."""
    answer = client.post(f"/v1/comments/{comment_id}/decision", json={"action": action, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    assert found.pop("awaits_second") is False
    return found


def fail_a_job(services: Services, site: int, error: str = "It broke.") -> int:
    """Make a job that is given up, and return its id."""
    database, now = services.database, services.now()
    database.write(lambda connection: jobs.enqueue(connection, "test", {}, now, site_id=site))
    [taken] = [one for one in jobs.take(database, now, "w", 100) if one.kind == "test"]
    jobs.bury(database, now, taken, error)
    return taken.id


def walk(client: FlaskClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = client.get(path, query_string={**query, **more})
        assert page.status_code == 200, page.text
        items += page.json["items"]
        cursor = page.json["next"]
        if cursor is None:
            return items


def rows(database: Database) -> dict[str, list[str]]:
    """Everything there is."""
    with database.reading() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(table.select()))
            for table in Base.metadata.sorted_tables
        }


def count(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
