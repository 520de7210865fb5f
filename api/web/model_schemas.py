"""What a site's models look like in JSON: adapters, and what they have found on trial."""

from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma
from marshmallow import validate

from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.shadowtallies import LATEST
from api.moderation.drafts.tallies import ACTIONS, SHOWN
from api.moderation.inforce import InForce
from api.moderation.learning import trialtallies
from api.moderation.learning.trials import Trial
from api.moderation.learning.trialtallies import CHANGES, Beside
from api.moderation.learning.unlearning import TAUGHT_BY
from api.moderation.secondstage import OUTCOMES, SecondStage
from api.moderation.stats.shares import Share
from api.store.learning import StoredAdapter
from api.web.fields import Time, show_time
from api.web.gate_schemas import GateReportOut
from api.web.stats_schemas import StatsShareOut

NOT_WANTED = "WINNOW_READER says that there is to be none."
"""Why a second stage is not usable that nobody wants."""

STATES = ("waiting", "refused", "promoted", "withdrawn", "stale")

_action = validate.OneOf(ACTIONS)


class ModelOut(ma.Schema):
    """What a site has taught at some time: a correction of the model that Winnow ships with."""

    id = ma.fields.String(required=True)
    version = ma.fields.String(
        required=True, metadata={"description": "as verdicts name the model with it"}
    )
    base = ma.fields.String(required=True, metadata={"description": "the model it corrects"})
    state = ma.fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={
            "description": "`refused` by the gate, `promoted` where it has ever been in force, "
            "`withdrawn` where it was taken back, `stale` where something that has taught it is "
            "erased or forgotten since: in force it is replaced within a day, and never again after"
        },
    )
    in_force = ma.fields.Boolean(required=True)
    on_trial = ma.fields.Boolean(required=True)
    shared = ma.fields.Boolean(
        required=True, metadata={"description": "whether several sites have taught it"}
    )
    labels = ma.fields.Integer(
        required=True, metadata={"description": "of how many decisions it has learnt"}
    )
    taught_until = Time(
        required=True, allow_none=True, metadata={"description": "the last of these decisions"}
    )
    why = ma.fields.String(
        required=True, metadata={"description": "why the gate let it through, or did not"}
    )
    report = ma.fields.Nested(GateReportOut, required=True)
    actor = ma.fields.String(required=True)
    created_at = Time(required=True)
    promoted_at = Time(required=True, allow_none=True)


class SecondStageOut(ma.Schema):
    """The second stage, which reads what the model is not sure of; of all sites alike."""

    version = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "as verdicts name it; null where none is loaded"},
    )
    usable = ma.fields.Boolean(required=True)
    why_not = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "a sentence; null where it is usable"},
    )
    outcomes = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(OUTCOMES)),
        values=ma.fields.Integer(),
        required=True,
        metadata={
            "description": "how many comments it came to what for, of all sites, since the server "
            "was started: see `second_opinion` of a verdict"
        },
    )


class ModelPage(ma.Schema):
    """Some models, newest first, the cursor of the next page, and the second stage."""

    items = ma.fields.List(ma.fields.Nested(ModelOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)
    second_stage = ma.fields.Nested(SecondStageOut, required=True)


class RolledBackOut(ma.Schema):
    """What is in force after going back."""

    in_force = ma.fields.Nested(
        ModelOut,
        required=True,
        allow_none=True,
        metadata={"description": "null where it is the model that Winnow ships with"},
    )


class TrialExampleOut(ma.Schema):
    """A comment that the two models would treat differently."""

    id = ma.fields.String(required=True)
    now = ma.fields.String(required=True, validate=_action)
    trial = ma.fields.String(required=True, validate=_action)
    decision = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "what people said"}
    )


class BesideOut(ma.Schema):
    """Comments that people have decided about, and how often each model was right.

    Right is what passes a comment that people approve, and holds or rejects one they reject.
    """

    approved = ma.fields.Integer(required=True, metadata={"description": "by people"})
    rejected = ma.fields.Integer(required=True, metadata={"description": "by people"})
    now = ma.fields.Nested(StatsShareOut, required=True)
    trial = ma.fields.Nested(StatsShareOut, required=True)


class TrialReviewOut(ma.Schema):
    """What it would cost people."""

    held_now = ma.fields.Integer(required=True)
    held_trial = ma.fields.Integer(required=True)
    minutes = ma.fields.Float(
        required=True, metadata={"description": "added; below 0 where it saves some"}
    )
    seconds_per_review = ma.fields.Float(required=True)
    measured_from = ma.fields.Integer(
        required=True,
        metadata={"description": "how many of the site's reviews tell so; 0 where it is a guess"},
    )


