"""Has a worker do what is due, in a test with a clock that is moved."""

from api.moderation.services import Services
from api.work.worker import Worker


def work(services: Services) -> None:
    """Do all that is due, and what comes of it."""
    worker = Worker(services, "test", chance=lambda: 0.0)
    while worker.tick():
        worker.join()
