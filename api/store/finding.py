"""Finds the newest comments with words, looking no longer than somebody likes to wait.

Whichever words are asked for, one of two ways is short. Where many comments have them, a page is
full soon when one goes through the newest comments; where few do, the index of the words names
them. How many do is seen from the first comments that are gone through.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from api.store.driving import drive
from api.store.patience import Patience
from api.store.queries import Query
from api.store.searching import site_word

FEW = 10_000
"""So many comments can be had from the index at once."""

SAMPLE = 2_000
"""How many comments are gone through before it is decided to go on so or not."""


class Found(NamedTuple):
    """Comments, newest first: all that match from `reached` on; None: there are no more at all."""

    ids: list[int]
    reached: int | None


class Finder(ABC):
    """Finds the comments of one site that match a query."""

    def __init__(
        self, connection: Connection, site_id: int, query: Query, patience: Patience
    ) -> None:
        self._connection, self._site_id, self._query = connection, site_id, query
        self._own, self._patience = site_word(site_id), patience

    def newest(self, below: int | None, most: int) -> Found:
        """Up to `most` with a number below this one."""
        top = self._last() + 1 if below is None else below
        return self._newest(top, most)

    @abstractmethod
    def among(self, ids: Sequence[int]) -> set[int]:
        """Which of these match."""

    @abstractmethod
    def _last(self) -> int:
        """The largest number of a comment that has words."""

    @abstractmethod
    def _newest(self, top: int, most: int) -> Found: ...

    def _ask(self, sql: str, *arguments: Any) -> Sequence[Sequence[Any]]:
        found: Sequence[Sequence[Any]] = drive(self._connection, sql, arguments).fetchall()
        return found


def open_finder(connection: Connection, site_id: int, query: Query, patience: Patience) -> Finder:
    """The finder for this kind of database."""
    kind = _OnSqlite if connection.dialect.name == "sqlite" else _OnPostgresql
    return kind(connection, site_id, query, patience)


class _OnSqlite(Finder):
    """FTS5 streams from the newest on, however many match, and so in windows of numbers.

    But for beginnings of words: of these it gathers all comments first. So they are left out and
    looked for in what the rest finds, unless it turns out that few comments have them.
    """

    _WINDOW = 50_000
    _STREAM = (
        "SELECT rowid, words FROM comment_words WHERE comment_words MATCH ?"
        " AND rowid < ? AND rowid >= ? ORDER BY rowid DESC LIMIT ?"
    )
    # Without the words it does not have to read the table beside the index.
    _KEYS = _STREAM.replace("rowid, words", "rowid", 1)

    def among(self, ids: Sequence[int]) -> set[int]:
        some = "SELECT value FROM json_each(?)"
        sql = f"SELECT rowid, words FROM comment_words WHERE rowid IN ({some})"  # noqa: S608
        rows = self._ask(sql, str(list(ids)))
        return {key for key, words in rows if self._query.matches(words)}

    def _last(self) -> int:
        return int(self._ask("SELECT max(rowid) FROM comment_words")[0][0] or 0)

    def _newest(self, top: int, most: int) -> Found:
        exact = self._query.exact
        if exact == self._query:
            return self._stream(top, most)
        return self._go_through(top, most, exact)

    def _stream(self, top: int, most: int) -> Found:
        wanted, ids, width = self._query.for_sqlite([self._own]), list[int](), self._WINDOW
        while top > 1:
            floor = max(top - width, 0)
            room = most - len(ids)
            rows = self._ask(self._KEYS, wanted, top, floor, room)
            ids += [row[0] for row in rows]
            if len(rows) == room:
                return Found(ids, ids[-1])
            top = floor
            if self._patience.over:
                break
            width = self._widen(width)
        return Found(ids, top if top > 1 else None)

    def _go_through(self, top: int, most: int, exact: Query) -> Found:
        wanted, ids, width = exact.for_sqlite([self._own]), list[int](), self._WINDOW
        starts, seen, begun = self._query.beginnings, 0, 0
        while top > 1:
            floor = max(top - width, 0)
            rows = self._ask(self._STREAM, wanted, top, floor, SAMPLE)
            seen += len(rows)
            begun += sum(term.is_in(words) for term in starts for _, words in rows)
            ids += [key for key, words in rows if self._query.matches(words)]
            if len(ids) >= most:
                return Found(ids[:most], ids[most - 1])
            top = rows[-1][0] if len(rows) == SAMPLE else floor
            if starts and seen >= SAMPLE and begun * top <= FEW * seen:
                return self._look_up(ids, top, most)
            if self._patience.over:
                break
            width = self._widen(width)
        return Found(ids, top if top > 1 else None)

    def _look_up(self, ids: list[int], top: int, most: int) -> Found:
        """Go on with FTS5 alone, which gathers the few comments that have the beginnings."""
        both = Query(self._query.wanted, self._query.exact.unwanted)
        rows = self._ask(self._STREAM, both.for_sqlite([self._own]), top, 0, most - len(ids))
        reached = rows[-1][0] if len(rows) == most - len(ids) else None
        return Found(ids + [key for key, words in rows if self._query.matches(words)], reached)

    def _widen(self, width: int) -> int:
        return width * 4 if self._patience.used < 0.1 else width


class _OnPostgresql(Finder):
    """GIN gives all comments that it has or none, so it is asked only where these are few."""

    _WALK = """
        SELECT array_agg(comment_id ORDER BY comment_id DESC) FILTER (WHERE words @@ %s::tsquery),
            min(comment_id), count(*), {}
        FROM (SELECT comment_id, words FROM comment_words WHERE site_id = %s AND comment_id < %s
            ORDER BY comment_id DESC LIMIT %s) AS part
    """
    _COUNT = "count(*) FILTER (WHERE words @@ %s::tsquery)"
    # What is outside the fence cannot draw the planner away from the index of the words.
    _LOOK_UP = """
        SELECT comment_id FROM (SELECT comment_id, site_id, words FROM comment_words
            WHERE words @@ %s::tsquery OFFSET 0) AS part
        WHERE site_id = %s AND comment_id < %s AND words @@ %s::tsquery
        ORDER BY comment_id DESC LIMIT %s
    """

    def among(self, ids: Sequence[int]) -> set[int]:
        sql = (
            "SELECT comment_id FROM comment_words"
            " WHERE comment_id = ANY(%s) AND site_id = %s AND words @@ %s::tsquery"
        )
        rows = self._ask(sql, list(ids), self._site_id, self._query.for_postgresql())
        return {row[0] for row in rows}

    def _last(self) -> int:
        sql = "SELECT max(comment_id) FROM comment_words WHERE site_id = %s"
        return int(self._ask(sql, self._site_id)[0][0] or 0)

    def _newest(self, top: int, most: int) -> Found:
        ids: list[int] = []
        ways = self._ways()
        seen, counts, chunk = 0, [0] * len(ways), SAMPLE
        begin = top
        while True:
            row = self._walk(top, chunk, ways)
            ids += row[0] or []
            seen += row[2]
            counts = [had + new for had, new in zip(counts, row[3:], strict=True)]
            if len(ids) >= most:
                return Found(ids[:most], ids[most - 1])
            if row[2] < chunk:
                return Found(ids, None)
            top = row[1]
            # As dense as so far, the rest is not far away.
            near = (most - len(ids)) * seen <= FEW * len(ids)
            # Of the numbers below, so many are this site's; of these, so many have the words.
            fewest, way = min(zip(counts, ways, strict=True), key=lambda one: one[0])
            share = seen / (begin - top)
            if not near and fewest * top * share <= FEW * seen:
                return self._look_up(ids, top, most, way, share)
            if self._patience.over:
                return Found(ids, top)
            chunk = SAMPLE * 4

    def _walk(self, top: int, chunk: int, ways: Sequence[str]) -> Sequence[Any]:
        sql = self._WALK.format(", ".join([self._COUNT] * len(ways)))
        whole = self._query.for_postgresql()
        return self._ask(sql, whole, *ways, self._site_id, top, chunk)[0]

    def _look_up(self, ids: list[int], top: int, most: int, way: str, share: float) -> Found:
        # Where most comments are this site's, to ask for that too would only take longer.
        inside = way if share > 0.5 else f"'{self._own}' & {way}"
        whole = self._query.for_postgresql()
        room = most - len(ids)
        rows = self._ask(self._LOOK_UP, inside, self._site_id, top, whole, room)
        found = [row[0] for row in rows]
        return Found(ids + found, found[-1] if len(found) == room else None)

    def _ways(self) -> list[str]:
        """What the index can be asked for: the whole words, or one of the beginnings."""
        # Of a phrase the index knows no more than the words.
        words = [f"'{word}'" for term in self._query.exact.wanted for word in term.words]
        starts = [term.for_postgresql() for term in self._query.beginnings]
        return [" & ".join(words), *starts] if words else starts
