"""What a site keeps for a time only is nowhere afterwards, not even in the file's bytes."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api.moderation import retention
from api.moderation.learning import imports, stored
from api.moderation.learning.imports import Row
from api.moderation.privacy import expiring, removing
from api.moderation.services import Services
from api.store.jobs import LaterError
from api.store.learning import ImportedLabel, StoredAdapter
from api.store.policies import LinkedHost, Signature
from api.store.tables import Base
from tests.api.moderation.learning.adapters import keep_adapter
from tests.conftest import ON_SQLITE
from tests.factories import START, Clock, put_policy
from tests.security.leftovers import LONG, POLICY, find_everywhere

CANARY, OTHER, LABEL = "xylocanary", "zinccanary", "tincanary"
IP, AGENT, EMAIL = "203.0.113.77", "Mozilla/5.0 (agentcanary)", "mailcanary@example.org"
AUTHOR = {"name": "Ann", "email": EMAIL, "ip": IP, "user_agent": AGENT}


def put(admin: FlaskClient, name: str, words: str = CANARY, **given: Any) -> Any:
    body = {"id": name, "article": {"id": "a-1"}, "text": f"{words} {LONG}", **given}
    answer = admin.post("/v1/comments", json=body, headers={"Idempotency-Key": name})
    assert answer.status_code == 201, answer.text
    return answer.json


def decide(admin: FlaskClient, name: str, action: str, reason: str | None = None) -> None:
    said = {"action": action, "reason": reason}
    assert admin.post(f"/v1/comments/{name}/decision", json=said).status_code == 200


def get(admin: FlaskClient, name: str) -> Any:
    answer = admin.get(f"/v1/comments/{name}")
    assert answer.status_code == 200, answer.text
    return answer.json


def keep(admin: FlaskClient, **given: Any) -> None:
    body = {"keep": given} if "addresses" not in given else given
    answer = admin.put("/v1/privacy", json=body)
    assert answer.status_code == 200, answer.text


def sweep(services: Services) -> None:
    retention.sweep(services, None)  # type: ignore[arg-type]


def count_rows(services: Services, table: type[Base]) -> int:
    with services.database.reading() as session:
        return len(session.scalars(select(table)).all())


def told(admin: FlaskClient, kind: str = "privacy.swept") -> list[Any]:
    events = admin.get("/v1/events?limit=200").json["items"]
    return [one["data"] for one in events if one["type"] == kind]


class TestTexts:
    """`text`: what was said goes, what became of it stays."""

    def test_every_wording_and_all_that_was_made_of_it_goes(
        self, services: Services, site: int, admin: FlaskClient, clock: Clock
    ) -> None:
        put_policy(services, site, POLICY)
        adapter = keep_adapter(services, site)
        clock.move(days=-1)
        imports.import_labels(
            services, site, "ada", [Row(f"{LABEL} {OTHER} {LONG}", "reject", START)]
        )
        put(admin, "c-1", f"http://{CANARY}.example/ {CANARY}", author=AUTHOR)
        changed = admin.patch("/v1/comments/c-1", json={"text": f"{LABEL} {OTHER} {LONG}"})
        assert changed.json["verdict"]["reasons"][0]["spans"]
        assert count_rows(services, Signature)
        assert count_rows(services, LinkedHost)
        decide(admin, "c-1", "reject", "spam")
        before = get(admin, "c-1")
        assert {"revisions", "verdicts"} <= find_everywhere(services, CANARY)
        assert "imported_labels" in find_everywhere(services, LABEL)

        keep(admin, text=30)
        clock.move(days=30)
        sweep(services)

        for word in (CANARY, OTHER, LABEL):
            assert find_everywhere(services, word) == set()
        assert count_rows(services, ImportedLabel) == 0
        after = get(admin, "c-1")
        same = "status", "version", "revision", "decision", "author", "article", "updated_at"
        assert {name: after[name] for name in same} == {name: before[name] for name in same}
        assert (after["text"], after["text_deleted"], before["text_deleted"]) == ("", True, False)
        assert after["verdict"]["scores"] == before["verdict"]["scores"]
        codes = [[one["code"] for one in said["verdict"]["reasons"]] for said in (after, before)]
        assert codes[0] == codes[1]
        assert admin.get(f"/v1/comments?q={OTHER}").json["items"] == []
        assert [one["id"] for one in admin.get("/v1/comments?q=Ann").json["items"]] == ["c-1"]
        history = admin.get("/v1/comments/c-1/history").json
        assert [one["text"] for one in history["revisions"]] == ["", ""]
        assert told(admin) == [{"text": 1}]
        with services.database.reading() as session:
            row = session.get_one(StoredAdapter, adapter.id)
            assert row.state == stored.STALE

    def test_what_waits_and_what_is_young_is_left(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "old")
        put(admin, "waits")
        decide(admin, "old", "approve")
        clock.move(days=1)
        put(admin, "young", "Fine.", author=AUTHOR)
        decide(admin, "young", "approve")

        keep(admin, text=1)
        sweep(services)

        left = {one["id"] for one in admin.get("/v1/comments").json["items"] if one["text"]}
        assert left == {"waits", "young"}

    def test_another_wording_brings_a_text_again(
        self, services: Services, site: int, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "c-1")
        decide(admin, "c-1", "approve")
        keep(admin, text=1)
        clock.move(days=1)
        assert "kept_answers" in find_everywhere(services, CANARY)
        sweep(services)
        assert find_everywhere(services, CANARY) == set()
        assert admin.delete("/v1/comments/c-1/decision").json["text_deleted"]
        assert admin.get("/v1/queue").json["items"][0]["text"] == ""

        again = admin.patch("/v1/comments/c-1", json={"text": "A fine day."}).json

        assert (again["text"], again["text_deleted"]) == ("A fine day.", False)
        assert again["verdict"]["action"] == "approve"
        assert admin.get("/v1/comments?q=fine").json["items"][0]["id"] == "c-1"

    def test_nothing_is_learnt_of_it(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        for name in ("c-1", "c-2"):
            put(admin, name)
            decide(admin, name, "reject")
            clock.move(days=1)
        keep(admin, text=2)
        sweep(services)

        labels = admin.get("/v1/labels").json["items"]
        assert [one["comment_id"] for one in labels] == ["c-2"]


class TestWhole:
    """`rejected` and `spam`: the comment goes."""

    def test_spam_goes_before_what_was_rejected_otherwise(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "said-spam")
        put(admin, "said-insult")
        put(admin, "said-nothing")
        put(admin, "approved")
        put(admin, "machine", "spam0.97")
        put(admin, "overruled", "spam0.97")
        put(admin, "insult", "insult0.97")
        decide(admin, "said-spam", "reject", "spam")
        decide(admin, "said-insult", "reject", "abusive")
        decide(admin, "said-nothing", "reject")
        decide(admin, "approved", "approve")
        decide(admin, "overruled", "reject", "abusive")
        keep(admin, spam=2, rejected=4)

        clock.move(days=2)
        sweep(services)
        left = {one["id"] for one in admin.get("/v1/comments").json["items"]}
        assert left == {"said-insult", "approved", "overruled", "insult"}

        clock.move(days=2)
        sweep(services)
        left = {one["id"] for one in admin.get("/v1/comments").json["items"]}
        assert left == {"approved"}
        assert told(admin) == [{"spam": 3}, {"rejected": 3}]

    def test_it_goes_to_the_second_and_the_log_tells_it(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "c-1")
        decide(admin, "c-1", "reject")
        keep(admin, rejected=15)

        clock.move(days=15, seconds=-1)
        sweep(services)
        assert admin.get("/v1/comments/c-1").status_code == 200

        clock.move(seconds=1)
        sweep(services)
        assert admin.get("/v1/comments/c-1").status_code == 404
        types = [one["type"] for one in admin.get("/v1/events").json["items"]]
        assert types[-3:] == ["privacy.changed", "comment.deleted", "privacy.swept"]

    def test_of_what_has_gone_nothing_is_left_in_the_file(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "c-1", author={**AUTHOR, "name": OTHER})
        decide(admin, "c-1", "reject", "spam")
        keep(admin, spam=1)
        clock.move(days=1)
        sweep(services)

        for word in (CANARY, OTHER, EMAIL, IP, AGENT):
            assert find_everywhere(services, word) == set(), word


class TestPersons:
    """`address` and `email`: who it was goes, what was said stays."""

    @pytest.mark.parametrize(
        ("kind", "gone", "left"),
        [
            ("address", [IP, "203.0.113.0/24", AGENT], [EMAIL]),
            ("email", [EMAIL, "mailcanary"], [IP, "203.0.113.0/24", AGENT]),
        ],
    )
    def test_it_goes_wherever_it_was(
        self,
        services: Services,
        admin: FlaskClient,
        clock: Clock,
        kind: str,
        gone: list[str],
        left: list[str],
    ) -> None:
        put(admin, "waits", author=AUTHOR)
        put(admin, "decided", author=AUTHOR)
        decide(admin, "decided", "approve")
        keep(admin, **{kind: 7})
        clock.move(days=7, seconds=-1)
        sweep(services)
        assert all("comments" in find_everywhere(services, word) for word in [*gone, *left])

        clock.move(seconds=1)
        sweep(services)

        assert [word for word in gone if find_everywhere(services, word)] == []
        assert all("comments" in find_everywhere(services, word) for word in left)
        for name in ("waits", "decided"):
            found = get(admin, name)
            assert found["text"].startswith(CANARY)
            assert found["author"]["name"] == "Ann"
        assert told(admin) == [{kind: 2}]


class TestSweeping:
    """The sweep itself."""

    def test_killed_anywhere_it_goes_on_where_it_was_and_tells_it_once(
        self,
        services: Services,
        admin: FlaskClient,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(expiring, "BATCH", 2)
        for number in range(7):
            put(admin, f"c-{number}", author=AUTHOR)
        keep(admin, address=1)
        clock.move(days=1)
        acted: list[int] = []

        def fail_the_second_time(*given: Any) -> None:
            removing.remove_addresses(*given)
            acted.append(len(given[-1]))
            if len(acted) == 2:
                raise RuntimeError("killed")

        monkeypatch.setitem(removing.ACTS, "address", fail_the_second_time)  # type: ignore[arg-type]
        with pytest.raises(RuntimeError):
            sweep(services)
        assert told(admin) == []
        assert "ip" not in get(admin, "c-1")["author"]

        sweep(services)

        assert acted == [2, 2, 2, 2, 1]
        assert told(admin) == [{"address": 7}]
        sweep(services)
        assert told(admin) == [{"address": 7}]

    def test_much_is_done_a_part_at_a_time(
        self,
        services: Services,
        admin: FlaskClient,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(expiring, "BATCH", 1)
        monkeypatch.setattr(expiring, "BATCHES", 2)
        monkeypatch.setattr(expiring, "WINDOW", 1)
        for number in range(4):
            put(admin, f"c-{number}", author=AUTHOR)
        keep(admin, email=1)
        clock.move(days=1)

        with pytest.raises(LaterError):
            sweep(services)
        sweep(services)

        assert find_everywhere(services, EMAIL) == set()
        assert told(admin) == [{"email": 4}]

    def test_what_becomes_otherwise_meanwhile_is_left(
        self,
        services: Services,
        admin: FlaskClient,
        clock: Clock,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        put(admin, "c-1")
        decide(admin, "c-1", "reject")
        keep(admin, rejected=1, text=1)
        clock.move(days=1)
        find = expiring._find_next

        def find_and_undo(*given: Any) -> Any:
            found = find(*given)
            admin.delete("/v1/comments/c-1/decision")
            return found

        monkeypatch.setattr(expiring, "_find_next", find_and_undo)
        sweep(services)

        assert get(admin, "c-1")["text"].startswith(CANARY)
        assert told(admin) == []

    def test_nothing_goes_unasked(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "c-1", author=AUTHOR)
        decide(admin, "c-1", "reject", "spam")
        before = get(admin, "c-1")
        clock.move(days=5000)
        sweep(services)
        assert get(admin, "c-1") == before

    def test_another_site_s_comments_are_its_own(
        self, services: Services, admin: FlaskClient, stranger: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "c-1", author=AUTHOR)
        put(stranger, "c-1", author=AUTHOR)
        keep(admin, addresses="hashed", keep={"email": 1})
        clock.move(days=1)
        sweep(services)
        assert "email" not in get(admin, "c-1")["author"]
        assert get(stranger, "c-1")["author"] == AUTHOR


class TestSettings:
    """Setting it over HTTP."""

    def test_what_is_not_named_stays_as_it_is(self, admin: FlaskClient) -> None:
        for_ever = dict.fromkeys(("rejected", "spam", "text", "address", "email"))
        first = {"keep": for_ever, "addresses": "whole", "affected": None}
        assert admin.get("/v1/privacy").json == first

        keep(admin, spam=15, text=90)
        keep(admin, addresses="truncated")
        keep(admin, text=None)

        kept = {"keep": {**for_ever, "spam": 15}, "addresses": "truncated", "affected": None}
        assert admin.get("/v1/privacy").json == kept
        changes = told(admin, "privacy.changed")
        assert len(changes) == 3
        assert changes[-1] == {"keep": kept["keep"], "addresses": "truncated"}

    def test_a_dry_run_counts_and_changes_nothing(
        self, services: Services, admin: FlaskClient, clock: Clock
    ) -> None:
        put(admin, "c-1", author=AUTHOR)
        put(admin, "c-2", author=AUTHOR)
        decide(admin, "c-1", "reject", "spam")
        clock.move(days=1)
        wanted = {"keep": dict.fromkeys(("rejected", "spam", "text", "address"), 1)}

        answer = admin.put(
            "/v1/privacy", json={**wanted, "addresses": "hashed", "dry_run": True}
        ).json

        assert answer["affected"] == {
            "rejected": 1,
            "spam": 1,
            "text": 1,
            "address": 2,
            "email": 0,
            "addresses": 2,
        }
        assert answer["addresses"] == "hashed"
        assert admin.get("/v1/privacy").json["addresses"] == "whole"
        sweep(services)
        assert get(admin, "c-1")["author"] == AUTHOR

    @ON_SQLITE
    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"keep": {"spam": 0}}, "/keep/spam"),
            ({"keep": {"rejected": 3651}}, "/keep/rejected"),
            ({"keep": {"text": 1.5}}, "/keep/text"),
            ({"keep": {"email": "15"}}, "/keep/email"),
            ({"keep": {"address": True}}, "/keep/address"),
            ({"keep": {"nonsense": 1}}, "/keep/nonsense"),
            ({"keep": None}, "/keep"),
            ({"addresses": "halved"}, "/addresses"),
            ({"addresses": None}, "/addresses"),
            ({"dry_run": 1}, "/dry_run"),
            ({"more": 1}, "/more"),
        ],
    )
    def test_what_is_no_setting_is_refused_by_name(
        self, admin: FlaskClient, body: Any, pointer: str
    ) -> None:
        answer = admin.put("/v1/privacy", json=body)
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json["errors"]] == [pointer]

    @ON_SQLITE
    def test_it_takes_an_administrator(self, moderator: FlaskClient, backend: FlaskClient) -> None:
        for client in (moderator, backend):
            assert client.get("/v1/privacy").status_code == 403
            assert client.put("/v1/privacy", json={"keep": {"text": 1}}).status_code == 403
