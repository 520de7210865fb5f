"""Bulk decisions for people: what one would be about, taking it, watching, stopping, undoing it."""

from dataclasses import dataclass, replace
from typing import Any

import marshmallow as ma
from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from api.moderation import bulk, policies, review
from api.moderation.bulk import RUNNING, UNDOING, acts, wanting
from api.moderation.bulk.wanting import MOST_IDS, Wanted
from api.moderation.errors import FieldError, TooManyError
from api.moderation.filters import Filter
from api.moderation.repeats import RepeatError
from api.moderation.review import Choice
from api.store.review import BulkDecision
from api.web.bulk import BulkFilter, show_bulk
from api.web.comment_schemas import STATUSES
from api.web.pages import console, filled, rows
from api.web.pages.cards import tell_age
from api.web.pages.search import read_days
from api.web.routing import caller, services

PAGE_SIZE = 20
LONGEST_NOTE, LONGEST_REASON = 2000, 100
ASKED = (
    *("q", "status", "author", "article", "section", "reason", "language", "since", "until"),
    *("score", "campaign", "reporter", "waits_longer", "waits_shorter", "queue"),
)
"""What of the address says which comments."""

DOES = {"approve": "Approve", "reject": "Reject", "escalate": "Escalate"}
DONE = {"approve": "Approved", "reject": "Rejected", "escalate": "Escalated"}


@dataclass(frozen=True, slots=True)
class Request:
    """Which comments the address, or a form, is about; `given` is how it says so."""

    wanted: Wanted
    given: list[tuple[str, str]]


def show_all() -> str:
    """The bulk decisions there were, newest first."""
    page = bulk.list_all(services(), caller(), PAGE_SIZE, request.args.get("cursor"))
    now = services().now()
    return console.render(
        "bulks.html",
        bulks=[(one, show_bulk(one), tell_age(one.created_at, now)) for one in page.items],
        next=page.next and url_for("pages.bulks", cursor=page.next),
        outcomes=DONE,
        describe=describe,
    )


def show(bulk_id: str) -> str:
    """One bulk decision as far as it has come; the page asks again while it goes on."""
    row = bulk.find(services(), caller(), bulk_id)
    return console.render(
        "bulk.html",
        row=row,
        bulk=show_bulk(row),
        age=tell_age(row.created_at, services().now()),
        going=row.state in (RUNNING, UNDOING),
        outcomes=DONE,
        describe=describe,
    )


def ask() -> ResponseReturnValue:
    """What a bulk decision would be about, and a form to take it."""
    return _ask(_read(request.args))


def begin() -> ResponseReturnValue:
    """Take it, if there are no more comments than the form has counted."""
    asked = _read(request.form)
    action = request.form.get("action", "")
    at_most = request.form.get("at_most", type=int)
    if action not in review.ACTIONS or at_most is None:
        abort(422, "The form was not filled in as we made it.")
    # Not `reason`: that is one of the comments', by which they were found.
    because, note = (request.form.get(one, "").strip() or None for one in ("because", "note"))
    if len(note or "") > LONGEST_NOTE or len(because or "") > LONGEST_REASON:
        abort(422, "The note or the reason is too long.")
    place = (request.form.get("place") or None) if action == "escalate" else None
    choice = Choice(action, because, note, queue=place)
    try:
        row = acts.begin(services(), filled.once(), asked.wanted, choice, at_most)
    except RepeatError:
        return redirect(url_for("pages.bulks"), 303)
    except TooManyError as error:
        return _ask(asked, f"More have come meanwhile: {error} Nothing was decided."), 409
    except FieldError as error:
        return _ask(asked, str(error)), 422
    return redirect(url_for("pages.bulk", bulk_id=row.public_id), 303)


def stop(bulk_id: str) -> ResponseReturnValue:
    """Have it decide about no more comments."""
    acts.stop(services(), caller(), bulk_id)
    return redirect(url_for("pages.bulk", bulk_id=bulk_id), 303)


def undo(bulk_id: str) -> ResponseReturnValue:
    """Take it back whole."""
    acts.undo(services(), caller(), bulk_id)
    return redirect(url_for("pages.bulk", bulk_id=bulk_id), 303)


def describe(row: BulkDecision) -> str:
    """Which comments it is about, in words."""
    plain = show_bulk(row)["filter"]
    if plain is None:
        return "chosen one by one"
    return "; ".join(
        f"{name.replace('_', ' ')} {', '.join(some) if isinstance(some, list) else some}"
        for name, some in plain.items()
    )


def _ask(asked: Request, trouble: str = "") -> str:
    found = acts.preview(services(), caller(), asked.wanted)
    rules = policies.find(services(), caller().site_id).document.review
    status = asked.wanted.filter and asked.wanted.filter.status
    return console.render(
        "bulk-new.html",
        found=found,
        counted=found.counted,
        rows=rows.describe(found.sample, told=bool(status) and status != "pending"),
        given=asked.given,
        words=[(name.replace("_", " "), one) for name, one in asked.given if name != "ids"],
        statuses=STATUSES if asked.wanted.filter and not asked.wanted.queue else (),
        chosen=_list(status),
        actions=_offer(request.values.get("action")),
        reasons=rules.reasons,
        needs=rules.reason_required,
        two=rules.two_must_agree,
        targets=[one for one in console.list_saved() if one.filter is None],
        token=filled.make_token(),
        trouble=trouble,
    )


def _offer(likely: str | None) -> dict[str, str]:
    """What may be done with them; first what the link that led here was about."""
    return dict(sorted(DOES.items(), key=lambda one: one[0] != likely))


def _list(status: Any) -> list[str]:
    if status is None:
        return []
    return [status] if isinstance(status, str) else list(status)


def _read(sent: "MultiDict[str, str]") -> Request:
    """Which comments are meant; 422 where that cannot be."""
    ids = [one for one in sent.getlist("ids") if one]
    if ids:
        if len(ids) > MOST_IDS or any("\x00" in one or len(one) > 128 for one in ids):
            abort(422, "There are no such comments.")
        return Request(Wanted(ids=tuple(ids)), [("ids", one) for one in ids])
    given = {name: some for name in ASKED if (some := [one for one in sent.getlist(name) if one])}
    try:
        wanted = BulkFilter().load(read_days(given))
    except ma.ValidationError as error:
        abort(422, filled.say(error))
    wanted = _of_own_sections(wanted, sent.get("mine"))
    if wanted == Wanted(filter=Filter()):
        abort(422, "Choose some comments first: in the queue, or by a search.")
    pairs = [(name, one) for name, some in given.items() for one in some]
    pairs += [("mine", "true")] if sent.get("mine") else []
    return Request(wanting.of_waiting_unless_said(wanted), pairs)


def _of_own_sections(wanted: Wanted, mine: str | None) -> Wanted:
    if mine is None or wanted.filter is None or wanted.filter.section or not caller().sections:
        return wanted
    return replace(wanted, filter=replace(wanted.filter, section=caller().sections))
