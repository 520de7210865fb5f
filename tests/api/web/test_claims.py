"""Claims: whoever works on a comment has it to themselves, until they decide or time is up."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from api.moderation import signins
from api.moderation.services import Services
from tests.factories import Clock, comment, count, decide, make_moderator, put_policy, submit, walk

UNKNOWN = f"claim-{'0' * 32}"


@pytest.fixture
def other(connect: Callable[..., FlaskClient]) -> FlaskClient:
    """Another moderator of the same site."""
    return connect("moderator")


@pytest.fixture
def waiting(backend: FlaskClient) -> None:
    """Three held comments and one that is not."""
    submit(backend, "spam0.60", id="c-1")
    submit(backend, "threat0.60", id="c-2")
    submit(backend, "insult0.60", id="c-3")
    submit(backend, "A fine day.", id="c-4")


def claim(client: FlaskClient, **wanted: object) -> dict[str, str]:
    """Claim comments; the claims' ids by the comments'."""
    answer = client.post("/v1/queue/claims", json=wanted)
    assert answer.status_code == 200, answer.text
    return {item["id"]: item["claim"]["id"] for item in answer.json["items"]}


@pytest.mark.usefixtures("waiting")
def test_claiming_gives_the_most_urgent_first_with_the_whole_comment(
    moderator: FlaskClient,
) -> None:
    answer = moderator.post("/v1/queue/claims", json={"count": 2})

    assert [item["id"] for item in answer.json["items"]] == ["c-2", "c-3"]
    queued = {item["id"]: item for item in walk(moderator, "/v1/queue")}
    for item in answer.json["items"]:
        assert item == queued[item["id"]]
        assert item["claim"]["by"].startswith("key:wnw_")
        assert item["claim"]["expires_at"] == "2026-11-22T12:10:00Z"
    assert queued["c-1"]["claim"] is None


@pytest.mark.usefixtures("waiting")
def test_what_somebody_has_claimed_is_given_to_nobody_else(
    moderator: FlaskClient, other: FlaskClient
) -> None:
    assert list(claim(moderator, count=2)) == ["c-2", "c-3"]
    assert list(claim(other, count=2)) == ["c-1"]
    assert claim(other) == {}
    assert claim(moderator) == {}


@pytest.mark.usefixtures("waiting")
def test_one_queue_can_be_claimed_from_alone(moderator: FlaskClient, other: FlaskClient) -> None:
    decide(moderator, "c-1", "escalate")

    assert list(claim(other, queue="escalated")) == ["c-1"]
    assert list(claim(other, queue="default")) == ["c-2", "c-3"]


@pytest.mark.usefixtures("waiting")
def test_claims_of_another_site_are_its_own(moderator: FlaskClient, stranger: FlaskClient) -> None:
    held = claim(moderator, count=1)["c-2"]

    assert claim(stranger) == {}
    assert stranger.put(f"/v1/queue/claims/{held}").status_code == 404
    assert stranger.delete(f"/v1/queue/claims/{held}").status_code == 404


@pytest.mark.usefixtures("waiting")
def test_a_claim_that_was_abandoned_lapses(
    moderator: FlaskClient, other: FlaskClient, clock: Clock
) -> None:
    late = claim(moderator, count=1)["c-2"]
    clock.move(minutes=10)

    taken = claim(other, count=1)

    assert list(taken) == ["c-2"]
    answer = moderator.post(
        "/v1/comments/c-2/decision", json={"action": "reject", "version": 1, "claim": late}
    )
    assert answer.status_code == 409
    assert answer.json["type"] == "urn:winnow:problem:claimed"
    assert answer.json["version"] == 1
    assert answer.json["claim"]["expires_at"] == "2026-11-22T12:20:00Z"
    assert decide(other, "c-2", "approve", claim=taken["c-2"])["status"] == "approved"


@pytest.mark.usefixtures("waiting")
def test_a_late_decision_is_told_so_even_if_nobody_else_came(
    moderator: FlaskClient, clock: Clock
) -> None:
    late = claim(moderator, count=1)["c-2"]
    clock.move(minutes=10)
    assert [item["claim"] for item in walk(moderator, "/v1/queue")] == [None] * 3

    answer = moderator.post("/v1/comments/c-2/decision", json={"action": "reject", "claim": late})

    assert answer.status_code == 409
    assert answer.json["type"] == "urn:winnow:problem:claim-lapsed"
    assert moderator.get("/v1/comments/c-2").json["status"] == "pending"
    assert decide(moderator, "c-2", "reject")["status"] == "rejected"


@pytest.mark.usefixtures("waiting")
def test_a_claim_just_before_its_end_still_holds(
    moderator: FlaskClient, other: FlaskClient, clock: Clock
) -> None:
    held = claim(moderator, count=3)["c-2"]
    clock.move(minutes=9, seconds=59)

    assert claim(other) == {}
    assert decide(moderator, "c-2", "reject", claim=held)["status"] == "rejected"


@pytest.mark.usefixtures("waiting")
def test_an_extended_claim_lasts_from_then_on(
    moderator: FlaskClient, other: FlaskClient, clock: Clock
) -> None:
    held = claim(moderator, count=1)["c-2"]
    clock.move(minutes=9)

    answer = moderator.put(f"/v1/queue/claims/{held}")

    assert answer.status_code == 200
    assert answer.json["id"] == held
    assert answer.json["expires_at"] == "2026-11-22T12:19:00Z"
    clock.move(minutes=9)
    assert "c-2" not in claim(other)
    clock.move(minutes=1)
    assert moderator.put(f"/v1/queue/claims/{held}").status_code == 404


@pytest.mark.usefixtures("waiting")
def test_a_released_claim_is_free_at_once(moderator: FlaskClient, other: FlaskClient) -> None:
    held = claim(moderator, count=1)["c-2"]

    assert moderator.delete(f"/v1/queue/claims/{held}").status_code == 204
    assert moderator.delete(f"/v1/queue/claims/{held}").status_code == 404
    assert list(claim(other, count=1)) == ["c-2"]


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_only_who_holds_a_claim_can_extend_or_release_it(
    moderator: FlaskClient, other: FlaskClient, method: str
) -> None:
    held = claim(moderator, count=1)["c-2"]

    assert other.open(f"/v1/queue/claims/{held}", method=method).status_code == 404
    assert moderator.open(f"/v1/queue/claims/{UNKNOWN}", method=method).status_code == 404
    assert moderator.open("/v1/queue/claims/%00", method=method).status_code == 404
    assert walk(moderator, "/v1/queue")[0]["claim"]["id"] == held


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("action", ["approve", "reject", "escalate"])
def test_a_decision_ends_the_claim(moderator: FlaskClient, services: Services, action: str) -> None:
    held = claim(moderator, count=1)["c-2"]

    decide(moderator, "c-2", action, claim=held)

    assert count(services.database)["claims"] == 0
    # The same again changes nothing, so it needs no claim.
    assert decide(moderator, "c-2", action, claim=held)["version"] == 2


@pytest.mark.usefixtures("waiting")
def test_nobody_else_decides_or_undoes_while_a_claim_lasts(
    moderator: FlaskClient, other: FlaskClient, clock: Clock
) -> None:
    decide(other, "c-2", "escalate")
    claim(moderator, queue="escalated")

    decided = other.post("/v1/comments/c-2/decision", json={"action": "approve"})
    undone = other.delete("/v1/comments/c-2/decision")

    assert (decided.status_code, undone.status_code) == (409, 409)
    assert moderator.get("/v1/comments/c-2").json["version"] == 2
    clock.move(minutes=10)
    assert decide(other, "c-2", "approve")["status"] == "approved"


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("named", [UNKNOWN, "nonsense"])
def test_a_decision_that_names_no_claim_on_that_comment_is_refused(
    moderator: FlaskClient, named: str
) -> None:
    mine = claim(moderator, count=2)
    url = "/v1/comments/c-2/decision"

    for wrong in (named, mine["c-3"]):
        answer = moderator.post(url, json={"action": "approve", "claim": wrong})
        assert answer.status_code == 409
        assert answer.json["type"] == "urn:winnow:problem:claim-lapsed"
    assert decide(moderator, "c-2", "approve", claim=mine["c-2"])["status"] == "approved"


@pytest.mark.usefixtures("waiting")
def test_a_claim_counts_for_nothing_once_its_comment_does_not_wait(
    moderator: FlaskClient, other: FlaskClient, backend: FlaskClient
) -> None:
    held = claim(moderator, count=1)["c-2"]
    backend.patch("/v1/comments/c-2", json={"text": "A fine day."})

    answer = moderator.post("/v1/comments/c-2/decision", json={"action": "reject", "claim": held})

    assert answer.status_code == 409
    assert moderator.put(f"/v1/queue/claims/{held}").status_code == 404
    assert decide(other, "c-2", "reject")["status"] == "rejected"


@pytest.mark.usefixtures("waiting")
def test_a_claim_goes_with_its_comment(
    moderator: FlaskClient, backend: FlaskClient, services: Services
) -> None:
    claim(moderator, count=3)

    backend.delete("/v1/comments/c-2")

    assert count(services.database)["claims"] == 2


@pytest.mark.usefixtures("waiting")
def test_the_same_request_again_claims_nothing_more(moderator: FlaskClient) -> None:
    headers = {"Idempotency-Key": "one"}

    first, again = (
        moderator.post("/v1/queue/claims", json={"count": 2}, headers=headers) for _ in range(2)
    )

    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [item["claim"] is not None for item in walk(moderator, "/v1/queue")] == [
        True,
        True,
        False,
    ]


@pytest.mark.usefixtures("waiting")
def test_a_claim_lasts_as_long_as_the_policy_says(
    moderator: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    put_policy(services, site, {"review": {"claim_minutes": 3}})

    answer = moderator.post("/v1/queue/claims", json={"comment": "c-2"})

    assert [item["id"] for item in answer.json["items"]] == ["c-2"]
    held = answer.json["items"][0]["claim"]
    assert held["expires_at"] == "2026-11-22T12:03:00Z"
    for _ in range(20):
        clock.move(minutes=2)
        assert moderator.put(f"/v1/queue/claims/{held['id']}").status_code == 200


@pytest.mark.usefixtures("waiting")
def test_one_comment_is_claimed_by_its_id_and_the_holder_is_told(
    moderator: FlaskClient, other: FlaskClient, clock: Clock
) -> None:
    held = claim(moderator, comment="c-3")
    assert list(held) == ["c-3"]
    clock.move(minutes=5)
    assert claim(moderator, comment="c-3") == held

    answer = other.post("/v1/queue/claims", json={"comment": "c-3"})

    assert answer.status_code == 409
    assert answer.json["type"] == "urn:winnow:problem:claimed"
    assert answer.json["claim"]["expires_at"] == "2026-11-22T12:15:00Z"
    assert answer.json["comment"] == moderator.get("/v1/comments/c-3").json
    clock.move(minutes=10)
    assert list(claim(other, comment="c-3")) == ["c-3"]


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(("comment", "status"), [("c-4", 409), ("nobody", 404)])
def test_what_does_not_wait_is_not_claimed(
    moderator: FlaskClient, comment: str, status: int
) -> None:
    answer = moderator.post("/v1/queue/claims", json={"comment": comment})

    assert answer.status_code == status


@pytest.mark.usefixtures("waiting")
def test_a_comment_of_another_site_is_not_there_to_be_claimed(stranger: FlaskClient) -> None:
    assert stranger.post("/v1/queue/claims", json={"comment": "c-2"}).status_code == 404


@pytest.mark.parametrize("wanted", [{"count": 1}, {"comment": "c-1"}])
def test_a_whole_thread_is_claimed_with_what_was_claimed_of_it(
    moderator: FlaskClient, other: FlaskClient, backend: FlaskClient, wanted: dict[str, object]
) -> None:
    for number, article in enumerate(("a-1", "a-1", "a-2", "a-1", "a-1"), start=1):
        text = "threat0.60" if number == 1 else "spam0.60"
        submit(backend, text, id=f"c-{number}", article={"id": article})
    decide(moderator, "c-2", "escalate")
    claim(other, comment="c-4")

    found = claim(moderator, **wanted, thread=True)

    assert sorted(found) == ["c-1", "c-2", "c-5"]
    assert list(claim(other)) == ["c-3"]


def test_no_more_of_a_thread_is_claimed_than_can_be(
    moderator: FlaskClient, backend: FlaskClient
) -> None:
    items = [comment("spam0.60", id=f"c-{number}") for number in range(120)]
    backend.post("/v1/comments/batch", json={"items": items})

    assert len(claim(moderator, count=1, thread=True)) == 100


def test_a_saved_queue_is_claimed_from_as_well(
    moderator: FlaskClient, other: FlaskClient, backend: FlaskClient, admin: FlaskClient
) -> None:
    submit(backend, "spam0.60", id="c-1", article={"id": "a-1", "section": "sport"})
    submit(backend, "spam0.60", id="c-2", article={"id": "a-1", "section": "world"})
    for name, wish in (("sports", {"filter": {"section": "sport"}}), ("lawyers", {})):
        saved = admin.put(f"/v1/queues/{name}", json={"title": name, **wish})
        assert saved.status_code in (200, 201), saved.text
    decide(moderator, "c-2", "escalate", queue="lawyers")

    assert list(claim(moderator, queue="sports")) == ["c-1"]
    assert list(claim(other, queue="lawyers")) == ["c-2"]


@pytest.mark.usefixtures("waiting")
def test_a_site_may_require_a_claim(
    moderator: FlaskClient, other: FlaskClient, services: Services, site: int, clock: Clock
) -> None:
    put_policy(services, site, {"review": {"claims": "required"}})
    url = "/v1/comments/c-2/decision"

    bare = moderator.post(url, json={"action": "reject"})

    assert (bare.status_code, bare.json["type"]) == (409, "urn:winnow:problem:claim-required")
    assert "POST /v1/queue/claims" in bare.json["detail"]
    assert bare.json["comment"] == moderator.get("/v1/comments/c-2").json
    claim(moderator, comment="c-2")
    assert other.post(url, json={"action": "reject"}).status_code == 409
    clock.move(minutes=10)
    assert moderator.post(url, json={"action": "reject"}).status_code == 409
    claim(moderator, comment="c-2")
    assert decide(moderator, "c-2", "reject")["status"] == "rejected"
    # The same again changes nothing; what does not wait cannot be claimed.
    assert decide(moderator, "c-2", "reject")["version"] == 2
    assert decide(moderator, "c-4", "reject")["status"] == "rejected"
    assert moderator.delete(url).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"comment": "c-1", "count": 2}, "/count"),
        ({"comment": "c-1", "queue": "default"}, "/queue"),
        ({"comment": ""}, "/comment"),
        ({"thread": "yes"}, "/thread"),
        ({"count": 0}, "/count"),
        ({"count": 101}, "/count"),
        ({"count": "1"}, "/count"),
        ({"queue": "other"}, "/queue"),
        ({"more": 1}, "/more"),
    ],
)
def test_what_cannot_be_claimed_is_named(
    moderator: FlaskClient, body: dict[str, object], pointer: str
) -> None:
    answer = moderator.post("/v1/queue/claims", json=body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_a_backend_cannot_claim(backend: FlaskClient) -> None:
    assert backend.post("/v1/queue/claims", json={}).status_code == 403
    assert backend.put(f"/v1/queue/claims/{UNKNOWN}").status_code == 403
    assert backend.delete(f"/v1/queue/claims/{UNKNOWN}").status_code == 403


@pytest.mark.usefixtures("waiting")
def test_the_page_says_who_works_on_a_comment_and_needs_no_claim_otherwise(
    moderator: FlaskClient, client: FlaskClient, services: Services, site: int
) -> None:
    claim(moderator, count=1)
    make_moderator(services, site, "anna@example.org", "correct horse battery")
    token = signins.sign_in(services, "anna@example.org", "correct horse battery", 12)
    client.set_cookie("winnow", token)
    form = {"action": "approve", "reason": "", "version": "1", "next": "/moderate"}
    headers = {"Sec-Fetch-Site": "same-origin"}

    held = client.post("/moderate/comments/c-2/decision", data=form, headers=headers)
    free = client.post("/moderate/comments/c-3/decision", data=form, headers=headers)

    assert held.status_code == 409
    assert "is working on this comment" in held.text
    assert free.status_code == 303
    assert moderator.get("/v1/comments/c-2").json["status"] == "pending"
    assert moderator.get("/v1/comments/c-3").json["status"] == "approved"
