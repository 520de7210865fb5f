"""Signing in with an account elsewhere: a link that leads to the provider, and the way back.

It begins with a link, as the pages' policy lets no form lead anywhere else. The provider sends the
browser back from another site, where the strict cookie of a session is kept but not sent: so the
answer is a page of our own that leads on by itself, without a script.
"""

import logging
from typing import Any

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from api.moderation.identity import ProviderError, UnknownPersonError, flow, letting, pending
from api.moderation.identity.pending import LASTS, Pending
from api.moderation.identity.provider import Provider
from api.telemetry import counters
from api.web.pages import session
from api.web.routing import services

log = logging.getLogger(__name__)

COOKIE = "winnow-sign-in"
"""Holds what was asked of the provider, sealed, for as long as somebody is there."""

_LOST = (
    "This sign-in was begun in another browser, or too long ago, or is done already. "
    "Please sign in again."
)
_DENIED = "The sign-in service did not let you in, or you have stopped it."


def start() -> ResponseReturnValue:
    """Send the browser to the provider."""
    provider = _find_provider()
    if not session.can_keep_cookie():
        return session.ask(), 403
    onward = session.safe_path(request.args.get("next"))
    begun = pending.begin(services(), _return_address(), onward)
    try:
        answer = redirect(flow.find_way(services(), provider, begun), 303)
    except ProviderError as error:
        return _refuse(error)
    answer.set_cookie(
        session.cookie_name(COOKIE),
        pending.seal(services(), begun),
        max_age=int(LASTS.total_seconds()),
        **session.cookie_flags("Lax"),
    )
    return answer


def finish() -> ResponseReturnValue:
    """Let in whom the provider has sent back, if they are one of ours."""
    provider = _find_provider()
    if request.method != "GET":
        abort(405)
    answer = make_response(_finish(provider))
    # It is good for one return, whatever came of it.
    answer.delete_cookie(session.cookie_name(COOKIE), **session.cookie_flags("Lax"))
    # The address has the code in it.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _finish(provider: Provider) -> ResponseReturnValue:
    kept = request.cookies.get(session.cookie_name(COOKIE), "")
    begun = pending.unseal(services(), kept) if kept else None
    if begun is None or any(len(given) > 1 for _, given in request.args.lists()):
        return _count("lost", session.ask(error=_LOST), 403)
    if "error" in request.args and request.args.get("state") == begun.state:
        return _count("denied", session.ask(error=_DENIED), 403)
    try:
        account = flow.find_account(services(), provider, begun, request.args)
        token = _let_in(provider, account)
    except ProviderError as error:
        return _refuse(error)
    except UnknownPersonError as error:
        return _count("unknown", session.ask(error=str(error)), 403)
    return _welcome(begun, token)


def _let_in(provider: Provider, account: Any) -> str:
    hours = current_app.config["SESSION_HOURS"]
    return letting.let_in(services(), provider.client.issuer, account, hours)


def _welcome(begun: Pending, token: str) -> Response:
    page = render_template("signed-in.html", onward=session.safe_path(begun.onward))
    return session.let_in(make_response(page), token)


def _refuse(error: ProviderError) -> ResponseReturnValue:
    # Without anything that was sent: it may be somebody's name, or a way in.
    log.warning("nobody could sign in at the identity provider: %s", error.why)
    return _count("provider", session.ask(error=str(error)), 503 if error.is_down else 403)


def _count(why: str, page: str, status: int) -> ResponseReturnValue:
    counters.count(counters.SIGN_IN_FAILURES, why)
    return page, status


def _find_provider() -> Provider:
    found: Provider | None = current_app.config["PROVIDER"]
    if found is None:
        abort(404)
    return found


def _return_address() -> str:
    """Where the provider is to send the browser; it knows this address beforehand."""
    public = current_app.config["PUBLIC_URL"]
    path = url_for("pages.oidc_return")
    return f"{public.rstrip('/')}{path}" if public else f"{request.host_url.rstrip('/')}{path}"
