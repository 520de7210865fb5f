"""Where in a table a moment lies, whose rows are numbered as they come."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from api.store.asking import Question
from api.store.tables import Verdict


def find_first_comment(connection: Connection, since: datetime) -> int:
    """The number of the first comment that was kept since then; where there is none, one above all.

    What was moved here lately came to another system long ago, so `received_at` says nothing of
    numbers; each comment's first verdict was made when it was kept here.
    """
    return _find(connection, _first_verdicts(), since)


def find_first(connection: Connection, table: Any, moment: str, since: datetime) -> int:
    """The number of a table's first row whose `moment` is not before `since`.

    Where there is none, a number above all. Numbers rise with time, and no index knows the time:
    the range is halved until it is found.
    """
    return _find(connection, _questions(table, moment), since)


def _find(connection: Connection, questions: tuple[Question, Question], since: datetime) -> int:
    last, following = questions
    [[most]] = last.ask(connection)
    low, high = 0, (most or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = following.ask(connection, first=middle)
        if found and found[0][1] < since:
            low = found[0][0] + 1
        else:
            high = middle
    found = following.ask(connection, first=low)
    return int(found[0][0]) if found else low


@cache
def _questions(table: Any, moment: str) -> tuple[Question, Question]:
    from_here = select(table.id, getattr(table, moment)).where(table.id >= bindparam("first"))
    return Question(select(func.max(table.id))), Question(from_here.order_by(table.id).limit(1))


@cache
def _first_verdicts() -> tuple[Question, Question]:
    key = Verdict.comment_id
    from_here = select(key, Verdict.created_at).where(
        key >= bindparam("first"), Verdict.version == 1
    )
    return Question(select(func.max(key))), Question(from_here.order_by(key).limit(1))
