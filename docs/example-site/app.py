"""A small website: visitors comment on an article, and Winnow moderates what they write.

Only what Winnow calls `approved` is shown to everybody. All else, silence too, stays hidden.
"""

import json
import os
import secrets
import sqlite3
import threading
import time
from contextlib import closing, suppress

import urllib3
from flask import Flask, redirect, render_template, request, url_for
from standardwebhooks import Webhook

KEY = os.environ.get("WINNOW_KEY")
COMMENTS = os.environ.get("WINNOW_URL", "http://127.0.0.1:8000") + "/v1/comments"
EVENTS = COMMENTS.replace("comments", "events")
FORM_TOKEN = COMMENTS.replace("comments", "form-token")
SECRET = os.environ.get("WINNOW_WEBHOOK_SECRET")  # without it, only catch_up() brings news
CATCH_UP_SECONDS = 3600 if SECRET else 5
DATABASE = os.environ.get("DEMO_DATABASE", "comments.db")
ARTICLE = {"id": "a-17", "title": "The ferry that waits"}
FIELDS = ("text", "name", "email", "url")
SET_STATUS = "UPDATE comments SET status = ?, reason = ? WHERE id = ?"
if not KEY:
    raise SystemExit("WINNOW_KEY is not set: give it a backend key of your site in Winnow.")
app = Flask(__name__)
headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
winnow = urllib3.PoolManager(headers=headers, timeout=urllib3.Timeout(total=2), retries=False)


def submit(comment_id, body):
    """Send a saved comment and keep the verdict, or return what Winnow says is wrong with it."""
    try:
        answer = winnow.request("POST", COMMENTS, body=body)
        if answer.status == 422:
            errors = answer.json()["errors"]
            return {error["pointer"].split("/")[-1]: str(error["detail"]) for error in errors}
        if answer.status not in (200, 201):
            raise ValueError(f"Winnow answered {answer.status}")
        keep_verdict(answer.json())
    except Exception as error:  # whatever it was, it was no verdict: it stays `unsent`
        app.logger.warning("Comment %s has to wait: %r", comment_id, error)
    return {}


def keep_verdict(comment):
    """Take over how a comment stands with Winnow, and why."""
    reason = " ".join(reason["message"] for reason in comment["verdict"]["reasons"])
    if comment["decision"]:
        reason = "A moderator decided so."
    sql(SET_STATUS, comment["status"], reason, comment["id"])


def retry_unsent():
    """Send again what has no verdict yet: same id, same body, so Winnow keeps it only once."""
    for comment_id, body in sql("SELECT id, body FROM comments WHERE status = 'unsent'"):
        if errors := submit(comment_id, body):  # too late to ask the visitor
            sql(SET_STATUS, "rejected", " ".join(errors.values()), comment_id)


def sql(statement, *values):
    """Run one statement in a transaction of its own and return its rows."""
    with closing(sqlite3.connect(DATABASE)) as database, database:
        database.row_factory = sqlite3.Row
        return database.execute(statement, values).fetchall()


@app.post("/webhook")
def receive_event():
    """Winnow says that something happened to a comment. Only what it has signed is believed."""
    try:
        message = Webhook(SECRET).verify(request.get_data(), dict(request.headers))
    except Exception:  # however it is wrong, it is not from Winnow, or from long ago
        return "This is not signed with our secret.", 401
    if comment_id := message["data"].get("comment_id"):
        learn(comment_id)  # if that fails, this is a 500, and Winnow tells us again
    return "", 204


def learn(comment_id):
    """Ask how a comment of ours stands: events may come twice, or in another order."""
    if not sql("SELECT id FROM comments WHERE id = ?", comment_id):
        return
    answer = winnow.request("GET", f"{COMMENTS}/{comment_id}")
    if answer.status == 200:
        keep_verdict(answer.json())
    elif answer.status == 404:  # it was deleted in Winnow
        sql("DELETE FROM comments WHERE id = ? AND status != 'unsent'", comment_id)
    else:
        raise ValueError(f"Winnow answered {answer.status}")


