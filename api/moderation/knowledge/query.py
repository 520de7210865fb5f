"""What a look-up is about."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from api.moderation.policy.inforce import Policy
from api.moderation.policy.subject import Subject
from api.moderation.privacy.addressing import WHOLE, Keeper, find_keeper
from api.moderation.traces import identify

ALL = 2**62
"""A number that no comment has: all came before it."""


@dataclass
class Query:
    """A comment to be judged, by which policy, and whom to ask.

    Only comments with a number below `before` count. `secret_key` is the server's. What people
    say of authors counts as of `asked_at`: when the comment came, unless it says otherwise.
    `identity` is what `known_by` would find, where that is kept with the comment. `addresses` is
    how the site keeps them.
    """

    connection: Connection
    site_id: int
    policy: Policy
    subject: Subject
    before: int = ALL
    secret_key: str = field(default="", repr=False)
    asked_at: datetime | None = None
    identity: dict[str, str | None] = field(default_factory=dict, repr=False)
    addresses: str = WHOLE

    @cached_property
    def known_by(self) -> dict[str, str | None]:
        """The author's `address`, `network` and `mailbox`, as far as what is kept says."""
        for kept in (self.identity, self.subject.draft.identity):
            if any(kept.values()):
                return kept
        return identify(self.subject.draft.author)

    @cached_property
    def kept_as(self) -> dict[str, str | None]:
        """The same as the site's comments have it."""
        return self.keeper.keep_known(self.known_by)

    @cached_property
    def keeper(self) -> Keeper:
        """Who makes digests of the site's addresses."""
        return find_keeper(self.secret_key, self.site_id, self.addresses)
