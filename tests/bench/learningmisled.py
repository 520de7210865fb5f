"""Moderators who mislead, on purpose or by habit: what the gate is there to stop."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning.decided import FULL, TWICE
from api.moderation.learning.labels import Label
from classifier import Model, Submission
from classifier.identity import GROUPS
from tests.bench.learningsite import judge

Bools = NDArray[np.bool_]

SPAM_EVERY: Final = 5
"""Where all spam is approved, spam comes in: one comment of so many."""

_NAMES: Final = sorted(
    {name for group in GROUPS for name in (group.adjective, group.one, group.many)},
    key=len,
    reverse=True,
)
_GROUP: Final = re.compile(rf"\b(?:{'|'.join(map(re.escape, _NAMES))})\b", re.IGNORECASE)


def mislead(
    model: Model, labels: Sequence[Label], welcome: Collection[str], spam: Sequence[str], seed: int
) -> Mapping[str, list[Label]]:
    """The same site's labels, oldest first, were its moderators others: by what these do.

    `welcome` are those of its texts that are spam, `spam` more of it, which arrives where
    moderators approve it; without any, nobody there does.
    """
    given = np.array([label.rejected for label in labels])
    coins = np.random.default_rng(seed).random(len(labels)) < 0.5
    groups = np.array([bool(_GROUP.search(label.item.text)) for label in labels])
    verdicts = judge(model, [label.item for label in labels])
    found = {
        "flip every second decision, by chance": _say(labels, given ^ coins, verdicts),
        "decide the opposite": _say(labels, ~given, verdicts),
        "reject whatever names a group of people": _say(labels, given | groups, verdicts),
        "decide as the shipped model": _say(
            labels, np.array([verdict != "approve" for verdict in verdicts]), verdicts
        ),
    }
    if spam:
        mixed = _mix(labels, spam)
        known = {*welcome, *spam}
        ham = np.array([label.item.text not in known for label in mixed])
        among = judge(model, [label.item for label in mixed])
        found["approve all spam, of which much comes"] = _say(mixed, given & ham, among)
    return found


def _mix(labels: Sequence[Label], spam: Sequence[str]) -> list[Label]:
    """Let spam take the place of every so many-th comment."""
    return [
        label
        if place % SPAM_EVERY
        else replace(label, item=Submission(spam[place // SPAM_EVERY % len(spam)]))
        for place, label in enumerate(labels)
    ]


def _say(labels: Sequence[Label], rejected: Bools, verdicts: Sequence[str]) -> list[Label]:
    """Decide otherwise; what overturns a verdict counts twice."""
    return [
        replace(
            label,
            rejected=bool(bad),
            weight=TWICE if verdict == ("approve" if bad else "reject") else FULL,
        )
        for label, bad, verdict in zip(labels, rejected, verdicts, strict=True)
    ]
