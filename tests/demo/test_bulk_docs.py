"""What the chapter about bulk decisions and notes quotes is what works."""

import json
import re

from flask import Flask

from api.moderation import access, retention
from api.moderation.bulk import PASSED_BY, STATES, wanting
from api.moderation.notes import LONGEST
from api.moderation.services import Services
from api.web.bulk import BulkFilter, BulkOut
from tests.conftest import ON_SQLITE
from tests.factories import make_key, submit

from .visitor import APP

TEXT = (APP.parents[1] / "bulk.md").read_text()
BULK = re.findall(r"/v1/decisions -d '\s*(\{.+?\})'", TEXT, re.DOTALL)
NOTES = re.findall(r"WINNOW(/v1/\S+notes) -d '(\{.+?\})'", TEXT)


@ON_SQLITE
def test_its_requests_are_answered(app: Flask, services: Services) -> None:
    client = app.test_client()
    key = make_key(services, access.create_site(services, "bulk"), "moderator")
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    for number in (1001, 1002):
        submit(client, "spam0.60", id=f"c-{number}", author={"id": "u-5"})

    assert len(BULK) == 5
    for body in BULK:
        answer = client.post("/v1/decisions", json=json.loads(body))
        assert answer.status_code in (200, 202), answer.text
    assert len(NOTES) == 2
    for path, body in NOTES:
        assert client.post(path, json=json.loads(body)).status_code == 201
    bulk = client.get("/v1/decisions").json["items"][0]["id"]
    for act in ("stop", "undo"):
        assert client.post(f"/v1/decisions/{bulk}/{act}").status_code in (200, 202)


def test_every_word_is_explained() -> None:
    for word in (*STATES, *PASSED_BY, *BulkFilter().fields):
        assert f"`{word}`" in TEXT or f'"{word}"' in TEXT, word


def test_its_answer_has_the_fields_of_the_api() -> None:
    [quoted] = re.findall(r'(\{"id": "bulk_.+?"updated_at": "[^"]+"\})', TEXT, re.DOTALL)

    assert set(json.loads(quoted)) == set(BulkOut().fields)


def test_its_figures_are_the_codes() -> None:
    assert f"up to {wanting.MOST_IDS:,} ids" in TEXT
    assert f"1 to {LONGEST:,} characters" in TEXT
    assert retention.BULK_KEPT.days == 365