def catch_up():
    """Learn of what happened while Winnow could not tell us."""
    cursor = {}
    [(number,)] = sql("SELECT max(number) FROM seen")
    while cursor is not None:
        asked = {"after": number or 0, "limit": 200, **cursor}
        page = winnow.request("GET", EVENTS, fields=asked).json()
        for comment_id in {event["comment_id"] for event in page["items"]}:
            learn(comment_id)
        for event in page["items"][-1:]:
            sql("INSERT OR IGNORE INTO seen VALUES (?)", event["number"])
        cursor = {"cursor": page["next"]} if page["next"] else None


def get_token():
    """A token for this one form, and the name that its hidden field has this time."""
    try:
        asked = {"article": ARTICLE["id"]}
        answer = winnow.request("GET", FORM_TOKEN, fields=asked, timeout=0.5).json()
        return {"token": str(answer["token"]), "trap": str(answer["honeypot"])}
    except Exception:  # the page is shown all the same; Winnow knows what to do without a token
        return {"token": "", "trap": "subject"}


@app.get("/")
def show_article(typed=None, errors=None):
    """Show the article, the comments that this visitor may see, and the form."""
    visible = """SELECT id, created_at, name, url, text, status, reason FROM comments
        WHERE status = 'approved' OR visitor = ? ORDER BY rowid"""  # never the e-mail address
    comments = sql(visible, request.cookies.get("visitor"))
    page = {"article": ARTICLE, "comments": comments, "typed": typed, "errors": errors}
    return render_template("article.html", **page, **get_token())


@app.post("/")
def post_comment():
    """Save the comment first, so that it cannot get lost; only then ask Winnow about it."""
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    token = request.form.get("token", "")
    trapped = "".join(request.form[name] for name in request.form if name not in (*FIELDS, "token"))
    if missing := [name for name in ("text", "name", "email") if not typed[name]]:
        return show_article(typed, dict.fromkeys(missing, "Please fill this in.")), 422
    author = {"ip": request.remote_addr, "user_agent": request.user_agent.string[:300]}
    comment = {
        "id": f"c-{secrets.token_hex(16)}",
        "created_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "article": ARTICLE | {"url": request.base_url},
        "text": typed["text"],
        "author": author | {name: typed[name] for name in ("name", "email", "url")},
        "form": {"honeypot": trapped[:100], "token": token[:200]},
    }
    body = json.dumps(comment)
    visitor = request.cookies.get("visitor") or secrets.token_urlsafe()
    row = (comment["id"], comment["created_at"], visitor, body, *typed.values())
    sql("INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'unsent', '')", *row)
    if errors := submit(comment["id"], body):
        sql("DELETE FROM comments WHERE id = ?", comment["id"])  # it goes back into the form
        return show_article(typed, errors), 422
    answer = redirect(url_for("show_article", _anchor=comment["id"]), 303)
    cookie = {"max_age": 365 * 24 * 60 * 60, "secure": request.is_secure, "httponly": True}
    answer.set_cookie("visitor", visitor, samesite="Lax", **cookie)
    return answer


@app.after_request
def add_headers(response):
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"  # every visitor has their own page
    return response


def work_forever():
    due = 0
    while True:
        with suppress(Exception):  # a full disk, perhaps: the next pass may succeed
            retry_unsent()
            if time.monotonic() >= due:
                catch_up()
                due = time.monotonic() + CATCH_UP_SECONDS
        time.sleep(5)


sql("""CREATE TABLE IF NOT EXISTS comments (id TEXT PRIMARY KEY, created_at TEXT, visitor TEXT,
    body TEXT, text TEXT, name TEXT, email TEXT, url TEXT, status TEXT NOT NULL, reason TEXT)""")
sql("CREATE TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY)")
if __name__ == "__main__":
    threading.Thread(target=work_forever, daemon=True).start()
    app.run("127.0.0.1", int(os.environ.get("PORT", "5000")))
