"""Drafts replayed over stored comments: as live, resumed, stopped, and nothing changed."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.moderation import access, intake, review, standings
from api.moderation.access import Caller
from api.moderation.drafts import previewing, previews
from api.moderation.drafts.previews import Preview
from api.moderation.drafts.tallies import Tally
from api.moderation.errors import ConflictError, NotFoundError
from api.moderation.learning import erasing
from api.moderation.outgoing import dialling
from api.moderation.outgoing.dialling import Reply
from api.moderation.policy.reading import Written, read_plain
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.moderation.standings import Said
from api.store.database import Database
from tests.api.moderation.policy.test_reference import DOINGS, comments, documents
from tests.api.work.doing import work
from tests.factories import Clock, put_policy, rows

doings = st.sampled_from(DOINGS)
rates = st.fixed_dictionaries(
    {"count": st.integers(1, 3), "seconds": st.sampled_from((30, 120)), "do": doings}
)
knowing = st.fixed_dictionaries(
    {},
    optional={
        "authors": st.fixed_dictionaries(
            {},
            optional={
                "newcomers": st.integers(0, 3),
                "recent_record": st.fixed_dictionaries({"least": st.integers(1, 2), "do": doings}),
                "rates": st.fixed_dictionaries({}, optional={"author": rates, "article": rates}),
            },
        ),
        "duplicates": st.fixed_dictionaries(
            {"do": doings, "copies": st.integers(2, 3), "least_characters": st.just(10)}
        ),
        "links": st.fixed_dictionaries({"new_host": doings, "only_links": doings}),
        "close_after_days": st.integers(0, 1),
    },
)
"""What asks the database about earlier comments."""


@pytest.fixture
def admin(site: int) -> Caller:
    return Caller(site, "admin", "test")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of two comments, and none at once."""
    monkeypatch.setattr(previewing, "PIECE", 2)
    monkeypatch.setattr(previewing, "AT_ONCE", 0)


def post(services: Services, caller: Caller, *texts: str, **more: Any) -> None:
    for text in texts:
        intake.submit(services, caller, [Draft(text, {"id": "a-1"}, **more)])


def draft(**document: Any) -> Written:
    return read_plain(document)


def steps(services: Services, preview: Preview) -> Iterator[Preview]:
    while preview.draft.state == "running":
        preview = previews.advance(services, preview)
        yield preview


def actions(tally: Tally) -> dict[tuple[str, str], int]:
    return {move: number for move, number in tally.moves.items() if number}


