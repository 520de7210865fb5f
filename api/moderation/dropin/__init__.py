"""Comments that come by a foreign protocol: the same intake, and how later calls find them.

A protocol's caller has no ids of ours. What a call says of a comment makes the comment's id, so
that a call sent twice is one comment, and a fingerprint by which later calls find it again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, bindparam, select

from api.moderation import intake, policies, sealing
from api.moderation.access import Caller
from api.moderation.intake import Submitted
from api.moderation.policy.subject import Draft
from api.moderation.services import Services
from api.store.dropin import DropinCheck
from api.store.inserting import NewRow
from api.store.lookups import LookUp
from api.store.tables import Comment, Revision, Verdict

AKISMET, PERSPECTIVE, OPENAI, CORAL = "akismet", "perspective", "openai", "coral"
DOORS = (AKISMET, PERSPECTIVE, OPENAI, CORAL)


@dataclass(frozen=True, slots=True)
class Check:
    """A comment as a foreign call brings it; `draft.id` is set, see `identify`.

    `fingerprint` and `token` are digests, see `fingerprint`; `token` is that of the name its
    caller gave it. `callback` is where the caller wants to hear what people decide, and `key` how
    the call was signed in, which a callback has to say.
    """

    door: str
    draft: Draft
    fingerprint: str
    token: str | None = None
    blog: str | None = None
    callback: str | None = None
    key: str | None = None


def fingerprint(*parts: str) -> str:
    """A digest of 64 hexadecimal digits, of parts that are told apart."""
    whole = hashlib.sha256()
    for part in parts:
        plain = part.encode("utf-8", "surrogatepass")
        whole.update(b"%d:" % len(plain))
        whole.update(plain)
    return whole.hexdigest()


def identify(door: str, *parts: str) -> str:
    """The id of a comment of which a door knows these parts: `akismet-` and 32 digits."""
    return f"{door}-{fingerprint(*parts)[:32]}"


def keep(
    services: Services,
    caller: Caller,
    checks: Sequence[Check],
    also: intake.Also | None = None,
) -> list[Submitted]:
    """Judge and keep comments like any other, with what later calls find them by, in one commit.

    One that is there already with the same text is as it stands. `also` may write more.
    """
    policy = policies.find(services, caller.site_id)
    days = policy.document.dropin.keep_days
    now = services.now()
    expires = None if days is None else now + timedelta(days=days)
    sealed = [one.key and one.callback and sealing.seal(services, one.key) for one in checks]

    def keep_checks(connection: Connection, found: Sequence[Submitted]) -> None:
        for one, key, kept in zip(checks, sealed, found, strict=True):
            if kept.new and kept.state.comment.version == 1:
                values = {
                    "comment_id": kept.state.comment.id,
                    "site_id": caller.site_id,
                    "door": one.door,
                    "fingerprint": one.fingerprint,
                    "token": one.token,
                    "blog": one.blog,
                    "answered": None,
                    "callback": one.callback,
                    "sealed_key": key or None,
                    "told": None,
                    "created_at": now,
                    "expires_at": expires,
                }
                NewRow(connection.dialect, DropinCheck, values).write(connection)
        if also is not None:
            also(connection, found)

    return intake.submit(services, caller, [one.draft for one in checks], keep_checks)


_SCORES = LookUp(
    select(Verdict.scores, Revision.text)
    .join(Comment, Comment.id == Verdict.comment_id)
    .join(Revision, and_(Revision.comment_id == Comment.id, Revision.number == Comment.revision))
    .where(
        Comment.site_id == bindparam("site_id"),
        Comment.public_id == bindparam("public_id"),
        Verdict.version == Comment.verdict_version,
        Verdict.model.is_not(None),
    )
)


def find_scores(services: Services, caller: Caller, draft: Draft) -> dict[str, float] | None:
    """The scores of a comment that is there already as it is in the draft; None where it is not.

    A client that asks the same again waits for a look, not for a verdict.
    """
    here: dict[str, int | str] = {"site_id": caller.site_id, "public_id": draft.id or ""}
    found = _SCORES.find(services.database, **here)
    if found is None or found[1] != draft.text:
        return None
    scores: dict[str, float] = json.loads(found[0]) if isinstance(found[0], str) else found[0]
    return scores
