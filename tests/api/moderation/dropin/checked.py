"""Comments that came by Akismet's door, and the jobs that tell what became of them."""

from typing import Any

from sqlalchemy import select

from api.moderation import dropin
from api.moderation.access import Caller
from api.moderation.dropin import Check
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.store.dropin import DropinCheck
from api.store.outbox import Job
from api.store.tables import Comment

KEY = "123456789abc"


def check(
    services: Services, site: int, callback: str | None, text: str = "spam0.60", name: str = "1"
) -> str:
    """Have a comment checked, as Akismet's door does, and return its id."""
    public_id = dropin.identify(dropin.AKISMET, name)
    draft = Draft(text=text, article={"id": "a-1"}, id=public_id)
    one = Check(
        dropin.AKISMET,
        draft,
        dropin.fingerprint(name),
        blog="blog.example",
        callback=callback,
        key=KEY,
    )
    dropin.keep(services, Caller(site, "backend", "key:test"), [one])
    return public_id


def find_jobs(services: Services) -> list[Job]:
    """The jobs that tell, oldest first."""
    wanted = select(Job).where(Job.kind == "dropin.tell").order_by(Job.id)
    with services.database.reading() as session:
        return list(session.scalars(wanted))


def find_told(services: Services, public_id: str) -> Any:
    """What the callback of a comment has been told last."""
    wanted = select(DropinCheck.told).join(Comment, Comment.id == DropinCheck.comment_id)
    with services.database.reading() as session:
        return session.scalars(wanted.where(Comment.public_id == public_id)).one()
