"""Adapters are put in force and taken back under load: no error, and no verdict of two models."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from api.moderation import access, comments
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.judging import draft_of
from api.moderation.learning import versions
from api.moderation.learning.gate import Report
from api.moderation.learning.stored import Candidate
from api.moderation.policy.subject import Subject
from api.moderation.scoring import Scorer
from api.moderation.services import Services, utc_now
from api.store.database import Database
from api.store.tables import Comment
from classifier import LABELS, AdaptedModel, Adapter, Model, Submission, adapting
from tests.conftest import BOTH
from tests.reliability.load import Load
from tests.reliability.serving import Server

FLIPS = 50
BETWEEN = 4
"""So many comments are taken between two flips."""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture(params=BOTH)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server of two processes, without a worker that would have adapters of its own."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("make_postgresql_url")()
    found = Server(tmp_path, url, WINNOW_WORKERS="2", WINNOW_WORKER="0")
    yield found
    found.close()


def teach(model: Model, rejected: str) -> Adapter:
    """An adapter of a site that rejects one of two kinds of the comments that will come."""
    kinds = ("Comment 7, which client 1 sends.", "Comment 8, which client 2 sends.") * 10
    examples = adapting.read(model, [Submission(text) for text in kinds])
    bad = np.array([float(rejected in text) for text in kinds])
    return adapting.train(examples, np.zeros(20), bad, np.ones(20), {"base": model.version})


def keep(services: Services, caller: Caller, adapter: Adapter) -> str:
    report = Report(True, "It is better.", {})
    made = Candidate(adapter, 20, None, report, {}, utc_now())
    return versions.keep(services, caller, made, promote=False).public_id


def read_verdicts(services: Services, site: int) -> list[State]:
    with services.database.reading() as session:
        wanted = comments.states().where(Comment.site_id == site)
        return [State(*row) for row in session.execute(wanted)]


def test_models_are_swapped_under_load(server: Server) -> None:
    key = server.make_key("backend")
    server.start()
    services = Services(Database(server.database_url), Scorer())
    caller = Caller(access.find_site(services, "gazette"), "admin", "test")
    model = services.scorer.model
    assert model is not None
    adapters = [teach(model, rejected) for rejected in ("client 1", "client 2")]
    first, second = (keep(services, caller, adapter) for adapter in adapters)
    versions.promote(services, caller, first)
    load = Load(server.url, key, clients=4)
    load.start()
    load.wait_for(20)

    for flip in range(FLIPS):
        if flip % 2:
            versions.rollback(services, caller)
        else:
            versions.promote(services, caller, second, force=True)
        load.wait_for(BETWEEN)
    load.stop()

    assert (load.breaks, load.strange) == ([], [])
    assert {status for one in load.clients for status in one.answers} == {201}
    states = read_verdicts(services, caller.site_id)
    services.database.dispose()
    assert len(states) == load.done
    adapted = {one.version: one for one in (AdaptedModel(model, each) for each in adapters)}
    seen = Counter(state.verdict.model for state in states)
    assert set(seen) == set(adapted)
    assert min(seen[version] for version in adapted) >= FLIPS // 2 * BETWEEN // 2
    for state in states:
        item = Subject(draft_of(state), state.comment.received_at).submission
        judging = adapted[str(state.verdict.model)]
        assert state.verdict.scores == dict(
            zip((*LABELS, "learned"), judging.score([item])[0].tolist(), strict=True)
        )
