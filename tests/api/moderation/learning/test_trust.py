"""How far accounts are believed."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from api.moderation.learning import trust
from api.moderation.learning.trust import Trust
from tests.api.moderation.learning import town
from tests.api.moderation.learning.town import Clicks, Town, honestly

MO, KIM, ADA = "moderator:mo@example.org", "moderator:kim@example.org", "key:wnw_0a0b0c0d"


def weigh(said: Sequence[Clicks]) -> Trust:
    there = town.build()
    places, rejected, actors = town.join(said)
    examples, margins = there.examples.pick(places), there.margins[places]
    return trust.weigh(examples, margins, rejected * 1.0, np.ones(len(places)), actors)


def wrongly(there: Town, places: NDArray[np.intp]) -> NDArray[np.bool_]:
    return ~there.right[places]


def test_a_lone_account_is_believed_in_all() -> None:
    found = weigh([town.build().click(MO, 120, wrongly, 1)])
    assert found.weights.tolist() == [1.0] * 120
    account = found.accounts[MO]
    assert (account.labels, account.trust, account.disagreement) == (120, 1.0, None)


def test_no_labels_are_nobodys() -> None:
    assert weigh([Clicks(MO, np.zeros(0, np.intp), np.zeros(0, np.bool_))]).accounts == {}


def test_honest_accounts_are_believed_whoever_lies() -> None:
    there = town.build()
    mo, kim = (there.click(one, 300, honestly(0.03, at), at) for at, one in enumerate((MO, KIM)))
    found = weigh([mo, kim, there.click(ADA, 900, wrongly, 9)])
    trusts = {name: one.trust for name, one in found.accounts.items()}
    assert trusts == {MO: 1.0, KIM: 1.0, ADA: 0.0}
    assert found.accounts[ADA].disagreement == pytest.approx(1.0, abs=0.01)
    assert found.weights.sum() == 600


def test_trust_falls_the_more_somebody_disagrees() -> None:
    there = town.build()
    honest = [there.click(one, 300, honestly(0.02, at), at) for at, one in enumerate((MO, KIM))]
    trusts = [
        weigh([*honest, there.click(ADA, 600, honestly(slips, 7), 7)]).accounts[ADA].trust
        for slips in (0.02, 0.12, 0.18, 0.4)
    ]
    assert trusts[0] == 1.0
    assert trusts[3] == 0.0
    assert trusts == sorted(trusts, reverse=True)
    assert 0.0 < trusts[2] < trusts[1] < 1.0


def test_of_two_who_contradict_each_other_the_shipped_model_says_who_is_right() -> None:
    there = town.build()
    mo = there.click(MO, 150, honestly(0.03, 1), 1)
    found = weigh([mo, there.click(KIM, 1000, wrongly, 2)])
    assert (found.accounts[MO].trust, found.accounts[KIM].trust) == (1.0, 0.0)


def test_where_it_cannot_tell_neither_is_believed() -> None:
    there = town.build()
    # Half of either is as the shipped model has it.
    odd = np.isin(there.kinds, ("report", "boycott"))

    def say(flip: bool) -> Clicks:
        return there.click(
            KIM if flip else MO, 300, lambda town, places: town.right[places] ^ flip, 3, among=odd
        )

    found = weigh([say(flip=False), say(flip=True)])
    assert [one.trust for one in found.accounts.values()] == [0.0, 0.0]
    assert found.weights.sum() == 0


def test_who_sees_nothing_but_spam_contradicts_nobody() -> None:
    there = town.build()
    chief = there.click(MO, 400, honestly(0.03, 1), 1)
    spam = there.click(KIM, 400, honestly(0.0, 2), 2, among=there.right)
    found = weigh([chief, spam])
    assert [one.trust for one in found.accounts.values()] == [1.0, 1.0]


def test_a_colleagues_first_labels_take_nothing_away() -> None:
    there = town.build()
    chief = there.click(MO, 800, honestly(0.03, 1), 1)
    found = weigh([chief, there.click(KIM, 10, honestly(0.0, 2), 2)])
    assert found.weights.sum() == 810


def test_nobodys_word_alone_weighs_more_than_that_of_all_others() -> None:
    there = town.build()
    # Kim knows thanks and rudeness; of loans and boycotts there is only what Mo says.
    known = np.isin(there.kinds, ("thanks", "rude"))
    kim = there.click(KIM, 120, honestly(0.0, 2), 2, among=known)
    mo = there.click(MO, 1000, honestly(0.0, 1), 1)
    found = weigh([mo, kim])
    _, _, actors = town.join([mo, kim])
    own = found.weights[np.array(actors) == MO]
    assert found.accounts[MO].capped
    assert not found.accounts[KIM].capped
    assert own[own < 1].sum() == pytest.approx(120)
