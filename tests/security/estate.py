"""A site with one of everything that has an id, and ids of the same form that never were."""

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from api.moderation import access
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import Job
from api.store.tables import Moderator, SignIn, Site
from tests.api.moderation.deciding import Kept, keep
from tests.api.moderation.learning.adapters import keep_adapter
from tests.factories import START, comment, fail_a_job, make_key, put_policy

MARK = "zqmark"
"""What stands in every text of the site, and is nobody else's to read."""

FAR, VERSION = 400000, 471101
"""Numbers that stand nowhere by accident, or are made to be such."""

SECRET = f"empsec_{MARK}_0123456789abcdef"

NEVER: dict[str, Any] = {
    "bulk_id": f"bulk_{'0' * 24}",
    "campaign_id": f"cmp_{'0' * 24}",
    "claim_id": f"claim-{'0' * 32}",
    "comment_id": "c-never",
    "erasure_id": f"era_{'0' * 24}",
    "job_id": 999999,
    "key_id": "cor_00000000",
    "message_id": f"msg_{'0' * 24}",
    "model_id": f"mdl_{'f' * 16}",
    "moderator_id": f"mod_{'0' * 24}",
    "note_id": f"note_{'0' * 24}",
    "preview_id": f"preview-{'0' * 24}",
    "queue_name": "zqnever",
    "standing_id": f"std_{'0' * 24}",
    "version": 999999,
    "webhook_id": f"wh_{'0' * 24}",
}
"""For each converter of a path what is well-formed and was never given out."""

NOBODYS: dict[str, str] = {
    "sheet_name": "volumes",
    "path": "none.css",
    # `<name>`: a model of OpenAI's list, a phase of Coral's.
    "default": "none",
}
"""Converters of what is no site's object: tables of one's own figures, files, foreign names."""

_POLICY = {
    "rules": [{"word": "darn", "do": "hold"}],
    "duplicates": {"do": "hold"},
}


@dataclass(frozen=True, slots=True)
class Estate:
    """A site: the key of its admin, the sessions of two people, and what its objects are called."""

    site: int
    key: str
    sessions: dict[str, str]
    ids: dict[str, Any]
    """By converter."""
    cursors: list[str]


def build(app: Flask, services: Services, name: str, mark: str = MARK) -> Estate:
    """A site with one of everything; its mark stands in every text."""
    site = access.create_site(services, name)
    key = make_key(services, site, "admin")
    sessions = {role: _sign_in(services, site, name, role) for role in ("moderator", "admin")}
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    _put_policies(services, site, mark)
    ids = _Building(client, services, site, name, mark).ids
    cursors = [
        page["next"]
        for path in ("/v1/comments", "/v1/queue", "/v1/events", "/v1/decisions", "/v1/standings")
        if (page := client.get(f"{path}?limit=1").json)["next"]
    ]
    return Estate(site, key, sessions, ids, cursors)


def _put_policies(services: Services, site: int, mark: str) -> None:
    """Two versions, as a page compares one with the one before."""
    last = VERSION if mark == MARK else VERSION - 100
    with services.database.writing() as session:
        session.get_one(Site, site).policy = last - 2
    put_policy(services, site, {**_POLICY, "note": mark})
    assert put_policy(services, site, {**_POLICY, "note": mark}) == last


def _sign_in(services: Services, site: int, name: str, role: str) -> str:
    """The cookie of somebody who has signed in, without the slow hash of a password."""
    token = f"session-{name}-{role}"
    with services.database.writing() as session:
        person = Moderator(
            site_id=site,
            email=f"{role}@{name}.example",
            password_hash="",
            created_at=START,
            role=role,
        )
        session.add(person)
        session.flush()
        session.add(
            SignIn(
                digest=access.digest(token),
                moderator_id=person.id,
                created_at=START,
                expires_at=START + timedelta(hours=12),
            )
        )
    return token


