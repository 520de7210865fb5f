"""How comments come in: scored before any transaction, in one call, with any clock."""

from typing import Any

import pytest

from api.moderation import intake, judging
from api.moderation.access import Caller
from api.moderation.errors import NotFoundError
from api.moderation.policy.inforce import DEFAULT
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.store.database import Database
from tests.factories import START, Clock, WordModel, words_scorer

ARTICLE = {"id": "a-1"}


@pytest.fixture
def caller(site: int) -> Caller:
    """A website's backend."""
    return Caller(site, "backend", "key:wnw_test")


def test_all_drafts_are_scored_in_one_call(services: Services, caller: Caller) -> None:
    calls: list[list[str]] = []

    class Counting(WordModel):
        """Remembers what it was asked."""

        def score(self, items: Any) -> Any:
            calls.append([one.text for one in items])
            return super().score(items)

    services.scorer.model = Counting()  # type: ignore[assignment]

    intake.submit(
        services, caller, [Draft("One.", ARTICLE), Draft("<i>Two.</i>", ARTICLE, html=True)]
    )

    assert calls == [["One.", "   Two.    "]]


def test_nothing_is_locked_while_the_model_thinks(services: Services, caller: Caller) -> None:
    class Meanwhile(WordModel):
        """During its work somebody else writes."""

        busy = False

        def score(self, texts: Any) -> Any:
            if not self.busy:
                self.busy = True
                intake.submit(services, caller, [Draft("Other.", ARTICLE, id="c-2")])
                self.busy = False
            return super().score(texts)

    services.scorer.model = Meanwhile()  # type: ignore[assignment]

    [kept] = intake.submit(services, caller, [Draft("One.", ARTICLE, id="c-1")])
    changed = intake.edit(services, caller, "c-1", "Two.")

    assert kept.new
    assert changed.revision.text == "Two."


def test_a_comment_has_the_time_of_the_clock(
    services: Services, caller: Caller, clock: Clock
) -> None:
    clock.move(days=1)

    [kept] = intake.submit(services, caller, [Draft("One.", ARTICLE)])

    comment = kept.state.comment
    assert comment.created_at == comment.received_at == clock()
    [dated] = intake.submit(services, caller, [Draft("Two.", ARTICLE, created_at=START)])
    assert (dated.state.comment.created_at, dated.state.comment.received_at) == (START, clock())


def test_no_drafts_are_no_comments(services: Services, caller: Caller) -> None:
    assert intake.submit(services, caller, []) == []
    assert judging.judge_all(words_scorer(), DEFAULT, []) == []


def test_who_sent_it_is_in_the_audit_log(
    services: Services, caller: Caller, database: Database
) -> None:
    from api.moderation import comments

    intake.submit(services, caller, [Draft("One.", ARTICLE, id="c-1")])

    [event] = comments.history(services, caller, "c-1").events
    assert (event.actor, event.type) == ("key:wnw_test", "comment.created")


def test_an_edit_of_what_is_not_there_is_not_found(services: Services, caller: Caller) -> None:
    with pytest.raises(NotFoundError):
        intake.edit(services, caller, "c-1", "Two.")
