"""What the website sends, as the classifier reads it, and the verdict on it; nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.moderation import policy
from api.moderation.comments import State
from api.moderation.markup import blank_markup
from api.moderation.policy import Judgement
from api.moderation.scoring import Scored, Scorer
from classifier import Submission


@dataclass(frozen=True, slots=True)
class Draft:
    """A comment as the website sends it."""

    text: str
    article: dict[str, Any]
    id: str | None = None
    parent_id: str | None = None
    html: bool = False
    author: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    language: str | None = None
    created_at: datetime | None = None
    metadata: dict[str, Any] = field(default_factory=dict)


def draft_of(state: State) -> Draft:
    """A comment that is kept, as it would be sent today."""
    comment, revision = state.comment, state.revision
    return Draft(
        text=revision.text,
        article=comment.article,
        html=revision.html,
        author=comment.author,
        form=comment.form,
        language=comment.language,
    )


def judge_all(scorer: Scorer, drafts: Sequence[Draft]) -> list[Judgement]:
    """Judge comments, in order, and keep nothing."""
    items = [_submission(draft) for draft in drafts]
    judged = scorer.in_time(items, lambda: _judge(scorer, scorer.score(items), drafts))
    return _judge(scorer, None, drafts) if judged is None else judged


def _judge(
    scorer: Scorer, found: Sequence[Scored] | None, drafts: Sequence[Draft]
) -> list[Judgement]:
    scored: Sequence[Scored | None] = found or [None] * len(drafts)
    return [
        policy.judge(scorer, one, draft.form) for one, draft in zip(scored, drafts, strict=True)
    ]


def _submission(draft: Draft) -> Submission:
    author, form = draft.author, draft.form
    return Submission(
        text=blank_markup(draft.text) if draft.html else draft.text,
        author_name=author.get("name", ""),
        author_url=author.get("url", ""),
        author_email=author.get("email", ""),
        honeypot=form.get("honeypot", ""),
        elapsed_ms=form.get("elapsed_ms"),
        language=draft.language,
    )
