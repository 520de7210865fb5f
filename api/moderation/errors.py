"""What a rule raises. The doors translate: `api/web/errors.py` into problem documents."""


class RuleError(Exception):
    """A rule said no."""


class NotFoundError(RuleError):
    """There is no such thing in the caller's site, whether or not there is one elsewhere."""


class ConflictError(RuleError):
    """The thing is not in the state the act needs."""


class StaleVersionError(ConflictError):
    """The comment has changed since the caller saw it; carries its present version."""

    def __init__(self, comment_id: str, version: int) -> None:
        super().__init__(f"The comment has changed since: it is now at version {version}.")
        self.comment_id = comment_id
        self.version = version


class TakenError(ConflictError):
    """The name is in use already."""


class SignInError(RuleError):
    """The e-mail address and the password do not belong together."""


class RunningError(ConflictError):
    """The same request is being worked on right now."""


class WrongRepeatError(RuleError):
    """The key of an earlier request came with another one."""
