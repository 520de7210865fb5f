"""Opens databases: what every connection is told first, and which of them are to be trusted."""

import json
import sqlite3
import time
from typing import Any

import psycopg
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError

BUSY_SECONDS = 5
"""How long a write waits for another writer before it fails as busy."""

RETRY_SECONDS = 0.0005
"""How long it sleeps between tries while a writer of another process has the database."""

IDLE_SECONDS = 1.0
"""A connection to a server that lay idle for longer is asked whether it still lives."""

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_SESSION = {
    "lock_timeout": f"{BUSY_SECONDS}s",
    "statement_timeout": "15s",
    # Of a host that is cut off in the middle, the server would hear nothing for two hours.
    "idle_in_transaction_session_timeout": "15s",
    "timezone": "UTC",
}
# And the host that is cut off would wait for its answer as long.
_NETWORK = {
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


POOLER = "pooler"
"""The parameter of a PostgreSQL URL that says what is between: `?pooler=transaction`."""

TRANSACTION = "transaction"


def has_pooler(url: str) -> bool:
    """Whether the URL leads to a pooler that gives a server to one transaction after another."""
    return make_url(url).query.get(POOLER) == TRANSACTION


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql+psycopg://…`, with `?pooler=transaction` or not.

    Such a pooler passes no start options on, and the next transaction may be another server's,
    which knows nothing of what was prepared. The time limits are then the role's to have.
    """
    # Parameters are comments and addresses: an error message must not carry them into a log.
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            hide_parameters=True,
            json_serializer=_to_json,
            connect_args={"isolation_level": None},
        )
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    pooled = has_pooler(url)
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    how = {"prepare_threshold": None} if pooled else {"options": options}
    engine = create_engine(
        make_url(url).difference_update_query([POOLER]),
        hide_parameters=True,
        json_serializer=_to_json,
        connect_args={
            "client_encoding": "UTF8",
            "connect_timeout": BUSY_SECONDS,
            **how,
            **_NETWORK,
        },
    )
    if pooled:
        event.listen(engine, "connect", _set_zone)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _check_idle)
    return engine


def _set_zone(connection: Any, _record: Any) -> None:
    # Of all that a session may set, poolers carry this from server to server.
    connection.execute("SET TIME ZONE 'UTC'")
    connection.commit()


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _check_idle(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection whether it lives; if not, the pool makes a new one.

    To ask every time would be one way to the server and back more for every request. What
    dies under one that is in use is told by its next statement, and the whole pool is renewed.
    """
    if time.monotonic() - record.info.get("used", time.monotonic()) < IDLE_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        # A rollback would cost it the statements it has prepared: see `Database.looking`.
        connection.commit()
    except psycopg.Error as error:
        raise DisconnectionError("it died while it lay idle") from error


def is_busy(error: sqlite3.OperationalError) -> bool:
    """Whether another writer has the database."""
    # The low byte: the rest says why, as that another process recovers the file.
    return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # SQLite's own knows the letters of English only.
    connection.create_function("lower", 1, _lower, deterministic=True)
    # FULL is what survives a power cut; NORMAL survives only a killed process.
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _keep_journal(connection)
    for pragma in (
        # Four times SQLite's own: who checkpoints makes all other writers wait.
        "wal_autocheckpoint = 4000",
        "synchronous = FULL",
        "foreign_keys = ON",
        # What is erased must not be left in the file, where no query shows it.
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _keep_journal(connection: Any) -> None:
    """Turn to WAL; where others open the same new file, SQLite does not wait for them itself."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > give_up:
                raise
            time.sleep(RETRY_SECONDS)
        else:
            return


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
