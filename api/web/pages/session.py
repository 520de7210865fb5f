"""Signing moderators in and out: a random token in a cookie, its digest in the database."""

import math
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from api.moderation import access, signins
from api.moderation.errors import SignInError
from api.moderation.throttling import ThrottledError
from api.telemetry import counters
from api.web import limits
from api.web.auth import ADMINS_SIGNED_IN, PERMISSIONS, SIGNED_IN
from api.web.routing import services

_BY_ITSELF = ("pages.live", "pages.claim")
"""What an open page asks for although nobody may be sitting before it."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OUR_PAGES = re.compile(
    r"/moderate(?!/sign-)(/[A-Za-z0-9_~:@%+=-][A-Za-z0-9._~:@%+=-]*){0,4}(\?[!-~]*)?"
)


def require() -> Response | None:
    """Find out who is signed in; send away who is not, from where that is needed."""
    needed = PERMISSIONS.get(request.endpoint or "")
    if needed not in (SIGNED_IN, ADMINS_SIGNED_IN):
        return None
    acts = request.endpoint not in _BY_ITSELF
    found = access.find_signed_in(services(), session_token(), idle_limit(), acts)
    if found is None:
        limits.admit_stranger()
        onward = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("pages.sign_in", next=onward), 303)
    g.caller = found
    if needed == ADMINS_SIGNED_IN and not found.may("admin"):
        abort(403, "This page is for the site's admins. Ask one of them to do it, or for the role.")
    return None


def sign_in() -> ResponseReturnValue:
    """Ask for e-mail address and password; when they are right, open a session."""
    if request.method != "POST":
        return ask()
    if not can_keep_cookie():
        return ask(), 403
    if not current_app.config["PASSWORDS"]:
        return ask(error="Nobody signs in with a password here."), 403
    email = request.form.get("email", "").replace("\x00", "")
    hours = current_app.config["SESSION_HOURS"]
    try:
        password = request.form.get("password", "")
        token = signins.sign_in(services(), email, password, hours, request.remote_addr)
    except ThrottledError as error:
        counters.count(counters.SIGN_IN_FAILURES, "throttled")
        return refuse_try(ask(email, str(error)), error)
    except SignInError as error:
        counters.count(counters.SIGN_IN_FAILURES, "wrong")
        return ask(email, str(error)), 403
    return let_in(redirect(safe_path(request.form.get("next")), 303), token)


def let_in(answer: Response, token: str) -> Response:
    """The answer with a session that has just been opened; the browser's old one ends."""
    access.sign_out(services(), session_token())
    seconds = current_app.config["SESSION_HOURS"] * 3600
    answer.set_cookie(cookie_name(), token, max_age=seconds, **cookie_flags())
    return answer


def sign_out() -> Response:
    """Close the session, here and on the server."""
    access.sign_out(services(), session_token())
    answer = redirect(url_for("pages.sign_in"), 303)
    answer.delete_cookie(cookie_name(), **cookie_flags())
    return answer


def refuse_try(page: str, error: ThrottledError) -> Response:
    """The answer to one try too many: a page that says so, and in a header when to come back."""
    seconds = max(1, math.ceil(error.wait.total_seconds()))
    return Response(page, 429, {"Retry-After": str(seconds)}, mimetype="text/html")


def idle_limit() -> timedelta | None:
    """How long a session may be silent; None where that does not matter."""
    minutes = current_app.config["IDLE_MINUTES"]
    return timedelta(minutes=minutes) if minutes else None


def session_token() -> str:
    """The token of this browser's session, empty where there is none."""
    return request.cookies.get(cookie_name(), "")


def safe_path(wanted: str | None) -> str:
    """Where to go next: the wanted page if it is one of ours, else the queue."""
    if wanted is not None and _OUR_PAGES.fullmatch(wanted):
        return wanted
    return url_for("pages.queue")


def ask(email: str = "", error: str = "") -> str:
    """The page that asks people who they are."""
    provider = current_app.config["PROVIDER"]
    return render_template(
        "sign-in.html",
        onward=safe_path(request.values.get("next")),
        email=email,
        error=error,
        needs_https=not can_keep_cookie(),
        passwords=current_app.config["PASSWORDS"],
        provider=provider and provider.client.name,
    )


def can_keep_cookie() -> bool:
    """Whether a browser keeps what signs it in, and nobody on the way can read it."""
    return request.is_secure or _is_loopback()


def _is_loopback() -> bool:
    try:
        return urlsplit(f"//{request.host}").hostname in _LOOPBACK
    except ValueError:
        return False


def cookie_name(kind: str = "winnow") -> str:
    """What a cookie of ours is called, with the prefix by which no other host can set it."""
    # Over plain http a browser keeps no Secure cookie, and __Host- asks for one.
    return f"__Host-{kind}" if request.is_secure or not _is_loopback() else kind


def cookie_flags(samesite: str = "Strict") -> dict[str, Any]:
    """For this host alone, out of reach of scripts, and sent to nobody in the clear."""
    return {
        "secure": request.is_secure or not _is_loopback(),
        "httponly": True,
        "samesite": samesite,
        "path": "/",
    }
