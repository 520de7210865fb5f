"""The references of the benchmarks: a Flask view that does one durable insert, or only JSON.

`fresh` opens a connection a request, the pattern of Flask's own documentation ("Using SQLite 3
with Flask"); `kept` has one for each thread, which is the least that such a view can cost.
"""

import sqlite3
import threading
from typing import Any

import psycopg
from flask import Flask, Response, g, jsonify, request

_kept = threading.local()


def connect(where: str) -> Any:
    """A connection as durable as Winnow's, to a PostgreSQL URL or an SQLite file."""
    if where.startswith("postgresql://"):
        return psycopg.connect(where)
    connection = sqlite3.connect(where, timeout=5)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def prepare(where: str, table: str) -> str:
    """Make a table; return the insert in the database's own words."""
    connection = connect(where)
    if not where.startswith("postgresql://"):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE {table} (id TEXT PRIMARY KEY, article TEXT, text TEXT)")
    connection.commit()
    connection.close()
    mark = "%s" if where.startswith("postgresql://") else "?"
    return f"INSERT INTO {table} VALUES ({mark}, {mark}, {mark})"


def create_bare_app(where: str, kept: bool) -> Flask:
    """An app with the one route."""
    app = Flask("bare")
    statement = prepare(where, "kept" if kept else "fresh")

    def get_database() -> Any:
        if kept:
            if not hasattr(_kept, "database"):
                _kept.database = connect(where)
            return _kept.database
        if "database" not in g:
            g.database = connect(where)
        return g.database

    @app.teardown_appcontext
    def close_database(_error: BaseException | None) -> None:
        database = g.pop("database", None)
        if database is not None:
            database.close()

    @app.post("/v1/comments")
    def insert() -> tuple[Response, int]:
        given = request.get_json()
        row = given["id"], given["article"]["id"], given["text"]
        database = get_database()
        database.execute(statement, row)
        database.commit()
        return jsonify(id=given["id"]), 201

    return app


def create_echo_app() -> Flask:
    """An app with one route that does nothing but JSON."""
    app = Flask("echo")

    @app.post("/v1alpha1/comments:analyze")
    def echo() -> Response:
        return jsonify(request.get_json())

    return app
