"""Anything at all, sent to every operation: an answer that the document describes, never 5xx."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.document import Document
from tests.contract.test_answers import FULL
from tests.factories import submit

RIGHT: dict[str, Any] = {
    "/v1/comments": FULL,
    "/v1/comments/check": FULL,
    "/v1/comments/batch": {"items": [FULL, {"text": "No article."}]},
    "/v1/comments/{comment_id}": {"text": "Two.", "html": True, "version": 1},
    "/v1/comments/{comment_id}/decision": {
        "action": "reject",
        "reason": "spam",
        "note": "n",
        "version": 1,
    },
    "/v1/keys": {"role": "backend"},
    "/v1/webhooks": {"url": "https://a.example/hook", "types": ["comment.held"]},
}
"""A right body for each path, to be spoilt in one place."""

TEXT = st.text(st.characters(codec=None, categories=None), max_size=20)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in [*value, "nonsense"]:
            yield from places(value.get(key), (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def spoil(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = json.loads(json.dumps(whole))
    inside = copy
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return copy


@pytest.fixture(scope="module")
def document(shared_admin: FlaskClient) -> Document:
    """The document of the app that all examples share."""
    return Document(shared_admin.get("/openapi.json").json)


@st.composite
def bodies(draw: st.DrawFn, path: str) -> bytes:
    whole = RIGHT[path]
    where = draw(st.sampled_from(list(places(whole))))
    return json.dumps(spoil(whole, where, draw(ANY_JSON))).encode()


@pytest.mark.parametrize("path", RIGHT)
@settings(
    max_examples=30,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_body(
    shared_admin: FlaskClient, document: Document, path: str, data: st.DataObject
) -> None:
    submit(shared_admin, id="c-1")
    method = "PATCH" if path == "/v1/comments/{comment_id}" else "POST"

    answer = shared_admin.open(
        path.replace("{comment_id}", "c-1"),
        method=method,
        data=data.draw(bodies(path)),
        content_type="application/json",
    )

    assert answer.status_code < 500
    document.check(answer)


@pytest.mark.parametrize("path", ["/v1/comments", "/v1/queue"])
@settings(
    max_examples=50,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_query(
    shared_admin: FlaskClient, document: Document, path: str, data: st.DataObject
) -> None:
    described = document.whole["paths"][path]["get"]["parameters"]
    names = st.sampled_from([*(one["name"] for one in described), "nonsense"])
    values = TEXT | st.integers().map(str) | st.sampled_from(["priority", "pending", "default"])
    query = data.draw(st.dictionaries(names, values, max_size=4))

    answer = shared_admin.get(f"{path}?{urlencode(query, errors='surrogatepass')}")

    assert answer.status_code in (200, 422)
    document.check(answer)
