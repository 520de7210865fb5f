"""The event log: sealed into one chain per site, read in order, checked, and played back."""

from api.moderation.services import Services


def seal(services: Services, most: int = 500) -> int:
    """Number and chain up to `most` events of all sites, oldest first; return how many."""
    return 0
