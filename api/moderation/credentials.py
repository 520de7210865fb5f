"""A moderator's password, given another by themselves or from the command line."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.moderation import access, passwords, people
from api.moderation.access import COMMAND_LINE, Caller
from api.moderation.errors import NotFoundError, SignInError
from api.moderation.events.recording import record
from api.moderation.services import Services
from api.moderation.throttling import Attempt
from api.store.tables import Moderator, SignIn


def change_own(services: Services, caller: Caller, old: str, new: str, token: str) -> None:
    """Change one's own password and end all one's sessions but that of `token`.

    Raises FieldError for a password that nobody should have, SignInError when the old one is
    wrong, and ThrottledError after it was so too often.
    """
    with services.database.reading() as session:
        person = people.load_own(session, caller)
    passwords.check(new, person.email)
    # By a name of its own: who fails to sign in from outside keeps nobody from this.
    attempt = Attempt(services, f"of the signed-in {person.email}", None)
    if not passwords.is_password(person.password_hash, old):
        raise SignInError("The present password is another one.")
    attempt.succeed()
    hashed = passwords.hash_password(new)
    with services.database.writing() as session:
        found = people.load_own(session, caller)
        _keep(session, services, caller, found, hashed)
        others = SignIn.moderator_id == found.id, SignIn.digest != access.digest(token)
        session.execute(delete(SignIn).where(*others))


def set_password(services: Services, email: str, password: str) -> None:
    """Change a moderator's password and end every session they have open.

    For the command line, where an address names somebody of any site. Raises FieldError for a
    password that nobody should have, NotFoundError for nobody.
    """
    passwords.check(password, email)
    hashed = passwords.hash_password(password)
    with services.database.writing() as session:
        wanted = select(Moderator).where(Moderator.email == email.strip().lower())
        found = session.scalar(wanted)
        if found is None:
            raise NotFoundError(f"There is no moderator {email}.")
        operator = Caller(found.site_id, "admin", COMMAND_LINE)
        _keep(session, services, operator, found, hashed)
        session.execute(delete(SignIn).where(SignIn.moderator_id == found.id))


def _keep(
    session: Session, services: Services, caller: Caller, found: Moderator, hashed: str
) -> None:
    found.password_hash = hashed
    session.flush()
    said = {"moderator": people.identify(found)}
    record(session, services, caller, "moderator.password_changed", said)
