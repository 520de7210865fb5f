"""Who may come in with an account at the provider: moderators that there are, and nobody else."""

import hashlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.moderation import access
from api.moderation.errors import NotFoundError
from api.moderation.identity import Account, UnknownPersonError
from api.moderation.services import Services
from api.store.tables import Moderator

_UNKNOWN = (
    "Nobody is known here by that account. An admin can let you in with the e-mail address that "
    "your account has verified."
)


def let_in(services: Services, issuer: str, account: Account, hours: int) -> str:
    """Open a session for whose account this is, and return its token.

    The first time they are known by their address, which the provider must have verified; from
    then on by the account alone, and nobody else's with the same address is theirs. Raises
    UnknownPersonError.
    """
    subject = hashlib.sha256(f"{issuer}\n{account.subject}".encode()).hexdigest()
    try:
        with services.database.writing() as session:
            found = _find(session, subject) or _bind(session, subject, account.email)
    except IntegrityError as error:
        # The account was bound to somebody else at the same moment.
        raise UnknownPersonError(_UNKNOWN) from error
    return access.open_session(services, found, hours)


def forget(services: Services, email: str) -> None:
    """Let a moderator come with another account from now on; raise NotFoundError for nobody."""
    with services.database.writing() as session:
        wanted = select(Moderator).where(Moderator.email == email.strip().lower())
        found = session.scalar(wanted)
        if found is None:
            raise NotFoundError(f"There is no moderator {email}.")
        found.subject = None


def _find(session: Session, subject: str) -> Moderator | None:
    return session.scalar(select(Moderator).where(Moderator.subject == subject))


def _bind(session: Session, subject: str, email: str) -> Moderator:
    # In ASCII alone: some letters become others in lower case, K (the unit) the k of somebody else.
    if not email or not (email.isascii() and email.isprintable()):
        raise UnknownPersonError(_UNKNOWN)
    wanted = select(Moderator).where(Moderator.email == email.strip().lower())
    found = session.scalar(wanted.with_for_update())
    if found is None or found.subject is not None:
        raise UnknownPersonError(_UNKNOWN)
    found.subject = subject
    session.flush()
    return found
