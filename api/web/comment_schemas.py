"""What a comment looks like coming in and going out."""

from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.policy.subject import Draft
from api.moderation.secondopinions import OUTCOMES
from api.web.fields import (
    COMMENT_ID,
    Address,
    Flag,
    Metadata,
    Time,
    text,
    without_blanks,
)
from classifier import LABELS

MAX_TEXT = 20_000
MAX_BATCH = 1_000
STATUSES = ("approved", "pending", "rejected")


class _Filled(ma.Schema):
    @ma.pre_load
    def _drop_blanks(self, data: Any, **_: Any) -> Any:
        return without_blanks(data) if isinstance(data, dict) else data


class ArticleSchema(_Filled):
    """Where the comment stands."""

    id = text(256, 1, required=True)
    url = text(2048)
    title = text(1000)
    section = text(256)
    published_at = text(40, also=Time().deserialize)


class AuthorSchema(_Filled):
    """Who wrote the comment, as far as the website knows."""

    id = text(256, 1)
    name = text(200)
    email = text(254, also=validate.Email())
    url = text(2048)
    ip = Address(metadata={"description": "in answers as the site keeps it: see PUT /v1/privacy"})
    user_agent = text(2048)
    created_at = text(40, also=Time().deserialize)
    role = ma.fields.String(validate=validate.OneOf(["reader", "staff"]))


class FormSchema(_Filled):
    """What the form saw: a field people cannot see, and how long they took."""

    honeypot = text(1000)
    elapsed_ms = ma.fields.Integer(strict=True, validate=validate.Range(min=0, max=10**12))
    token = text(2000)


class CommentIn(ma.Schema):
    """A comment as the website sends it."""

    id = text(
        128,
        1,
        also=validate.Regexp(
            rf"{COMMENT_ID}\Z",
            error="Letters, digits and _ - . ~ : @ + = only, and no dot at the start.",
        ),
        allow_none=True,
        metadata={"description": "the caller's own id; one is made when there is none"},
    )
    article = ma.fields.Nested(ArticleSchema, required=True)
    parent_id = text(128, 1, allow_none=True)
    text = text(MAX_TEXT, 1, required=True)
    html = Flag()
    author = ma.fields.Nested(AuthorSchema)
    form = ma.fields.Nested(FormSchema)
    language = ma.fields.String(
        allow_none=True,
        validate=validate.Regexp(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}\Z"),
    )
    created_at = Time()
    metadata = Metadata()

    @ma.post_load
    def _draft(self, data: dict[str, Any], **_: Any) -> Draft:
        return Draft(**data)


class Unchecked(ma.fields.Nested):
    """Documented as what it nests, but handed on as it came, to be checked one by one."""

    def deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        """Whatever it is, null too."""
        return value


class BatchIn(ma.Schema):
    """Many comments at once."""

    items = ma.fields.List(
        Unchecked(CommentIn), required=True, validate=validate.Length(min=1, max=MAX_BATCH)
    )


class EditIn(ma.Schema):
    """A new wording."""

    text = text(MAX_TEXT, 1, required=True)
    html = Flag(load_default=None)
    version = ma.fields.Integer(strict=True, load_default=None)


class SpanOut(ma.Schema):
    """Characters that drove a score: Unicode code points of `text`, end exclusive."""

    start = ma.fields.Integer(required=True)
    end = ma.fields.Integer(required=True)
    text = ma.fields.String(required=True)
    weight = ma.fields.Float(required=True, metadata={"description": "share of the log-odds"})


