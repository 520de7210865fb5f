"""Who may come in with an account at the provider: moderators that there are, and nobody else."""

import hashlib

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.moderation import people, signins
from api.moderation.access import COMMAND_LINE, Caller
from api.moderation.errors import NotFoundError
from api.moderation.events.recording import record
from api.moderation.identity import Account, UnknownPersonError
from api.moderation.services import Services
from api.store.tables import Moderator

_PROVIDER = "identity provider"
"""Who acts where an account is bound to a moderator: it has vouched for their address."""

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
            found = _find(session, subject) or _bind(session, services, subject, account.email)
    except IntegrityError as error:
        # The account was bound to somebody else at the same moment.
        raise UnknownPersonError(_UNKNOWN) from error
    return signins.open_session(services, found, hours, signins.OIDC)


def forget(services: Services, email: str) -> None:
    """Let a moderator come with another account from now on; raise NotFoundError for nobody.

    For the command line, where an address names somebody of any site.
    """
    with services.database.writing() as session:
        wanted = select(Moderator).where(Moderator.email == email.strip().lower())
        found = session.scalar(wanted.with_for_update())
        if found is None:
            raise NotFoundError(f"There is no moderator {email}.")
        if found.subject is not None:
            _keep(session, services, COMMAND_LINE, found, None)


def _find(session: Session, subject: str) -> Moderator | None:
    return session.scalar(select(Moderator).where(Moderator.subject == subject))


def _bind(session: Session, services: Services, subject: str, email: str) -> Moderator:
    # In ASCII alone: some letters become others in lower case, K (the unit) the k of somebody else.
    if not email or not (email.isascii() and email.isprintable()):
        raise UnknownPersonError(_UNKNOWN)
    wanted = select(Moderator).where(Moderator.email == email.strip().lower())
    found = session.scalar(wanted.with_for_update())
    if found is None or found.subject is not None:
        raise UnknownPersonError(_UNKNOWN)
    _keep(session, services, _PROVIDER, found, subject)
    return found


def _keep(
    session: Session, services: Services, actor: str, found: Moderator, subject: str | None
) -> None:
    found.subject = subject
    session.flush()
    said = {"moderator": people.identify(found), "changed": ["subject"]}
    record(session, services, Caller(found.site_id, "admin", actor), "moderator.changed", said)
