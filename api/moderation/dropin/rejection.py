"""How likely a site's moderators reject a comment with such scores: Perspective's LIKELY_TO_REJECT.

A logistic regression over the scores' log-odds, learnt from what they have decided lately; a site
that has not decided enough has none. Whoever decided saw mostly what was held, so it is the
chance that a person who is asked rejects, not that of any comment.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from api.moderation import comments
from api.moderation.policy.learned import find_log_odds
from api.moderation.services import Services
from api.store.database import in_session
from api.store.dropin import RejectionFit
from api.store.jobs import TakenJob
from api.store.tables import Comment, Decision, Site, Verdict
from classifier import LABELS

JOB = "rejection.fit"
EVERY = timedelta(hours=1)

LEAST = 100
"""How many decisions it takes."""
LEAST_OF_EACH = 20
"""And how many of the rarer kind."""
MOST = 5_000
"""How many decisions count, the latest."""

_EDGE = 1e-4
"""Scores nearer to 0 or 1 than this say no more."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a site's decisions say of scores: the log-odds are a weighted sum of the scores'."""

    bias: float
    weights: Mapping[str, float]

    def estimate(self, scores: Mapping[str, float]) -> float:
        """The probability, in [0, 1], that a comment with these scores is rejected."""
        log_odds = self.bias + sum(
            weight * find_log_odds(scores[label], _EDGE) for label, weight in self.weights.items()
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


_BY_SITE = select(RejectionFit).where(
    RejectionFit.site_id == bindparam("site_id"), RejectionFit.model == bindparam("model")
)


def find(services: Services, site_id: int) -> Fit | None:
    """The fit of a site for the model in use; None where its decisions are too few."""
    if services.scorer.model is None:
        return None
    asked = {"site_id": site_id, "model": services.scorer.model.version}
    with services.database.reading() as session:
        found = session.scalar(_BY_SITE, asked)
    weights = found and found.weights
    return Fit(weights["bias"], weights["labels"]) if weights else None


def fit_all(services: Services, _job: TakenJob) -> None:
    """Learn of every site's decisions anew where there are any since."""
    if services.scorer.model is None:
        return
    with services.database.reading() as session:
        sites = list(session.scalars(select(Site.id).order_by(Site.id)))
    for site_id in sites:
        fit(services, site_id, services.scorer.model.version)


def fit(services: Services, site_id: int, model: str) -> None:
    """Learn of a site's decisions for a model; forget what was learnt where there are too few."""
    began = services.now()
    with services.database.reading() as session:
        if not _has_news(session, site_id, model):
            return
        found = session.execute(_decided(site_id, model))
        rows = [(scores, action == "reject") for scores, action in found]
    rejected = sum(was for _, was in rows)
    approved = len(rows) - rejected
    enough = len(rows) >= LEAST and min(rejected, approved) >= LEAST_OF_EACH
    values = {
        "site_id": site_id,
        "model": model,
        "weights": _learn(rows) if enough else None,
        "approved": approved,
        "rejected": rejected,
        "fitted_at": began,
    }
    services.database.write(in_session(lambda session: _put(session, values)))


def _has_news(session: Session, site_id: int, model: str) -> bool:
    known = session.get(RejectionFit, site_id)
    newest = (
        select(Comment.updated_at)
        .where(Comment.site_id == site_id, Comment.decision_version.is_not(None))
        .order_by(Comment.updated_at.desc())
        .limit(1)
    )
    last = session.scalar(newest)
    return known is None or known.model != model or (last is not None and last >= known.fitted_at)


def _decided(site_id: int, model: str) -> Any:
    return (
        comments.states()
        .with_only_columns(Verdict.scores, Decision.action)
        .where(
            Comment.site_id == site_id,
            Comment.decision_version.is_not(None),
            Decision.action.in_(("approve", "reject")),
            or_(Verdict.model == model, Verdict.model.startswith(f"{model}+", autoescape=True)),
        )
        .order_by(Comment.updated_at.desc(), Comment.id.desc())
        .limit(MOST)
    )


def _learn(rows: list[tuple[dict[str, float], bool]]) -> dict[str, Any]:
    # Only the worker pays for loading it.
    from sklearn.linear_model import LogisticRegression

    known = [[find_log_odds(scores[label], _EDGE) for label in LABELS] for scores, _ in rows]
    found = LogisticRegression(C=0.1, max_iter=1000).fit(known, [was for _, was in rows])
    weights = dict(zip(LABELS, found.coef_[0].tolist(), strict=True))
    return {"bias": float(found.intercept_[0]), "labels": weights}


def _put(session: Session, values: dict[str, Any]) -> None:
    session.merge(RejectionFit(**values))
