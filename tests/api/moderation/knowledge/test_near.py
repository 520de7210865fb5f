"""What is known of texts that may be nearly the same: few rows, whatever there is."""

from typing import Any

import pytest

from api.moderation import intake, knowledge
from api.moderation.access import Caller
from api.moderation.knowledge.query import ALL, Query
from api.moderation.policy.document import Document, Duplicates
from api.moderation.policy.facts import NONE_KNOWN, Facts
from api.moderation.policy.inforce import DEFAULT, Policy
from api.moderation.policy.signatures import sign, spell
from api.moderation.policy.subject import Draft, Subject
from api.moderation.services import Services
from api.store.policies import Signature
from tests.factories import START, Clock, put_policy

TEXT = "The swimming pool will open at seven from Monday on, but only for those who have a card."
ON = Policy(Document(duplicates=Duplicates("hold")))


@pytest.fixture
def caller(services: Services, site: int) -> Caller:
    """A site that looks for duplicates."""
    put_policy(services, site, {"duplicates": {"do": "hold"}})
    return Caller(site, "backend", "key:wnw_test")


def keep(services: Services, caller: Caller, *texts: str, **more: Any) -> list[int]:
    """Keep comments and return their numbers."""
    drafts = [Draft(text, {"id": "a-1"}, **more) for text in texts]
    return sorted(one.state.comment.id for one in intake.submit(services, caller, drafts))


def ask(
    services: Services, caller: Caller, text: str = TEXT, policy: Policy = ON, before: int = ALL
) -> Facts:
    subject = Subject(Draft(text, {"id": "a-17"}), services.now())
    with services.database.looking() as connection:
        return knowledge.find(Query(connection, caller.site_id, policy, subject, before))


def test_an_earlier_copy_is_known_with_what_matters(services: Services, caller: Caller) -> None:
    [number] = keep(services, caller, f"<p>{TEXT}</p>", html=True, author={"id": "u-5"})

    [near] = ask(services, caller).near

    assert (near.number, near.campaign, near.author_id, near.article_id) == (
        number,
        None,
        "u-5",
        "a-1",
    )
    assert near.text.strip() == TEXT
    assert near.received_at == services.now()


def test_of_many_copies_the_newest_hundred_are_known(services: Services, caller: Caller) -> None:
    numbers = keep(services, caller, *[TEXT] * 130)

    assert [one.number for one in ask(services, caller).near] == numbers[:29:-1]
    earlier = ask(services, caller, before=numbers[50]).near
    assert [one.number for one in earlier] == numbers[49::-1]


def test_those_that_share_most_come_before_newer_ones(services: Services, caller: Caller) -> None:
    [same] = keep(services, caller, TEXT)
    others = keep(services, caller, *["Nothing to see here."] * 120)
    shared = sign(spell(TEXT))[3]
    with services.database.writing() as session:
        session.add_all(
            Signature(site_id=caller.site_id, band=shared, comment_id=number) for number in others
        )

    near = ask(services, caller).near

    # What shares one band only may do so by chance: few of those are read.
    assert [one.number for one in near] == [same, *others[:-20:-1]]


def test_the_wording_in_force_is_what_counts(services: Services, caller: Caller) -> None:
    keep(services, caller, TEXT, id="c-1")
    intake.edit(services, caller, "c-1", "Something else was said here, and it was much better.")

    assert [one.text for one in ask(services, caller).near] == [
        "Something else was said here, and it was much better."
    ]


def test_what_is_too_old_is_not_known(services: Services, caller: Caller, clock: Clock) -> None:
    keep(services, caller, TEXT)

    clock.move(days=7)

    assert ask(services, caller).near == ()


@pytest.mark.parametrize(
    ("policy", "text"), [(DEFAULT, TEXT), (ON, "Too short."), (ON, "!" * 500), (ON, "")]
)
def test_where_there_is_nothing_to_look_up_nothing_is_asked(policy: Policy, text: str) -> None:
    nobody: Any = None
    subject = Subject(Draft(text, {"id": "a-17"}), START)

    assert knowledge.find(Query(nobody, 1, policy, subject)) == NONE_KNOWN


def test_what_is_to_be_looked_up_is_asked() -> None:
    nobody: Any = None

    with pytest.raises(AttributeError):
        knowledge.find(Query(nobody, 1, ON, Subject(Draft(TEXT, {"id": "a-17"}), START)))
