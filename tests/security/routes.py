"""Every way to call the app, from the route map, each with what it takes to be served."""

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from api.web.auth import ADMINS_SIGNED_IN, FOREIGN, PERMISSIONS, PUBLIC, SIGNED_IN
from tests.api.web.dropin.coral import NEW, sign, spell
from tests.factories import comment
from tests.security.estate import MARK, NOBODYS, SECRET, VERSION, Estate

_ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")

WRITING = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one rule; `converters` says by which converter each argument is read."""

    rule: Rule
    method: str
    converters: Mapping[str, str]

    @property
    def endpoint(self) -> str:
        """What the table of permissions calls it."""
        return str(self.rule.endpoint)

    @property
    def needs(self) -> str:
        """Who may call it."""
        return PERMISSIONS[self.endpoint]

    @property
    def name(self) -> str:
        """For a person who reads which one failed."""
        return f"{self.method} {self.rule.rule}"

    @property
    def is_page(self) -> bool:
        """Whether it takes a signed-in browser."""
        return self.needs in (SIGNED_IN, ADMINS_SIGNED_IN)

    @property
    def is_native(self) -> bool:
        """Whether it takes a key of a role."""
        return self.needs not in (SIGNED_IN, ADMINS_SIGNED_IN, FOREIGN, PUBLIC)

    @property
    def has_object(self) -> bool:
        """Whether its path names something of a site."""
        return any(one not in NOBODYS for one in self.converters.values())

    def path(self, app: Flask, ids: Mapping[str, Any]) -> str:
        """Its path for objects by converter; KeyError for a converter that nobody knows."""
        known = {**NOBODYS, **ids}
        values = {name: known[one] for name, one in self.converters.items()}
        return app.url_map.bind("localhost").build(self.endpoint, values)


def list_calls(app: Flask) -> Iterator[Call]:
    """Every method of every rule."""
    for rule in app.url_map.iter_rules():
        found = {name: kind or "default" for kind, name in _ARGUMENT.findall(rule.rule)}
        for method in sorted(rule.methods or ()):
            yield Call(rule, method, found)


def send(
    app: Flask, client: FlaskClient, call: Call, estate: Estate, ids: Mapping[str, Any], **more: Any
) -> TestResponse:
    """Call it about these objects, with what makes it a right request of that site's."""
    given: dict[str, Any] = {"query_string": make_query(call, estate)}
    if call.method in WRITING:
        given |= make_body(call, estate)
    headers = {**given.pop("headers", {}), **more.pop("headers", {})}
    return client.open(
        call.path(app, ids), method=call.method, headers=headers, **{**given, **more}
    )


def make_query(call: Call, estate: Estate) -> dict[str, str]:
    """The query without which a call is refused."""
    if call.needs == FOREIGN:
        return _foreign_query(call, estate)
    return QUERIES.get(call.endpoint, {})


def make_body(call: Call, estate: Estate) -> dict[str, Any]:
    """The body, or the form, that a call wants."""
    if call.needs == FOREIGN:
        return _foreign_body(call, estate)
    if call.is_native:
        body = make_json(call.endpoint, estate)
        return {} if body is None else {"json": body}
    form = make_form(call.endpoint, estate)
    return {"data": {"token": secrets.token_hex(16), **form}}


QUERIES: dict[str, dict[str, str]] = {
    "advice.advise": {"score": "spam", "target": "precision:0.4"},
    "articles.get": {"id": f"a-{MARK}"},
    "authors.get": {"id": f"u-{MARK}"},
    "labels.erase": {"author_id": f"u-{MARK}"},
    "notes.list_of_author": {"kind": "author", "value": f"u-{MARK}"},
    "pages.article": {"id": f"a-{MARK}"},
    "pages.author": {"id": f"u-{MARK}"},
    "pages.bulk_new": {"article": f"a-{MARK}"},
    # A stream that is read to its end takes minutes.
    "pages.live": {"poll": "1"},
    "pages.policy_rule": {"rule": "word:darn"},
    "policy_rules.list_hits": {"rule": "word:darn"},
    "reporters.get": {"id": f"r-{MARK}"},
}


