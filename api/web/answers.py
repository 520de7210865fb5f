"""Comments, verdicts and decisions as JSON, in the shapes that `comment_schemas` describes."""

from typing import Any

from api.moderation.comments import State
from api.moderation.policy.judging import Judgement
from api.moderation.policy.replacing import publish
from api.store.tables import Comment, Decision, Verdict
from api.web.fields import show_time


def show_comment(state: State) -> dict[str, Any]:
    """A comment as `CommentOut` describes it."""
    comment = state.comment
    return {
        "id": comment.public_id,
        "status": comment.status,
        "revision": comment.revision,
        "version": comment.version,
        "verdict": show_verdict(state.verdict),
        "decision": state.decision and show_decision(state.decision),
        **_given(comment),
        "text": state.revision.text,
        "text_deleted": state.revision.gone,
        "published_text": publish(state.revision.text, state.revision.html, state.verdict.reasons),
        "html": state.revision.html,
        "created_at": show_time(comment.created_at),
        "received_at": show_time(comment.received_at),
        "updated_at": show_time(comment.updated_at),
    }


def show_blind(state: State) -> dict[str, Any]:
    """The same without what was said of the comment, for whoever is asked about it as a sample."""
    return show_comment(state) | dict.fromkeys(("status", "verdict", "decision"))


def _given(comment: Comment) -> dict[str, Any]:
    return {
        "article": comment.article,
        "parent_id": comment.parent_id,
        "author": comment.author,
        "form": comment.form,
        "language": comment.language,
        "metadata": comment.extra,
    }


def show_verdict(verdict: Verdict | Judgement) -> dict[str, Any]:
    """A verdict as `VerdictOut` describes it."""
    return {
        "action": verdict.action,
        "blatant": verdict.blatant,
        "scores": {label: round(score, 4) for label, score in verdict.scores.items()},
        "reasons": verdict.reasons,
        "model": verdict.model,
        "second_opinion": verdict.second_opinion,
        "second_model": verdict.second_model,
        "language": verdict.language,
        "policy": verdict.policy,
        "flips_if": verdict.flips_if,
    }


def show_decision(decision: Decision) -> dict[str, Any]:
    """A decision as `DecisionOut` describes it."""
    return {
        "action": decision.action,
        "reason": decision.reason,
        "queue": decision.queue,
        "note": decision.note,
        "actor": decision.actor,
        "version": decision.version,
        "created_at": show_time(decision.created_at),
        "undone_at": show_time(decision.undone_at),
    }
