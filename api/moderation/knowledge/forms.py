"""What is known: whether a form token was used before."""

from typing import Any

from api.moderation.knowledge.query import Query


def ask(query: Query) -> dict[str, Any]:
    """Members of `Facts`, as far as the policy asks for them."""
    return {}
