"""Audit samples: comments that nobody would look at, and that a person is asked about all the same.

Without them a site learns only of what it held: neither what slipped through nor what it
rejected wrongly. Who is asked is not told what the machine said.
"""

from sqlalchemy import ColumnElement, and_

from api.moderation import policies
from api.moderation.policy.judging import Judgement
from api.moderation.services import Services
from api.store.tables import Comment


def draw(services: Services, site_id: int, judgement: Judgement) -> float | None:
    """With which chance an automatic decision has been drawn; None for one that was not.

    What is held is looked at anyway.
    """
    if judgement.action == "hold":
        return None
    share = policies.get(services, site_id, judgement.policy).document.audit
    return share if share and services.chance() < share else None


def is_open(comment: Comment) -> bool:
    """Whether the comment is a sample that nobody has decided about."""
    undecided = comment.decision_version is None and comment.status != "pending"
    return undecided and comment.sampled is not None


def are_open() -> ColumnElement[bool]:
    """The same in SQL, on the columns of `comments`."""
    undecided = and_(Comment.decision_version.is_(None), Comment.status != "pending")
    return and_(Comment.sampled.is_not(None), undecided)
