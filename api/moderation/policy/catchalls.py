"""Rules that match everything, which nobody means."""

from datetime import UTC, datetime

from api.moderation.policy import words
from api.moderation.policy.document import Document, Rule
from api.moderation.policy.inforce import Policy
from api.moderation.policy.lexicon.patterns import read_pattern
from api.moderation.policy.subject import Draft, Subject

_SOMETIME = datetime(2026, 1, 1, tzinfo=UTC)

_PROBES = (
    ("Thanks, I enjoyed reading this!", {"name": "Anna Berg", "email": "anna@mail.example"}),
    ("why was bridge 14 not closed on monday", {"name": "mo_77", "url": "https://mo.example/"}),
    ("Das haben wir vor zwei Jahren auch gedacht.", {"name": "Jürgen K."}),
    ("HELLO FROM BRAZIL", {"name": "Zé"}),
    ("Quite possibly; but who pays? Not me.", {"name": "Dr. Ulysses Quill"}),
    ("“Sí”, dijo él, y nadie contestó", {"name": "ñandú", "email": "n4@correo.example"}),
)
"""Comments and authors that share no word and that nobody would hold."""


def find_catchalls(document: Document) -> list[int]:
    """The places of rules that match the empty text, or each of some unlike harmless ones."""
    policy = Policy(document)
    everywhere = set.intersection(*(_find_keys(policy, *probe) for probe in _PROBES))
    return [
        place
        for place, rule in enumerate(document.rules)
        if rule.key in everywhere or _matches_nothing(rule)
    ]


def _find_keys(policy: Policy, text: str, author: dict[str, str]) -> set[str]:
    subject = Subject(Draft(text, {"id": "probe"}, author=author), _SOMETIME)
    found = words.find(policy, subject)
    return {str(match.reason["rule"]).removeprefix(words.RULE) for match in found}


def _matches_nothing(rule: Rule) -> bool:
    return rule.kind == "regex" and bool(read_pattern(rule.value, rule.case).search(b""))
