"""The reference of the benchmark: a Flask view that does one durable SQLite insert, no more."""

import sqlite3
import threading

from flask import Flask, Response, jsonify, request

local = threading.local()


def create_bare_app(path: str) -> Flask:
    """An app with one route, over the same database settings as Winnow's."""
    app = Flask("bare")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE comments (id INTEGER PRIMARY KEY, body TEXT)")

    @app.post("/v1/comments")
    def insert() -> tuple[Response, int]:
        if not hasattr(local, "connection"):
            local.connection = sqlite3.connect(path, timeout=5, isolation_level=None)
            local.connection.execute("PRAGMA synchronous = FULL")
        body = request.get_data(as_text=True)
        cursor = local.connection.execute("INSERT INTO comments (body) VALUES (?)", (body,))
        return jsonify(id=cursor.lastrowid), 201

    return app