def make_json(endpoint: str, estate: Estate) -> Any:
    """A right body for a call of the native API; None where it takes none."""
    ids, about = estate.ids, {"kind": "author", "value": f"u-{MARK}"}
    found: dict[str, Any] = {
        "bulk.decide": {"ids": [ids["comment_id"]], "action": "approve"},
        "campaigns.decide": {"action": "approve"},
        "claims.claim": {"count": 1},
        "comments.check": comment("A fine day."),
        "comments.edit": {"text": f"Two {MARK}."},
        "comments.submit": comment(f"A fine day {MARK}.", id=ids["comment_id"]),
        "comments.submit_batch": {"items": [comment("A fine day.")]},
        "decisions.decide": {"action": "approve"},
        "models.promote": {"force": True},
        "moderators.change": {"role": "admin"},
        "moderators.create": {"email": "eve@else.example", "role": "moderator"},
        "notes.note_author": {**about, "text": MARK},
        "notes.note_comment": {"text": MARK},
        "people.erase": {"author_id": f"u-{MARK}"},
        "people.export": {"author_id": f"u-{MARK}"},
        "policy.check": {"policy": {}},
        "policy.put": {"policy": {}, "version": VERSION},
        "policy.restore": {"version": VERSION},
        "previews.begin": {"policy": {}},
        "privacy.change": {"keep": {"spam": 15}, "addresses": "hashed"},
        "queues.put": {"title": MARK},
        "reports.report": {"reason": "spam"},
        "shadow.promote": {"version": VERSION},
        "shadow.put": {"policy": {}},
        "site.create_key": {"role": "backend"},
        "site.set_secret": {"secret": SECRET},
        "standings.put": {**about, "standing": "banned", "reason": MARK},
        "webhooks.change": {"active": False},
        "webhooks.create": {"url": "https://else.example/"},
        "webhooks.redeliver_failed": {"since": "2026-01-01T00:00:00Z"},
        "webhooks.rotate": {"overlap_hours": 1},
    }
    return found.get(endpoint)


def make_form(endpoint: str, estate: Estate) -> dict[str, Any]:
    """What a form of the pages sends."""
    ids, about = estate.ids, {"kind": "author", "value": f"u-{MARK}"}
    found: dict[str, dict[str, Any]] = {
        "pages.author_note": {**about, "text": MARK},
        "pages.author_say": {**about, "standing": "held", "reason": MARK, "hours": "24"},
        "pages.bulk_begin": {"ids": [ids["comment_id"]], "action": "approve", "at_most": "9"},
        "pages.campaign_decide": {"action": "approve"},
        "pages.decide": {"action": "approve", "version": "2"},
        "pages.key_create": {"role": "backend", "style": "winnow"},
        "pages.key_secret": {"secret": SECRET},
        "pages.learning_act": {"act": "rollback", "model": ids["model in force"]},
        "pages.moderator_change": {"role": "admin"},
        "pages.moderator_create": {"email": "eve@else.example", "role": "moderator"},
        "pages.note": {"text": MARK},
        "pages.own_password": {"old": "", "new": "a long password", "again": "a long password"},
        "pages.policy_act": {"act": "save", "version": str(VERSION), "text": "mode: pre"},
        "pages.policy_restore": {"version": str(VERSION)},
        "pages.policy_shadow_act": {"act": "put", "text": "mode: pre"},
        "pages.person_export": {"author_id": MARK},
        "pages.person_erase": {"author_id": MARK, "sure": "on"},
        "pages.privacy_save": {"rejected": "1", "addresses": "whole"},
        "pages.queue_create": {"title": "Elsewhere", "kind": "place"},
        "pages.saved_queue_change": {"title": MARK, "kind": "place"},
        "pages.teach": {"act": "forget"},
        "pages.trial_act": {"act": "start"},
        "pages.undo": {"version": "2"},
        "pages.webhook_act": {"act": "off"},
        "pages.webhook_create": {"url": "https://else.example/", "type": "comment.held"},
    }
    return found.get(endpoint, {})


def _foreign_query(call: Call, estate: Estate) -> dict[str, str]:
    if call.endpoint.startswith("akismet."):
        blog = {"blog": "https://blog.example/", "comment_type": "comment"}
        said = {"user_ip": "192.0.2.7", "comment_content": f"A fine {MARK} day."}
        return {"api_key": estate.key, "key": estate.key, **blog, **said}
    return {}


def _foreign_body(call: Call, estate: Estate) -> dict[str, Any]:
    match call.endpoint:
        case "perspective.analyze" | "perspective.suggest_score":
            score = {"TOXICITY": {"summaryScore": {"value": 0.9}}}
            return {
                "json": {
                    "comment": {"text": f"A fine {MARK} day."},
                    "requestedAttributes": {"TOXICITY": {}},
                }
                if call.endpoint.endswith("analyze")
                else {"comment": {"text": f"A fine {MARK} day."}, "attributeScores": score}
            }
        case "perspective.batch":
            return {"data": BATCH, "content_type": 'multipart/mixed; boundary="b"'}
        case "openai.moderate":
            return {"json": {"input": f"A fine {MARK} day."}}
        case "coral.moderate":
            body = spell({**NEW, "comment": {"body": f"A fine {MARK} day.", "parentID": None}})
            return {"data": body, "headers": {"X-Coral-Signature": sign(body, SECRET)}}
        case _:
            return {}


BATCH = (
    b"--b\r\nContent-Type: application/http\r\n\r\n"
    b"POST /v1alpha1/comments:analyze HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"
    b'{"comment": {"text": "A fine day."}, "requestedAttributes": {"TOXICITY": {}}}'
    b"\r\n--b--\r\n"
)
"""A batch of one call."""
