"""What a draft of a policy would change, as previews and shadows show it."""

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.advice.pace import Pace
from api.moderation.drafts import UNSEEN
from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.tallies import ACTIONS, KINDS, SHOWN, Tally
from api.web.comment_schemas import STATUSES, ArticleSchema, AuthorSchema
from api.web.fields import Time, show_time

LONGEST_TEXT = 500
"""Characters of an example's text that are shown."""

MOST_RULES = 50
"""How many of a draft's rules are shown with their hits."""

_action = validate.OneOf(ACTIONS)


class ExhibitCommentOut(ma.Schema):
    """A comment as it stands, in short."""

    id = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=validate.OneOf(STATUSES))
    text = ma.fields.String(
        required=True, metadata={"description": f"its first {LONGEST_TEXT} characters"}
    )
    article = ma.fields.Nested(ArticleSchema, required=True)
    author = ma.fields.Nested(AuthorSchema, required=True)
    created_at = Time(required=True)


class ExhibitOut(ma.Schema):
    """An example of what a draft changes."""

    comment = ma.fields.Nested(ExhibitCommentOut, required=True)
    now = ma.fields.String(required=True, validate=_action)
    draft = ma.fields.String(required=True, validate=_action)
    codes = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "the draft's reasons"}
    )
    decision = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "what people said"}
    )


class AgreementOut(ma.Schema):
    """How actions go with people's decisions in force."""

    agreed = ma.fields.Integer(required=True)
    held = ma.fields.Integer(required=True, metadata={"description": "left to people"})
    approved = ma.fields.Integer(
        required=True, metadata={"description": "approved, though people rejected"}
    )
    rejected = ma.fields.Integer(
        required=True, metadata={"description": "rejected, though people approved"}
    )


class PeopleOut(ma.Schema):
    """The same for the policy in force and for the draft."""

    now = ma.fields.Nested(AgreementOut, required=True)
    draft = ma.fields.Nested(AgreementOut, required=True)


class ReviewOut(ma.Schema):
    """What the change costs people."""

    held_now = ma.fields.Integer(required=True)
    held_draft = ma.fields.Integer(required=True)
    minutes = ma.fields.Float(
        required=True, metadata={"description": "added by the draft; below 0 where it saves some"}
    )
    seconds_per_review = ma.fields.Float(required=True)
    measured_from = ma.fields.Integer(
        required=True,
        metadata={"description": "how many of the site's reviews tell so; 0 where it is a guess"},
    )


class TallyOut(ma.Schema):
    """What was counted, over comments of which the action now and the draft's are known."""

    judged = ma.fields.Integer(required=True)
    unscored = ma.fields.Integer(
        required=True, metadata={"description": "left out: the classifier had no scores for them"}
    )
    other_model = ma.fields.Integer(
        required=True, metadata={"description": "judged by the scores of another model"}
    )
    unseen = ma.fields.List(
        ma.fields.String(validate=validate.OneOf(UNSEEN)),
        required=True,
        metadata={
            "description": "what of the draft, checks and `second_opinion`, the figures say nothing"
            " of, as what is kept does not tell what they go by"
        },
    )
    newly_held = ma.fields.Integer(
        required=True, metadata={"description": "approved now, held or rejected by the draft"}
    )
    newly_passed = ma.fields.Integer(
        required=True, metadata={"description": "held or rejected now, approved by the draft"}
    )
    newly_rejected = ma.fields.Integer(required=True)
    unchanged = ma.fields.Integer(required=True)
    matrix = ma.fields.Dict(
        keys=ma.fields.String(validate=_action),
        values=ma.fields.Dict(keys=ma.fields.String(validate=_action), values=ma.fields.Integer()),
        required=True,
        metadata={"description": "by action now, then by the draft's"},
    )
    people = ma.fields.Nested(PeopleOut, required=True)
    review = ma.fields.Nested(ReviewOut, required=True)
    codes = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "comments by the draft's reasons, most frequent first"},
    )
    rules = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": f"comments by the draft's rules, the {MOST_RULES} with the most"},
    )


class ExamplesOut(ma.Schema):
    """Examples as they stand today, newest first."""

    examples = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(KINDS)),
        values=ma.fields.List(ma.fields.Nested(ExhibitOut)),
        required=True,
        metadata={"description": f"up to {SHOWN} of each kind, drawn at random"},
    )


def show_tally(tally: Tally, pace: Pace, unseen: Sequence[str]) -> dict[str, Any]:
    """A tally as `TallyOut` describes it."""
    held_now, held_draft = tally.held
    return {
        "judged": tally.judged,
        "unscored": tally.unscored,
        "other_model": tally.other_model,
        "unseen": unseen,
        "newly_held": tally.newly_held,
        "newly_passed": tally.newly_passed,
        "newly_rejected": tally.newly_rejected,
        "unchanged": tally.unchanged,
        "matrix": {
            live: {draft: tally.moves[live, draft] for draft in ACTIONS} for live in ACTIONS
        },
        "people": {"now": _show_agreement(tally, False), "draft": _show_agreement(tally, True)},
        "review": {
            "held_now": held_now,
            "held_draft": held_draft,
            "minutes": round(pace.minutes(tally.more_held), 1),
            "seconds_per_review": pace.seconds,
            "measured_from": pace.reviews,
        },
        "codes": dict(tally.codes.most_common()),
        "rules": dict(tally.rules.most_common(MOST_RULES)),
    }


def show_examples(examples: Mapping[str, Sequence[Exhibit]]) -> dict[str, Any]:
    """Examples as `ExamplesOut` describes them."""
    return {
        "examples": {kind: [_show_exhibit(one) for one in some] for kind, some in examples.items()}
    }


def list_shown(examples: Mapping[str, Sequence[Exhibit]]) -> set[str]:
    """The ids of the comments that examples show."""
    return {one.state.comment.public_id for some in examples.values() for one in some}


def _show_agreement(tally: Tally, of_draft: bool) -> dict[str, int]:
    found = tally.agreement(of_draft)
    return {
        "agreed": found.agreed,
        "held": found.held,
        "approved": found.approved,
        "rejected": found.rejected,
    }


def _show_exhibit(one: Exhibit) -> dict[str, Any]:
    state, example = one.state, one.example
    comment = state.comment
    return {
        "comment": {
            "id": comment.public_id,
            "status": comment.status,
            "text": state.revision.text[:LONGEST_TEXT],
            "article": comment.article,
            "author": comment.author,
            "created_at": show_time(comment.created_at),
        },
        "now": example.live,
        "draft": example.draft,
        "codes": example.codes,
        "decision": state.decision and state.decision.action,
    }
