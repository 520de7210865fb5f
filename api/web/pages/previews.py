"""Previews for people: what a draft would have done, in numbers and by examples."""

from collections.abc import Sequence

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation.drafts import RUNNING, previews
from api.moderation.drafts.exhibits import Exhibit
from api.moderation.drafts.tallies import ACTIONS
from api.web.pages import console, highlight
from api.web.pages.cards import tell_age
from api.web.routing import caller, services

PAGE_SIZE = 20
KINDS = {
    "newly_held": "Newly held or rejected",
    "newly_passed": "Newly approved",
    "newly_rejected": "Newly rejected",
    "approved_by_people": "Rejected, though a person approved",
    "rejected_by_people": "Approved, though a person rejected",
}


def show_all() -> str:
    """The previews there were, newest first."""
    page = previews.list_previews(services(), caller(), PAGE_SIZE, request.args.get("cursor"))
    now = services().now()
    return console.render(
        "previews.html",
        previews=[(one, tell_age(one.draft.created_at, now)) for one in page.items],
        next=page.next and url_for("pages.previews", cursor=page.next),
    )


def show(preview: str) -> str:
    """One preview as far as it has come; the page asks again while it runs."""
    found = previews.find(services(), caller(), preview)
    return console.render(
        "preview.html",
        preview=found,
        age=tell_age(found.draft.created_at, services().now()),
        running=found.draft.state == RUNNING,
        actions=ACTIONS,
        before=found.tally.agreement(of_draft=False),
        after=found.tally.agreement(of_draft=True),
        minutes=found.pace.minutes(found.tally.more_held),
        codes=[(highlight.name(code), n) for code, n in found.tally.codes.most_common(15)],
        examples={KINDS[kind]: _name(some) for kind, some in found.examples.items() if some},
    )


def stop(preview: str) -> ResponseReturnValue:
    """End a preview that runs."""
    previews.stop(services(), caller(), preview)
    return redirect(url_for("pages.preview", preview=preview), 303)


def _name(some: Sequence[Exhibit]) -> list[tuple[Exhibit, list[str]]]:
    return [(one, [highlight.name(code) for code in one.example.codes]) for one in some]
