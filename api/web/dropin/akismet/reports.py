"""The site says that an answer was wrong: that becomes a decision on the comment."""

import re

from flask import Response
from sqlalchemy.orm import Session

from api.moderation import dropin
from api.moderation.comments import State
from api.moderation.dropin import AKISMET, answering, feedback
from api.web.dropin.akismet import comments
from api.web.dropin.akismet.answers import THANKS, say
from api.web.dropin.akismet.blogs import Blog
from api.web.dropin.akismet.door import Call, find_blog, serve
from api.web.routing import services

_GUID = re.compile(r"[0-9a-f]{32}")


@serve("/1.1/submit-spam")
def submit_spam(call: Call) -> Response:
    """Reject a comment as spam."""
    return _report(call, "reject", "spam")


@serve("/1.1/submit-ham")
def submit_ham(call: Call) -> Response:
    """Approve a comment."""
    return _report(call, "approve")


def _report(call: Call, action: str, reason: str | None = None) -> Response:
    blog = find_blog(call.form, "user_ip")
    if not call.form.is_on("is_test"):
        public_id = _find(call, blog) or _keep(call, blog)

        def count(session: Session, state: State) -> None:
            who, comment_id = call.caller, state.comment.id
            connection = session.connection()
            answering.count_mistake(connection, services(), who, comment_id, blog.name, action)

        feedback.decide(services(), call.caller, public_id, action, reason, count)
    return say(THANKS)


def _find(call: Call, blog: Blog) -> str | None:
    """The comment, by the id it was answered with, or else by what it says."""
    guid = (call.form.get("guid") or "").strip().lower()
    named = f"{AKISMET}-{guid}" if _GUID.fullmatch(guid) else None
    fingerprint = comments.fingerprint(call.form, blog)
    who = call.caller
    return feedback.find(services(), who, AKISMET, public_id=named, fingerprint=fingerprint)


def _keep(call: Call, blog: Blog) -> str:
    """Keep a comment that was never checked here; nobody asked, so nothing was answered."""
    check = comments.read_check(call.form, blog, services().now(), call.key, None)
    [kept] = dropin.keep(services(), call.caller, [check])
    return kept.state.comment.public_id
