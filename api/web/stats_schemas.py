"""What the figures look like in JSON."""

from typing import Any

import marshmallow as ma

from api.web.fields import Time


def _number(description: str = "", **more: Any) -> ma.fields.Integer:
    return ma.fields.Integer(required=True, metadata={"description": description}, **more)


def _amount(description: str = "") -> ma.fields.Float:
    return ma.fields.Float(required=True, allow_none=True, metadata={"description": description})


def _word(description: str = "") -> ma.fields.String:
    return ma.fields.String(required=True, metadata={"description": description})


def _nested(schema: type[ma.Schema], description: str = "", many: bool = False) -> Any:
    found = ma.fields.Nested(schema, required=True, metadata={"description": description})
    return ma.fields.List(found, required=True) if many else found


class StatsShareOut(ma.Schema):
    """A share; null of fewer than 20. Where some stand for more than others, not `hits / n`."""

    n = _number("how many were looked at")
    hits = _number()
    value = _amount()
    low = _amount("the ends of the 95 % interval")
    high = _amount()


class StatsKappaOut(ma.Schema):
    """Cohen's kappa; null of fewer than 20, and where all have said one thing."""

    n = _number("comments that both judged")
    agreed = _number()
    value = _amount("1 is always, 0 what chance would do")
    low = _amount("the ends of the 95 % interval")
    high = _amount()


class StatsPairOut(StatsKappaOut):
    """How far two people agree."""

    one = _word()
    other = _word()


class StatsCodeOut(StatsKappaOut):
    """How far people agree on giving a reason code."""

    code = _word()


class StatsVolumeDayOut(ma.Schema):
    """What came in a day, by what the machine made of it at first."""

    day = _word()
    came = _number()
    approved = _number()
    held = _number()
    rejected = _number()
    undisclosed = _number("open audit samples: what was said of them is not told")


class StatsVolumesOut(ma.Schema):
    """What came in the period."""

    came = _number()
    approved = _number()
    held = _number()
    rejected = _number()
    undisclosed = _number("open audit samples: what was said of them is not told")
    automatic = _nested(StatsShareOut, "the share that was not held")
    every = _number("1; of more than 100,000 comments, of how many one was looked at")
    by_day = _nested(StatsVolumeDayOut, many=True)


class StatsBacklogDayOut(ma.Schema):
    """How many held comments waited at the end of a day."""

    day = _word()
    waiting = _number()


class StatsBacklogOut(ma.Schema):
    """What waits for people."""

    now = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.Integer(),
        required=True,
        metadata={"description": "by queue"},
    )
    oldest_since = Time(required=True, allow_none=True)
    by_day = _nested(StatsBacklogDayOut, many=True)


class StatsWaitDayOut(ma.Schema):
    """How long those waited that were decided in a day."""

    day = _word()
    n = _number()
    median_minutes = _amount()
    p90_minutes = _amount("null of fewer than 10")


class StatsWaitingOut(ma.Schema):
    """How long held comments waited until somebody approved or rejected them."""

    n = _number("how many were decided, one by one")
    median_minutes = _amount()
    p90_minutes = _amount("nine in ten were decided within this; null of fewer than 10")
    within_minutes = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "in which the policy in force wants a decision, if it says so"},
    )
    in_time = ma.fields.Nested(
        StatsShareOut,
        required=True,
        allow_none=True,
        metadata={"description": "the share decided within that"},
    )
    by_day = _nested(StatsWaitDayOut, many=True)


class StatsDecisionDayOut(ma.Schema):
    """Decisions made in a day."""

    day = _word()
    decisions = _number("one by one; more than the kinds while a colleague is asked, blind")
    approved = _number()
    rejected = _number()
    escalated = _number()
    bulk = _number()


class StatsHourOut(ma.Schema):
    """Decisions made in an hour of the day, in UTC."""

    hour = _number()
    decisions = _number()


class StatsDecisionsOut(ma.Schema):
    """What people decided in the period."""

    made = _number("one by one")
    bulk = _number("comments decided in bulk")
    bulk_decisions = _number("decisions about many comments that were begun")
    undone = _nested(StatsShareOut, "of those made one by one, the share taken back since")
    an_hour = _amount("decisions of one person in an hour in which they decide any")
    by_day = _nested(StatsDecisionDayOut, many=True)
    by_hour = _nested(StatsHourOut, many=True)


class StatsModeratorOut(ma.Schema):
    """What one person, or one key, did."""

    actor = _word()
    decisions = _number()
    bulk = _number()
    opinions = _number("said in second looks, where that is no decision by itself")
    median_seconds = _amount("between two decisions; null of fewer than 20 `spacings`")
    spacings = _number("of 1 to 300 seconds")
    undone = _nested(StatsShareOut)


class StatsReasonOut(ma.Schema):
    """What became of comments that were held, or rejected, with a reason."""

    code = _word()
    verdict = _word("hold or reject")
    precision = _nested(StatsShareOut, "the share that people rejected as well")
    overridden = _nested(StatsShareOut, "the share that people approved")


class StatsSamplesOut(ma.Schema):
    """What the machine gets wrong; audit samples count by the chance they were drawn with."""

    false_holds = _nested(StatsShareOut, "of what is held, the share that people approve")
    false_rejections = _nested(StatsShareOut, "of what is rejected, the share they would approve")
    missed = _nested(StatsShareOut, "of what is approved, the share that people would reject")
    agreement = _nested(StatsShareOut, "of automatic decisions, the share people would make")
    caught = _nested(StatsShareOut, "of all that people reject, the share held or rejected")
    stopped = _nested(StatsShareOut, "of all that people approve, the share held or rejected")
    open = _number("samples that nobody has decided about yet")


class StatsAgreementOut(ma.Schema):
    """How far people agree who judged the same comments, neither told of the other."""

    whole = _nested(StatsKappaOut)
    pairs = _nested(StatsPairOut, many=True)
    reasons = _nested(StatsCodeOut, many=True)


class StatsReportDayOut(ma.Schema):
    """Reports that came in a day, and what has become of them."""

    day = _word()
    came = _number()
    upheld = _number()
    dismissed = _number()
    open = _number()


class StatsReportsOut(ma.Schema):
    """Reports that came in the period."""

    came = _number()
    open = _number()
    dismissed = _number()
    upheld = _nested(StatsShareOut, "of those decided")
    by_day = _nested(StatsReportDayOut, many=True)


class StatsOut(ma.Schema):
    """How moderation has gone in a period."""

    days = _number()
    since = Time(required=True)
    until = Time(required=True)
    decisions_since = Time(
        required=True,
        allow_none=True,
        metadata={
            "description": "null; where more than 50,000 were made, from when on they are counted"
        },
    )
    volumes = _nested(StatsVolumesOut)
    backlog = _nested(StatsBacklogOut)
    waiting = _nested(StatsWaitingOut)
    decisions = _nested(StatsDecisionsOut)
    moderators = _nested(StatsModeratorOut, many=True)
    reasons = _nested(StatsReasonOut, many=True)
    samples = _nested(StatsSamplesOut)
    agreement = _nested(StatsAgreementOut)
    reports = _nested(StatsReportsOut)
