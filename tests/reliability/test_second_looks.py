"""Whatever three people say, take back and edit in whatever order, everything fits together.

`WINNOW_TEST_SEQUENCES` sets how many random histories there are of each kind.
"""

import os
import random
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from api.moderation import access, comments, secondlooks
from api.moderation.access import Caller
from api.moderation.comments import State
from api.moderation.queues import listing, placing
from api.moderation.services import Services
from api.store.review import Waiting
from tests.factories import put_policy, submit

SEQUENCES = int(os.environ.get("WINNOW_TEST_SEQUENCES", "5"))
STEPS = 25

POLICIES: list[dict[str, Any]] = [
    {"review": {"two_must_agree": ["reject"]}},
    {"review": {"two_must_agree": ["approve", "reject"]}},
    {"review": {"recheck": 1}},
    {"audit": 1, "review": {"recheck": 0.5, "two_must_agree": ["reject"]}},
]

TEXTS = ("A fine day.", "spam0.60", "spam0.97", "insult0.70")


class Table:
    """Three people at one comment, and what each has said of its present wording."""

    def __init__(self, services: Services, site: int, clients: dict[str, FlaskClient]) -> None:
        self.services, self.site, self.clients = services, site, clients
        self.said: dict[str, set[str]] = defaultdict(set)

    def begin(self, comment_id: str, text: str) -> None:
        self.id, self.url = comment_id, f"/v1/comments/{comment_id}"
        self.edit(text)

    def act(self, dice: random.Random) -> str:
        """Somebody does something; what, in words."""
        who, client = dice.choice(list(self.clients.items()))
        what = dice.choices(
            ["approve", "reject", "escalate", "undo", "edit", "report"], [6, 6, 2, 6, 1, 1]
        )[0]
        if what == "edit":
            self.edit(dice.choice(TEXTS))
        elif what == "report":
            body = {"reason": "spam", "reporter": {"id": f"u-{dice.randrange(20)}"}}
            assert client.post(f"{self.url}/reports", json=body).status_code == 201
        elif what == "undo":
            assert client.delete(f"{self.url}/decision").status_code in (200, 409)
        else:
            answer = client.post(f"{self.url}/decision", json={"action": what})
            assert answer.status_code == 200, answer.text
            self.said[what].add(who)
        return f"{who} {what}"

    def edit(self, text: str) -> None:
        backend = next(iter(self.clients.values()))
        before = backend.get(self.url).json
        if submit(backend, text, id=self.id)["revision"] != before.get("revision"):
            self.said.clear()

    def check(self, two: list[str]) -> None:
        """Raise AssertionError where something does not fit."""
        with self.services.database.reading() as session:
            caller = Caller(self.site, "moderator", "nobody")
            state = comments.load(session, caller, self.id)
            lies = self._find_row(session, state)
            placing.place(session.connection(), self.services, state.comment, state.verdict)
            session.expire_all()
            assert self._find_row(session, state) == lies
            assert lies is not None or state.comment.status != "pending"
            self._check_offers(session, state)
            action = state.decision and state.decision.action
        if action in two:
            assert len(self.said[action]) >= 2

    def _find_row(self, session: Session, state: State) -> Any:
        found = session.execute(
            select(Waiting.__table__).where(Waiting.comment_id == state.comment.id)
        ).one_or_none()
        return found and tuple(found)

    def _check_offers(self, session: Session, state: State) -> None:
        """Nobody is asked about what they have judged, and everybody else is."""
        look = secondlooks.find(session, state.comment)
        row = session.get(Waiting, state.comment.id)
        if row is None:
            return
        judged: set[str | None] = set()
        # Reports ask everybody about a decision, however it was looked at before.
        public = row.queue == "reported" and look is not None and look.kind == secondlooks.RECHECK
        open_ = look is not None and (secondlooks.is_open(look) or secondlooks.is_disputed(look))
        if look is not None and open_ and not public:
            judged = {look.first_actor, look.second_actor}
        for actor in self.clients:
            shown = listing.shown_to(Caller(self.site, "moderator", actor), self.services.now())
            here = exists().where(Waiting.comment_id == state.comment.id, *shown)
            assert session.scalar(select(here)) is (actor not in judged)


@pytest.fixture
def clients(
    services: Services, site: int, connect: Callable[..., FlaskClient]
) -> dict[str, FlaskClient]:
    """Three moderators, by the names that the rules know them by."""
    found = [connect("moderator") for _ in range(3)]
    keys = access.list_keys(services, site)[-3:]
    return {f"key:{key.prefix}": one for key, one in zip(keys, found, strict=True)}


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_any_history_leaves_everything_where_it_belongs(
    services: Services, site: int, clients: dict[str, FlaskClient], policy: dict[str, Any]
) -> None:
    put_policy(services, site, policy)
    for seed in range(SEQUENCES):
        dice = random.Random(seed)
        table, done = Table(services, site, clients), []
        table.begin(f"c-{seed}", dice.choice(TEXTS))
        for _ in range(STEPS):
            done.append(table.act(dice))
            try:
                table.check(policy["review"].get("two_must_agree", []))
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {', '.join(done)}") from error
