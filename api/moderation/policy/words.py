"""Words and patterns of the site's own."""

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from api.moderation.policy.document import Rule
from api.moderation.policy.inforce import Policy
from api.moderation.policy.lexicon import Hit, Place
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.scores import show_spans
from api.moderation.policy.subject import Subject
from api.moderation.policy.views import View
from classifier import Span, normalise

RULE = "rule:"
"""What a reason's `rule` begins with where it is one of the document's rules; its key follows."""

_WHERE = {
    "text": "The text",
    "name": "The author's name",
    "email": "The author's e-mail address",
    "url": "The address of the author's page",
}


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What is to be said of it."""
    found: dict[int, _Found] = {}
    for field, lexicon in policy.words.items():
        for view in _views(subject, field):
            for hit in lexicon.find(view.text):
                found.setdefault(hit.rule, _Found(field)).add(field, hit, view)
    rules = policy.document.rules
    # To observe is to change nothing.
    replaces = policy.document.profile != "observe"
    return [
        Match("rules", Tier.RULES, _reason(rules[number], subject.text, found[number], replaces))
        for number in sorted(found)
    ]


@dataclass(slots=True)
class _Found:
    """Where a rule is found: in which field first, and at which places of the text."""

    field: str
    places: list[Place] = dataclass_field(default_factory=list)
    more: bool = False

    def add(self, field: str, hit: Hit, view: View) -> None:
        """Note a hit; a place that is seen in both views of the text counts once."""
        if field != "text":
            return
        self.more = self.more or hit.more
        seen = {at for place in self.places for at in range(*place)}
        located = map(view.locate, hit.places)
        self.places += [place for place in located if seen.isdisjoint(range(*place))]


def _views(subject: Subject, field: str) -> Iterator[View]:
    """What is written in a field, as it is and without disguises."""
    draft = subject.draft
    text = subject.text if field == "text" else draft.author.get(field, "")
    if not text:
        return
    yield View(text)
    if field in ("text", "name"):
        plain = subject.normalised if field == "text" else normalise(text)
        if plain.text != text:
            yield View(text, plain)
    if field == "text" and draft.html:
        # Words that tags cut in two.
        yield View(draft.text, normalise(draft.text))


def _reason(rule: Rule, text: str, found: _Found, replaces: bool) -> dict[str, Any]:
    do, given = rule.do, {}
    if do == "replace":
        # What is left over would be published.
        do = "hold" if found.more else "flag"
        given = {"replacement": rule.replacement} if replaces else {}
    spans = show_spans(text, [Span(start, end, 1.0) for start, end in sorted(found.places)])
    message = rule.message or _say(rule, found.field)
    return reason("word_rule", message, do, rule=RULE + rule.key, spans=spans, **given)


def _say(rule: Rule, field: str) -> str:
    if rule.name:
        return f"{_WHERE[field]} matches the site's rule “{rule.name}”."
    return f"{_WHERE[field]} has what a rule of the site says to {rule.do}."
