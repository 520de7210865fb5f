"""Somebody by whatever a site knows them by, and the comments that are theirs."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from api.moderation.derivation import derive
from api.moderation.errors import FieldError
from api.moderation.services import Services
from api.moderation.spellings import spell
from api.moderation.traces import read_address, spell_email, spell_mailbox
from api.store.tables import Comment

BATCH = 100
"""How many comments a transaction changes."""

SCANNED = 500
"""How many rows a statement looks at."""

KINDS = {"author_id": "author", "email": "email", "address": "address"}
"""What somebody may be known by, and what standings and notes call it."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody; at least one is given, each in the one spelling of `api.moderation.spellings`.

    Comments that any of them fits are theirs.
    """

    author_id: str | None = None
    email: str | None = None
    address: str | None = None

    @property
    def known_by(self) -> dict[str, str]:
        """What is given, by the kinds of standings."""
        return {KINDS[name]: value for name, value in asdict(self).items() if value}

    def matches(self, comment: Comment) -> bool:
        """Whether a comment is theirs."""
        author = comment.author
        return any(
            (
                self.author_id and comment.author_id == self.author_id,
                self.email and spell_email(author.get("email")) == self.email,
                self.address
                and self.address in (comment.address, read_address(author.get("ip"))[0]),
            )
        )


def name(author_id: str | None, email: str | None, address: str | None) -> Person:
    """Somebody as others write it; raise FieldError where it is no address, or nothing is given."""
    given = {"author_id": author_id, "email": email, "address": address}
    if not any(given.values()):
        raise FieldError("/author_id", "Say who: author_id, email or address.")
    found: dict[str, str] = {}
    for field, value in given.items():
        if value:
            try:
                found[field] = spell(KINDS[field], value)
            except ValueError as error:
                raise FieldError(f"/{field}", str(error)) from error
    return Person(**found)


def digest_all(services: Services, site_id: int, person: Person) -> list[str]:
    """Keyed digests, one for each thing somebody is known by: nobody can be read from them."""
    key = derive(services.secret_key, "erased people")
    return [
        hmac.new(key, f"{site_id} {kind} {value}".encode(), "sha256").hexdigest()
        for kind, value in sorted(person.known_by.items())
    ]


def find_batch(
    session: Session, site_id: int, person: Person, after: int = 0, most: int = BATCH
) -> Sequence[int]:
    """The numbers of somebody's next comments, as far as an index leads to them."""
    found: set[int] = set()
    for condition in _conditions(person):
        found.update(_find(session, site_id, person, condition, after, most))
    return sorted(found)[:most]


def _find(
    session: Session, site_id: int, person: Person, condition: Any, after: int, most: int
) -> list[int]:
    """As many that meet a condition; of a series of mailboxes not all are theirs."""
    found: list[int] = []
    while len(found) < most:
        here = select(Comment).where(Comment.site_id == site_id, condition, Comment.id > after)
        some = session.scalars(here.order_by(Comment.id).limit(SCANNED)).all()
        found += [one.id for one in some if person.matches(one)]
        if len(some) < SCANNED:
            break
        after = some[-1].id
    return found[:most]


def scan(session: Session, site_id: int, person: Person) -> Iterator[int]:
    """The numbers of comments that no index leads to: those of releases before 0.3."""
    old = []
    if person.email:
        written = Comment.author["email"].as_string().is_not(None)
        old.append(and_(Comment.mailbox.is_(None), written))
    if person.address:
        written = Comment.author["ip"].as_string().is_not(None)
        old.append(and_(Comment.address.is_(None), written))
    after = 0
    while old:
        here = select(Comment).where(Comment.site_id == site_id, or_(*old), Comment.id > after)
        some = session.scalars(here.order_by(Comment.id).limit(SCANNED)).all()
        yield from [one.id for one in some if person.matches(one)]
        if len(some) < SCANNED:
            return
        after = some[-1].id
        session.expunge_all()


def _conditions(person: Person) -> Iterator[ColumnElement[bool]]:
    if person.author_id:
        yield Comment.author_id == person.author_id
    if person.email:
        yield Comment.mailbox == spell_mailbox(person.email)
    if person.address:
        yield Comment.address == person.address
