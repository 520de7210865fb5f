"""A small website: visitors comment on an article, and Winnow moderates what they write.

Read it from top to bottom: settings, our database, talking to Winnow, the form, the pages.
One rule holds everywhere: only what Winnow calls `approved` is shown to everybody.
"""

import json
import os
import re
import secrets
import sqlite3
import sys
import threading
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import urllib3
from flask import Flask, redirect, render_template, request, url_for
from itsdangerous import BadData, URLSafeSerializer

WINNOW_URL = os.environ.get("WINNOW_URL", "http://127.0.0.1:8000").rstrip("/")
WINNOW_KEY = os.environ.get("WINNOW_KEY", "").strip()
DATABASE = os.environ.get("DEMO_DATABASE") or str(Path(__file__).with_name("comments.db"))
PORT = int(os.environ.get("PORT", "5000"))
RETRY_SECONDS = 5
ARTICLE = {"id": "a-17", "title": "The ferry that waits"}

if not WINNOW_KEY:
    sys.exit("WINNOW_KEY is not set: give it a backend key of your site in Winnow.")

app = Flask(__name__)
winnow = urllib3.PoolManager(timeout=urllib3.Timeout(total=2), retries=False)
signer = URLSafeSerializer(WINNOW_KEY, salt="comment form")


# Our database


def sql(statement, **values):
    """Run one statement in a transaction of its own and return its rows."""
    with closing(sqlite3.connect(DATABASE)) as database, database:
        database.row_factory = sqlite3.Row
        return database.execute(statement, values).fetchall()


def create_table():
    # token: which visitor wrote it. body: what Winnow is sent, the same at every retry.
    sql("""CREATE TABLE IF NOT EXISTS comments (
        id TEXT PRIMARY KEY, article TEXT, name TEXT, email TEXT, website TEXT, text TEXT,
        token TEXT, body TEXT, status TEXT, reason TEXT, created_at TEXT)""")


def save(typed, body, token):
    """Keep a comment before anybody is asked about it, so that it cannot get lost."""
    sql(
        """INSERT INTO comments VALUES (:id, :article, :name, :email, :website, :comment,
            :token, :body, 'unsent', '', :created_at)""",
        **typed,
        id=body["id"],
        article=ARTICLE["id"],
        token=token,
        body=json.dumps(body),
        created_at=body["created_at"],
    )


def set_status(comment_id, status, reason):
    update = "UPDATE comments SET status = :status, reason = :reason WHERE id = :id"
    sql(update, id=comment_id, status=status, reason=reason)


# Talking to Winnow


def ask_winnow(method, path, headers=None, **options):
    """Return Winnow's status code and JSON, or (0, {}) if no usable answer came in time."""
    headers = {"Authorization": f"Bearer {WINNOW_KEY}"} | (headers or {})
    try:
        answer = winnow.request(method, WINNOW_URL + path, headers=headers, **options)
        return answer.status, dict(answer.json())
    except (urllib3.exceptions.HTTPError, ValueError, TypeError) as error:
        app.logger.warning("Winnow gave no usable answer: %s", error)
        return 0, {}


def submit(comment_id, body):
    """Send a saved comment and keep the verdict. Return the errors if Winnow refuses it.

    Without a verdict (no answer, too busy, broken) the comment stays `unsent` and is retried.
    """
    headers = {"Content-Type": "application/json", "Idempotency-Key": comment_id}
    code, answer = ask_winnow("POST", "/v1/comments", headers, body=body)
    if code in (200, 201) and answer.get("id") == comment_id:
        keep_verdict(answer)
    elif code == 422:
        return errors_by_field(answer)
    elif code:
        app.logger.warning("Winnow answered %s: %s", code, answer.get("detail"))
    return {}


def keep_verdict(comment):
    """Take over Winnow's present word on a comment."""
    verdict = comment.get("verdict") or {}
    reason = " ".join(reason["message"] for reason in verdict.get("reasons", []))
    if (comment.get("decision") or {}).get("action") == "reject":
        reason = "A moderator decided so."
    set_status(comment["id"], comment["status"], reason)


def errors_by_field(problem):
    """Translate Winnow's error pointers into the names of our form's fields."""
    fields = {"/text": "comment", "/author/url": "website"}
    fields |= {"/author/name": "name", "/author/email": "email"}
    errors = {}
    for error in problem.get("errors") or [problem]:
        field = fields.get(error.get("pointer"), "form")
        errors[field] = error.get("detail", "This could not be accepted.")
    return errors


def refresh_statuses():
    """Learn what moderators decided since. While Winnow is away, what we knew stays."""
    known = dict(sql("SELECT id, status FROM comments"))
    query = {"article": ARTICLE["id"], "limit": 100}
    give_up = time.monotonic() + 2
    while known and time.monotonic() < give_up:
        _, page = ask_winnow("GET", "/v1/comments", fields=query)
        for comment in page.get("items", []):
            if known.get(comment["id"], comment["status"]) != comment["status"]:
                keep_verdict(comment)
        if not page.get("next"):
            break
        query["cursor"] = page["next"]


