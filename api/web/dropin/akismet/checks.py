"""Is it spam? Akismet's first question, and before it whether a key is good."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flask import Response, request
from sqlalchemy import Connection

from api.limiting.rates import AUTHOR
from api.moderation import dropin, intake
from api.moderation.dropin import AKISMET, Check, answering, feedback, telling
from api.moderation.dropin.answering import HAM, SPAM
from api.moderation.intake import Submitted
from api.moderation.standing import STATUS
from api.web import limits
from api.web.dropin.akismet import comments
from api.web.dropin.akismet.answers import refuse_call, say
from api.web.dropin.akismet.blogs import Blog
from api.web.dropin.akismet.door import Call, blp, find_blog, serve
from api.web.dropin.akismet.forms import Form
from api.web.routing import services

RECHECK_SECONDS = 10 * 365 * 86_400
"""How long WordPress is asked to wait for a moderator.

After twice as long it publishes what nobody has looked at, so it had better not come to that.
"""

_GUARANTEED = ("viagra-test-123", "akismet-guaranteed-spam")
_GUARANTEED_EMAIL = "akismet-guaranteed-spam@example.com"


@dataclass(frozen=True, slots=True)
class Answer:
    """The word that a check is answered with, and the headers."""

    word: str
    headers: dict[str, str] = field(default_factory=dict)


@serve("/1.1/verify-key", verifying=True)
def verify_key(call: Call) -> Response:
    """Say that the key is good, to a site that has a URL."""
    if not call.form.has("blog"):
        return refuse_call("Missing required field: blog.")
    find_blog(call.form)
    return say("valid")


@serve("/1.1/comment-check")
def comment_check(call: Call) -> Response:
    """Keep a comment and say whether it is spam, as far as anybody knows now."""
    form, blog = call.form, find_blog(call.form, "user_ip")
    if _is_guaranteed(form) and not comments.is_staff(form):
        return say(SPAM)
    answer = _try_out(call, blog) if form.is_on("is_test") else _keep(call, blog)
    return say(answer.word, answer.headers)


@blp.after_request
def _name(response: Response) -> Response:
    """Give every check an id, even one that failed or keeps nothing.

    WordPress publishes what was answered without one, whatever the answer was.
    """
    if request.endpoint == "akismet.comment_check":
        response.headers.setdefault("X-akismet-guid", secrets.token_hex(16))
    return response


def tell(status: str, blatant: bool, judged: bool, waits: bool) -> Answer:
    """What is answered about a comment that stands so.

    What a moderator is to look at is spam to whoever would publish anything else, but not to
    who `waits` for their word. `judged` is whether the classifier could say anything.
    """
    if status == "approved":
        return Answer(HAM)
    if status == "rejected":
        return Answer(SPAM, {"X-akismet-pro-tip": "discard"} if blatant else {})
    if waits:
        return Answer(HAM, {"X-akismet-recheck-after": str(RECHECK_SECONDS)})
    if judged:
        return Answer(SPAM)
    return Answer(SPAM, {"X-akismet-error": "The classifier is not available."})


def _try_out(call: Call, blog: Blog) -> Answer:
    """Judge a comment that is a test: nothing is kept, so nobody will be told of it."""
    draft = comments.read_draft(call.form, blog, services().now())
    found = intake.check(services(), call.caller, draft)
    if comments.is_staff(call.form):
        return Answer(HAM)
    return tell(STATUS[found.action], found.blatant, found.model is not None, waits=False)


def _keep(call: Call, blog: Blog) -> Answer:
    check, staff = _read(call, blog), comments.is_staff(call.form)
    if not staff and limits.admit_authors(call.caller, [check.draft]):
        # Whoever checks here publishes what is refused, and puts spam where people look.
        return Answer(SPAM, {"X-akismet-error": limits.SAYS[AUTHOR]})
    answers: list[Answer] = []

    def answer(connection: Connection, found: Sequence[Submitted]) -> None:
        state = found[0].state
        comment_id, verdict = state.comment.id, state.verdict
        waits = answering.is_to_be_told(connection, comment_id)
        said = tell(state.comment.status, verdict.blatant, verdict.model is not None, waits)
        answers.append(Answer(HAM) if staff else said)
        who, word = call.caller, answers[-1].word
        answering.keep(connection, services(), who, comment_id, blog.name, word)

    [kept] = dropin.keep(services(), call.caller, [check], answer)
    guid = telling.make_guid(kept.state.comment.public_id)
    return Answer(answers[-1].word, {**answers[-1].headers, "X-akismet-guid": guid})


def _read(call: Call, blog: Blog) -> Check:
    callback = call.form.get("callback")
    if callback is not None and not telling.accepts(services(), blog.url, callback):
        callback = None
    check = comments.read_check(call.form, blog, services().now(), call.key, callback)
    if call.form.get("recheck_reason") is None:
        return check
    # What is checked again has a date by now, and had none perhaps when it came.
    earlier = feedback.find(services(), call.caller, AKISMET, fingerprint=check.fingerprint)
    return replace(check, draft=replace(check.draft, id=earlier)) if earlier else check


def _is_guaranteed(form: Form) -> bool:
    """Whether the comment is one with which sites test that anything is spam."""
    email = (form.get("comment_author_email") or "").strip().lower()
    return form.get("comment_author") in _GUARANTEED or email == _GUARANTEED_EMAIL
