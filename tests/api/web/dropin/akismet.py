"""A site that asks Akismet, as far as its calls can be told from those of any client."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.moderation import comments, foreignkeys
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.services import Services
from api.store.dropin import DropinCheck
from api.store.tables import Comment
from tests.factories import operator

BLOG = "https://blog.example/"
IP = "203.0.113.9"
THANKS = "Thanks for making the web a better place."
DEBUG, TIP, GUID = "X-akismet-debug-help", "X-akismet-pro-tip", "X-akismet-guid"


class Asker:
    """Calls with a key of Akismet's style, about a comment on one blog unless told otherwise."""

    def __init__(self, client: FlaskClient, services: Services, site: int) -> None:
        self.client, self.services, self.site = client, services, site
        made = foreignkeys.create_akismet(services, operator(site))
        self.key, self.key_id = made.key, made.id

    def ask(self, call: str, **fields: Any) -> TestResponse:
        """A call that sends these fields and the key; one that is None is left out."""
        given = {"api_key": self.key, "blog": BLOG, "user_ip": IP, **fields}
        data = {name: value for name, value in given.items() if value is not None}
        return self.client.post(f"/1.1/{call}", data=data)

    def check(self, text: str = "A fine day.", **fields: Any) -> TestResponse:
        """Check a comment, by somebody of that day."""
        return self.ask("comment-check", comment_content=text, comment_author="Ann", **fields)

    def report(self, what: str, text: str = "A fine day.", **fields: Any) -> TestResponse:
        """Say that this comment is `spam` or `ham`."""
        return self.ask(f"submit-{what}", comment_content=text, comment_author="Ann", **fields)

    def find_ids(self) -> list[str]:
        """The comments that are kept, oldest first."""
        with self.services.database.reading() as session:
            return list(session.scalars(select(Comment.public_id).order_by(Comment.id)))

    def find(self) -> State:
        """The only comment there is."""
        [public_id] = self.find_ids()
        return comments.find(self.services, Caller(self.site, "admin", "test"), public_id)

    def find_check(self) -> DropinCheck:
        """What is kept beside the only comment."""
        with self.services.database.reading() as session:
            return session.scalars(select(DropinCheck)).one()

    def find_figures(self) -> dict[str, str]:
        """The counts of the only site of the month."""
        answer = self.client.get("/1.2/key-sites", query_string={"api_key": self.key})
        [site] = answer.json["2026-11"]
        names = "api_calls", "spam", "ham", "missed_spam", "false_positives"
        return {name: site[name] for name in names}


def said(answer: TestResponse, plain: bool = True) -> tuple[int, bytes]:
    """The status and every byte of the body, which is plain text."""
    assert not plain or answer.content_type == "text/plain; charset=utf-8"
    return answer.status_code, answer.data