class TrialOut(ma.Schema):
    """What a model has found on trial: it judges beside what is in force, without a say."""

    model = ma.fields.Nested(ModelOut, required=True)
    began = Time(
        required=True,
        allow_none=True,
        metadata={"description": "when the first comment came that it has judged"},
    )
    last = Time(required=True, allow_none=True)
    judged = ma.fields.Integer(
        required=True,
        metadata={"description": f"of the newest {LATEST:,} comments it has judged"},
    )
    unchanged = ma.fields.Integer(required=True)
    newly_held = ma.fields.Integer(
        required=True, metadata={"description": "approved now, held or rejected by the trial"}
    )
    newly_passed = ma.fields.Integer(
        required=True, metadata={"description": "held or rejected now, approved by the trial"}
    )
    newly_rejected = ma.fields.Integer(required=True)
    matrix = ma.fields.Dict(
        keys=ma.fields.String(validate=_action),
        values=ma.fields.Dict(keys=ma.fields.String(validate=_action), values=ma.fields.Integer()),
        required=True,
        metadata={"description": "by action now, then by the trial's"},
    )
    people = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(("all", *CHANGES))),
        values=ma.fields.Nested(BesideOut),
        required=True,
        metadata={
            "description": "beside people's decisions, over all and over each kind of change; "
            "people decide mostly about what is held, so only the kinds compare the two fairly"
        },
    )
    review = ma.fields.Nested(TrialReviewOut, required=True)
    examples = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.OneOf(CHANGES)),
        values=ma.fields.List(ma.fields.Nested(TrialExampleOut)),
        required=True,
        metadata={"description": f"the newest of each kind, up to {SHOWN}"},
    )


def show_model(adapter: StoredAdapter, here: InForce) -> dict[str, Any]:
    """An adapter as `ModelOut` describes it."""
    return {
        "id": adapter.public_id,
        "version": adapter.version,
        "base": adapter.base,
        "state": adapter.state,
        "in_force": adapter.id == here.adapter,
        "on_trial": adapter.id == here.trial,
        "shared": adapter.site_id is None,
        "labels": adapter.labels,
        "taught_until": show_time(adapter.taught_until),
        "why": adapter.report.get("why", ""),
        # Which other sites have taught it is for none of them to know.
        "report": {name: one for name, one in adapter.report.items() if name != TAUGHT_BY},
        "actor": adapter.actor,
        "created_at": show_time(adapter.created_at),
        "promoted_at": show_time(adapter.promoted_at),
    }


def show_second_stage(second: SecondStage, counted: Mapping[str, int]) -> dict[str, Any]:
    """A second stage as `SecondStageOut` describes it; `counted` is how often it came to what."""
    usable = second.version is not None and second.failure is None
    return {
        "version": second.version,
        "usable": usable,
        "why_not": None if usable else second.failure or NOT_WANTED,
        "outcomes": {outcome: counted.get(outcome, 0) for outcome in OUTCOMES},
    }


def show_trial(trial: Trial, here: InForce) -> dict[str, Any]:
    """A trial as `TrialOut` describes it."""
    tally = trial.tally
    held_now, held_trial = tally.held
    return {
        "model": show_model(trial.adapter, here),
        "began": show_time(trial.began),
        "last": show_time(trial.last),
        "judged": tally.judged,
        "unchanged": tally.unchanged,
        **{kind: getattr(tally, kind) for kind in CHANGES},
        "matrix": {live: {by: tally.moves[live, by] for by in ACTIONS} for live in ACTIONS},
        "people": {kind: _show_beside(one) for kind, one in trialtallies.compare(tally).items()},
        "review": {
            "held_now": held_now,
            "held_trial": held_trial,
            "minutes": round(trial.pace.minutes(tally.more_held), 1),
            "seconds_per_review": trial.pace.seconds,
            "measured_from": trial.pace.reviews,
        },
        "examples": _show_examples(trial.examples),
    }


def _show_beside(one: Beside) -> dict[str, Any]:
    return {
        "approved": one.approved,
        "rejected": one.rejected,
        "now": _show_share(one.live),
        "trial": _show_share(one.trial),
    }


def _show_share(share: Share) -> dict[str, Any]:
    ends = {name: getattr(share, name) for name in ("value", "low", "high")}
    rounded = {name: None if end is None else round(end, 4) for name, end in ends.items()}
    return {"n": share.n, "hits": share.hits, **rounded}


def _show_examples(examples: Mapping[str, Sequence[Exhibit]]) -> dict[str, list[dict[str, Any]]]:
    return {
        kind: [
            {
                "id": one.state.comment.public_id,
                "now": one.example.live,
                "trial": one.example.draft,
                "decision": one.state.decision and one.state.decision.action,
            }
            for one in some
        ]
        for kind, some in examples.items()
    }
