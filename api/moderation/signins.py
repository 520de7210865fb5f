"""Signing in with a password, and the session of whoever has shown who they are."""

import secrets
from datetime import timedelta

from sqlalchemy import delete, select

from api.moderation import access, passwords, people
from api.moderation.access import Caller
from api.moderation.errors import SignInError
from api.moderation.events.recording import record
from api.moderation.services import Services
from api.moderation.throttling import FREE, Attempt
from api.store.tables import Moderator, SignIn

PASSWORD, OIDC = "password", "oidc"
"""The ways in which somebody may show who they are."""

_REFUSER = "winnow"
"""Who acts where tries are refused: whoever made them has not shown who they are."""


def sign_in(
    services: Services, email: str, password: str, hours: int, address: str | None = None
) -> str:
    """Open a session for `hours` and return its token; raise SignInError on a wrong pair.

    `address` is where the try comes from. Raises ThrottledError after too many failures of the
    account or from there, whether or not there is such an account.
    """
    email = email.strip().lower()
    attempt = Attempt(services, email, address)
    with services.database.reading() as session:
        moderator = session.scalar(select(Moderator).where(Moderator.email == email))
    hashed = moderator.password_hash if moderator else None
    if not passwords.is_password(hashed, password) or moderator is None:
        if attempt.is_last_free:
            _record_refusal(services, attempt, moderator)
        raise SignInError("The e-mail address or the password is wrong.")
    attempt.succeed()
    return open_session(services, moderator, hours, PASSWORD)


def open_session(services: Services, moderator: Moderator, hours: int, way: str) -> str:
    """Open a session for somebody who has just shown who they are; return its token.

    `way` is how they have. Raises SignInError when they were removed, or got another password,
    since they were loaded.
    """
    token = secrets.token_urlsafe(32)
    now = services.now()
    same = Moderator.id == moderator.id, Moderator.password_hash == moderator.password_hash
    with services.database.writing() as session:
        # Locked, or a change of the password could miss the session that begins beside it.
        if session.scalar(select(Moderator.id).where(*same).with_for_update(read=True)) is None:
            raise SignInError("This account has changed just now; please sign in again.")
        session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        session.add(
            SignIn(
                digest=access.digest(token),
                moderator_id=moderator.id,
                created_at=now,
                expires_at=now + timedelta(hours=hours),
                seen_at=now,
            )
        )
        who = Caller(moderator.site_id, moderator.role, f"moderator:{moderator.email}")
        said = {"moderator": people.identify(moderator), "way": way}
        record(session, services, who, "session.started", said)
    return token


def _record_refusal(services: Services, attempt: Attempt, moderator: Moderator | None) -> None:
    """Write down that an account's tries are slowed from now on: once, however many follow.

    Each failure is none of the log's: whoever guesses could fill it.
    """
    with services.database.writing() as session:
        # Whether or not there is such an account something is written, and takes its time.
        attempt.touch(session)
        if moderator is not None:
            said = {"moderator": people.identify(moderator), "failures": FREE}
            who = Caller(moderator.site_id, "moderator", _REFUSER)
            record(session, services, who, "session.refused", said)
