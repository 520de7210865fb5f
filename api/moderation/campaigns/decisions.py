"""Campaigns decided as one: every comment that waits now, and for a time those that come later."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.moderation import campaigns, policies, standing
from api.moderation.access import Caller
from api.moderation.campaigns import Campaign, batches
from api.moderation.campaigns.batches import DECIDE, UNDO, make_task
from api.moderation.errors import ConflictError
from api.moderation.repeats import perform
from api.moderation.review import Choice
from api.moderation.services import Services
from api.store.policies import CampaignDecision

ACTIONS = ("approve", "reject")

_INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def decide(services: Services, caller: Caller, campaign: str, choice: Choice) -> Campaign:
    """Decide every comment of a campaign that waits, and have later arrivals follow for a time.

    Passes by what others have claimed. Deciding the same again takes along what has come to wait
    since; raise ConflictError while it is decided otherwise, NotFoundError where there is none.
    The campaign comes back as it is after the first batch; a large one is not through with then.
    """
    rules = policies.find(services, caller.site_id).document.duplicates
    follow = timedelta(hours=rules.follow_hours)

    def act(session: Session) -> Campaign:
        campaigns.load(session, caller.site_id, campaign)
        row = _put(session, services, caller, campaign, choice, follow)
        task = make_task(DECIDE, caller, row, choice.note)
        batches.begin(session, services, caller, task)
        return campaigns.load(session, caller.site_id, campaign)

    found = perform(services, caller.site_id, caller.ticket, act)
    if found.decision is not None and found.pending:
        task = make_task(DECIDE, caller, found.decision, choice.note)
        batches.go_on(services, caller, task)
    return found


def undo(services: Services, caller: Caller, campaign: str) -> Campaign:
    """Follow a campaign's decision no longer, and take back the decisions on comments it has made.

    What has followed it is judged again. Raise ConflictError where there is none to take back.
    """
    with services.database.writing() as session:
        campaigns.load(session, caller.site_id, campaign)
        row = batches.lock(session, caller.site_id, campaign)
        if row is None:
            raise ConflictError("There is no decision on this campaign to undo.")
        session.delete(row)
        session.flush()
        task = make_task(UNDO, caller, row)
        batches.begin(session, services, caller, task)
    batches.go_on(services, caller, task)
    return campaigns.find(services, caller, campaign)


def _put(
    session: Session,
    services: Services,
    caller: Caller,
    campaign: str,
    choice: Choice,
    follow: timedelta,
) -> CampaignDecision:
    """The decision in force, which may have been there; its row is locked."""
    now, connection = services.now(), session.connection()
    values = {
        "action": choice.action,
        "reason": choice.reason,
        "actor": caller.actor,
        "created_at": now,
        "until": now + follow,
    }
    key = {"site_id": caller.site_id, "campaign": campaign}
    insert = _INSERTS[connection.dialect.name](CampaignDecision)
    connection.execute(insert.values(**key, **values).on_conflict_do_nothing())
    row = session.get_one(CampaignDecision, (caller.site_id, campaign), with_for_update=True)
    if row.until <= now:
        for name, value in values.items():
            setattr(row, name, value)
    elif row.action != choice.action:
        does, until = standing.STATUS[row.action], f"{row.until:%Y-%m-%d %H:%M} UTC"
        raise ConflictError(f"This campaign is {does} until {until}; undo that first.")
    return row
