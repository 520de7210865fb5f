"""What is to be said and done later, written in the transaction that made it so.

An event is what happened; a job is what is still to be done about it; a delivery is an event on
its way to one webhook. Answers kept for repeated requests are written in the same manner.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from api.store.tables import Base, RowId


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Event(Base):
    """The audit log: something that happened, by whom. Rows are only ever added.

    `number` and `hash` are None until the row is sealed: numbered without a gap within its site,
    and chained to the row before it. Transactions that run side by side need not wait for each
    other to get a place in the chain, and whoever reads by number can miss nothing.
    """

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_comment", "site_id", "comment_id", "id"),
        Index("ix_events_number", "site_id", "number", unique=True, **_where("number IS NOT NULL")),
        Index("ix_events_unsealed", "id", **_where("number IS NULL")),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    # The caller's id, not a foreign key: the log outlives what it speaks of.
    comment_id: Mapped[str | None] = mapped_column(String(128))
    type: Mapped[str] = mapped_column(String(50))
    actor: Mapped[str] = mapped_column(String(300))
    data: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    number: Mapped[int | None]
    hash: Mapped[str | None] = mapped_column(String(64))
    # 32 digits, set with them; 64 once the actor and the details are erased: see `chain`.
    salt: Mapped[str | None] = mapped_column(String(64))


class Job(Base):
    """Something to be done at `due_at` or later, at least once.

    Whoever takes it moves `due_at` to the end of its lease and puts its name into `worker`: if it
    never comes back, the job is due again. What is done is deleted; `failed_at` is set when it
    is given up (a dead letter). No two jobs have the same `key`.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "lane", "due_at", **_where("failed_at IS NULL")),
        Index("ix_jobs_failed", "id", **_where("failed_at IS NOT NULL")),
        Index("ix_jobs_lane", "lane", **_where("worker IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    kind: Mapped[str] = mapped_column(String(50))
    # Jobs of one lane share its few places, so that a slow lane holds nobody else up.
    lane: Mapped[str] = mapped_column(String(100))
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    payload: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    attempts: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[str | None] = mapped_column(Text)
    failed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Webhook(Base):
    """Where a site wants its events sent: `types` names them, none means all but
    those about who may come in.

    `secrets` is a list of `{"secret": …, "until": …}`, the present one first, without an end;
    messages are signed with every one that has not ended. `failures` counts the tries that have
    failed since one succeeded, `failing_since` is when they began.
    """

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), index=True)
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(String(200))
    types: Mapped[list[str]]
    secrets: Mapped[list[dict[str, Any]]]
    active: Mapped[bool]
    stopped_because: Mapped[str | None] = mapped_column(Text)
    failures: Mapped[int]
    failing_since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Delivery(Base):
    """One event on its way to one webhook, or a test message, which has no event.

    `public_id` is the message's id in every try. `status` is `pending`, `delivered`, `failed`
    (given up) or `cancelled` (the webhook was switched off).
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_webhook", "webhook_id", "id"),
        Index("ix_deliveries_event", "webhook_id", "event_id", unique=True),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"))
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    type: Mapped[str] = mapped_column(String(50))
    status: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class Attempt(Base):
    """One try to deliver: what the receiver answered, or why it could not."""

    __tablename__ = "attempts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    milliseconds: Mapped[int]
    created_at: Mapped[datetime]


class KeptAnswer(Base):
    """What a request with an `Idempotency-Key` was answered, for whoever sends it again.

    `digest` is of the request; `comments` lists the comments the answer shows, each between
    blanks, so that it goes when they go.
    """

    __tablename__ = "kept_answers"

    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    comments: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Claim(Base):
    """A lease on a comment of the queue: one moderator's, until it expires."""

    __tablename__ = "claims"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True
    )
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    public_id: Mapped[str] = mapped_column(String(40), unique=True)
    actor: Mapped[str] = mapped_column(String(300))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Report(Base):
    """A reader's or the site's notice about a comment.

    `outcome` is `upheld` or `dismissed` once a person has decided about the wording, `outdated`
    once one has decided about a later wording; `decision_version` says which decision that was.
    """

    __tablename__ = "reports"
    __table_args__ = (
        Index("ix_reports_reporter", "reporter", "id", **_where("reporter IS NOT NULL")),
        Index("ix_reports_open", "comment_id", **_where("outcome IS NULL")),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    comment_id: Mapped[int] = mapped_column(
        ForeignKey("comments.id", ondelete="CASCADE"), index=True
    )
    reporter: Mapped[str | None] = mapped_column(String(256))
    reason: Mapped[str] = mapped_column(String(100))
    note: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(20))
    # The comment's when it was reported; None in what a release before has written.
    revision: Mapped[int | None]
    version: Mapped[int | None]
    decision_version: Mapped[int | None]
