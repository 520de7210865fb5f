"""Whatever is done to a comment in whatever order, its status is what its rows say."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from api.moderation.standing import STATUS
from tests.factories import comment, decide, submit

TEXTS = ["A fine day.", "Another fine day.", "spam0.60", "insult0.70", "spam0.97"]
IDS = ["c-1", "c-2"]


def replay(history: dict[str, Any]) -> dict[str, Any]:
    """What the kept rows say of a comment, without looking at its status."""
    revision, verdict = history["revisions"][-1], history["verdicts"][-1]
    standing = [
        one
        for one in history["decisions"]
        if one["undone_at"] is None and one["revision"] == revision["revision"]
    ]
    decision = standing[-1] if standing else None
    return {
        "status": STATUS[(decision or verdict)["action"]],
        "text": revision["text"],
        "revision": revision["revision"],
        "decision": decision and decision["version"],
        "verdict": verdict["reasons"],
    }


class Life(RuleBasedStateMachine):
    """Random submitting, editing, deciding, undoing and deleting of two comments."""

    client: FlaskClient
    lives = 0

    def __init__(self) -> None:
        super().__init__()
        Life.lives += 1
        self.prefix = f"life-{Life.lives}-"
        self.alive: set[str] = set()
        self.rejected: dict[str, bool] = {}

    ids = st.sampled_from(IDS)

    @rule(one=ids, text=st.sampled_from(TEXTS))
    def submit(self, one: str, text: str) -> None:
        before = self._shown(one)
        self._changed(one, before, submit(self.client, text, id=self.prefix + one))
        self.alive.add(one)

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), text=st.sampled_from(TEXTS))
    def edit(self, data: st.DataObject, text: str) -> None:
        one = data.draw(st.sampled_from(sorted(self.alive)))
        before = self._shown(one)
        answer = self.client.patch(
            f"/v1/comments/{self.prefix}{one}", json={"text": text, "version": before["version"]}
        )
        self._changed(one, before, answer.json)

    @precondition(lambda self: self.alive)
    @rule(data=st.data(), action=st.sampled_from(["approve", "reject", "escalate"]))
    def decide(self, data: st.DataObject, action: str) -> None:
        one = data.draw(st.sampled_from(sorted(self.alive)))
        found = decide(self.client, self.prefix + one, action)
        assert found["status"] == STATUS[action]

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.alive)))
        before = self._shown(one)
        answer = self.client.delete(f"/v1/comments/{self.prefix}{one}/decision")
        assert answer.status_code == (409 if before["decision"] is None else 200)

    @precondition(lambda self: self.alive)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(sorted(self.alive)))
        assert self.client.delete(f"/v1/comments/{self.prefix}{one}").status_code == 204
        self.alive.remove(one)

    @invariant()
    def what_is_shown_is_what_the_rows_say(self) -> None:
        for one in self.alive:
            shown = self._shown(one)
            history = self.client.get(f"/v1/comments/{self.prefix}{one}/history").json
            assert replay(history) == {
                "status": shown["status"],
                "text": shown["text"],
                "revision": shown["revision"],
                "decision": shown["decision"] and shown["decision"]["version"],
                "verdict": shown["verdict"]["reasons"],
            }
            self._log_agrees(shown, history["events"])

    def _log_agrees(self, shown: dict[str, Any], events: list[dict[str, Any]]) -> None:
        last = events[-1]["data"]
        assert (last["status"], last["version"]) == (shown["status"], shown["version"])
        born = max(n for n, event in enumerate(events) if event["type"] == "comment.created")
        versions = [event["data"]["version"] for event in events[born:]]
        assert versions == list(range(1, shown["version"] + 1))

    def _shown(self, one: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/v1/comments/{self.prefix}{one}").json
        return found

    def _changed(self, one: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if before["status"] != 404 and before["text"] == after["text"]:
            assert after == before
        else:
            assert after["decision"] is None


@pytest.fixture
def machine(moderator: FlaskClient) -> Iterator[type[Life]]:
    """The machine, on this test's app."""
    Life.client = moderator
    yield Life
    del Life.client


def test_the_status_is_always_what_replaying_the_rows_says(machine: type[Life]) -> None:
    run_machine(
        machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_priority_of_an_edited_comment_is_that_of_its_new_wording(
    moderator: FlaskClient,
) -> None:
    submit(moderator, "threat0.80", id="c-1")
    submit(moderator, "spam0.60", id="c-1")

    [item] = moderator.get("/v1/queue").json["items"]

    assert (item["priority"], item["priority_terms"]["label"]) == (0.24, "spam")


@pytest.mark.parametrize("text", ["spam0.70", "A fine day."])
def test_an_edit_leaves_an_escalated_comment_to_whom_it_was_escalated(
    moderator: FlaskClient, text: str
) -> None:
    submit(moderator, "spam0.60", id="c-1")
    decide(moderator, "c-1", "escalate")

    changed = moderator.post("/v1/comments", json=comment(text, id="c-1")).json

    assert changed["status"] == "pending"
    assert "edited_while_escalated" in [one["code"] for one in changed["verdict"]["reasons"]]
    assert len(moderator.get("/v1/queue?queue=escalated").json["items"]) == 1
    assert moderator.get("/v1/queue?queue=default").json["items"] == []
