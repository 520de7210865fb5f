"""One comment whole, for people: what was said of it, by whom, and what is around it."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from flask import url_for

from api.moderation import dossiers
from api.moderation.dossiers import Dossier
from api.store.outbox import Event
from api.store.tables import Revision, Verdict
from api.web.pages import console, highlight, queue, rows, stages, teaching
from api.web.pages.authors import KNOWN_BY, path
from api.web.pages.cards import OUTCOMES, tell_age
from api.web.pages.differences import Piece, compare
from api.web.routing import caller, services

REVISIONS = 10
"""How many earlier wordings are shown, the newest ones."""

HAPPENED = {
    "comment.created": "came in",
    "comment.edited": "was edited",
    "comment.decided": "was decided",
    "comment.undone": "had its decision undone",
    "comment.rejudged": "was judged again",
    "comment.reported": "was reported",
    "comment.noted": "got a note, or lost one",
    "comment.suggested": "had its scores corrected by the site",
    "label.forgotten": "was taken out of learning",
    "label.remembered": "was put back into learning",
}
"""Events in words."""


def show(comment_id: str) -> str:
    """A comment with everything that is kept of it and that the caller may know."""
    found = dossiers.open_dossier(services(), caller(), comment_id)
    now, state = services().now(), found.state
    verdict = Verdict(scores={}, reasons=[]) if found.blind else state.verdict
    return console.render(
        "one-comment.html",
        it=found,
        comment=state.comment,
        revision=state.revision,
        blind=found.blind,
        age=tell_age(state.comment.received_at, now),
        segments=highlight.cut(state.revision.text, verdict.reasons),
        scores=_list_scores(verdict),
        stage=stages.tell(verdict),
        reasons=[{**one, "name": highlight.name(one["code"])} for one in verdict.reasons],
        known_as=_known_as(found),
        parent=rows.describe([found.parent])[0] if found.parent else None,
        answers=rows.describe(found.answers),
        codes=queue.find_reasons(),
        targets=queue.find_targets(),
        outcomes=OUTCOMES,
        onward=url_for("pages.comment", comment_id=comment_id),
        **({} if found.blind else _tell(found, now)),
    )


def _tell(found: Dossier, now: datetime) -> dict[str, Any]:
    """What only those may see who are not to judge for themselves."""
    kept = found.history
    aged: dict[str, Sequence[Any]] = {
        "notes": found.notes,
        "reports": found.reports,
        "decisions": kept.decisions[::-1],
        "verdicts": kept.verdicts[::-1],
    }
    return {
        **{
            name: [(one, tell_age(one.created_at, now)) for one in some]
            for name, some in aged.items()
        },
        "taught": teaching.tell(found.state, now),
        "revisions": _compare(kept.revisions, now),
        "looks": [(one, tell_age(one.first_at, now)) for one in found.looks],
        "events": [(one, _say(one), tell_age(one.created_at, now)) for one in kept.events[::-1]],
    }


def _compare(
    revisions: Sequence[Revision], now: datetime
) -> list[tuple[Revision, list[Piece], str]]:
    """The last wordings, newest first, each with what it changed of the one before."""
    last = list(pairwise(revisions))[-REVISIONS:]
    return [
        (after, compare(before.text, after.text), tell_age(after.created_at, now))
        for before, after in reversed(last)
    ]


def _list_scores(verdict: Verdict) -> list[tuple[str, float, bool]]:
    over = {reason["code"] for reason in verdict.reasons}
    return [
        (highlight.name(label), value, f"{label}_score" in over)
        for label, value in verdict.scores.items()
    ]


def _say(event: Event) -> str:
    """An event in words; one that another release has written, by its own name."""
    said = HAPPENED.get(event.type, event.type)
    codes = [event.data.get(name) for name in ("action", "reason")]
    more = ", ".join(str(code) for code in codes if code)
    was, status = event.data.get("was"), event.data.get("status")
    moved = f"{was or 'new'} → {status}" if status and was != status else ""
    return "; ".join(part for part in (f"{said}{f': {more}' if more else ''}", moved) if part)


def _known_as(found: Dossier) -> list[tuple[str, str, str]]:
    """By what its author is known: in words, the value, and the page of it."""
    comment = found.state.comment
    values = {
        "author": comment.author_id,
        "email": comment.mailbox,
        "address": comment.address,
        "network": comment.network,
    }
    shown = {**values, "email": comment.author.get("email")}
    return [
        (KNOWN_BY[kind], shown[kind] or value, path(kind, value))
        for kind, value in values.items()
        if value
    ]
