"""Perspective's `comments:analyze`: a comment comes in like any other, and its scores go out.

With `doNotStore` nothing of it is written anywhere: it is scored, and that is all.
"""

from collections.abc import Sequence
from typing import Any

from flask import Response, request

from api.moderation import dropin, inforce, policies
from api.moderation.access import Caller
from api.moderation.dropin import rejection
from api.moderation.policy.inforce import Policy
from api.moderation.services import Services
from api.web.comment_schemas import MAX_TEXT
from api.web.dropin.drafts import clean
from api.web.dropin.perspective import answers, attributes, languages, sentences
from api.web.dropin.perspective.comments import make_check, read_text
from api.web.dropin.perspective.errors import GoogleError
from api.web.dropin.perspective.keys import authenticate
from api.web.dropin.perspective.messages import ANALYZE
from api.web.dropin.perspective.scores import Scores, Writer
from api.web.routing import services
from classifier import LABELS, Submission


def analyze() -> Response:
    """Score a comment, sentence by sentence where that is asked for."""
    query, outside = request.args.to_dict(), services()
    caller = authenticate(outside, query, request.headers)
    answers.check(query)
    given = ANALYZE.parse(request.get_data())
    return answers.show_text(_analyze(outside, caller, given), query)


def _analyze(services: Services, caller: Caller, given: dict[str, Any]) -> str:
    text = read_text(given)
    asked = attributes.read(given.get("requestedAttributes", {}))
    requested, detected = given.get("languages", []), languages.detect(text)
    wants_fit = any(one.base == attributes.REJECTION for one in asked)
    fit = rejection.find(services, caller.site_id) if wants_fit else None
    drop = given.get("dropUnsupportedAttributes", False)
    chosen = attributes.choose(asked, requested, detected, fit, drop)
    pieces = sentences.split(text) if given.get("spanAnnotations") else [text]
    here = inforce.find(services, caller.site_id, caller.in_force)
    policy = policies.get(services, caller.site_id, here.policy)
    whole = None if given.get("doNotStore") else _keep(services, caller, given, text)
    parts = [*([] if whole else [text]), *(pieces if len(pieces) > 1 else [])]
    found = [*([whole] if whole else []), *_score(services, policy, parts, requested)]
    writer = Writer(policy.document.perspective_curve, fit, sentences.measure(pieces))
    written = writer.write(chosen, given["requestedAttributes"], found)
    others = {"languages": requested or detected, "detectedLanguages": detected}
    if "clientToken" in given:
        others["clientToken"] = given["clientToken"]
    return "{\n" + written + answers.write(others).removeprefix("{\n")


def _score(
    services: Services, policy: Policy, texts: Sequence[str], languages: Sequence[str]
) -> list[Scores]:
    """The scores of texts, of which nothing is kept."""
    language = next(iter(languages), None)
    items = [Submission(clean(one, len(one)), language=language) for one in texts]
    when = policy.document.second_opinion
    scored = services.scorer.score_in_time(items, when) if items else []
    if scored is None:
        raise _refuse_unscored()
    return [one.scores for one in scored]


def _keep(services: Services, caller: Caller, given: dict[str, Any], text: str) -> Scores | None:
    """Take a comment in; its verdict's scores, or None where those are not of all of its text."""
    check = make_check(given, text)
    scores = dropin.find_scores(services, caller, check.draft)
    if scores is None:
        [kept] = dropin.keep(services, caller, [check])
        scores = kept.state.verdict.scores
        if kept.new and kept.state.verdict.model is None:
            raise _refuse_unscored()
    whole = len(text) <= MAX_TEXT and all(label in scores for label in LABELS)
    return scores if whole else None


def _refuse_unscored() -> GoogleError:
    return GoogleError(503, "The service is currently unavailable: the classifier cannot be asked.")
