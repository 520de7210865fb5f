"""A person who wants it gone is nowhere afterwards, not even in the file's bytes."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.sql.sqltypes import TypeEngine

from api.moderation import events, notes
from api.moderation.access import Caller
from api.moderation.events import proof
from api.moderation.learning import imports, stored
from api.moderation.learning.imports import Row
from api.moderation.privacy import forgetting, places
from api.moderation.services import Services
from api.store import privacy as store
from api.store.jobs import TakenJob
from api.store.learning import StoredAdapter
from api.store.outbox import Attempt, Delivery, Event, Job
from api.store.policies import PolicyDraft
from api.store.review import SavedQueue
from api.store.tables import Base, Comment, Instant, Site
from tests.api.moderation.learning.adapters import keep_adapter
from tests.conftest import ON_SQLITE
from tests.factories import START, Clock, put_policy
from tests.security.leftovers import LONG, POLICY, find_everywhere

ID, NAME, MAIL, IP = "u-xylocanary", "Zinccanary", "tin.canary@example.org", "203.0.113.77"
TEXT = "leadcanary"
CANARIES = (ID, NAME, "tin.canary", "tincanary", IP, TEXT)
ANN = {
    "id": ID,
    "name": NAME,
    "email": MAIL,
    "ip": IP,
    "url": f"https://{TEXT}.example/",
    "user_agent": f"Mozilla/5.0 ({TEXT})",
}
WHO = {"author_id": ID, "email": MAIL, "address": IP}


def post(client: FlaskClient, path: str, body: Any, method: str = "POST", **headers: str) -> Any:
    answer = client.open(path, method=method, json=body, headers=headers)
    assert answer.status_code < 300, (path, answer.text)
    return answer.json if answer.data else None


def put(client: FlaskClient, name: str, words: str = TEXT, **given: Any) -> None:
    body = {"id": name, "article": {"id": "a-1"}, "text": f"{words} {LONG}", **given}
    post(client, "/v1/comments", body, **{"Idempotency-Key": f"put-{name}"})


def erase(services: Services, client: FlaskClient, who: Any = WHO) -> Any:
    """Ask for it, have the worker do it, and what it says then."""
    asked = post(client, "/v1/people/erase", who)
    run(services)
    return client.get(f"/v1/people/erasures/{asked['id']}").json


def run(services: Services) -> None:
    with services.database.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "people.erase")).all()
    for job in jobs:
        mine = TakenJob(job.id, job.site_id, job.kind, job.lane, job.payload, 1, "w", START)
        forgetting.run(services, mine)


def verify(services: Services, site: int, noted: events.Head) -> proof.Finding:
    events.find_head(services, Caller(site, "admin", "test"))
    with services.database.reading() as session:
        return proof.verify(session, session.get_one(Site, site), noted)


def head_of(services: Services, site: int) -> events.Head:
    return events.find_head(services, Caller(site, "admin", "test"))


def can_hold_text(kind: TypeEngine[Any]) -> bool:
    return isinstance(kind, (String, JSON, LargeBinary)) or "CHAR" in str(kind).upper()


def test_every_column_that_can_hold_text_is_in_one_list() -> None:
    lists = [
        (table, column)
        for tables in (places.OWN, places.PERSON, places.ACTORS, places.WORDS, places.PLAIN)
        for table, columns in tables.items()
        for column in columns.split()
    ]
    there = {
        (table.name, column.name): column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if can_hold_text(column.type)
    }
    assert sorted(one for one in set(lists) if lists.count(one) > 1) == []
    assert sorted(set(there) - set(lists)) == []
    known = {(t.name, c.name) for t in Base.metadata.sorted_tables for c in t.columns}
    assert sorted(set(lists) - known) == []


def fill(services: Services, site: int, admin: FlaskClient, clock: Clock) -> int:
    """Have the person be wherever somebody can be, by the doors that there are; an adapter's id."""
    put_policy(services, site, {**POLICY, "note": f"Known to us: {MAIL}."})
    put_policy(services, site, POLICY)
    adapter = keep_adapter(services, site).id
    clock.move(days=-1)
    rows = [
        Row(f"{TEXT} imported", "reject", START, author_id=ID),
        Row(f"{TEXT} alike {LONG}", "reject", START),
    ]
    imports.import_labels(services, site, "ada", rows)
    put(admin, "theirs", f"http://{TEXT}.example/ {TEXT}", author=ANN, metadata={"who": NAME})
    put(admin, "alike", f"{TEXT} alike", author={"email": "TINCANARY+x@example.org"})
    put(admin, "by-address", author={"ip": f"::ffff:{IP}"}, form={"honeypot": TEXT})
    put(admin, "others", "Mild words.", author={"id": "u-2"})
    put(admin, "reply", "Mild answers.", author={"id": "u-2"}, parent_id="theirs")
    post(admin, "/v1/comments/theirs", {"text": f"{TEXT} again {LONG}"}, "PATCH")
    post(
        admin,
        "/v1/comments/theirs/decision",
        {"action": "reject", "reason": "spam", "note": f"{NAME} {TEXT}"},
        **{"Idempotency-Key": "decided"},
    )
    said = {"reason": "spam", "note": f"I am {ID}, {TEXT}", "reporter": {"id": ID}}
    post(admin, "/v1/comments/others/reports", said, **{"Idempotency-Key": "reported"})
    post(admin, "/v1/comments/theirs/notes", {"text": f"{TEXT} noted"})
    post(admin, "/v1/comments/others/notes", {"text": f"Is this {MAIL}, or {ID}?"})
    post(admin, "/v1/comments/others/decision", {"action": "reject", "note": f"See {IP}."})
    for kind, value in (("author", ID), ("email", MAIL), ("address", IP)):
        about = {"kind": kind, "value": value}
        held = {**about, "standing": "held", "reason": f"{TEXT} {NAME}"}
        post(admin, "/v1/standings", held, **{"Idempotency-Key": f"held-{kind}"})
        post(admin, "/v1/authors/notes", {**about, "text": f"{TEXT} {NAME}"})
    nudged = {"article": {"id": "a-1"}, "text": "A fine day.", "author": {"id": ID}}
    post(admin, "/v1/comments/check?nudge=1", nudged)
    post(admin, "/v1/queues/night", {"title": f"Of {ID}", "filter": {"author": ID}}, "PUT")
    bulk = {"filter": {"author": ID}, "action": "escalate", "note": f"All of {MAIL}"}
    post(admin, "/v1/decisions", bulk, **{"Idempotency-Key": "bulk"})
    post(admin, "/v1/policy/preview", {"policy": {"note": f"{ID} again"}})
    hook = post(admin, "/v1/webhooks", {"url": "https://else.example/"})
    assert hook["id"]
    events.seal(services)
    answer_hook(services)
    return adapter


