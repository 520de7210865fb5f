"""Versions of a policy: put by one editor at a time, kept for good, in force at once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from api.moderation import access, events, intake, policies
from api.moderation.access import Caller
from api.moderation.errors import NotFoundError, StalePolicyError
from api.moderation.policy.document import Document
from api.moderation.policy.inforce import DEFAULT, Policy
from api.moderation.policy.reading import Written, read_policy
from api.moderation.policy.reading.defaults import TEXT
from api.moderation.policy.reading.faults import DoubtfulError
from api.moderation.policy.reading.schema import load_document
from api.moderation.policy.subject import Draft
from api.moderation.scoring import Scorer
from api.moderation.services import Services
from api.store.database import Database
from api.store.outbox import Event
from api.store.policies import PolicyVersion
from tests.factories import Clock, words_scorer

STRICT = "note: strict\nprofile: strict\n"
HOLD_ALL = "note: all\nmode: pre  # for a while\n"


@pytest.fixture
def editor(site: int) -> Caller:
    return Caller(site, "admin", "key:wnw_1")


@pytest.fixture
def put(services: Services, editor: Caller) -> Callable[..., PolicyVersion]:
    def act(text: str, version: int, force: bool = False) -> PolicyVersion:
        return policies.put(services, editor, read_policy(text), version, force)

    return act


def told(services: Services) -> list[tuple[str, str | None, str, dict[str, Any]]]:
    with services.database.reading() as session:
        found = session.scalars(select(Event).order_by(Event.id))
        return [(one.type, one.comment_id, one.actor, one.data) for one in found]


def act_of(services: Services, caller: Caller, text: str = "A fine day.") -> str:
    [kept] = intake.submit(services, caller, [Draft(text, {"id": "a-1"})])
    return kept.state.comment.status


def test_a_site_begins_with_the_defaults(services: Services, editor: Caller) -> None:
    found = policies.show(services, editor)

    assert (found.version, found.text, found.actor) == (1, TEXT, "winnow")
    assert read_policy(found.text).document == Document()
    assert policies.find(services, editor.site_id) is DEFAULT


def test_what_is_put_is_kept_as_it_was_written_and_in_force_at_once(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    assert act_of(services, editor) == "approved"

    made = put(HOLD_ALL, 1)

    assert (made.version, made.text, made.actor) == (2, HOLD_ALL, "key:wnw_1")
    assert policies.show(services, editor).text == HOLD_ALL
    assert policies.show(services, editor).document == {"note": "all", "mode": "pre"}
    assert act_of(services, editor) == "pending"


def test_it_is_in_force_in_every_process(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion], clock: Clock
) -> None:
    other = Services(Database(services.database.url), words_scorer(), clock)
    assert act_of(other, editor) == "approved"

    put(HOLD_ALL, 1)

    assert act_of(other, editor) == "pending"
    other.database.dispose()


def test_who_saw_an_older_version_is_refused(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    put(STRICT, 1)

    for seen in (1, 3, 99):
        with pytest.raises(StalePolicyError) as caught:
            put(HOLD_ALL, seen)
        assert caught.value.version == 2
    assert policies.show(services, editor).text == STRICT
    assert len(told(services)) == 1


def test_the_same_again_changes_nothing(
    services: Services, put: Callable[..., PolicyVersion]
) -> None:
    put(STRICT, 1)

    # An editor whose answer was lost sends the same; another one had the same idea.
    assert put(STRICT, 1).version == 2
    assert put(STRICT, 2).version == 2
    assert len(told(services)) == 1
    assert put(STRICT + "\n", 2).version == 3


def test_of_editors_at_once_one_is_heard(services: Services, editor: Caller) -> None:
    together = threading.Barrier(6)
    said: list[str] = []

    def edit(name: str) -> None:
        written = read_policy(f"note: {name}")
        together.wait()
        try:
            policies.put(services, editor, written, 1)
            said.append(name)
        except StalePolicyError as error:
            said.append(f"stale {error.version}")

    threads = [threading.Thread(target=edit, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said.count("stale 2") == 5
    [winner] = [one for one in said if len(one) == 1]
    assert policies.show(services, editor).text == f"note: {winner}"
    assert len(told(services)) == 1


def test_each_change_is_told_in_the_log_without_its_text(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    put("examples: [{text: fine, expect: hold}]", 1, force=True)
    put(STRICT, 2, force=True)
    policies.restore(services, editor, 1, 3)

    assert told(services) == [
        ("policy.changed", None, "key:wnw_1", {"version": 2, "forced": True}),
        ("policy.changed", None, "key:wnw_1", {"version": 3}),
        ("policy.changed", None, "key:wnw_1", {"version": 4, "restored_from": 1}),
    ]
    page = events.list_events(services, editor, events.Wanted(type="policy.changed"), 10)
    assert [one.number for one in page.items] == [1, 2, 3]


def test_an_earlier_version_comes_back_as_a_new_one(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    put(HOLD_ALL, 1)
    put(STRICT, 2)

    back = policies.restore(services, editor, 2, 3)

    assert (back.version, back.text) == (4, HOLD_ALL)
    assert act_of(services, editor) == "pending"
    defaults = policies.restore(services, editor, 1, 4)
    assert (defaults.version, defaults.text) == (5, TEXT)
    assert policies.find(services, editor.site_id).document == Document()
    assert policies.show(services, editor, 3).text == STRICT


def test_what_comes_back_is_not_tried_out_again(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion], scorer: Scorer
) -> None:
    put("examples: [{text: spam0.60, expect: hold}]", 1)
    put(STRICT, 2)
    scorer.model = None

    assert policies.restore(services, editor, 2, 3).version == 4


def test_only_what_was_can_come_back_and_only_to_who_is_up_to_date(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    put(STRICT, 1)

    with pytest.raises(NotFoundError):
        policies.restore(services, editor, 3, 2)
    with pytest.raises(NotFoundError):
        policies.show(services, editor, 3)
    with pytest.raises(StalePolicyError):
        policies.restore(services, editor, 1, 1)


def test_versions_are_listed_newest_first_down_to_the_defaults(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion], clock: Clock
) -> None:
    for version in range(1, 6):
        clock.move(minutes=1)
        put(f"note: v{version + 1}" if version % 2 else f"mode: post # {version}", version)

    for limit in range(1, 9):
        found, cursor = [], None
        while True:
            page = policies.list_versions(services, editor, limit, cursor)
            assert 0 < len(page.items) <= limit
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert [(one.version, one.note) for one in found] == [
            (6, "v6"),
            (5, ""),
            (4, "v4"),
            (3, ""),
            (2, "v2"),
            (1, ""),
        ]
        times = [one.created_at for one in found]
        assert times == sorted(times, reverse=True)


def test_sites_have_nothing_to_do_with_each_other(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    other = Caller(access.create_site(services, "elsewhere"), "admin", "key:wnw_2")
    put(HOLD_ALL, 1)

    assert policies.show(services, other).version == 1
    with pytest.raises(NotFoundError):
        policies.show(services, other, 2)
    assert policies.put(services, other, read_policy(STRICT), 1).version == 2
    assert policies.show(services, editor).text == HOLD_ALL
    assert act_of(services, other) == "approved"


def doubts(services: Services, editor: Caller, text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(DoubtfulError) as caught:
        policies.put(services, editor, read_policy(text), 1)
    assert policies.show(services, editor).version == 1
    return [(one.pointer, one.line) for one in caught.value.faults]


def test_an_example_that_comes_out_otherwise_refuses_the_policy_unless_forced(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    text = """\
examples:
  - {text: spam0.60, expect: hold}
  - text: spam0.60
    expect: approve
  - {text: fine, expect: hold}
