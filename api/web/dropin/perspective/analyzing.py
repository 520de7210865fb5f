"""Placeholder while the rest is written."""

from flask import Response, request

from api.web.dropin.perspective import answers
from api.web.dropin.perspective.keys import authenticate
from api.web.dropin.perspective.messages import ANALYZE
from api.web.routing import services


def analyze() -> Response:
    """Score a comment."""
    answers.check(request.args)
    authenticate(services(), request.args, request.headers)
    ANALYZE.parse(request.get_data())
    return answers.show({}, request.args)
