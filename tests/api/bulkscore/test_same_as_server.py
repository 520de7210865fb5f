"""The same texts through the server and through `winnow score`, one way and the other."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from api import create_app
from api.bulkscore.patience import load_scorer
from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from classifier.reader import SHIPPED
from tests.api.bulkscore.commands import read_rows, score
from tests.bench.comments import make_comments
from tests.conftest import ON_SQLITE
from tests.factories import make_key, plain_settings, put_policy

POLICY: dict[str, Any] = {
    "profile": "strict",
    "rules": [{"word": "ferry company", "do": "hold", "name": "ferries"}],
}
MORE: tuple[dict[str, Any], ...] = (
    {
        "text": "Buy followers now, half the price! https://cheap.example/buy",
        "author": {"name": "x"},
    },
    {"text": "<p>Well <b>done</b>, thank you.</p>", "html": True},
    {"text": "Fine words.", "form": {"honeypot": "http://a.example"}},
    {"text": "Fine words.", "form": {"elapsed_ms": 90}},
    {"text": "Vielen Dank für diesen Artikel, er hat mir gut gefallen.", "language": "de"},
    {"text": "y o u  a r e  a n  i d i o t 🤡"},
    {"text": "Zażółć gęślą jaźń\u2028\r\n\ttwo, \"quoted\" 'lines'"},
    {"text": "Great post. " * 300},
    {"text": "a"},
)
"""Comments that more than a text says something about, and texts that are hard to carry."""


@pytest.fixture
def comments() -> list[dict[str, Any]]:
    made = [{"text": one} for one in make_comments(110, seed=7)]
    return [*made, *MORE]


def ask(client: FlaskClient, key: str, given: dict[str, Any]) -> dict[str, Any]:
    """What the server says of a comment."""
    body = {"article": {"id": "none"}, **given}
    answer = client.post(
        "/v1/comments/check", json=body, headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 200, answer.get_json()
    verdict: dict[str, Any] = answer.get_json()["verdict"]
    return verdict


@ON_SQLITE
@pytest.mark.parametrize(
    ("stages", "document"), [(1, {}), (2, POLICY), (2, {"second_opinion": "always"})]
)
def test_scores_actions_and_reasons_are_the_servers(
    tmp_path: Path,
    database: Database,
    comments: list[dict[str, Any]],
    stages: int,
    document: dict[str, Any],
) -> None:
    if stages == 2:
        pytest.importorskip("onnxruntime")
        # Each takes a long time to read and to explain.
        comments = [*comments[:25], *MORE]
    # On a busy machine a server may lack the time to read or to explain: not what this is about.
    services = Services(database, load_scorer(None, SHIPPED if stages == 2 else None))
    app = create_app(plain_settings(tmp_path, database.url), services)
    key, client = _open(services, document), app.test_client()
    expected = [ask(client, key, one) for one in comments]
    lines = [json.dumps(one, ensure_ascii=False) for one in comments]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "policy.json").write_text(json.dumps(document))
    given = "a.jsonl", "--policy", "policy.json"
    reader = {"WINNOW_READER": str(SHIPPED)} if stages == 2 else {}

    plain = score(tmp_path, *given, **reader)
    bulk = score(tmp_path, *given, "--out", "out", "--piece-mib", "0.008", **reader)

    assert (plain.returncode, bulk.returncode) == (0, 0), plain.stderr + bulk.stderr
    assert "1 of 1 parts" not in bulk.stderr
    seconds = {one["second_opinion"] for one in expected}
    assert ("given" in seconds) == (stages == 2)
    for names, rows in (
        (("scores", "action", "reasons"), [json.loads(line) for line in plain.stdout.splitlines()]),
        (
            ("scores", "action", "reasons", "second_opinion"),
            [{**row, "reasons": json.loads(row["reasons"])} for row in read_rows(tmp_path / "out")],
        ),
    ):
        assert _pick(rows, names) == _pick(expected, names)


def _open(services: Services, document: dict[str, Any]) -> str:
    site = access.create_site(services, "gazette")
    put_policy(services, site, document)
    return make_key(services, site, "backend")


def _pick(rows: list[dict[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in names} for row in rows]
