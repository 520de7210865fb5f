"""Gunicorn's log, led to where all others lead."""

from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):
    """Gunicorn's own words as ours; those about requests are `requestids`' to write."""

    def setup(self, cfg: Any) -> None:
        """Take the level that gunicorn was told, and no handlers."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.access_log.disabled = True