def answer_hook(services: Services) -> None:
    """Have a receiver have said back what it knows of the person's comment."""
    with services.database.writing() as session:
        event = session.scalars(select(Event).where(Event.comment_id == "theirs")).first()
        assert event is not None
        sent = session.scalars(select(Delivery).where(Delivery.event_id == event.id)).first()
        if sent is None:
            hook = session.execute(text("SELECT id FROM webhooks")).scalar_one()
            sent = Delivery(
                site_id=event.site_id,
                webhook_id=hook,
                event_id=event.id,
                public_id="msg_1",
                type=event.type,
                status="delivered",
                attempts=1,
                created_at=START,
            )
            session.add(sent)
            session.flush()
        attempt = Attempt(
            delivery_id=sent.id,
            number=1,
            status=200,
            answer=f"Thanks, {NAME} {TEXT}",
            milliseconds=1,
            created_at=START,
        )
        session.add(attempt)


def plant(services: Services, site: int) -> None:
    """Have the person be in every column that the doors leave empty, by rows of our own."""
    with services.database.writing() as session:
        theirs = Comment.site_id == site, Comment.public_id == "theirs"
        key = session.scalars(select(Comment.id).where(*theirs)).one()
        more = {"form": {"said": TEXT}, "language": TEXT, "article": {"title": NAME}}
        session.execute(update(Comment).where(*theirs).values(**more, network=TEXT))
        for table in hanging():
            others = [
                column.name
                for column in table.columns
                if column.foreign_keys and column.name not in ("comment_id", "site_id")
            ]
            values = {column.name: fake(column) for column in table.columns if column.name != "id"}
            values |= {"comment_id": key}
            if "site_id" in table.c:
                values["site_id"] = site
            for name in others:
                [target] = table.c[name].foreign_keys
                values[name] = session.scalars(select(target.column).limit(1)).one()
            if [one.name for one in table.primary_key.columns] == ["comment_id"]:
                session.execute(delete(table).where(table.c.comment_id == key))
            session.execute(insert(table).values(values))
        known = {"who": f"mailto:{MAIL}"}
        session.execute(update(StoredAdapter).values(report=known))
        session.execute(update(PolicyDraft).values(options=known, tally=known))
        for payload, error in ((known, None), ({}, f"Nothing of {IP}.")):
            made = {"attempts": 0, "due_at": START, "created_at": START, "lane": "l"}
            session.add(Job(site_id=site, kind="none", payload=payload, error=error, **made))


