"""The references of the benchmark: a Flask view that does one durable SQLite insert, no more.

`fresh` opens a connection a request, the pattern of Flask's own documentation ("Using SQLite 3
with Flask"); `kept` has one for each thread, which is the least that such a view can cost.
"""

import sqlite3
import threading

from flask import Flask, Response, g, jsonify, request

_kept = threading.local()


def connect(path: str) -> sqlite3.Connection:
    """A connection as durable as Winnow's."""
    connection = sqlite3.connect(path, timeout=5)
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def create_bare_app(path: str, kept: bool) -> Flask:
    """An app with the one route."""
    app = Flask("bare")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE comments (id TEXT PRIMARY KEY, article TEXT, text TEXT)")

    def get_database() -> sqlite3.Connection:
        if kept:
            if not hasattr(_kept, "database"):
                _kept.database = connect(path)
            return _kept.database
        if "database" not in g:
            g.database = connect(path)
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
        database.execute("INSERT INTO comments VALUES (?, ?, ?)", row)
        database.commit()
        return jsonify(id=given["id"]), 201

    return app
