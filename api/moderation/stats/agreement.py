"""How far people agree who were asked about the same comments, neither told of the other."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Integer, bindparam, select

from api.moderation.stats import kappas
from api.moderation.stats.kappas import Kappa
from api.moderation.stats.periods import Period
from api.store.asking import Question
from api.store.review import SecondLook
from api.store.tables import Comment

MOST = 20_000
"""How many second looks are looked at, the newest first."""

MOST_TOLD = 100
"""How many pairs, and how many reasons, are told, those with the most in common first."""


class Look(NamedTuple):
    """Two opinions on one wording."""

    kind: str
    first: str
    action: str
    reason: str | None
    second: str
    other_action: str
    other_reason: str | None
    asked: bool
    """Whether people were asked about it to learn from: they agree less on what is doubtful."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Kappa over what people decide: of all, of each pair, and of each of their reason codes."""

    whole: Kappa
    pairs: Sequence[tuple[tuple[str, str], Kappa]]
    reasons: Sequence[tuple[str, Kappa]]


def read(connection: Connection, site_id: int, period: Period) -> list[Look]:
    """The second looks that came to an end in the period: of open ones nothing is told."""
    asked = {"site": site_id, "since": period.since, "most": MOST}
    return [Look(*row) for row in _ENDED.ask(connection, **asked)]


def measure(looks: Sequence[Look]) -> Agreement:
    """How far people agree in them, about comments that were not picked as doubtful."""
    looks = [look for look in looks if not look.asked]
    pairs: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for look in looks:
        said = look.action, look.other_action
        if look.first < look.second:
            pairs[look.first, look.second].append(said)
        else:
            pairs[look.second, look.first].append(said[::-1])
    codes = {code for look in looks for code in (look.reason, look.other_reason) if code}
    reasons = {
        code: [(look.reason == code, look.other_reason == code) for look in looks] for code in codes
    }
    named = Counter(code for look in looks for code in {look.reason, look.other_reason})
    whole = kappas.measure([(look.action, look.other_action) for look in looks])
    by_use = sorted(reasons, key=lambda code: (-named[code], code))[:MOST_TOLD]
    by_number = sorted(pairs, key=lambda pair: (-len(pairs[pair]), pair))[:MOST_TOLD]
    return Agreement(
        whole,
        [(pair, kappas.measure(pairs[pair])) for pair in by_number],
        [(code, kappas.measure(reasons[code])) for code in by_use],
    )


def count_opinions(looks: Sequence[Look]) -> Counter[str]:
    """How many opinions each has given that are no decisions of their own."""
    found: Counter[str] = Counter()
    for look in looks:
        if look.kind == "agree":
            found[look.first] += 1
        # The second of two who agree is the one who decides.
        if look.kind != "agree" or look.action != look.other_action:
            found[look.second] += 1
    return found


_ENDED = Question(
    select(
        SecondLook.kind,
        SecondLook.first_actor,
        SecondLook.first_action,
        SecondLook.first_reason,
        SecondLook.second_actor,
        SecondLook.second_action,
        SecondLook.second_reason,
        Comment.asked.is_not(None),
    )
    .join(Comment, Comment.id == SecondLook.comment_id)
    .where(SecondLook.site_id == bindparam("site"), SecondLook.second_at >= bindparam("since"))
    .order_by(SecondLook.id.desc())
    .limit(bindparam("most", type_=Integer))
)
