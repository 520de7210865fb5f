"""Sends the messages that webhooks are owed."""

from api.moderation.services import Services
from api.store.jobs import TakenJob


def deliver(services: Services, job: TakenJob) -> None:
    """Make the delivery that the job names."""
