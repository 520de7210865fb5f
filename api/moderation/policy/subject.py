"""A comment as the checks see it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from api.moderation.markup import blank_markup
from api.moderation.policy import signatures
from api.moderation.policy.facts import NONE_KNOWN, Facts
from classifier import Normalised, Submission, normalise
from classifier.links import Link, find_links


@dataclass(frozen=True, slots=True)
class Draft:
    """A comment as the website sends it."""

    text: str
    article: dict[str, Any]
    id: str | None = None
    parent_id: str | None = None
    html: bool = False
    author: dict[str, Any] = field(default_factory=dict)
    form: dict[str, Any] = field(default_factory=dict)
    language: str | None = None
    created_at: datetime | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    identity: dict[str, str | None] = field(default_factory=dict)
    """By what its author is known, where that is kept with the comment: see `traces.identify`."""


@dataclass
class Subject:
    """A draft, when it came and what is known; what several checks need is made once."""

    draft: Draft
    now: datetime
    facts: Facts = NONE_KNOWN

    @cached_property
    def text(self) -> str:
        """The text without its markup, each character where it was."""
        return blank_markup(self.draft.text) if self.draft.html else self.draft.text

    @cached_property
    def normalised(self) -> Normalised:
        """The text without its disguises, and the way back to the offsets of `text`."""
        return normalise(self.text)

    @cached_property
    def links(self) -> list[Link]:
        """The links of `text`."""
        return find_links(self.text)

    @cached_property
    def spelt(self) -> str:
        """What of `text` is compared with other texts: see `signatures`."""
        if len(self.text) <= signatures.READ:
            return signatures.spell_plain(self.normalised.text)
        return signatures.spell(self.text)

    @cached_property
    def bands(self) -> tuple[int, ...]:
        """The signature of `spelt`."""
        return signatures.sign(self.spelt)

    @cached_property
    def likeness(self) -> list[float]:
        """How alike `text` is to each of `facts.near`, from 0 to 1."""
        return signatures.compare(self.spelt, [one.text for one in self.facts.near])

    @cached_property
    def submission(self) -> Submission:
        """What the classifier reads."""
        author, form = self.draft.author, self.draft.form
        return Submission(
            text=self.text,
            author_name=author.get("name", ""),
            author_url=author.get("url", ""),
            author_email=author.get("email", ""),
            honeypot=form.get("honeypot", ""),
            elapsed_ms=form.get("elapsed_ms"),
            language=self.draft.language,
        )