def retry_unsent():
    """Send again what has no verdict yet. Same id, same body: Winnow takes it in only once."""
    # In random order, so that one comment Winnow stumbles over cannot hold up the others.
    waiting = "SELECT id, body FROM comments WHERE status = 'unsent' ORDER BY random() LIMIT 50"
    for comment_id, body in sql(waiting):
        if errors := submit(comment_id, body):
            # The visitor has left the form, so the comment itself carries the news.
            set_status(comment_id, "rejected", " ".join(errors.values()))


def retry_forever():
    while True:
        try:
            retry_unsent()
        except Exception:
            app.logger.exception("This retry failed, another follows")
        time.sleep(RETRY_SECONDS)


# The form


def now():
    return datetime.now(UTC)


def read_form():
    typed = {name: request.form.get(name, "") for name in ("comment", "name", "email", "website")}
    typed = {name: value.replace("\r\n", "\n").strip() for name, value in typed.items()}
    if typed["website"] and ":" not in typed["website"]:
        typed["website"] = "https://" + typed["website"]
    return typed


def check(typed):
    """Find the mistakes we can see ourselves. Return a message for each field that has one."""
    errors = {}
    if not typed["comment"]:
        errors["comment"] = "Please write a comment."
    if not typed["name"]:
        errors["name"] = "Please tell us your name."
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", typed["email"]):
        errors["email"] = "Please give an email address, like ada@example.org."
    if typed["website"] and not is_web_address(typed["website"]):
        errors["website"] = "Please give an address that starts with http:// or https://."
    return errors


@app.template_test("web_address")
def is_web_address(text):
    return re.fullmatch(r"https?://[^\s/]\S*", text, re.IGNORECASE) is not None


def elapsed_ms():
    """Return how long the form was open, or None if its time stamp is not one of ours."""
    try:
        shown = signer.loads(request.form.get("stamp", ""))
    except BadData:
        return None
    one_day = 24 * 60 * 60 * 1000
    return max(0, min(one_day, int(now().timestamp() * 1000) - shown))


def describe(typed):
    """Say everything about a comment that helps Winnow to judge it."""
    author = {"name": typed["name"], "email": typed["email"], "url": typed["website"]}
    author |= {"ip": request.remote_addr, "user_agent": request.user_agent.string[:300]}
    form = {"honeypot": request.form.get("subject", "")[:100], "elapsed_ms": elapsed_ms()}
    return {
        "id": f"c-{uuid.uuid4()}",
        "article": ARTICLE | {"url": url_for("show_article", _external=True)},
        "text": typed["comment"],
        "author": {name: value for name, value in author.items() if value},
        "form": {name: value for name, value in form.items() if value is not None},
        "created_at": now().isoformat(timespec="seconds"),
    }


# The pages


@app.get("/")
def home():
    return redirect(url_for("show_article"))


@app.get("/articles/a-17")
def show_article():
    refresh_statuses()
    return render_article()


@app.post("/articles/a-17")
def post_comment():
    """Save the comment, ask Winnow about it, and lead the visitor back to the article."""
    typed = read_form()
    if errors := check(typed):
        return render_article(typed, errors), 422
    body = describe(typed)
    token = request.cookies.get("visitor") or secrets.token_urlsafe()
    save(typed, body, token)
    if errors := submit(body["id"], json.dumps(body)):
        sql("DELETE FROM comments WHERE id = :id", id=body["id"])  # it goes back into the form
        return render_article(typed, errors), 422
    answer = redirect(url_for("show_article", _anchor=body["id"]), 303)
    cookie = {"max_age": 365 * 24 * 60 * 60, "httponly": True, "samesite": "Lax"}
    answer.set_cookie("visitor", token, secure=request.is_secure, **cookie)
    return answer


def render_article(typed=None, errors=None):
    # The email column is not even read here, so no page can show it.
    visible = """SELECT id, name, website, text, status, reason, created_at FROM comments
        WHERE article = :article AND (status = 'approved' OR token = :token) ORDER BY rowid"""
    comments = sql(visible, article=ARTICLE["id"], token=request.cookies.get("visitor"))
    stamp = request.form.get("stamp") or signer.dumps(int(now().timestamp() * 1000))
    page = {"article": ARTICLE, "comments": comments, "stamp": stamp}
    return render_template("article.html", **page, typed=typed or {}, errors=errors or {})


@app.template_filter("day_and_time")
def day_and_time(created_at):
    moment = datetime.fromisoformat(created_at)
    return f"{moment:%B} {moment.day}, {moment:%Y} at {moment:%H:%M} UTC"


@app.after_request
def add_headers(response):
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-cache"  # every visitor has their own page
    return response


try:
    create_table()
except sqlite3.Error as error:
    sys.exit(f"Cannot use {DATABASE} for comments: {error}.")

if __name__ == "__main__":
    threading.Thread(target=retry_forever, daemon=True).start()
    app.run("127.0.0.1", PORT)
