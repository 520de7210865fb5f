"""A simulated site with a line of its own, of labelled sets: who writes there, and who decides.

Swearing is allowed; whoever insults, threatens or attacks others for who they are is rejected, and
so is whoever promotes a channel of their own. Half of the comments are decided, in order, by a few
moderators who err now and then; half are kept to measure on. Half-way a campaign arrives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from api.moderation.learning.decided import FULL, TWICE
from api.moderation.learning.labels import Label
from classifier import LABELS, Model, Submission
from classifier.sets import read_set
from tests.bench import learningcampaign

Floats = NDArray[np.float64]

SETS: Final = ("jigsaw_multilabel", "youtube_spam", "davidson_tweets")
ATTACKS: Final = ["insult", "threat", "identity_hate", "severe_toxic"]
"""What is rejected on this site, in the words of the sets about Wikipedia."""
DECIDED: Final = 5000
CAMPAIGN_FROM: Final = 2500
CAMPAIGN_EVERY: Final = 25
_KEPT_CAMPAIGN: Final = 300
_TWEETS: Final = 4000
_MODERATORS: Final = 4
_SLIPS: Final = 0.03
_HATE: Final = 0
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)

HAND: Final = ("profanity", "toxicity")
"""Of these scores a site that allows swearing would switch off the thresholds by hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """Comments that are decided, in order, and such that are kept; `rejected` is the truth.

    `labels` is what the moderators have said of the first of the comments; `campaign` the texts of
    the campaign that are kept, `arrivals` the places of those that are decided.
    """

    items: list[Submission]
    rejected: Floats
    labels: list[Label]
    campaign: list[Submission]
    arrivals: list[int]


def find_missing(data: Path) -> list[Path]:
    """The files that the site is made of and that are not there."""
    return [path for name in SETS if not (path := _find(data, name)).is_file()]


def make_site(data: Path, model: Model, seed: int) -> Site:
    """The site as chance, seeded, would have it."""
    chance = np.random.default_rng(seed)
    rows = list(_read(data, chance))
    order = chance.permutation(len(rows))[: 2 * DECIDED]
    texts, rejected = map(list, zip(*(rows[place] for place in order), strict=True))
    arrivals = list(range(CAMPAIGN_FROM, DECIDED, CAMPAIGN_EVERY))
    arriving = learningcampaign.write(chance, len(arrivals), kept=False)
    for place, text in zip(arrivals, arriving, strict=True):
        texts[place], rejected[place] = text, True
    items = [Submission(text) for text in texts]
    kept = learningcampaign.write(chance, _KEPT_CAMPAIGN, kept=True)
    decided = items[:DECIDED]
    labels = list(_decide(chance, decided, rejected[:DECIDED], judge(model, decided)))
    campaign = [Submission(text) for text in kept]
    return Site(items, np.array(rejected, dtype=np.float64), labels, campaign, arrivals)


def _find(data: Path, name: str) -> Path:
    return data / "train" / f"{name}.csv.gz"


def _read(data: Path, chance: np.random.Generator) -> Iterator[tuple[str, bool]]:
    talk, videos, tweets = (read_set(_find(data, name)) for name in SETS)
    yield from zip(talk["text"].astype(str), talk[ATTACKS].astype(int).any(axis=1), strict=True)
    yield from zip(videos["text"].astype(str), videos["spam"].astype(int) == 1, strict=True)
    some = tweets.iloc[chance.permutation(len(tweets))[:_TWEETS]]
    yield from zip(some["text"].astype(str), some["class"].astype(int) == _HATE, strict=True)


def judge(model: Model, items: Sequence[Submission]) -> list[str]:
    """What the shipped model makes of comments: `approve`, `hold` or `reject`."""
    scores, known = model.score(items), [model.thresholds[label] for label in LABELS]
    held = scores >= [one.hold for one in known]
    rejected = scores >= [2.0 if one.reject is None else one.reject for one in known]
    actions = np.where(
        rejected.any(axis=1), "reject", np.where(held.any(axis=1), "hold", "approve")
    )
    return [str(action) for action in actions]


def _decide(
    chance: np.random.Generator,
    items: Sequence[Submission],
    truth: Sequence[bool],
    verdicts: Sequence[str],
) -> Iterator[Label]:
    for place, (item, bad, verdict) in enumerate(zip(items, truth, verdicts, strict=True)):
        rejected = bool(bad) != bool(chance.random() < _SLIPS)
        yield Label(
            key=f"comment:{place}",
            item=item,
            rejected=rejected,
            weight=TWICE if verdict == ("approve" if rejected else "reject") else FULL,
            actor=f"moderator:{chance.integers(_MODERATORS)}",
            reason=None,
            decided_at=_BEGIN + timedelta(minutes=place),
        )