class ReasonOut(ma.Schema):
    """Why a comment was not simply approved."""

    code = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    action = ma.fields.String(
        validate=validate.OneOf(["flag", "approve", "hold", "reject"]),
        metadata={"description": "what this alone would do; missing in verdicts of old releases"},
    )
    score = ma.fields.Float(required=True, allow_none=True)
    threshold = ma.fields.Float(required=True, allow_none=True)
    rule = ma.fields.String(required=True, allow_none=True)
    spans = ma.fields.List(ma.fields.Nested(SpanOut), required=True)
    replacement = ma.fields.String(
        metadata={"description": "of a rule that replaces: what `published_text` has for the spans"}
    )
    approximate = ma.fields.Boolean(
        metadata={
            "description": "true where the spans are an estimate: what both stages say was looked "
            "into by leaving passages out; missing otherwise"
        }
    )


class VerdictOut(ma.Schema):
    """What the machine says."""

    action = ma.fields.String(required=True, validate=validate.OneOf(["approve", "hold", "reject"]))
    blatant = ma.fields.Boolean(required=True)
    scores = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Float(),
        required=True,
        metadata={"description": f"probabilities of {', '.join(LABELS)}; empty if none were made"},
    )
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut), required=True)
    model = ma.fields.String(required=True, allow_none=True)
    second_opinion = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*OUTCOMES, None]),
        metadata={
            "description": "`given`: a second stage has read the comment, and the scores of abuse "
            "are both stages'; `not_needed`: the first was sure, or cannot read the language; "
            "`off` by the policy or a setting; `absent`: there is none that can be used; `late`: "
            "it did not answer in time; `failed`. Null without scores, and in verdicts of old "
            "releases"
        },
    )
    second_model = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the second stage, where its opinion was `given`"},
    )
    language = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "what the text seems to be written in; und when it is too short"},
    )
    policy = ma.fields.Integer(required=True)
    flips_if = ma.fields.String(required=True)


class DecisionOut(ma.Schema):
    """What a person or a key said."""

    action = ma.fields.String(
        required=True, validate=validate.OneOf(["approve", "reject", "escalate"])
    )
    reason = ma.fields.String(required=True, allow_none=True)
    queue = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "where it was escalated to"}
    )
    note = ma.fields.String(required=True, allow_none=True)
    actor = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    created_at = Time(required=True)
    undone_at = Time(required=True, allow_none=True)


class CommentOut(ma.Schema):
    """A comment as it stands."""

    id = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=validate.OneOf(STATUSES))
    revision = ma.fields.Integer(required=True)
    version = ma.fields.Integer(required=True)
    verdict = ma.fields.Nested(VerdictOut, required=True)
    decision = ma.fields.Nested(DecisionOut, required=True, allow_none=True)
    article = ma.fields.Nested(ArticleSchema, required=True)
    parent_id = ma.fields.String(required=True, allow_none=True)
    author = ma.fields.Nested(AuthorSchema, required=True)
    text = ma.fields.String(required=True)
    text_deleted = ma.fields.Boolean(
        required=True,
        metadata={
            "description": "true where the site has kept the text for as long as it wants to: "
            "`text` is empty then, until there is another revision"
        },
    )
    published_text = ma.fields.String(
        required=True,
        metadata={"description": "the text as rules that replace words would have it published"},
    )
    html = ma.fields.Boolean(required=True)
    form = ma.fields.Nested(FormSchema, required=True)
    language = ma.fields.String(required=True, allow_none=True)
    metadata = ma.fields.Dict(required=True)
    created_at = Time(required=True)
    received_at = Time(required=True)
    updated_at = Time(required=True)


BLIND = "null of a comment that you are to judge without being told"


class BlindCommentOut(CommentOut):
    """A comment of which whoever looks may not be told what was said."""

    status = ma.fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([*STATUSES, None]),
        metadata={"description": BLIND},
    )
    verdict = ma.fields.Nested(
        VerdictOut, required=True, allow_none=True, metadata={"description": BLIND}
    )
    decision = ma.fields.Nested(
        DecisionOut, required=True, allow_none=True, metadata={"description": BLIND}
    )


class CommentPage(ma.Schema):
    """Some comments, and the cursor of the next page."""

    items = ma.fields.List(ma.fields.Nested(CommentOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)