@given(
    document=st.builds(lambda one, other: {**one, **other}, documents, knowing),
    sent=st.lists(
        st.tuples(comments, st.sampled_from(("u-1", "u-2")), st.integers(0, 100)), max_size=9
    ),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_preview_of_the_policy_in_force_finds_what_live_found(
    services: Services, clock: Clock, document: dict[str, Any], sent: Sequence[Any]
) -> None:
    caller = Caller(access.create_site(services, secrets.token_hex(8)), "admin", "test")
    put_policy(services, caller.site_id, document)
    for comment, author, wait in sent:
        clock.move(seconds=wait)
        one = Draft(**comment)
        intake.submit(services, caller, [replace(one, author={**one.author, "id": author})])

    found = previews.begin(services, caller, draft(**document))

    assert found.draft.state == "done"
    assert found.tally.judged == found.tally.unchanged == len(sent)


def test_what_a_draft_would_change_is_counted(services: Services, admin: Caller) -> None:
    post(services, admin, "Fine.", "spam0.40", "spam0.60", "spam0.95")

    found = previews.begin(
        services, admin, draft(thresholds={"spam": {"hold": 0.3, "reject": 0.6}})
    )

    assert actions(found.tally) == {
        ("approve", "approve"): 1,
        ("approve", "hold"): 1,
        ("hold", "reject"): 1,
        ("reject", "reject"): 1,
    }
    assert (found.tally.newly_held, found.tally.newly_passed, found.tally.newly_rejected) == (
        1,
        0,
        1,
    )
    assert found.tally.codes == {"spam_score": 3}
    assert {
        kind: [one.state.revision.text for one in some] for kind, some in found.examples.items()
    } == {
        "newly_held": ["spam0.40"],
        "newly_rejected": ["spam0.60"],
    }
    assert found.tally.more_held == 0


def test_nothing_of_any_comment_changes(
    services: Services, admin: Caller, database: Database, small: None
) -> None:
    post(services, admin, *["spam0.60"] * 5)
    work(services)
    before = rows(database)

    preview = previews.begin(services, admin, draft(mode="pre", profile="strict"))
    work(services)

    after = rows(database)
    assert previews.find(services, admin, preview.draft.public_id).tally.judged == 5
    del before["policy_drafts"], after["policy_drafts"], before["jobs"], after["jobs"]
    assert before == after


def test_only_the_newest_comments_are_judged(services: Services, admin: Caller) -> None:
    post(services, admin, "spam0.95", "spam0.60", "Fine.")

    found = previews.begin(services, admin, draft(), last=2)

    assert found.total == 2
    assert actions(found.tally) == {("hold", "hold"): 1, ("approve", "approve"): 1}


def test_only_comments_since_a_time_are_judged(
    services: Services, admin: Caller, clock: Clock, small: None
) -> None:
    post(services, admin, "spam0.95", "spam0.60")
    clock.move(hours=1)
    post(services, admin, "Fine.")

    since = clock() - timedelta(minutes=1)
    preview = previews.begin(services, admin, draft(), since=since, by_job=False)
    [*_, found] = steps(services, preview)

    assert found.total == found.seen == 1
    assert found.share == 1


def test_a_comment_without_scores_is_told_apart(
    services: Services, admin: Caller, scorer: Scorer
) -> None:
    model, scorer.model = scorer.model, None
    post(services, admin, "Fine.")
    scorer.model = model
    post(services, admin, "Fine.")

    found = previews.begin(services, admin, draft())

    assert (found.tally.judged, found.tally.unscored, found.total) == (1, 1, 2)


def test_scores_of_another_model_are_told_apart(
    services: Services, admin: Caller, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(services, admin, "Fine.")
    monkeypatch.setattr(scorer.model, "version", "words-2", raising=False)
    post(services, admin, "Fine.")

    assert previews.begin(services, admin, draft()).tally.other_model == 1


def test_without_a_classifier_there_are_no_previews(
    services: Services, admin: Caller, scorer: Scorer
) -> None:
    scorer.model = None

    with pytest.raises(ConflictError, match="no classifier"):
        previews.begin(services, admin, draft())


def test_a_worker_without_a_classifier_leaves_it_for_later(
    services: Services, admin: Caller, scorer: Scorer, clock: Clock, small: None
) -> None:
    post(services, admin, "Fine.")
    preview = previews.begin(services, admin, draft())
    model, scorer.model = scorer.model, None
    work(services)
    assert previews.find(services, admin, preview.draft.public_id).draft.state == "running"
    scorer.model = model

    clock.move(minutes=2)
    work(services)

    assert previews.find(services, admin, preview.draft.public_id).draft.state == "done"


def test_what_is_cut_off_goes_on_from_where_it_came_to(
    services: Services, admin: Caller, small: None
) -> None:
    post(services, admin, *["Fine.", "spam0.60", "spam0.95"] * 3)
    whole = previews.begin(services, admin, draft(mode="pre"), by_job=False)
    [*shares, whole] = steps(services, whole)
    cut = previews.begin(services, admin, draft(mode="pre"), by_job=False)

    cut = previews.advance(services, cut)
    # Whoever did that is gone; somebody else knows no more of it than its id.
    again = previews.resume(services, admin, cut.draft.public_id)
    [*_, again] = steps(services, again)

    assert [one.seen for one in shares] == [2, 4, 6, 8]
    assert again.tally.write() == whole.tally.write()
    assert again.seen == again.total == 9


def test_a_piece_done_by_two_is_counted_once(
    services: Services, admin: Caller, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(services, admin, *["Fine."] * 5)
    preview = previews.begin(services, admin, draft(), by_job=False)
    usual = previewing._go_on

    def meanwhile(*given: Any) -> None:
        monkeypatch.setattr(previewing, "_go_on", usual)
        usual(*given)
        previews.advance(services, preview)

    monkeypatch.setattr(previewing, "_go_on", meanwhile)
    [*_, found] = steps(services, preview)

    assert found.seen == 5


def test_many_pieces_are_several_turns_of_a_job(
    services: Services, admin: Caller, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "PIECES", 2)
    post(services, admin, *["Fine."] * 9)
    preview = previews.begin(services, admin, draft())

    work(services)

    found = previews.find(services, admin, preview.draft.public_id)
    assert (found.draft.state, found.seen, found.share) == ("done", 9, 1)


def test_what_was_stopped_stays_as_it_was_and_can_go_on(
    services: Services, admin: Caller, small: None
) -> None:
    post(services, admin, *["Fine."] * 5)
    preview = previews.begin(services, admin, draft())
    previews.advance(services, preview)
    previews.stop(services, admin, preview.draft.public_id)

    work(services)
    stopped = previews.find(services, admin, preview.draft.public_id)
    assert (stopped.draft.state, stopped.seen, stopped.share) == ("stopped", 2, 0.4)

    [*_, found] = steps(services, previews.resume(services, admin, preview.draft.public_id))
    assert (found.draft.state, found.seen) == ("done", 5)


def test_comments_that_come_meanwhile_are_not_judged(
    services: Services, admin: Caller, small: None
) -> None:
    post(services, admin, "Fine.", "Fine.")
    preview = previews.begin(services, admin, draft())
    post(services, admin, "Later.")

    work(services)

    assert previews.find(services, admin, preview.draft.public_id).seen == 2


def test_an_edit_after_a_rejection_is_held_by_every_draft(
    services: Services, admin: Caller
) -> None:
    post(services, admin, "spam0.60", id="c-1")
    review.decide(services, admin, "c-1", review.Choice("reject"))
    intake.edit(services, admin, "c-1", "Fine.")

    found = previews.begin(services, admin, draft())

    assert actions(found.tally) == {("hold", "hold"): 1}


def test_a_wording_that_was_approved_before_is_approved_by_every_draft(
    services: Services, admin: Caller
) -> None:
    post(services, admin, "spam0.60", id="c-1")
    review.decide(services, admin, "c-1", review.Choice("approve"))
    for text in ("Fine.", "spam0.60"):
        intake.edit(services, admin, "c-1", text)

    found = previews.begin(services, admin, draft(profile="strict"))

    assert actions(found.tally) == {("approve", "approve"): 1}


def test_what_is_said_of_an_author_later_is_no_change(
    services: Services, admin: Caller, clock: Clock
) -> None:
    post(services, admin, "Fine.", author={"id": "u-1"})
    clock.move(minutes=1)
    banned = standings.put(services, admin, Said("author", "u-1", "banned", "Enough."))
    post(services, admin, "Fine.", author={"id": "u-1"})
    clock.move(minutes=1)
    standings.end(services, admin, banned.public_id)
    post(services, admin, "Fine.", author={"id": "u-1"})

    found = previews.begin(services, admin, draft())

    assert actions(found.tally) == {("approve", "approve"): 2, ("reject", "reject"): 1}


def test_what_a_checker_said_is_said_again_where_a_draft_has_one(
    services: Services, admin: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker = {"url": "https://gazette.example/check"}
    put_policy(services, admin.site_id, {"checker": checker})
    said = iter([b'{"action": "reject"}', b'{"action": "hold"}', b'{"action": "none"}', b"?"])
    reply = lambda *_, **__: Reply(200, None, next(said))  # noqa: E731
    monkeypatch.setattr(dialling, "post", reply)
    post(services, admin, *["Fine."] * 4)

    same = previews.begin(services, admin, draft(checker=checker))
    calm = previews.begin(services, admin, draft(checker={**checker, "on_failure": "pass"}))
    without = previews.begin(services, admin, draft())

    assert actions(same.tally) == {
        ("approve", "approve"): 1,
        ("hold", "hold"): 2,
        ("reject", "reject"): 1,
    }
    assert calm.tally.newly_passed == 1
    assert without.tally.newly_passed == 3


def test_what_a_draft_goes_by_and_nobody_has_noted_is_told(
    services: Services, admin: Caller
) -> None:
    mindful = {
        "duplicates": {"do": "hold"},
        "links": {"new_host": "hold"},
        "checker": {"url": "https://gazette.example/check"},
    }

    first = previews.begin(services, admin, draft(**mindful))
    put_policy(services, admin.site_id, {"duplicates": {"do": "flag"}})
    then = previews.begin(services, admin, draft(**mindful))

    assert first.unseen == ["duplicates", "links.new_host", "checker"]
    assert then.unseen == ["links.new_host", "checker"]
    assert previews.begin(services, admin, draft()).unseen == []


def test_a_comment_that_had_to_wait_is_judged_by_when_it_came(
    services: Services, admin: Caller, scorer: Scorer, clock: Clock
) -> None:
    open_now = {"hours": {"zone": "UTC", "open": ["mon-sun 11:00-13:00"], "outside": "pre"}}
    put_policy(services, admin.site_id, open_now)
    model, scorer.model = scorer.model, None
    post(services, admin, "Fine.")
    scorer.model = model
    clock.move(hours=2)
    work(services)
    post(services, admin, "Fine.")

    found = previews.begin(services, admin, draft(**open_now))

    assert actions(found.tally) == {("approve", "approve"): 1, ("hold", "hold"): 1}


def test_another_site_has_no_part_in_it(services: Services, admin: Caller) -> None:
    other = Caller(access.create_site(services, "elsewhere"), "admin", "test")
    post(services, other, "spam0.95")
    post(services, admin, "Fine.")

    preview = previews.begin(services, admin, draft())

    assert preview.tally.judged == 1
    for act in (previews.find, previews.stop, previews.resume):
        with pytest.raises(NotFoundError):
            act(services, other, preview.draft.public_id)


def test_only_so_many_run_at_once(
    services: Services, admin: Caller, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "MOST_RUNNING", 2)
    post(services, admin, "Fine.")
    for _ in range(2):
        previews.begin(services, admin, draft())

    with pytest.raises(ConflictError, match="2 previews run already"):
        previews.begin(services, admin, draft())
    work(services)
    previews.begin(services, admin, draft())


def test_a_comment_deleted_since_is_no_example_any_more(services: Services, admin: Caller) -> None:
    post(services, admin, "spam0.40", id="c-1")
    preview = previews.begin(services, admin, draft(mode="pre"))
    assert preview.examples["newly_held"]

    erasing.delete_comment(services, admin, "c-1")

    found = previews.find(services, admin, preview.draft.public_id)
    assert found.examples == {"newly_held": []}
    assert found.tally.newly_held == 1


def test_a_site_without_comments_is_done_at_once(services: Services, admin: Caller) -> None:
    found = previews.begin(services, admin, draft())

    assert (found.draft.state, found.total, found.share) == ("done", 0, 1)
