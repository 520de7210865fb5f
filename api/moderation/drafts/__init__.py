"""Drafts of a policy, whatever for: kept as they were put, and made ready for use once."""

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moderation import policies
from api.moderation.access import Caller
from api.moderation.drafts.tallies import Tally
from api.moderation.errors import NotFoundError
from api.moderation.policy.document import Document
from api.moderation.policy.inforce import Policy
from api.moderation.policy.reading import Written
from api.moderation.policy.reading.schema import load_document
from api.moderation.services import Services
from api.store.policies import PolicyDraft

NO_VERSION = 0
"""A draft is no version of the policy yet."""

PREVIEW, SHADOW = "preview", "shadow"

RUNNING, DONE, STOPPED = "running", "done", "stopped"


UNSEEN = ("duplicates", "links.new_host", "checker", "second_opinion")
"""What of a draft goes by what the policy in force leaves behind with each comment."""


def find_unseen(live: Document, draft: Document) -> list[str]:
    """Of `UNSEEN`, what a draft asks for and nothing tells of, as the policy in force does not.

    By it the draft finds no near duplicates, no host that it knows, and nothing a checker said.
    Nor does anything tell what another second opinion would be: scores stay as they were found.
    """
    asked = {
        "duplicates": (live.duplicates.do != "off", draft.duplicates.do != "off"),
        "links.new_host": (live.links.new_host != "off", draft.links.new_host != "off"),
        "checker": (live.checker is not None, draft.checker is not None),
        "second_opinion": (False, live.second_opinion != draft.second_opinion),
    }
    return [name for name in UNSEEN if asked[name] == (False, True)]


def make(
    services: Services, caller: Caller, written: Written, kind: str, options: dict[str, Any]
) -> PolicyDraft:
    """A draft that runs from now on; it is not kept yet."""
    now = services.now()
    return PolicyDraft(
        site_id=caller.site_id,
        public_id=f"{kind}-{secrets.token_hex(12)}",
        kind=kind,
        text=written.text,
        document=written.plain,
        options=options,
        state=RUNNING,
        cursor=None,
        tally=Tally().write(),
        actor=caller.actor,
        created_at=now,
        updated_at=now,
    )


def load(
    session: Session, caller: Caller, kind: str, public_id: str, lock: bool = False
) -> PolicyDraft:
    """A draft of the caller's site; raise NotFoundError where there is none."""
    wanted = select(PolicyDraft).where(
        PolicyDraft.site_id == caller.site_id,
        PolicyDraft.kind == kind,
        PolicyDraft.public_id == public_id,
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise NotFoundError(f"There is no {kind} {public_id}.")
    return found


def prepare(services: Services, site_id: int, draft_id: int) -> Policy:
    """A draft, ready for use."""

    def read(session: Session) -> Policy:
        document = session.get_one(PolicyDraft, draft_id).document
        return Policy(load_document(document), NO_VERSION)

    # Versions are counted from 1 on, so drafts go by numbers below 0.
    return policies.prepare(services, (site_id, -draft_id), read)
