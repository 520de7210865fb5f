"""Rows judged by a policy, as a server judges a comment of which it knows nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from api.bulkscore.rows import Row
from api.moderation.judging import judge_all
from api.moderation.policy.inforce import Policy
from api.moderation.policy.judging import Judgement
from api.moderation.policy.subject import Draft, Subject
from api.moderation.scoring import Scorer
from api.web.answers import show_verdict

BATCH = 256
SHOWN = ("action", "scores", "reasons", "second_opinion")
UNREAD = "The classifier failed on this comment."

Answer = dict[str, Any]
"""What is written of a row: its `id`, and `SHOWN` of its verdict or an `error`."""


def judge_rows(
    scorer: Scorer, policy: Policy, at: datetime, rows: Iterable[Row]
) -> Iterator[list[Answer]]:
    """Answers in the order of the rows, some at a time; `at` is when the comments came."""
    left = iter(rows)
    while some := list(islice(left, BATCH)):
        subjects = [Subject(row.read, at) for row in some if isinstance(row.read, Draft)]
        judgements = iter(_judge(scorer, policy, subjects))
        yield [
            {"id": row.id, "error": row.read}
            if isinstance(row.read, str)
            else {"id": row.id, **_show(next(judgements))}
            for row in some
        ]


def _judge(scorer: Scorer, policy: Policy, subjects: Sequence[Subject]) -> list[Judgement]:
    failed = scorer.failed
    judgements = judge_all(scorer, policy, subjects)
    if scorer.failed == failed or len(subjects) == 1:
        return judgements
    # One text must not cost the others their scores.
    return [one for subject in subjects for one in judge_all(scorer, policy, [subject])]


def _show(judgement: Judgement) -> Answer:
    if judgement.model is None:
        return {"error": UNREAD}
    shown = show_verdict(judgement)
    return {name: shown[name] for name in SHOWN}
