"""Scores alone: a model that is prompt is asked without a time limit, any other within one."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from api.moderation.scoring import Scorer
from classifier import Submission
from tests.factories import WordModel, words_scorer


class Watched(WordModel):
    """A model that notes which thread asks it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[threading.Thread] = []

    def score(self, items: Sequence[Submission]) -> Any:
        """As a plain one."""
        self.asked.append(threading.current_thread())
        return super().score(items)


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def watcher(watched: Watched) -> Scorer:
    scorer = words_scorer()
    scorer.model = watched  # type: ignore[assignment]
    return scorer


@pytest.mark.parametrize(
    ("prompt", "texts", "direct"),
    [
        (None, ["short"], False),
        (10, ["short"], True),
        (10, ["short", "short"], True),
        (10, ["short", "longer"], False),
        (10, ["a" * 11], False),
    ],
)
def test_only_a_prompt_model_is_asked_by_the_caller_itself(
    watcher: Scorer, watched: Watched, prompt: int | None, texts: list[str], direct: bool
) -> None:
    if prompt is not None:
        watched.prompt = prompt  # type: ignore[attr-defined]

    found = watcher.score_in_time([Submission(one) for one in texts])

    assert found is not None
    assert [one.item.text for one in found] == texts
    assert (watched.asked == [threading.current_thread()]) is direct


def test_what_the_shipped_model_is_prompt_with_is_scored_alike_either_way() -> None:
    scorer = Scorer()
    assert scorer.model is not None
    assert scorer.model.prompt > 1000
    items = [Submission("What a fine day it is today."), Submission("x " * scorer.model.prompt)]

    for item in items:
        assert scorer.score_in_time([item]) == scorer.score([item])
