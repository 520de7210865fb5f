"""The moderators' queue: what waits, one comment in focus; and what was decided last."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import render_template, request

from api.moderation import blindness, comments, policies, review
from api.moderation.comments import State
from api.moderation.errors import NotFoundError
from api.moderation.paging import Page
from api.moderation.policy.document import ReasonCode
from api.moderation.queues import (
    BUILT_IN,
    DEFAULT,
    ESCALATED,
    changes,
    context,
    counting,
    listing,
    overview,
    placing,
)
from api.moderation.queues.counting import Counted
from api.moderation.queues.listing import Queued
from api.web.pages import console, views
from api.web.pages.cards import Card, Clock, describe
from api.web.pages.highlight import name
from api.web.pages.views import View
from api.web.routing import caller, services
from classifier import LABELS

PAGE_SIZE = 20
MOST_NAMED = 50
"""How many comments may be asked for by their ids."""
REASONS = (
    *(f"{label}_score" for label in LABELS),
    *("word_rule", "near_duplicate", "newcomer", "recent_record", "author_held", "look_alike"),
    *("too_many_links", "new_host", "mode_pre", "mode_first", "outside_hours", "checker"),
    "classifier_unavailable",
    "edited_after_rejection",
)
"""The reasons to filter by."""


def show() -> str:
    """The comments that wait."""
    view = views.read()
    page = listing.list_queue(services(), caller(), view.asked, PAGE_SIZE, view.cursor)
    waiting = overview.survey(services(), caller())
    picked = view.asked.filter
    return _render(
        "queue.html",
        cards=_describe_all(view, page.items),
        next=page.next,
        view=view,
        chosen=_choose(view),
        onward=views.path(request.path, view.query, cursor=view.cursor),
        queues=_list_queues(view),
        reasons={code: name(code) for code in REASONS},
        sections=_options({one: one for one in waiting.sections}, picked.section),
        articles=_options(waiting.articles, picked.article),
        done=find_card(view.done),
        path=views.path,
        title=_name_queue(view.queue),
    )


def show_items() -> str:
    """More of the same as a piece of a page, for the script: the next ones, or by their ids."""
    view = views.read()
    ids = request.args.getlist("id")[:MOST_NAMED]
    if ids:
        found = Page(changes.find_offered(services(), caller(), view.asked, ids), None)
    else:
        found = listing.list_queue(services(), caller(), view.asked, PAGE_SIZE, view.cursor)
    return _render_piece(
        "items.html",
        cards=_describe_all(view, found.items),
        next=found.next,
        onward=views.path("/moderate", view.query),
    )


def show_decided() -> str:
    """The comments decided last."""
    states = review.recently_decided(services(), caller())
    return _render(
        "decided.html",
        cards=[describe(state, services().now()) for state in states],
        onward=request.path,
        done=find_card(views.read().done),
    )


def find_card(comment_id: str | None) -> Card | None:
    """A comment as it stands now; None where there is none of this id."""
    if comment_id is None:
        return None
    try:
        return describe_one(comments.find(services(), caller(), comment_id))
    except NotFoundError:
        return None


def describe_one(state: State) -> Card:
    """A comment with what is known around it, and where it waits."""
    blind = blindness.find_present(services(), caller(), state.comment.public_id)[1]
    found = context.find_waiting(services(), state)
    around = context.load(services(), caller(), [state])
    now, clock = services().now(), _clock(found.queue if found else None)
    return describe(state, now, around[state.comment.id], found, clock, blind)


def find_reasons() -> tuple[ReasonCode, ...]:
    """The reasons that the site's moderators may give."""
    return policies.find(services(), caller().site_id).document.review.reasons


def _describe_all(view: View, items: Sequence[Queued]) -> list[Card]:
    around = context.load(services(), caller(), [one.state for one in items])
    now, clock = services().now(), _clock(view.queue)
    return [
        describe(one.state, now, around[one.waiting.comment_id], one.waiting, clock)
        for one in items
    ]


def _clock(queue: str | None) -> Clock:
    """By what the waiting in a queue is measured."""
    pace = placing.doubles_after_now(services(), caller().site_id)
    within = next((one.within_minutes for one in console.list_saved() if one.name == queue), None)
    if queue == DEFAULT:
        within = policies.find(services(), caller().site_id).document.review.within_minutes
    return Clock(pace, None if within is None else timedelta(minutes=within))


def _choose(view: View) -> dict[str, Any]:
    """What the filter's form has chosen; it offers one value of each."""
    given = view.asked.filter
    names = ("reason", "section", "article")
    one = {field: _first(getattr(given, field)) for field in names}
    return {**one, "queue": view.queue, "sort": view.asked.sort}


def _first(given: Any) -> str | None:
    found: str | None = given[0] if isinstance(given, tuple) and given else given
    return found


def _list_queues(view: View) -> list[Counted]:
    """The queues to be chosen from; empty ones only where they are expected."""
    always = (DEFAULT, ESCALATED, view.queue)
    counted = counting.count(services(), caller())
    return [
        one for one in counted if one.waiting or one.queue.name in always or not one.queue.built_in
    ]


def _name_queue(queue: str) -> str:
    own = {one.name: one.title for one in console.list_saved()}
    return {**own, **BUILT_IN}[queue]


def find_targets() -> list[tuple[str, str]]:
    """The places that the site has named to escalate to."""
    return [(one.name, one.title) for one in console.list_saved() if one.filter is None]


def _options(known: dict[str, str], chosen: Any) -> dict[str, str]:
    # What was chosen stays to be seen when nothing of it waits any more.
    one = _first(chosen)
    return known if one is None or one in known else {**known, one: one}


def _render(template: str, **given: Any) -> str:
    return console.render(template, **_shared(), **given)


def _render_piece(template: str, **given: Any) -> str:
    return render_template(template, **_shared(), **given)


def _shared() -> dict[str, Any]:
    rules = policies.find(services(), caller().site_id).document.review
    return {
        "codes": rules.reasons,
        "rules": rules,
        "targets": find_targets(),
        "wishes": caller().preferences,
    }
