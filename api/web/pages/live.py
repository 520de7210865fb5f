"""Tells a page what others do: a stream of events while there is room, else an answer at a time."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from flask import Response, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from api.moderation.access import Caller
from api.moderation.queues import changes, counting
from api.moderation.queues.changes import Change, News
from api.moderation.queues.listing import Asked
from api.moderation.services import Services
from api.web.pages import views
from api.web.pages.cards import OUTCOMES
from api.web.routing import caller, services

PAUSE_SECONDS = 1.0
"""How often a stream asks the database."""

COUNT_SECONDS = 3.0
"""How often at most it counts the queues."""

BEAT_SECONDS = 5.0
"""How long a stream is silent at most: a browser that has gone is noticed by writing to it."""

LIFE_SECONDS = 180.0
"""How long a stream lasts; the browser then asks for another, and shows who it is again."""

_SAYS = {**OUTCOMES, "comment.undone": "Undone", "comment.deleted": "Deleted"}


def show() -> ResponseReturnValue:
    """What has happened since, once with `poll`, else as long as the stream lasts."""
    view = views.read()
    after = request.headers.get("Last-Event-ID", type=int) or request.args.get("after", type=int)
    last = changes.find_last(services()) if after is None else after
    if "poll" in request.args:
        news = changes.find(services(), caller(), view.asked, last)
        return jsonify({"last": news.last, **_show(news), "counts": _count(services(), caller())})
    places = current_app.extensions["streams"]
    if current_app.config["IS_LEAVING"]() or not places.acquire(blocking=False):
        # As browsers understand it: do not try again, and nothing is the matter.
        return "", 204
    stream = Stream(services(), caller(), view.asked, last, current_app.config["IS_LEAVING"])
    told = Response(iter(stream), mimetype="text/event-stream")
    # Also where nobody ever reads it.
    told.call_on_close(places.release)
    # Proxies would keep it until it is long enough.
    told.headers["X-Accel-Buffering"] = "no"
    return told


class Stream:
    """Events as `text/event-stream`, until its time is up or the server leaves."""

    def __init__(
        self,
        services: Services,
        caller: Caller,
        asked: Asked,
        last: int,
        is_leaving: Callable[[], bool],
    ) -> None:
        self._services, self._caller, self._asked = services, caller, asked
        self._is_leaving = is_leaving
        self._news = News(last, frozenset(), ())
        self._counted = 0.0
        self._uncounted = False

    def __iter__(self) -> Iterator[str]:
        end, told = time.monotonic() + LIFE_SECONDS, time.monotonic()
        yield "retry: 2000\n\n"
        while time.monotonic() < end and not self._is_leaving():
            said = self._find()
            if said is not None:
                told = time.monotonic()
                yield f"id: {self._news.last}\ndata: {json.dumps(said)}\n\n"
            elif time.monotonic() - told > BEAT_SECONDS:
                told = time.monotonic()
                yield ":\n\n"
            time.sleep(PAUSE_SECONDS)

    def _find(self) -> dict[str, Any] | None:
        """What is new; None where nothing is."""
        before = self._news
        self._news = changes.find(
            self._services, self._caller, self._asked, before.last, before.seen
        )
        self._uncounted |= bool(self._news.changes)
        if not self._uncounted:
            return None
        said: dict[str, Any] = _show(self._news)
        if time.monotonic() - self._counted > COUNT_SECONDS:
            said["counts"] = _count(self._services, self._caller)
            self._counted, self._uncounted = time.monotonic(), False
        return said if self._news.changes or "counts" in said else None


def _show(news: News) -> dict[str, Any]:
    return {"changes": [_show_change(one) for one in news.changes], "arrived": news.arrived}


def _show_change(one: Change) -> dict[str, Any]:
    said = asdict(one)
    act, by = said.pop("act"), said.pop("by")
    return {**said, "says": _SAYS.get(act or ""), "by": by and by.partition(":")[2]}


def _count(services: Services, caller: Caller) -> dict[str, int]:
    return {one.queue.name: one.waiting for one in counting.count(services, caller)}
