"""Keeps what later records of a file refer to, however much it is: articles, authors.

A SQLite database without a name lies in memory while it is small, and then in a temporary file
that is gone with the process.
"""

import json
import sqlite3
from typing import Any


class Shelf:
    """Values by key."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def put(self, key: str, value: dict[str, Any]) -> None:
        """Keep a value; the last one of a key stays."""
        written = json.dumps(value)
        self._base.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (key, written))

    def get(self, key: str | None) -> dict[str, Any]:
        """The value of a key; an empty one where there is none."""
        found = self._base.execute("SELECT value FROM kept WHERE key = ?", (key,)).fetchone()
        value: dict[str, Any] = json.loads(found[0]) if found else {}
        return value

    def close(self) -> None:
        """Forget all of it."""
        self._base.close()
