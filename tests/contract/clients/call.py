"""Calls python-akismet: reads options and calls from stdin, writes what came of each."""

import json
import sys
from typing import Any

from akismet import Akismet


def answer(client: Akismet, name: str, *given: dict[str, Any]) -> dict[str, Any]:
    """What one call gives, or the client's own error."""
    try:
        return {"value": getattr(client, name)(**given[0])}
    except Exception as error:
        return {"error": {"name": type(error).__name__, "message": str(error)}}


asked = json.load(sys.stdin)
client = Akismet(**asked["options"])
json.dump([answer(client, *one) for one in asked["calls"]], sys.stdout)
