"""What a rule raises. The doors translate: `api/web/errors.py` into problem documents."""

from collections.abc import Mapping
from datetime import datetime, timedelta


class RuleError(Exception):
    """A rule said no."""


class FieldError(RuleError):
    """What was sent lacks something, or does not go together; carries the field's pointer."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class TooOftenError(RuleError):
    """Somebody asks more often than they may; carries how long they have to wait."""

    def __init__(
        self,
        wait: timedelta,
        says: str = "This author has asked too often; it was not looked at.",
    ) -> None:
        super().__init__(says)
        self.wait = wait


class NotFoundError(RuleError):
    """There is no such thing in the caller's site, whether or not there is one elsewhere."""


class ForbiddenError(RuleError):
    """The thing is there, but not the caller's to change."""


class ConflictError(RuleError):
    """The thing is not in the state the act needs."""


class ForcibleError(ConflictError):
    """The act was refused for a reason that whoever insists may overrule."""


class StaleVersionError(ConflictError):
    """The comment has changed since the caller saw it; carries its present version."""

    def __init__(self, comment_id: str, version: int) -> None:
        super().__init__(f"The comment has changed since: it is now at version {version}.")
        self.comment_id = comment_id
        self.version = version


class StalePolicyError(ConflictError):
    """Another version of the policy is in force than the caller saw; carries it."""

    def __init__(self, version: int) -> None:
        super().__init__(f"The policy has changed since: version {version} is in force.")
        self.version = version


class ClaimedError(ConflictError):
    """Somebody else holds a claim on the comment; carries its version, and who and how long."""

    def __init__(self, comment_id: str, version: int, by: str, until: datetime) -> None:
        super().__init__("Somebody else has claimed this comment.")
        self.comment_id = comment_id
        self.version = version
        self.by = by
        self.until = until


class LapsedClaimError(ConflictError):
    """The caller's claim holds the comment no longer; carries the comment's present version."""

    def __init__(self, comment_id: str, version: int) -> None:
        super().__init__("Your claim on this comment has lapsed; somebody may have decided.")
        self.comment_id = comment_id
        self.version = version


class UnclaimedError(ConflictError):
    """The site wants a claim before a decision, and the caller has none on the comment."""

    def __init__(self, comment_id: str, version: int) -> None:
        super().__init__(
            "Claim this comment before you decide about it: POST /v1/queue/claims with its id as "
            "`comment`, or with a `count` for the next ones."
        )
        self.comment_id = comment_id
        self.version = version


class TooManyError(ConflictError):
    """More comments are concerned than the caller reckoned with; carries how many there are."""

    def __init__(self, count: int, at_most: int) -> None:
        super().__init__(f"There are {count} such comments now, more than {at_most}.")
        self.count = count


class SpentTokenError(ConflictError):
    """Two comments came at once with one form token, and this was the second."""


class TakenError(ConflictError):
    """The name is in use already."""


class SignInError(RuleError):
    """The e-mail address and the password do not belong together."""


class PasswordError(RuleError):
    """The password is one that a moderator may not have; says why."""


class RunningError(ConflictError):
    """The same request is being worked on right now."""


class WrongRepeatError(RuleError):
    """The key of an earlier request came with another one."""


class TooLittleError(ConflictError):
    """Too little has been decided to say anything; carries how much there must be, and is."""

    def __init__(self, needed: Mapping[str, int], have: Mapping[str, int]) -> None:
        missing = [
            f"{least - have[kind]} more {_DECIDED[kind]}"
            for kind, least in needed.items()
            if have[kind] < least
        ]
        super().__init__(f"Too little has been decided: it takes {' and '.join(missing)}.")
        self.needed = needed
        self.have = have


_DECIDED = {
    "rejected": "rejections for what the score is about",
    "approved": "approvals",
    "samples": "decided audit samples",
}
