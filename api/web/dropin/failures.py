"""What went wrong in a view, as a status and a sentence, for a dialect to put in its own form."""

import logging

from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api.errors import where_it_broke
from api.moderation.errors import TooOftenError
from api.store.gathering import BusyError

log = logging.getLogger(__name__)


def explain(error: Exception) -> tuple[int, str]:
    """The status and what to say; what is our own fault is logged, without a word of anybody's."""
    match error:
        case RequestEntityTooLarge():
            return 413, "The body is larger than this server accepts."
        case HTTPException():
            return error.code or 500, error.description or ""
        case TooOftenError():
            return 429, str(error)
        case DBAPIError() | BusyError():
            log.error("the database failed: %s", type(getattr(error, "orig", error)).__name__)
            return 503, "The database cannot be reached or is busy; nothing was kept."
        case _:
            log.error("a request failed: %s", where_it_broke(error))
            return 500, "Winnow made a mistake; it is in the server's log."