"""

    found = doubts(services, editor, text)

    assert found == [("/examples/1/expect", 4), ("/examples/2/expect", 5)]
    assert put(text, 1, force=True).version == 2


def test_a_rule_that_matches_everything_refuses_the_policy_unless_forced(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    text = "rules:\n- {word: casino, do: hold}\n- regex: '.*'\n  do: reject\n"

    assert doubts(services, editor, text) == [("/rules/1", 3)]
    assert put(text, 1, force=True).version == 2
    assert act_of(services, editor) == "rejected"


def test_without_a_classifier_examples_refuse_the_policy_unless_forced(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion], scorer: Scorer
) -> None:
    scorer.model = None
    text = "mode: pre\nexamples:\n- {text: a, expect: hold}"

    assert doubts(services, editor, text) == [("/examples", 2)]
    assert put("mode: pre", 1).version == 2
    assert put(text, 2, force=True).version == 3


def test_a_version_that_is_put_is_the_one_that_was_read(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    written: Written = read_policy("rules: [{word: Ω 😀, do: hold}]\n# ü\n")

    policies.put(services, editor, written, 1)

    found = policies.show(services, editor)
    assert (found.text, found.document) == (written.text, written.plain)
    assert policies.find(services, editor.site_id).document == written.document


def test_comments_of_a_moment_wait_for_one_preparation(
    services: Services,
    editor: Caller,
    put: Callable[..., PolicyVersion],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(HOLD_ALL, 1)
    made: list[int] = []

    def read(plain: Any) -> Document:
        made.append(1)
        # Others come while this one is being made.
        together.wait()
        return load_document(plain)

    monkeypatch.setattr(policies, "load_document", read)
    together = threading.Barrier(2)
    found: list[Policy] = []
    threads = [
        threading.Thread(target=lambda: found.append(policies.find(services, editor.site_id)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    together.wait()
    for thread in threads:
        thread.join()

    assert len(made) == 1
    assert len(found) == 5
    assert len(set(map(id, found))) == 1


def test_the_words_of_a_policy_are_not_read_on_a_comments_time(
    services: Services, editor: Caller, put: Callable[..., PolicyVersion]
) -> None:
    put("rules: [{word: spam, do: hold}]", 1)

    found = policies.find(services, editor.site_id)

    assert {"words", "hosts"} <= set(vars(found))
