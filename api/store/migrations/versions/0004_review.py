"""Who is asked about what, and what people say beside deciding; the words to search by."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
instant = sa.DateTime(timezone=True)

LABELS = (
    *("spam", "toxicity", "severe_toxicity", "profanity", "threat", "insult"),
    "identity_attack",
)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _key(table: str, column: str, target: str, **more: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [target], name=name, **more)


def _of_comment(table: str) -> sa.ForeignKeyConstraint:
    return _key(table, "comment_id", "comments.id", ondelete="CASCADE")


def _create(table: str, keys: tuple[str, ...], *parts: Any, rowid: bool = True) -> None:
    primary = sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{table}"))
    op.create_table(table, *parts, primary, sqlite_with_rowid=rowid)


def _text(name: str, length: int, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def upgrade() -> None:
    # What servers of the release before leave empty must be allowed to be.
    op.add_column("decisions", sa.Column("bulk", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_decisions_bulk", "decisions", ["bulk", "comment_id"], **_where("bulk IS NOT NULL")
    )
    op.create_index("ix_decisions_created_at", "decisions", ["created_at"])
    op.add_column("decisions", sa.Column("queue", sa.String(length=50), nullable=True))
    op.create_index(
        "ix_comments_decided",
        "comments",
        ["site_id", "updated_at", "id"],
        **_where("decision_version IS NOT NULL"),
    )
    op.add_column("reports", sa.Column("outcome", sa.String(length=20), nullable=True))
    for name in ("revision", "version", "decision_version"):
        op.add_column("reports", sa.Column(name, sa.Integer(), nullable=True))
    op.create_index(
        "ix_reports_reporter", "reports", ["reporter", "id"], **_where("reporter IS NOT NULL")
    )
    op.create_index("ix_reports_open", "reports", ["comment_id"], **_where("outcome IS NULL"))
    # Who could sign in until now could change the policy: that is an administrator.
    op.add_column(
        "moderators",
        sa.Column("role", sa.String(length=20), server_default="admin", nullable=False),
    )
    op.add_column("moderators", sa.Column("preferences", sa.JSON(), nullable=True))
    op.add_column("moderators", sa.Column("sections", sa.JSON(), nullable=True))
    _judge_reports()
    _create_waiting()
    _create_queues()
    _create_opinions()
    _create_bulk()
    _create_words()
    _fill_waiting()


def _judge_reports() -> None:
    """What a person has decided about since it was reported: who reported it was right or not."""
    told = (
        "FROM comments JOIN decisions ON decisions.comment_id = comments.id"
        " AND decisions.version = comments.decision_version"
        " WHERE comments.id = reports.comment_id AND decisions.created_at >= reports.created_at"
        " AND decisions.action IN ('approve', 'reject')"
    )
    outcome = "CASE decisions.action WHEN 'approve' THEN 'dismissed' ELSE 'upheld' END"
    # Names of our own alone.
    op.execute(
        f"UPDATE reports SET outcome = (SELECT {outcome} {told}),"  # noqa: S608
        f" revision = (SELECT comments.revision {told}),"
        f" decision_version = (SELECT comments.decision_version {told})"
    )


def _create_waiting() -> None:
    _create(
        "waiting",
        ("comment_id",),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("queue", 50),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.Column("since", instant, nullable=False),
        _text("seen_by", 300, nullable=True),
        _text("seen_also", 300, nullable=True),
        _text("label", 20, nullable=True),
        *(
            sa.Column(name, sa.Double(), nullable=False)
            for name in ("severity", "probability", "reports", "exposure")
        ),
        sa.Column("heat", sa.Double(), server_default="1", nullable=False),
        _text("article_id", 256),
        _text("section", 256, nullable=True),
        _text("author_id", 256, nullable=True),
        _text("language", 35, nullable=True),
        sa.Column("reason_codes", sa.Text(), nullable=False),
        *(sa.Column(label, sa.Double(), nullable=True) for label in LABELS),
        _key("waiting", "site_id", "sites.id"),
        _of_comment("waiting"),
    )
    op.create_index("ix_waiting_rank", "waiting", ["site_id", "queue", "rank", "comment_id"])
    op.create_index("ix_waiting_queue", "waiting", ["site_id", "queue", "comment_id"])
    op.create_index("ix_waiting_all_rank", "waiting", ["site_id", "rank", "comment_id"])
    op.create_index("ix_waiting_all", "waiting", ["site_id", "comment_id"])
    op.create_index(
        "ix_waiting_article",
        "waiting",
        ["site_id", "article_id", "section", "queue", "comment_id"],
    )


def _create_queues() -> None:
    _create(
        "saved_queues",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        _text("name", 50),
        _text("title", 100),
        sa.Column("filter", sa.JSON(), nullable=True),
        _text("sort", 20),
        _text("key", 1, nullable=True),
        sa.Column("within_minutes", sa.Integer(), nullable=True),
        _text("actor", 300),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        _key("saved_queues", "site_id", "sites.id"),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_saved_queues_site_id_name")),
    )
    _create(
        "skips",
        ("comment_id", "actor"),
        sa.Column("comment_id", row_id, nullable=False),
        _text("actor", 300),
        sa.Column("until", instant, nullable=False),
        _of_comment("skips"),
        rowid=False,
    )
    op.create_index("ix_skips_until", "skips", ["until"])


def _create_opinions() -> None:
    _create(
        "second_looks",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        sa.Column("comment_id", row_id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("kind", 20),
        _text("first_actor", 300),
        _text("first_action", 20),
        _text("first_reason", 100, nullable=True),
        sa.Column("first_note", sa.Text(), nullable=True),
        sa.Column("first_at", instant, nullable=False),
        _text("second_actor", 300, nullable=True),
        _text("second_action", 20, nullable=True),
        _text("second_reason", 100, nullable=True),
        sa.Column("second_note", sa.Text(), nullable=True),
        sa.Column("second_at", instant, nullable=True),
        sa.Column("bulk", sa.BigInteger(), nullable=True),
        _key("second_looks", "site_id", "sites.id"),
        _of_comment("second_looks"),
    )
    op.create_index("ix_second_looks_comment", "second_looks", ["comment_id", "id"])
    op.create_index("ix_second_looks_site", "second_looks", ["site_id", "id"])
    where = _where("bulk IS NOT NULL")
    op.create_index("ix_second_looks_bulk", "second_looks", ["bulk", "comment_id"], **where)
    _create(
        "notes",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        _text("public_id", 40),
        sa.Column("comment_id", row_id, nullable=True),
        _text("kind", 20, nullable=True),
        _text("value", 320, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        _text("actor", 300),
        sa.Column("created_at", instant, nullable=False),
        _key("notes", "site_id", "sites.id"),
        _of_comment("notes"),
        sa.UniqueConstraint("public_id", name=op.f("uq_notes_public_id")),
    )
    op.create_index(
        "ix_notes_comment", "notes", ["comment_id", "id"], **_where("comment_id IS NOT NULL")
    )
    op.create_index(
        "ix_notes_author", "notes", ["site_id", "kind", "value", "id"], **_where("kind IS NOT NULL")
    )


def _create_bulk() -> None:
    _create(
        "bulk_decisions",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("site_id", row_id, nullable=False),
        _text("public_id", 40),
        _text("action", 20),
        _text("reason", 100, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        _text("queue", 50, nullable=True),
        sa.Column("wanted", sa.JSON(), nullable=False),
        _text("state", 20),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("last", row_id, nullable=False),
        sa.Column("cursor", row_id, nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        _text("actor", 300),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("updated_at", instant, nullable=False),
        _key("bulk_decisions", "site_id", "sites.id"),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_decisions_public_id")),
    )
    op.create_index("ix_bulk_decisions_site_id", "bulk_decisions", ["site_id"])


def _create_words() -> None:
    """What texts are searched by, each database in its own way; filled by the job `search.index`.

    Comments of servers that run still are of the release before: so the words go by a trigger.
    """
    _create(
        "search_progress",
        ("id",),
        sa.Column("id", row_id, nullable=False),
        sa.Column("upto", row_id, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        # The words come as plain ones with blanks between; the colon is for one of our own.
        op.execute(
            "CREATE VIRTUAL TABLE comment_words USING fts5(words,"
            " tokenize = \"ascii tokenchars ':'\", columnsize = 0)"
        )
        # Small pieces are merged later, many at once: that takes half the time of the usual 4.
        op.execute("INSERT INTO comment_words (comment_words, rank) VALUES ('automerge', 16)")
        op.execute(
            "CREATE TRIGGER comment_words_gone AFTER DELETE ON comments BEGIN"
            " DELETE FROM comment_words WHERE rowid = OLD.id; END"
        )
    else:
        op.execute(
            "CREATE TABLE comment_words (comment_id BIGINT CONSTRAINT pk_comment_words PRIMARY KEY"
            " CONSTRAINT fk_comment_words_comment_id REFERENCES comments (id) ON DELETE CASCADE,"
            " site_id BIGINT NOT NULL, words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_comment_words_site ON comment_words (site_id, comment_id)")
        # Every look-up goes through what is pending, so that must not become long.
        op.execute(
            "CREATE INDEX ix_comment_words ON comment_words USING gin (words)"
            " WITH (gin_pending_list_limit = 256)"
        )


def _fill_waiting() -> None:
    """What waits already, without its scores; the job `queue.tend` weighs it within a minute."""
    op.execute(
        "INSERT INTO waiting (comment_id, site_id, version, queue, rank, since, severity,"
        " probability, reports, exposure, article_id, section, author_id, language, reason_codes)"
        " SELECT id, site_id, -1, CASE WHEN status = 'pending' THEN queue ELSE 'audit' END,"
        " 0, updated_at, 0.5, 1, 0, 1, article_id, section, author_id, language, reason_codes"
        " FROM comments WHERE status = 'pending'"
        " OR (sampled IS NOT NULL AND decision_version IS NULL)"
    )
