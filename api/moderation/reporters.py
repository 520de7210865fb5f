"""Reporters: how far to believe those who report comments, from how often they were right."""

from sqlalchemy import Connection, func, select

from api.store.outbox import Report


def believe(connection: Connection, comment_id: int) -> float:
    """The chance, from 0 to 1, that one of those is right who have reported a comment."""
    open_ = select(func.count()).where(Report.comment_id == comment_id, Report.outcome.is_(None))
    return float(1 - 0.5 ** (connection.scalar(open_) or 0))
