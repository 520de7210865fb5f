"""Somebody by whatever a site knows them by, and the comments that are theirs."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from api.moderation.derivation import derive
from api.moderation.errors import FieldError
from api.moderation.privacy.addressing import forms
from api.moderation.services import Services
from api.moderation.spellings import spell
from api.moderation.traces import read_address, spell_email, spell_mailbox
from api.store.tables import Comment

BATCH = 25
"""How many comments a transaction changes."""

SCANNED = 500
"""How many rows a statement looks at."""

WINDOW = 20_000
"""Within how many numbers a statement looks that no index leads."""

BEFORE_ALL = -(2**62)

KINDS = {"author_id": "author", "email": "email", "address": "address", "moderator": "email"}
"""What somebody may be known by, and in which spelling it is kept."""

_AUTHOR = Comment.author


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by what is given, each in the one spelling of `api.moderation.spellings`.

    Comments that any of it fits are theirs. `moderator` is the e-mail address by which somebody
    moderated; then nothing else is given. `forms` are those in which the address may be kept.
    """

    author_id: str | None = None
    email: str | None = None
    address: str | None = None
    moderator: str | None = None
    forms: tuple[str, ...] = ()

    @property
    def given(self) -> dict[str, str]:
        """What is known of them, by name."""
        found = {name: getattr(self, name) for name in KINDS}
        return {name: value for name, value in found.items() if value}

    @property
    def known_by(self) -> list[tuple[str, str]]:
        """By which kinds and values standings and notes know them."""
        pairs = [("author", self.author_id), ("email", self.email)]
        found = [(kind, value) for kind, value in pairs if value]
        return [*found, *(("address", one) for one in self.forms)]

    @property
    def actors(self) -> tuple[str, ...]:
        """By which names they acted here, if they moderated; the second is of what was imported."""
        found = f"moderator:{self.moderator}"
        return (found, f"import:{found}") if self.moderator else ()

    def matches(self, comment: Comment) -> bool:
        """Whether a comment is theirs."""
        author = comment.author
        if self.author_id and comment.author_id == self.author_id:
            return True
        if self.email and spell_email(author.get("email")) == self.email:
            return True
        if comment.address is None and comment.network is None:
            # A release before 0.3 has kept it.
            return read_address(author.get("ip"))[0] in self.forms
        return comment.address in self.forms


def name(given: Mapping[str, str | None]) -> Person:
    """Somebody as others write it, by the names in `KINDS`.

    Raises FieldError where it is no address, or nothing is given.
    """
    wanted = {field: value for field, value in given.items() if value}
    if not wanted:
        raise FieldError("/author_id", "Say who: author_id, email or address.")
    if "moderator" in wanted and len(wanted) > 1:
        raise FieldError("/moderator", "Name a moderator alone, a commenter by the others.")
    found: dict[str, Any] = {}
    for field, value in wanted.items():
        try:
            found[field] = _spell(field, value)
        except ValueError as error:
            raise FieldError(f"/{field}", str(error)) from error
    return Person(**found)


def _spell(field: str, value: str) -> str:
    if field != "moderator":
        return spell(KINDS[field], value)
    # The first account's address is at `localhost`, which is nobody's mailbox.
    spelled = value.strip().lower()
    if "@" not in spelled:
        raise ValueError("Not an e-mail address.")
    return spelled


def locate(services: Services, session: Session, site_id: int, person: Person) -> Person:
    """The same with the forms in which the site may keep the address."""
    found = forms(services, session, site_id, person.address) if person.address else []
    return replace(person, forms=tuple(found))


def digest_all(services: Services, site_id: int, person: Person) -> list[str]:
    """Keyed digests, one for each thing somebody is known by: nobody can be read from them."""
    key = derive(services.secret_key, "erased people")
    return [
        hmac.new(key, f"{site_id} {kind} {value}".encode(), "sha256").hexdigest()
        for kind, value in sorted(person.given.items())
    ]


def find_batch(
    session: Session, site_id: int, person: Person, after: int, most: int
) -> Sequence[int]:
    """The numbers of somebody's next comments, as far as an index leads to them."""
    found: set[int] = set()
    for condition in _conditions(person):
        found.update(_find(session, site_id, person, condition, after, most))
    return sorted(found)[:most]


def find_old(
    session: Session, site_id: int, person: Person, after: int, most: int
) -> Sequence[int]:
    """The same of those that no index leads to: releases before 0.3 have kept them."""
    old: list[ColumnElement[bool]] = []
    if person.email:
        written = _AUTHOR["email"].as_string().is_not(None)
        old.append(and_(Comment.mailbox.is_(None), written))
    if person.forms:
        kept = Comment.address.is_not(None), Comment.network.is_not(None)
        old.append(and_(~or_(*kept), _AUTHOR["ip"].as_string().is_not(None)))
    found: list[int] = []
    while old and len(found) < most:
        begin = session.scalar(select(func.min(Comment.id)).where(Comment.id > after))
        if begin is None:
            break
        inside = and_(or_(*old), Comment.id <= begin + WINDOW)
        found += _find(session, site_id, person, inside, after, most - len(found))
        after = begin + WINDOW
    return found


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
        session.expunge_all()
    return found[:most]


def _conditions(person: Person) -> Iterator[ColumnElement[bool]]:
    if person.author_id:
        yield Comment.author_id == person.author_id
    if person.email:
        yield Comment.mailbox == spell_mailbox(person.email)
    if person.forms:
        yield Comment.address.in_(person.forms)
