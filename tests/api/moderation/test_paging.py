"""Cursors: what they hold comes back, and nothing else is taken for one."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api.moderation.paging import CursorError, Order
from api.store.tables import Comment

BY_ID = Order((Comment.id,), descending=True)
BY_PRIORITY = Order((Comment.priority, Comment.id), descending=True)


@given(st.floats(0, 1), st.integers(1, 2**63 - 1))
def test_a_cursor_holds_exactly_where_the_page_ended(priority: float, number: int) -> None:
    cursor = BY_PRIORITY.encode(SimpleNamespace(priority=priority, id=number))

    query = BY_PRIORITY.apply(select(Comment.id), cursor)

    assert set(query.compile().params.values()) == {priority, number}
    assert cursor.isascii()
    assert "=" not in cursor


@given(st.text())
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        BY_ID.apply(select(Comment.id), cursor)


def test_the_cursor_of_one_order_is_none_of_another() -> None:
    one = BY_ID.encode(SimpleNamespace(id=7))
    two = BY_PRIORITY.encode(SimpleNamespace(priority=0.5, id=7))

    with pytest.raises(CursorError):
        BY_PRIORITY.apply(select(Comment.id), one)
    with pytest.raises(CursorError):
        BY_ID.apply(select(Comment.id), two)


def test_without_a_cursor_the_list_begins_at_its_beginning() -> None:
    query = BY_ID.apply(select(Comment.id), None)

    assert "WHERE" not in str(query)
    assert str(query).endswith("ORDER BY comments.id DESC")
