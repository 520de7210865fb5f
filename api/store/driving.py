"""Runs a statement in the driver's own SQL, past what SQLAlchemy does around one."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from api.telemetry import traces


def drive(connection: Connection, sql: str, arguments: Any) -> Any:
    """The driver's cursor after a statement, in the connection's transaction if it is in one.

    What SQLAlchemy does around a statement takes as long as the statement on PostgreSQL, and four
    times as long on SQLite. Raises SQLAlchemy's DBAPIError for what the driver raises.
    """
    dialect = connection.dialect
    driver: Any = connection.connection.driver_connection
    kind: Any = dialect.loaded_dbapi.Error
    try:
        with traces.statement(sql, dialect.name):
            return driver.execute(sql, arguments)
    except kind as error:
        gone = dialect.is_disconnect(error, driver, None)
        if gone:
            # The pool is not to hand it out again.
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, kind, hide_parameters=True, connection_invalidated=gone
        ) from error
