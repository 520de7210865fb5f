"""A policy ready for use: its document, and what is made of it once, not for every comment."""

from functools import cached_property
from weakref import WeakKeyDictionary

from api.moderation.policy.document import Document
from api.moderation.policy.hostnames import HostNames
from api.moderation.policy.lexicon import Lexicon, prepare
from api.moderation.policy.thresholds import resolve
from classifier import Measured, Threshold

FIRST = 1
"""The version that every site begins with: the defaults."""


class Policy:
    """A version of a site's policy. It never changes; share it between threads freely."""

    def __init__(self, document: Document, version: int = FIRST) -> None:
        self.document = document
        self.version = version
        # Of each model in use: sites have adapters of their own, and some a second stage.
        self._thresholds: WeakKeyDictionary[Measured, dict[str, Threshold]] = WeakKeyDictionary()

    def thresholds(self, model: Measured) -> dict[str, Threshold]:
        """The thresholds of each label for the scores of this model, or of two stages as one."""
        known = self._thresholds.get(model)
        if known is None:
            known = self._thresholds[model] = resolve(self.document, model)
        return known

    def make_ready(self) -> "Policy":
        """Make at once what is made once, which takes a second for the largest documents.

        Otherwise the first comment would wait for it within its time limit.
        """
        _ = self.words, self.hosts
        return self

    @cached_property
    def words(self) -> dict[str, Lexicon]:
        """The rules, by the field they are about."""
        return prepare(self.document.rules)

    @cached_property
    def hosts(self) -> HostNames:
        """The hosts that no check on links minds, and those that are blocked."""
        return HostNames(self.document.links.allow, self.document.links.block)


DEFAULT = Policy(Document())
"""What holds for a site that has said nothing."""
