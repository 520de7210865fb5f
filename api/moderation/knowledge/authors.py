"""What is known: the author's past, their standing, and who shares their address."""

from typing import Any

from api.moderation.knowledge.query import Query


def ask(query: Query) -> dict[str, Any]:
    """Members of `Facts`, as far as the policy asks for them."""
    return {}
