"""The second stage as it is served: a file, the shipped model, onnxruntime, a forked process."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from api import create_services
from api.moderation import access
from api.moderation.judging import judge_for
from api.moderation.policy.subject import Draft
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from api.store.database import Database
from classifier import Submission, load, readerfile
from tests.classifier.cascades import facts
from tests.classifier.tinygraphs import write_reader
from tests.conftest import ON_SQLITE
from tests.factories import plain_settings

for package in ("onnxruntime", "tokenizers"):
    pytest.importorskip(package, reason="needs pip install 'winnow[read]'")

pytestmark = ON_SQLITE
RUDE = "What a stupid answer, this is worthless trash."
KIND = "What a worthless answer, this is pathetic trash."


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """As the service makes them."""
    path = write_reader(tmp_path / "reader.safetensors", facts(load()))
    settings = plain_settings(tmp_path, database.url)
    return create_services(replace(settings, reader=path))


@pytest.fixture
def site(services: Services) -> int:
    return access.create_site(services, "gazette")


def test_a_comment_is_read_and_explained(services: Services, site: int) -> None:
    rude, kind, plain = judge_for(
        services, site, [Draft(one, {"id": "a"}) for one in (RUDE, KIND, "Thank you, see you.")]
    )

    second = services.scorer.second
    assert (second.failure, second.outcomes["given"]) == (None, 2)
    assert [one.second_opinion for one in (rude, kind, plain)] == ["given", "given", "not_needed"]
    assert rude.second_model == second.version
    assert str(second.version).startswith("reader-tiny-")
    assert rude.scores["insult"] == pytest.approx(0.9526, abs=1e-3)
    assert kind.scores["insult"] == pytest.approx(0.0067, abs=1e-3)
    assert (rude.action, kind.action) == ("reject", "approve")
    [insult] = [one for one in rude.reasons if one["code"] == "insult_score"]
    assert insult["approximate"] is True
    assert [one["text"] for one in insult["spans"]] == ["stupid"]


def test_a_process_that_is_forked_reads_too(services: Services, site: int) -> None:
    drafts = [Draft(RUDE, {"id": "a"})]
    [before] = judge_for(services, site, drafts)

    child = os.fork()
    if child == 0:
        stage = services.scorer.second
        cascade = services.scorer.cascade
        found = services.scorer.score([Submission(RUDE)], "always")
        fine = cascade is not None and stage.failure is None and found is not None
        os._exit(0 if fine and found and found[0].opinion.outcome == "given" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert before.second_opinion == "given"


def test_one_that_onnxruntime_cannot_use_fails_by_itself(
    database: Database, tmp_path: Path
) -> None:

    path = tmp_path / "reader.safetensors"
    readerfile.write(path, b"no graph", "{}", {"series": "reader-tiny", **facts(load())})
    services = create_services(replace(plain_settings(tmp_path, database.url), reader=path))
    site = access.create_site(services, "gazette")

    [found] = judge_for(services, site, [Draft(RUDE, {"id": "a"})])

    assert found.second_opinion == "failed"
    assert found.model is not None
    assert services.scorer.failure is None
    assert "onnxruntime cannot use" in str(services.scorer.second.failure)


def test_it_is_not_started_where_it_is_loaded(services: Services) -> None:
    assert isinstance(services.scorer.second, SecondStage)
    assert services.scorer.second.reader is not None
    assert services.scorer.second.reader._session is None
