"""Signing in with an account at an OpenID Connect provider, for sites that have one.

The authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0; RFC 7636, 9207,
9700). It takes the packages of `winnow[oidc]`, which nothing imports before somebody signs in.
"""

from dataclasses import dataclass, field

from api.moderation.errors import RuleError


class ProviderError(RuleError):
    """The provider cannot be asked, or what it says cannot be believed.

    `why` is for the log and says nothing of anybody; `is_down` where another try may work.
    """

    def __init__(self, why: str, is_down: bool = False) -> None:
        super().__init__(_DOWN if is_down else _WRONG)
        self.why, self.is_down = why, is_down


class UnknownPersonError(RuleError):
    """Who has signed in at the provider is nobody who may come in here."""


@dataclass(frozen=True, slots=True)
class Client:
    """Winnow, as the provider knows it."""

    issuer: str
    id: str
    secret: str = field(default="", repr=False)
    name: str = ""
    """What people call the provider."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the provider vouches for; `email` is empty where it has verified none."""

    subject: str
    email: str = ""


_DOWN = "The sign-in service cannot be reached just now. Please try again in a minute."
_WRONG = "The sign-in service and Winnow did not understand each other. Please sign in again."
