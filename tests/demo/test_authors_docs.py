"""What the chapter about authors quotes is what works, and its figures are those of the code."""

import json
import re

import pytest
import yaml

from api.moderation import access, authors, retention
from api.moderation.knowledge import likenesses, pasts
from api.moderation.policy import disposable
from api.moderation.policy.document import Authors, Document
from api.moderation.policy.facts import KINDS, STANDINGS
from api.moderation.policy.reading.schema import load_document
from tests.conftest import ON_SQLITE
from tests.factories import make_key

from .visitor import APP

DOCS = APP.parents[1]
TEXT = (DOCS / "authors.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_its_policies_can_be_used():
    modes, rules = (load_document(yaml.safe_load(block)) for block in blocks("yaml"))

    assert modes.mode.hours.outside == "pre"
    assert modes.articles["a-17"].mode == "closed"
    assert set(rules.authors.rates) == {"author", "address", "article"}
    assert rules.authors.recent_record.share == Authors().recent_record.share == 0.3
    assert Document().mode.approvals == 2


@ON_SQLITE
def test_its_request_is_answered(app, services):
    [body] = blocks("json")
    key = make_key(services, access.create_site(services, "gazette"), "moderator")

    answer = app.test_client().post(
        "/v1/standings", json=json.loads(body), headers={"Authorization": f"Bearer {key}"}
    )

    assert answer.status_code == 201


@pytest.mark.parametrize("word", [*STANDINGS, *KINDS, "staff_skips", "trusted_skips"])
def test_every_word_is_explained(word):
    assert f"`{word}`" in TEXT


def test_its_figures_are_those_of_the_code():
    assert f"among their newest {pasts.NEWEST}" in TEXT
    assert f"newest {likenesses.NEWEST_OF_NETWORK} comments" in TEXT
    assert f"newest {likenesses.NEWEST_OF_MAILBOX})" in TEXT
    assert f"{retention.STANDINGS_KEPT.days} days" in TEXT
    assert f"newest {authors.COUNTED:,})" in TEXT
    [known] = re.findall(r"some (\d+) well-known", TEXT)
    assert abs(len(disposable.KNOWN) - int(known)) < 10


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\]\(([\w-]+\.md)\)", TEXT))))
def test_its_links_lead_somewhere(name):
    assert (DOCS / name).exists()
