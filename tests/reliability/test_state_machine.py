"""Anything may happen to comments in any order: the log always tells how they stand now.

Hypothesis drives the API at random. `WINNOW_TEST_EXAMPLES` sets how many histories it tries.
"""

import os
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.moderation import access, events
from api.moderation.events import playback, proof
from api.moderation.services import Services
from api.store import jobs
from api.store.tables import Site
from api.work.handlers import HANDLERS
from api.work.running import do
from tests.factories import Clock, comment, walk

EXAMPLES = int(os.environ.get("WINNOW_TEST_EXAMPLES", "12"))

LEASE = timedelta(minutes=10)
"""How long a claim lasts unless the policy says otherwise."""

IDS = st.sampled_from(["c-1", "c-2", "c-3"])
TEXTS = st.sampled_from(["A fine day.", "Another.", "spam0.60", "insult0.70", "spam0.97"])
PEOPLE = st.sampled_from([0, 1])
ACTIONS = st.sampled_from(["approve", "reject", "escalate"])

Connect = Callable[..., FlaskClient]


class Newspaper(RuleBasedStateMachine):
    """A site with a backend and two moderators; what is known of it comes from the log alone."""

    services: Services
    connect: Connect
    clock: Clock

    @initialize()
    def open(self) -> None:
        self.name = f"site {uuid.uuid4().hex}"
        self.site = access.create_site(self.services, self.name)
        self.backend = self.connect("backend", self.site)
        self.moderators = [self.connect("moderator", self.site) for _ in range(2)]
        self.services.scorer.failure = None
        self.model = self.services.scorer.model
        self.after = 0
        self.log: list[dict[str, Any]] = []
        self.status: dict[str, str] = {}
        self.held: dict[str, tuple[int, str, datetime]] = {}
        # Much of what may happen needs a comment that is there.
        for comment_id in ("c-1", "c-2", "c-3"):
            self.submit(comment_id, "spam0.60")

    def teardown(self) -> None:
        if not hasattr(self, "site"):
            return
        self.services.scorer.model = self.model
        log = walk(self.backend, "/v1/events", limit=7)
        assert log[: len(self.log)] == self.log
        with proof.one_moment(self.services) as session:
            site = session.scalars(select(Site).where(Site.id == self.site)).one()
            finding = proof.verify(session, site)
            assert list(playback.compare(session, site)) == []
        assert finding.problems == []
        assert (finding.intact, finding.unsealed) == (len(log), 0)

    # What may happen

    @rule(comment_id=IDS, text=TEXTS)
    def submit(self, comment_id: str, text: str) -> None:
        answer = self.backend.post("/v1/comments", json=comment(text, id=comment_id))
        assert answer.status_code == 201 or (answer.status_code == 200 and self._knows(comment_id))

    @rule(comment_id=IDS, text=TEXTS)
    def edit(self, comment_id: str, text: str) -> None:
        answer = self.backend.patch(f"/v1/comments/{comment_id}", json={"text": text})
        assert answer.status_code == (200 if self._knows(comment_id) else 404)

    @rule(comment_id=IDS, who=PEOPLE, action=ACTIONS, named=st.booleans())
    def decide(self, comment_id: str, who: int, action: str, named: bool) -> None:
        holder = self._holder(comment_id)
        mine = self.held.get(comment_id)
        body = {"action": action}
        if named and mine is not None and mine[0] == who:
            body["claim"] = mine[1]
        before = self._version(comment_id)
        answer = self.moderators[who].post(f"/v1/comments/{comment_id}/decision", json=body)
        changed = self._version(comment_id) != before
        if not self._knows(comment_id):
            assert answer.status_code == 404
        elif answer.status_code == 409:
            assert not changed
            assert holder != who
            assert holder is not None or "claim" in body
        else:
            assert answer.status_code == 200
            assert not changed or holder in (None, who)
            if changed:
                self.held.pop(comment_id, None)

    @rule(comment_id=IDS, who=PEOPLE)
    def undo(self, comment_id: str, who: int) -> None:
        answer = self.moderators[who].delete(f"/v1/comments/{comment_id}/decision")
        assert answer.status_code in ((200, 409) if self._knows(comment_id) else (404,))
        assert answer.status_code != 200 or self._holder(comment_id) in (None, who)

    @rule(who=PEOPLE, count=st.integers(1, 3))
    def claim(self, who: int, count: int) -> None:
        waiting = {item["id"] for item in walk(self.moderators[who], "/v1/queue")}
        assert waiting >= {one for one, status in self.status.items() if status == "pending"}
        free = {one for one in waiting if self._holder(one) is None}
        answer = self.moderators[who].post("/v1/queue/claims", json={"count": count})
        items = answer.json["items"]
        assert {item["id"] for item in items} <= free
        assert len(items) == min(count, len(free))
        for item in items:
            until = self.clock() + LEASE
            self.held[item["id"]] = (who, item["claim"]["id"], until)

    @rule(comment_id=IDS, who=PEOPLE, method=st.sampled_from(["PUT", "DELETE"]))
    def extend_or_release(self, comment_id: str, who: int, method: str) -> None:
        if comment_id not in self.held:
            return
        holds = self._holder(comment_id) == who
        owner, claim, _ = self.held[comment_id]
        answer = self.moderators[who].open(f"/v1/queue/claims/{claim}", method=method)
        if method == "PUT":
            assert answer.status_code == (200 if holds else 404)
            if holds:
                self.held[comment_id] = (owner, claim, self.clock() + LEASE)
        elif answer.status_code == 204:
            assert owner == who
            del self.held[comment_id]
        else:
            assert answer.status_code == 404
            assert not holds

    @rule(comment_id=IDS)
    def report(self, comment_id: str) -> None:
        url = f"/v1/comments/{comment_id}/reports"
        answer = self.backend.post(url, json={"reason": "spam"})
        assert answer.status_code == (201 if self._knows(comment_id) else 404)

    @rule(comment_id=IDS)
    def delete(self, comment_id: str) -> None:
        answer = self.backend.delete(f"/v1/comments/{comment_id}")
        assert answer.status_code == (204 if self._knows(comment_id) else 404)
        self.held.pop(comment_id, None)

    @rule(minutes=st.sampled_from([1, 6, 11]))
    def wait(self, minutes: int) -> None:
        self.clock.move(minutes=minutes)

    @rule(most=st.integers(1, 3))
    def seal(self, most: int) -> None:
        events.seal(self.services, most)

    @precondition(lambda self: self.services.scorer.model is not None)
    @rule()
    def lose_the_classifier(self) -> None:
        self.services.scorer.model = None

    @precondition(lambda self: self.services.scorer.model is None)
    @rule()
    def find_the_classifier(self) -> None:
        self.services.scorer.model = self.model
        self.clock.move(minutes=6)

    @rule()
    def work(self) -> None:
        """Judge again what nobody could judge."""
        for job in jobs.take(self.services.database, self.clock(), "test", 50):
            do(self.services, job, HANDLERS.get(job.kind), lambda: 0.5)

    # What must always hold

    @invariant()
    def the_log_tells_how_every_comment_stands(self) -> None:
        if not hasattr(self, "site"):
            return
        new = walk(self.backend, "/v1/events", limit=2, after=self.after)
        numbers = [event["number"] for event in new]
        assert numbers == list(range(self.after + 1, self.after + 1 + len(new)))
        for event in new:
            one, data = event["comment_id"], event["data"]
            assert data["was"] == self.status.get(one)
            if data["status"] == "deleted":
                del self.status[one]
            else:
                self.status[one] = data["status"]
        self.log += new
        self.after += len(new)
        present = {one["id"]: one["status"] for one in walk(self.backend, "/v1/comments")}
        assert present == self.status

    @invariant()
    def the_queue_is_what_waits_and_shows_who_holds_it(self) -> None:
        if not hasattr(self, "site"):
            return
        queue = {item["id"]: item for item in walk(self.moderators[0], "/v1/queue")}
        public = {one for one, item in queue.items() if item["queue"] == "reported"}
        assert {self.status[one] for one in public} <= {"approved"}
        waiting = {one for one, status in self.status.items() if status == "pending"}
        assert set(queue) - public == waiting
        for one, item in queue.items():
            held = self._holder(one) is not None
            assert (item["claim"] and item["claim"]["id"]) == (self.held[one][1] if held else None)

    def _knows(self, comment_id: str) -> bool:
        return comment_id in self.status

    def _holder(self, comment_id: str) -> int | None:
        """Which moderator has a claim that counts."""
        who, _, until = self.held.get(comment_id, (0, "", self.clock()))
        waits = comment_id in {item["id"] for item in walk(self.moderators[0], "/v1/queue")}
        return who if waits and until > self.clock() else None

    def _version(self, comment_id: str) -> int | None:
        answer: TestResponse = self.backend.get(f"/v1/comments/{comment_id}")
        return answer.json["version"] if answer.status_code == 200 else None


def test_whatever_happens_the_log_tells_how_every_comment_stands(
    services: Services, connect: Connect, clock: Clock
) -> None:
    machine = type("Machine", (Newspaper,), {"services": services, "clock": clock})
    machine.connect = staticmethod(connect)  # type: ignore[attr-defined]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
