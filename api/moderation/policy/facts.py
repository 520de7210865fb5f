"""What the database knows that bears on a comment, as it was just before the comment came.

Plain values, so that checks can be tested without a database; `api.moderation.knowledge` fills
them in.
"""

from dataclasses import dataclass, field
from datetime import datetime

STANDINGS = ("trusted", "held", "suspended", "banned")
"""What people may say of an author: skips checks, is held, is rejected for a time or for good."""

KINDS = ("author", "email", "address", "network")
"""By what an author is known: the site's id, the mailbox, the IP address, its /24 or /48."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person has said of an author; `until` is None for good."""

    id: str
    kind: str
    value: str
    standing: str
    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier comment. `status` is what it is now; `decided` whether a person has had a say.

    `code` is the first reason that the machine gave, "" where it gave none.
    """

    author_id: str | None
    article_id: str
    status: str
    decided: bool
    received_at: datetime
    address: str | None
    mailbox: str | None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """An earlier comment whose text may be nearly the same.

    `number` is the comment's own, growing with time. `campaign` is None while it is the only one
    of its kind. `text` has no markup.
    """

    number: int
    campaign: str | None
    author_id: str | None
    article_id: str
    text: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Following:
    """What was decided about a campaign, and how long later arrivals share it."""

    campaign: str
    action: str
    actor: str
    until: datetime


@dataclass(frozen=True, slots=True)
class FormToken:
    """What the form's token turned out to be when the comment came.

    `fault` is one of `policy.forms.FAULTS`. `age_ms` is None where it says no time that counts.
    `nonce` is set where the token is used up by this comment, to be known until `known_until`.
    """

    fault: str | None = None
    age_ms: int | None = None
    nonce: str | None = None
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it. Lists are newest first and hold no more than is needed to decide."""

    standings: tuple[Standing, ...] = ()
    """Those in force for this very author, by any of `KINDS`."""
    alike: tuple[Standing, ...] = ()
    """Bans and suspensions of others who share the address, the network or nearly the mailbox."""
    approved: int = 0
    """The author's approved comments, counted no further than a policy asks for."""
    by_author: tuple[Past, ...] = ()
    by_address: tuple[Past, ...] = ()
    on_article: tuple[Past, ...] = ()
    article_began: datetime | None = None
    """When the article's first comment came."""
    token: FormToken | None = None
    """None where the policy asks for no token."""
    known_hosts: frozenset[str] = field(default_factory=frozenset)
    """Of the hosts the comment links to, those that an approved comment links to."""
    near: tuple[Near, ...] = ()
    """Those whose signatures have the most in common with this one's first."""
    following: tuple[Following, ...] = ()
    """Of the campaigns in `near`, those that have been decided about and are still followed."""


NONE_KNOWN = Facts()
