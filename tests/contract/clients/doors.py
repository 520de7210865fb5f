"""One good call of every foreign door, to be sent in all the ways that clients send theirs."""

import hashlib
import hmac
from dataclasses import dataclass, replace

from tests.contract.clients.running import CORAL_SECRET, Site


@dataclass(frozen=True)
class Ask:
    """A request, its path with the query, and what a good answer has in its body."""

    method: str
    path: str
    shows: bytes
    body: bytes = b""
    kind: str = ""
    headers: tuple[tuple[str, str], ...] = ()


FORM, JSON = "application/x-www-form-urlencoded", "application/json"

_WHO = b"api_key=MY_AKISMET&blog=https%3A%2F%2Fb.example&user_ip=192.0.2.1&comment_content="
CHECK, SPAM, HAM = _WHO + b"Well+put.", _WHO + b"Well+said.", _WHO + b"Well+seen."
KEY = b"key=MY_AKISMET&api_key=MY_AKISMET&blog=https%3A%2F%2Fb.example"
THANKS = b"Thanks for making the web a better place."
SAID = b'{"comment": {"text": "Well put."}, "requestedAttributes": {"TOXICITY": {}}}'
SCORED = (
    b'{"comment": {"text": "Well put."}, "clientToken": "t-1",'
    b' "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}}'
)
BATCH = (
    b"--b\nContent-Type: application/http\nContent-ID: <u + 1>\n\n"
    b"POST /v1alpha1/comments:analyze?key=MY_KEY HTTP/1.1\nContent-Type: application/json\n\n"
    + SAID
    + b"\n--b--\n"
)
WRITTEN = (
    b'{"action": "NEW", "comment": {"body": "You are an idiot and a fool."}, "author": {"id": "a"},'
    b' "story": {"id": "s"}, "site": {"id": "i"}, "tenantID": "t"}'
)


def _form(path: str, body: bytes, shows: bytes) -> Ask:
    return Ask("POST", path, shows, body, FORM)


_BEARER = (("Authorization", "Bearer MY_KEY"),)

ASKS = {
    "analyze": Ask("POST", "/v1alpha1/comments:analyze?key=MY_KEY", b"summaryScore", SAID, JSON),
    "suggest": Ask("POST", "/v1alpha1/comments:suggestscore?key=MY_KEY", b"t-1", SCORED, JSON),
    "discover": Ask("GET", "/$discovery/rest?version=v1alpha1&key=MY_KEY", b"rootUrl"),
    "discover of old": Ask("GET", "/discovery/v1/apis/commentanalyzer/v1alpha1/rest", b"rootUrl"),
    "batch": Ask("POST", "/batch", b"summaryScore", BATCH, 'multipart/mixed; boundary="b"'),
    "batch of one API": Ask(
        "POST",
        "/batch/commentanalyzer/v1alpha1",
        b"response-u + 1",
        BATCH,
        "multipart/mixed; boundary=b",
    ),
    "verify-key": _form("/1.1/verify-key", KEY, b"valid"),
    "comment-check": _form("/1.1/comment-check", CHECK, b"false"),
    "submit-spam": _form("/1.1/submit-spam", SPAM, THANKS),
    "submit-ham": _form("/1.1/submit-ham", HAM, THANKS),
    "key-sites": Ask("GET", "/1.2/key-sites?api_key=MY_AKISMET", b'"limit"'),
    "usage-limit": _form("/1.2/usage-limit", b"api_key=MY_AKISMET", b'"usage"'),
    "deactivate": _form("/1.1/deactivate", KEY, b"deactivated"),
    "get-stats": _form("/1.1/get-stats", KEY + b"&from=all", b'"breakdown"'),
    "get-subscription": _form("/1.1/get-subscription", KEY, b'"account_id"'),
    "token": _form("/1.1/token", KEY, b""),
    "verify-wpcom-key": _form("/1.1/verify-wpcom-key", KEY + b"&user_id=1", b'"status"'),
    "moderate": Ask("POST", "/v1/moderations", b"modr-", b'{"input": "Well put."}', JSON, _BEARER),
    "list models": Ask("GET", "/v1/models", b"omni-moderation-latest", headers=_BEARER),
    "get a model": Ask("GET", "/v1/models/omni-moderation-latest", b"omni", headers=_BEARER),
    "coral": Ask("POST", "/coral/MY_CORAL", b"actions", WRITTEN, JSON),
}
"""By door. `make_ask` puts in a site's keys."""


def make_ask(door: str, site: Site) -> Ask:
    """A good call of a door by this site."""
    ask = ASKS[door]
    headers = tuple((name, _fill(value, site)) for name, value in ask.headers)
    if door == "coral":
        right = hmac.new(CORAL_SECRET.encode(), ask.body, hashlib.sha256).hexdigest()
        headers = (("X-Coral-Signature", f"sha256={right}"),)
    body = _fill(ask.body.decode(), site).encode()
    return replace(ask, path=_fill(ask.path, site), body=body, headers=headers)


def _fill(given: str, site: Site) -> str:
    for name, value in (
        ("MY_KEY", site.key),
        ("MY_AKISMET", site.akismet_key),
        ("MY_CORAL", site.coral_name),
    ):
        given = given.replace(name, value)
    return given