def hanging() -> list[Table]:
    """The tables of what hangs on a comment."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name == "comments" for key in table.foreign_keys)
    ]


def fake(column: Column[Any]) -> Any:
    """A value that a column takes, with a canary where it can hold one."""
    kind = column.type
    if isinstance(kind, JSON):
        return [{"code": TEXT, "rule": ID}]
    if isinstance(kind, String):
        return f"{TEXT} {MAIL}"[: kind.length or 100]
    if isinstance(kind, Boolean):
        return False
    return START if isinstance(kind, Instant) else 77


class TestGone:
    """Whoever was erased is nowhere."""

    def test_it_is_nowhere_and_the_log_is_whole(
        self,
        services: Services,
        site: int,
        admin: FlaskClient,
        clock: Clock,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        adapter = fill(services, site, admin, clock)
        plant(services, site)
        noted = head_of(services, site)
        before = {table for word in CANARIES for table in find_everywhere(services, word)}
        assert before >= {
            *("comments", "revisions", "verdicts", "decisions", "reports", "notes", "standings"),
            *("imported_labels", "kept_answers", "linked_hosts", "saved_queues", "attempts"),
            *("bulk_decisions", "policies", "policy_drafts", "adapters", "jobs", "waiting"),
            *("second_looks", "dropin_checks", "shadow_verdicts", "claims", "rule_hits"),
        }

        done = erase(services, admin)

        assert [word for word in CANARIES if find_everywhere(services, word)] == []
        assert (done["state"], done["left"]) == ("done", [])
        gone = {**done["counts"]}
        assert gone.pop("mentions") >= 6
        assert gone == {
            "comments": 3,
            "reports": 1,
            "standings": 3,
            "notes": 3,
            "imported_labels": 1,
            "nudges_asked": 1,
        }
        found = verify(services, site, noted)
        assert (found.problems, found.unsealed) == ([], 0)
        assert found.erased > 0
        printed = capfd.readouterr()
        assert [word for word in CANARIES if word in printed.out + printed.err] == []
        with services.database.reading() as session:
            assert session.get_one(StoredAdapter, adapter).state == stored.STALE
        told = admin.get("/v1/events?limit=200").json["items"][-1]
        assert told["type"] == "person.erased"
        assert told["data"]["id"] == done["id"]
        assert len(told["data"]["digests"]) == 3
        assert admin.get("/v1/comments/reply").json["parent_id"] == "theirs"
        left = admin.get("/v1/comments").json["items"]
        assert sorted(one["id"] for one in left) == ["others", "reply"]

    def test_others_of_a_like_name_are_untouched(
        self, services: Services, admin: FlaskClient, stranger: FlaskClient
    ) -> None:
        alike = [
            {"id": f"{ID}2"},
            {"id": ID.upper()},
            {"id": ID[:-1]},
            {"email": "tin.canary2@example.org"},
            {"email": "tin.canary@example.com"},
            {"ip": "203.0.113.78"},
            {"name": NAME},
        ]
        for number, author in enumerate(alike):
            put(admin, f"c-{number}", author=author)
        put(stranger, "elsewhere", author=ANN)
        put(admin, "theirs", author=ANN)
        post(admin, "/v1/comments/c-1/notes", {"text": f"Not {ID}2 nor 203.0.113.78."})
        before = [admin.get(f"/v1/comments/c-{number}").json for number in range(len(alike))]

        assert erase(services, admin)["counts"] == {"comments": 1}

        after = [admin.get(f"/v1/comments/c-{number}").json for number in range(len(alike))]
        assert after == before
        assert stranger.get("/v1/comments/elsewhere").json["author"] == ANN
        [note] = admin.get("/v1/comments/c-1/notes").json["items"]
        assert note["text"] == f"Not {ID}2 nor 203.0.113.78."

    def test_a_hashed_address_is_found_and_a_truncated_one_is_everybody_s(
        self, services: Services, admin: FlaskClient
    ) -> None:
        put(admin, "whole", author={"ip": IP})
        post(admin, "/v1/privacy", {"addresses": "hashed"}, "PUT")
        put(admin, "hashed", author={"ip": IP})
        post(admin, "/v1/privacy", {"addresses": "truncated"}, "PUT")
        put(admin, "truncated", author={"ip": IP})

        assert erase(services, admin, {"address": IP})["counts"] == {"comments": 2}
        assert "comments" not in erase(services, admin, {"address": "203.0.113.0"})["counts"]

        assert [one["id"] for one in admin.get("/v1/comments").json["items"]] == ["truncated"]

    def test_a_policy_in_force_is_for_people_to_change(
        self, services: Services, site: int, admin: FlaskClient
    ) -> None:
        version = put_policy(services, site, {"note": f"Known to us: {MAIL}."})
        assert erase(services, admin)["left"] == [f"policy {version}"]
        assert MAIL in admin.get("/v1/policy").text

    def test_a_bulk_decision_that_runs_is_stopped_not_widened(
        self, services: Services, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.moderation.bulk.carrying.BATCH", 1)
        for number in range(3):
            put(admin, f"c-{number}", author={"id": "u-2"}, metadata={})
        bulk = {"ids": ["c-0", "c-1", "c-2"], "action": "reject", "note": ID}
        kept = post(admin, "/v1/decisions", bulk)
        wide = {"filter": {"author": ID}, "action": "reject"}
        put(admin, "theirs-1", author=ANN)
        put(admin, "theirs-2", author=ANN)
        stopped = post(admin, "/v1/decisions", wide)
        assert stopped["state"] == "running"

        erase(services, admin)

        assert admin.get(f"/v1/decisions/{kept['id']}").json["state"] == "running"
        assert admin.get(f"/v1/decisions/{stopped['id']}").json["state"] == "stopped"


class TestJob:
    """How it is carried out."""

    def test_killed_anywhere_it_goes_on_and_tells_it_once(
        self,
        services: Services,
        site: int,
        admin: FlaskClient,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        fill(services, site, admin, clock)
        monkeypatch.setattr("api.moderation.privacy.persons.BATCH", 1)
        asked = post(admin, "/v1/people/erase", WHO)
        noted = head_of(services, site)
        act, killed = forgetting._act, 0
        wipe = store.wipe_leftovers

        def die(*given: Any) -> Any:
            nonlocal killed
            killed += 1
            if killed % 2:
                raise RuntimeError("killed before")
            act(*given)
            raise RuntimeError("killed after")

        def die_at_last(*given: Any) -> Any:
            wipe(*given)
            raise RuntimeError("killed at last")

        monkeypatch.setattr(forgetting, "_act", die)
        with services.database.reading() as session:
            key = session.execute(text("SELECT id FROM erasures")).scalar_one()
        steps_made = 0
        while self._is_wanted(services):
            steps_made += 1
            with pytest.raises(RuntimeError):
                forgetting.go_on(services, key)
        monkeypatch.setattr(store, "wipe_leftovers", die_at_last)
        with pytest.raises(RuntimeError):
            forgetting.finish(services, key)
        monkeypatch.setattr(store, "wipe_leftovers", wipe)
        assert admin.get(f"/v1/people/erasures/{asked['id']}").json["state"] == "running"
        run(services)
        run(services)

        assert steps_made > 10
        assert [word for word in CANARIES if find_everywhere(services, word)] == []
        done = admin.get(f"/v1/people/erasures/{asked['id']}").json
        assert (done["state"], done["counts"]["comments"]) == ("done", 3)
        assert verify(services, site, noted).problems == []
        told = admin.get("/v1/events?limit=200").json["items"]
        assert [one["type"] for one in told].count("person.erased") == 1

    def _is_wanted(self, services: Services) -> bool:
        with services.database.reading() as session:
            return bool(session.execute(text("SELECT count(wanted) FROM erasures")).scalar_one())

    def test_the_same_person_is_erased_once_at_a_time(
        self, services: Services, admin: FlaskClient
    ) -> None:
        first = post(admin, "/v1/people/erase", {"email": MAIL})
        again = post(admin, "/v1/people/erase", {"email": "TINcanary+x@Example.org"})
        other = post(admin, "/v1/people/erase", {"author_id": ID})
        assert again["id"] == first["id"] != other["id"]
        run(services)
        assert post(admin, "/v1/people/erase", {"email": MAIL})["id"] != first["id"]


class TestModerators:
    """Somebody who moderated."""

    MAIL = "eve.canary@example.org"

    def test_first_the_account_goes_and_then_the_name(
        self, services: Services, site: int, admin: FlaskClient, clock: Clock
    ) -> None:
        person = post(admin, "/v1/moderators", {"email": self.MAIL, "role": "moderator"})
        put(admin, "c-1", author={"id": "u-2"})
        self._act_as(services, site)
        refused = admin.post("/v1/people/erase", json={"moderator": self.MAIL})
        assert refused.status_code == 409
        post(admin, f"/v1/moderators/{person['id']}", None, "DELETE")
        noted = head_of(services, site)
        assert find_everywhere(services, "eve.canary") >= {"events", "notes", "saved_queues"}

        done = erase(services, admin, {"moderator": self.MAIL})

        assert find_everywhere(services, "eve.canary") == set()
        assert find_everywhere(services, person["id"]) == set()
        assert done["counts"]["events"] >= 3
        assert verify(services, site, noted).problems == []
        [note] = admin.get("/v1/comments/c-1/notes").json["items"]
        assert note["actor"].startswith("moderator:erased-")

    @ON_SQLITE
    def test_the_first_account_is_one_as_well(
        self, services: Services, site: int, admin: FlaskClient
    ) -> None:
        first = "moderator@localhost"
        notes_of_theirs = Caller(site, "admin", f"moderator:{first}")
        put(admin, "c-1", author={"id": "u-2"})
        notes.note_comment(services, notes_of_theirs, "c-1", "Mild words.")
        assert erase(services, admin, {"moderator": first})["counts"]["events"] == 1
        assert find_everywhere(services, first) == set()

    def _act_as(self, services: Services, site: int) -> None:
        who = Caller(site, "moderator", f"moderator:{self.MAIL}")
        notes.note_comment(services, who, "c-1", "Mild words.")
        with services.database.writing() as session:
            made = {"created_at": START, "updated_at": START}
            session.add(
                SavedQueue(
                    site_id=site, name="n", title="N", sort="priority", actor=who.actor, **made
                )
            )


class TestExport:
    """A person who wants to know."""

    def test_it_has_everything_and_nobody_else(
        self, services: Services, site: int, admin: FlaskClient, clock: Clock
    ) -> None:
        fill(services, site, admin, clock)
        answer = admin.post("/v1/people/export", json=WHO)
        assert answer.status_code == 200
        lines = [json.loads(line) for line in answer.text.splitlines()]
        by_kind: dict[str, list[Any]] = {}
        for line in lines:
            by_kind.setdefault(line.pop("kind"), []).append(line)
        asked = {**WHO, "email": "tincanary@example.org", "addresses_kept": "whole"}
        assert by_kind["person"] == [asked]
        comments = {one["public_id"]: one for one in by_kind["comment"]}
        assert sorted(comments) == ["alike", "by-address", "theirs"]
        theirs = comments["theirs"]
        assert [one["text"].split()[-1] for one in theirs["revisions"]] == ["own", "own"]
        assert theirs["decisions"][0]["note"] == f"{NAME} {TEXT}"
        assert theirs["decisions"][0]["actor"] == "key"
        assert len(theirs["verdicts"]) == 2
        assert [one["comment_id"] for one in by_kind["report"]] == ["others"]
        kinds = {kind: len(found) for kind, found in by_kind.items()}
        end = by_kind["end"][0]["counts"]
        assert end == {k: n for k, n in kinds.items() if k not in ("person", "end")}
        assert end["standing"] == end["note"] == 3
        assert (end["imported_label"], end["nudge_asked"]) == (1, 1)
        assert "u-2" not in answer.text
        told = admin.get("/v1/events?limit=200").json["items"][-1]
        assert told["type"] == "person.exported"
        assert told["data"]["counts"] == end
        assert [word for word in (*CANARIES, MAIL) if word in str(told)] == []


class TestDoor:
    """Who may ask, and how."""

    @ON_SQLITE
    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/author_id"),
            ({"author_id": None}, "/author_id"),
            ({"author_id": ""}, "/author_id"),
            ({"author_id": 5}, "/author_id"),
            ({"author_id": "x" * 257}, "/author_id"),
            ({"email": "nobody"}, "/email"),
            ({"address": "203.0.113"}, "/address"),
            ({"address": "203.0.113.0/24"}, "/address"),
            ({"moderator": "nobody"}, "/moderator"),
            ({"moderator": MAIL, "email": MAIL}, "/moderator"),
            ({"author_id": ID, "more": 1}, "/more"),
        ],
    )
    @pytest.mark.parametrize("act", ["export", "erase"])
    def test_what_names_nobody_is_refused_by_name(
        self, admin: FlaskClient, act: str, body: Any, pointer: str
    ) -> None:
        answer = admin.post(f"/v1/people/{act}", json=body)
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json["errors"]] == [pointer]

    @ON_SQLITE
    def test_it_takes_an_administrator_of_this_site(
        self,
        admin: FlaskClient,
        moderator: FlaskClient,
        backend: FlaskClient,
        stranger: FlaskClient,
    ) -> None:
        asked = post(admin, "/v1/people/erase", WHO)
        for client in (moderator, backend):
            assert client.post("/v1/people/erase", json=WHO).status_code == 403
            assert client.post("/v1/people/export", json=WHO).status_code == 403
            assert client.get(f"/v1/people/erasures/{asked['id']}").status_code == 403
        assert stranger.get(f"/v1/people/erasures/{asked['id']}").status_code == 404
        assert admin.get(f"/v1/people/erasures/{asked['id']}").json["state"] == "running"

    def test_another_site_s_administrator_finds_and_erases_nobody(
        self, services: Services, admin: FlaskClient, stranger: FlaskClient
    ) -> None:
        put(admin, "theirs", author=ANN)
        answer = stranger.post("/v1/people/export", json=WHO)
        assert len(answer.text.splitlines()) == 2
        assert TEXT not in answer.text
        assert erase(services, stranger)["counts"] == {}
        assert admin.get("/v1/comments/theirs").json["author"] == ANN
