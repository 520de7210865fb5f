"""`POST /v1/moderations`: each text becomes a comment, and its verdict's scores a result."""

import secrets
from collections.abc import Mapping, Sequence

from flask import Response, jsonify

from api.moderation import dropin, inforce, policies
from api.moderation.access import Caller
from api.moderation.dropin import OPENAI, Check
from api.web.comment_schemas import MAX_TEXT
from api.web.dropin.drafts import make_draft
from api.web.dropin.openai import categories
from api.web.dropin.openai.names import ALIASES, is_text_only
from api.web.dropin.openai.refusals import RefusalError
from api.web.dropin.openai.requests import find_caller, read_asked
from api.web.routing import services
from classifier import Threshold

ARTICLE = "openai"
"""Under which article the texts stand, as their callers name none."""


def moderate() -> Response:
    """One result for each text, or one for a list of parts."""
    caller = find_caller()
    asked = read_asked()
    pieces = [split(text) for text in asked.texts]
    scores = _score(caller, [piece for parts in pieces for piece in parts])
    thresholds = _find_thresholds(caller)
    text_only = is_text_only(asked.model)
    results = [
        categories.show(
            categories.merge([categories.find(scores[part], thresholds) for part in parts]),
            text_only,
        )
        for parts in pieces
    ]
    name = ALIASES.get(asked.model, asked.model)
    return jsonify({"id": f"modr-{secrets.token_hex(16)}", "model": name, "results": results})


def split(text: str) -> list[str]:
    """A text in pieces that comments have room for, parted at blanks where there are any."""
    pieces, start = [], 0
    while len(text) - start > MAX_TEXT:
        end = max(text.rfind(blank, start + MAX_TEXT // 2, start + MAX_TEXT) for blank in " \n")
        end = start + MAX_TEXT if end < 0 else end
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def _score(caller: Caller, texts: Sequence[str]) -> Mapping[str, Mapping[str, float]]:
    """The scores of texts, which are kept, each once; there is nothing to keep of an empty one.

    Raises RefusalError where the classifier has none: they are held, and judged when it has.
    """
    checks = {text: _make_check(text) for text in texts if text.strip()}
    kept = dropin.keep(services(), caller, list(checks.values()))
    scores = {text: one.state.verdict.scores for text, one in zip(checks, kept, strict=True)}
    if not all(scores.values()):
        raise _make_failure()
    return {text: scores.get(text, {}) for text in texts}


def _make_check(text: str) -> Check:
    public_id = dropin.identify(OPENAI, text)
    draft = make_draft(public_id, text, {"id": ARTICLE}, door=OPENAI)
    return Check(OPENAI, draft, dropin.fingerprint(text))


def _find_thresholds(caller: Caller) -> Mapping[str, Threshold]:
    """From which score on the site's policy does something; raise RefusalError without a model."""
    here = inforce.find(services(), caller.site_id, caller.in_force)
    policy = policies.get(services(), caller.site_id, here.policy)
    measured = services().scorer.measured(policy.document.second_opinion)
    if measured is None:
        raise _make_failure()
    return policy.thresholds(measured)


def _make_failure() -> RefusalError:
    says = "The classifier cannot be asked at the moment; what was sent waits for a person to look."
    return RefusalError(503, says)
