"""Free words of moderators and of the site that name somebody who is erased.

Only what is unmistakable is found: an e-mail address that reaches the same mailbox, the same IP
address, the same author's id with nothing of a word beside it. Short ids are words of their own,
and are not looked for.
"""

import re
from collections.abc import Mapping
from typing import Any

from api.moderation.privacy.persons import Person
from api.moderation.traces import read_address, spell_email

NOBODY = "erased"
"""What stands in the place of a name."""

SHORTEST = 4
"""The fewest characters of an author's id that is looked for in free words."""

FREE: Mapping[str, str] = {
    "notes": "text",
    "decisions": "note",
    "second_looks": "first_note second_note",
    "reports": "note",
    "standings": "reason",
    "bulk_decisions": "note wanted tally",
    "saved_queues": "title filter",
    "policies": "text document",
    "policy_drafts": "text document options tally",
    "adapters": "report",
    "attempts": "error answer",
    "jobs": "payload error",
    "kept_answers": "body",
}
"""The columns that are looked through, by table; what is in force there is only reported."""

_ADDRESS = re.compile("[.:]")
_BETWEEN = re.compile(r"([\s<>()\[\]{}\"',;|=/\\]+)")


class Redactor:
    """Makes of a text, or of anything that JSON knows, the same without who somebody is."""

    def __init__(self, person: Person) -> None:
        author = person.author_id or ""
        self._named = (
            re.compile(rf"(?<![\w@.+-]){re.escape(author)}(?![\w@+-])")
            if len(author) >= SHORTEST
            else None
        )
        self._email = spell_email(person.email or person.moderator)
        self._forms = person.forms

    def redact(self, value: Any) -> Any:
        """The value as it is without."""
        if isinstance(value, str):
            return self._redact_text(value)
        if isinstance(value, list):
            return [self.redact(one) for one in value]
        if isinstance(value, dict):
            return {self._redact_text(name): self.redact(one) for name, one in value.items()}
        return value

    def _redact_text(self, text: str) -> str:
        if self._named is not None:
            text = self._named.sub(NOBODY, text)
        if self._email or self._forms:
            text = "".join(map(self._redact_word, _BETWEEN.split(text)))
        return text

    def _redact_word(self, word: str) -> str:
        core = word.strip(".:!?`*")
        if not core or not self._is_them(core):
            return word
        before, _, after = word.partition(core)
        # `moderator:ann@a.example`: what kind of a name it was may stay.
        kind = core.rpartition(":")[0] + ":" if "@" in core and ":" in core else ""
        return f"{before}{kind}{NOBODY}{after}"

    def _is_them(self, word: str) -> bool:
        if "@" in word:
            return self._email is not None and spell_email(word.rpartition(":")[2]) == self._email
        if not self._forms or not _ADDRESS.search(word):
            return False
        return word in self._forms or read_address(word)[0] in self._forms