class _Building:
    """Makes each object by the API where there is a way, and writes down what it is called."""

    def __init__(
        self, client: FlaskClient, services: Services, site: int, name: str, mark: str
    ) -> None:
        self.client, self.services, self.site = client, services, site
        self.name, self.mark = name, mark
        self.ids: dict[str, Any] = {}
        self._fill_comments()
        self._tell_of_people()
        self._set_up()
        self._teach()

    def _post(self, path: str, body: Any = None, method: str = "POST") -> Any:
        answer = self.client.open(path, method=method, json=body)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json if answer.data else None

    def _fill_comments(self) -> None:
        who = {
            "id": f"u-{self.mark}",
            "name": self.mark,
            "email": f"{self.mark}@a.example",
            "ip": "192.0.2.7",
        }
        article = {"id": f"a-{self.mark}", "title": self.mark, "section": f"s-{self.mark}"}
        here = {"author": who, "article": article}
        first = f"c-{self.name}"
        for number, text in enumerate(("spam0.60", "spam0.61", "A fine day", "darn spam0.62")):
            more = {"id": f"{first}{number or ''}", "metadata": {"seen": self.mark}, **here}
            self._post("/v1/comments", comment(f"{text} {self.mark}", **more))
        for number in (1, 2):
            text = f"Come and see the finest {self.mark} teapots of the whole town at our shop."
            self._post("/v1/comments", comment(text, author={"id": f"u-{number}"}))
        report = {"reason": "spam", "note": self.mark, "reporter": {"id": f"r-{self.mark}"}}
        self._post(f"/v1/comments/{first}/reports", report)
        decided = {"action": "reject", "reason": "spam", "note": self.mark}
        claimed = self._post("/v1/queue/claims", {"comment": f"{first}1"})
        bulk = {"ids": [f"{first}3"], "action": "escalate", "note": self.mark}
        self.ids |= {
            "comment_id": first,
            "claim_id": claimed["items"][0]["claim"]["id"],
            "bulk_id": self._post("/v1/decisions", bulk)["id"],
            "campaign_id": self.client.get("/v1/campaigns").json["items"][0]["id"],
            "note_id": self._post(f"/v1/comments/{first}/notes", {"text": self.mark})["id"],
        }
        self._post(f"/v1/campaigns/{self.ids['campaign_id']}/decision", decided)
        self._post(f"/v1/comments/{first}/decision", decided)

    def _tell_of_people(self) -> None:
        about = {"kind": "author", "value": f"u-{self.mark}"}
        held = {**about, "standing": "held", "reason": self.mark}
        self._post("/v1/authors/notes", {**about, "text": self.mark})
        person = {
            "email": f"third@{self.name}.example",
            "sections": [f"s-{self.mark}"],
            "role": "moderator",
        }
        self.ids |= {
            "standing_id": self._post("/v1/standings", held)["id"],
            "moderator_id": self._post("/v1/moderators", person)["id"],
        }

    def _set_up(self) -> None:
        name = f"night-{self.name}"
        self._post(
            f"/v1/queues/{name}",
            {"title": self.mark, "filter": {"section": f"s-{self.mark}"}},
            "PUT",
        )
        coral = self._post("/v1/keys", {"style": "coral"})["id"]
        self._post(f"/v1/keys/{coral}/secret", {"secret": SECRET}, "PUT")
        hook = {"url": f"https://{self.mark}.example/", "description": self.mark}
        self.ids |= {
            "queue_name": name,
            "key_id": coral,
            "webhook_id": self._post("/v1/webhooks", hook)["id"],
            "erasure_id": self._post("/v1/people/erase", {"author_id": "u-gone"})["id"],
            "job_id": self._fail_a_job(),
            "version": VERSION,
            "preview_id": self._post("/v1/policy/preview", {"policy": {"note": self.mark}})["id"],
        }
        test = self._post(f"/v1/webhooks/{self.ids['webhook_id']}/test")
        self.ids["message_id"] = test["id"]
        self._post("/v1/policy/shadow", {"policy": {"note": self.mark}}, "PUT")

    def _fail_a_job(self) -> int:
        made = fail_a_job(self.services, self.site, self.mark)
        number = made + FAR
        with self.services.database.writing() as session:
            session.execute(update(Job).where(Job.id == made).values(id=number))
        return number

    def _teach(self) -> None:
        half = [Kept(0.6, "hold", "reject")] * 50, [Kept(0.6, "hold", "approve")] * 50
        keep(self.services, self.site, "spam", [*half[0], *half[1]])
        in_force = keep_adapter(self.services, self.site).public_id
        self._post(f"/v1/learning/models/{in_force}/promote")
        on_trial = keep_adapter(self.services, self.site).public_id
        self._post(f"/v1/models/{on_trial}/shadow", method="PUT")
        self._post(
            "/v1/comments", comment(f"{self.mark} learned0.95 spam0.40", id=f"l-{self.name}")
        )
        self.ids |= {"model_id": on_trial, "model in force": in_force}


def by_key(app: Flask, estate: Estate) -> FlaskClient:
    """The site's tool, with the key of an admin."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {estate.key}"
    return client


def by_session(app: Flask, estate: Estate, role: str = "admin") -> FlaskClient:
    """The browser of somebody of the site who has signed in, on one of our pages."""
    client = app.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    client.set_cookie("winnow", estate.sessions[role])
    return client


class Rewinding:
    """Has an SQLite database be as it is now, as often as it is wanted."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._kept = database, folder / "kept.sqlite3"
        database.dispose()
        shutil.copy(self._here, self._kept)

    @property
    def _here(self) -> Path:
        return Path(self._database.engine.url.database or "")

    def go_back(self) -> None:
        """Undo all that was done since."""
        self._database.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._here}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._kept, self._here)
