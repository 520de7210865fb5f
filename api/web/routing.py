"""What every resource file needs of the web: its blueprint, its caller, its services."""

from typing import cast

import flask_smorest
from flask import current_app, g
from werkzeug.routing import BaseConverter

from api.moderation.access import Caller
from api.moderation.services import Services
from api.moderation.stats.sheets import SHEETS
from api.web.body import BodyParser
from api.web.fields import COMMENT_ID


class Blueprint(flask_smorest.Blueprint):
    """A group of documented routes whose bodies are read strictly."""

    ARGUMENTS_PARSER = BodyParser()


class CommentId(BaseConverter):
    """A comment's id in a path; anything that cannot be one is a 404."""

    regex = COMMENT_ID
    part_isolating = True


class KeyId(BaseConverter):
    """The name of a key in a path: its first letters, or one made beside it."""

    regex = "(?:wnw|aks|cor)_[0-9a-f]{8}"


class CampaignId(BaseConverter):
    """A campaign's id in a path."""

    regex = "cmp_[0-9a-f]{24}"


class ClaimId(BaseConverter):
    """A claim's id in a path."""

    regex = "claim-[0-9a-f]{32}"


class JobId(BaseConverter):
    """A job's number in a path, as large as a database may count."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class Version(BaseConverter):
    """A version's number in a path, as large as a database may count."""

    regex = "[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        """The number."""
        return int(value)


class SheetName(BaseConverter):
    """What a table of figures is called in a path."""

    regex = "|".join(SHEETS)


class StandingId(BaseConverter):
    """A standing's id in a path."""

    regex = "std_[0-9a-f]{24}"


class NoteId(BaseConverter):
    """A note's id in a path."""

    regex = "note_[0-9a-f]{24}"


class BulkId(BaseConverter):
    """The id of a bulk decision in a path."""

    regex = "bulk_[0-9a-f]{24}"


class ErasureId(BaseConverter):
    """An erasure's id in a path."""

    regex = "era_[0-9a-f]{24}"


class WebhookId(BaseConverter):
    """A webhook's id in a path."""

    regex = "wh_[0-9a-f]{24}"


class ModeratorId(BaseConverter):
    """A moderator's id in a path."""

    regex = "mod_[0-9a-f]{24}"


class ModelId(BaseConverter):
    """The id of a model that a site has taught, in a path."""

    regex = "mdl_[0-9a-f]{16}"


class QueueName(BaseConverter):
    """A queue's name in a path."""

    regex = "[a-z0-9-]{1,50}"


class MessageId(BaseConverter):
    """The id of a webhook's message in a path."""

    regex = "msg_[0-9a-f]{24}"


class PreviewId(BaseConverter):
    """A preview's id in a path."""

    regex = "preview-[0-9a-f]{24}"


def services() -> Services:
    """The outside world of this app."""
    return cast("Services", current_app.extensions["winnow"])


def caller() -> Caller:
    """Who makes this request; `api.web.auth` has put it there."""
    return cast("Caller", g.caller)
