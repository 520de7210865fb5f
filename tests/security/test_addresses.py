"""A site that keeps addresses truncated or hashed: no byte of one is left, and bans still count."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

import api.commands
from api.cli import main
from api.moderation import comments, profiles
from api.moderation.privacy import addressing
from api.moderation.queues import context
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.moderation.traces import is_digest
from tests.api.web.dropin.akismet import Asker
from tests.api.work.doing import work
from tests.conftest import ON_SQLITE
from tests.factories import Clock, operator, put_policy, submit
from tests.security.leftovers import find_everywhere
from tests.security.test_retention import get, keep, sweep, told

IP, NEIGHBOUR, ELSEWHERE = "203.0.113.77", "203.0.113.78", "198.51.100.9"
NETWORK = "203.0.113.0/24"
IPV6 = "2001:db8:aaaa:bbbb::77"
RATE = {"authors": {"rates": {"address": {"count": 2, "seconds": 3600, "do": "hold"}}}}
WAYS = pytest.mark.parametrize("way", ["hashed", "truncated"])


def come(admin: FlaskClient, ip: str = IP, **given: Any) -> Any:
    return submit(admin, "A fine day.", author={"name": "Ann", "ip": ip}, **given)


def codes(comment: Any) -> list[str]:
    return [one["code"] for one in comment["verdict"]["reasons"]]


def ban(admin: FlaskClient, kind: str, value: str, standing: str = "banned") -> str:
    said = {"kind": kind, "value": value, "standing": standing, "reason": "Spam."}
    answer = admin.post("/v1/standings", json=said)
    assert answer.status_code == 201, answer.text
    return str(answer.json["id"])


class TestKeeping:
    """What is stored of an address."""

    @WAYS
    @pytest.mark.parametrize("ip", [IP, IPV6])
    def test_no_byte_of_it_is_stored(
        self,
        services: Services,
        site: int,
        admin: FlaskClient,
        client: FlaskClient,
        way: str,
        ip: str,
    ) -> None:
        keep(admin, addresses=way)
        author = {"name": "Ann", "ip": ip, "user_agent": "Mozilla/5.0"}
        body = {"id": "c-1", "article": {"id": "a-1"}, "text": "Fine.", "author": author}
        sent = [
            admin.post("/v1/comments", json=body, headers={"Idempotency-Key": "k"})
            for _ in range(2)
        ]
        assert sent[0].json == sent[1].json
        admin.post("/v1/comments", json={**body, "text": "Finer."})
        admin.patch("/v1/comments/c-1", json={"text": "Finest."})
        checked = admin.post("/v1/comments/check", json=body, headers={"Idempotency-Key": "c"})
        assert checked.status_code == 200
        admin.post("/v1/comments/check?nudge=1", json=body)
        akismet = Asker(client, services, site)
        akismet.check("A fine day.", user_ip=ip)
        akismet.report("spam", "Another fine day.", user_ip=ip)

        assert find_everywhere(services, ip) == set()
        found = get(admin, "c-1")["author"]
        assert found["user_agent"] == "Mozilla/5.0"
        if way == "hashed":
            assert is_digest(found["ip"])
            assert find_everywhere(services, NETWORK.removesuffix("0/24")) == set()
        else:
            assert found["ip"] == ("203.0.113.0" if ip == IP else "2001:db8:aaaa::")

    @WAYS
    def test_what_is_imported_is_kept_alike(
        self,
        services: Services,
        admin: FlaskClient,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        way: str,
    ) -> None:
        monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
        monkeypatch.setattr(api.commands, "create_services", lambda _: services)
        keep(admin, addresses=way)
        line = {"id": "c-1", "article": {"id": "a-1"}, "text": "Fine.", "author": {"ip": IP}}
        file = tmp_path / "comments.jsonl"
        file.write_text(json.dumps(line) + "\n")
        said = CliRunner().invoke(main, ["import", "--site", "gazette", str(file)])
        assert said.exit_code == 0, said.output

        assert find_everywhere(services, IP) == set()
        assert get(admin, "c-1")["author"]["ip"] == (
            "203.0.113.0" if way == "truncated" else come(admin)["author"]["ip"]
        )

    @WAYS
    def test_older_comments_are_rewritten_by_the_sweep(
        self, services: Services, admin: FlaskClient, way: str
    ) -> None:
        come(admin, id="old")
        come(admin, IPV6, id="old-6")
        assert "comments" in find_everywhere(services, IP)
        keep(admin, addresses=way)
        come(admin, id="new")

        sweep(services)

        assert find_everywhere(services, IP) | find_everywhere(services, IPV6) == set()
        assert get(admin, "old")["author"] == get(admin, "new")["author"]
        assert told(admin) == [{"addresses": 2}]
        sweep(services)
        assert told(admin) == [{"addresses": 2}]

    def test_from_each_way_to_each_other_no_more_is_known_than_before(
        self, services: Services, admin: FlaskClient
    ) -> None:
        keep(admin, addresses="truncated")
        come(admin, id="c-1")
        keep(admin, addresses="hashed")
        come(admin, id="c-2")
        sweep(services)
        # Of a network's first address there would be a digest that is another one's.
        assert get(admin, "c-1")["author"] == {"name": "Ann"}
        assert find_everywhere(services, "203.0.113.") == set()
        digest = get(admin, "c-2")["author"]["ip"]

        keep(admin, addresses="truncated")
        sweep(services)
        assert get(admin, "c-2")["author"] == {"name": "Ann"}
        assert find_everywhere(services, digest) == set()

        keep(admin, addresses="whole")
        sweep(services)
        assert come(admin, id="c-3")["author"]["ip"] == IP

    @ON_SQLITE
    def test_every_form_of_an_address_is_told(
        self, services: Services, site: int, admin: FlaskClient
    ) -> None:
        keep(admin, addresses="hashed")
        digest = come(admin)["author"]["ip"]
        with services.database.reading() as session:
            found = addressing.forms(services, session, site, f"::ffff:{IP}")
            assert found == [IP, digest]
            assert addressing.forms(services, session, site + 1, IP)[1] != digest
            assert addressing.forms(services, session, site, digest) == [digest]
            assert addressing.forms(services, session, site, "nonsense") == []


class TestJudging:
    """Whoever writes from an address is known by it all the same."""

    def test_hashed_its_history_counts(
        self, services: Services, site: int, admin: FlaskClient, clock: Clock
    ) -> None:
        put_policy(services, site, RATE)
        come(admin)
        keep(admin, addresses="hashed")
        sweep(services)
        come(admin)

        assert codes(come(admin, NEIGHBOUR)) == []
        assert codes(come(admin)) == ["rate_address"]
        clock.move(hours=1)
        assert codes(come(admin)) == []

    @WAYS
    def test_who_shares_a_network_with_somebody_banned_is_held(
        self, services: Services, site: int, admin: FlaskClient, way: str
    ) -> None:
        put_policy(services, site, {"authors": {"look_alikes": "hold"}})
        keep(admin, addresses=way)
        submit(admin, "Fine.", author={"id": "u-5", "ip": IP})
        ban(admin, "author", "u-5")

        for ip, said in ((NEIGHBOUR, ["look_alike"]), (ELSEWHERE, [])):
            assert codes(submit(admin, "Fine.", author={"id": "u-6", "ip": ip})) == said

    @WAYS
    @pytest.mark.parametrize(("kind", "value"), [("address", IP), ("network", NETWORK)])
    def test_a_ban_somebody_has_typed_counts(
        self, admin: FlaskClient, way: str, kind: str, value: str
    ) -> None:
        keep(admin, addresses=way)
        come(admin, id="before")
        ban(admin, kind, value)

        assert codes(come(admin, id="c-1"))[0] == "author_banned"
        assert codes(come(admin, ELSEWHERE)) == []
        # What is kept is judged again: by its digest, or held, as nobody can tell any more.
        changed = admin.patch("/v1/comments/c-1", json={"text": "Finer."}).json
        assert changed["status"] == (
            "pending" if (way, kind) == ("truncated", "address") else "rejected"
        )
        changed = admin.patch("/v1/comments/c-1", json={"text": "Finest."}).json
        assert changed["status"] != "approved"

    @WAYS
    def test_a_ban_counts_that_came_while_the_classifier_was_away(
        self, services: Services, admin: FlaskClient, scorer: Scorer, way: str
    ) -> None:
        keep(admin, addresses=way)
        ban(admin, "address", IP, "held")
        good, scorer.model, scorer.failure = scorer.model, None, "There is none."
        assert come(admin, id="c-1")["status"] == "pending"
        scorer.model, scorer.failure = good, None

        work(services)

        assert get(admin, "c-1")["verdict"]["model"]
        assert get(admin, "c-1")["status"] == "pending"

    def test_who_is_banned_by_the_digest_is_banned(self, admin: FlaskClient) -> None:
        keep(admin, addresses="hashed")
        digest = come(admin)["author"]["ip"]
        ban(admin, "address", digest)

        assert codes(come(admin))[0] == "author_banned"
        assert codes(come(admin, NEIGHBOUR)) == []

        keep(admin, addresses="whole")
        assert codes(come(admin))[0] == "author_banned"

    def test_moderators_are_shown_what_was_kept_of_it_and_said_of_it(
        self, services: Services, site: int, admin: FlaskClient
    ) -> None:
        come(admin, id="c-1")
        keep(admin, addresses="hashed")
        digest = come(admin, id="c-2")["author"]["ip"]
        come(admin, NEIGHBOUR)
        ban(admin, "address", IP)
        caller = operator(site)

        assert profiles.find(services, caller, "address", IP).counts == {"approved": 2}
        sweep(services)
        assert profiles.find(services, caller, "address", digest).counts == {"approved": 2}
        state = comments.find(services, caller, "c-1")
        [said] = context.load(services, caller, [state])[state.comment.id].standings
        assert (said.kind, said.value) == ("address", IP)
