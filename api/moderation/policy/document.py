"""A site's policy document: everything it may say, and what holds where it says nothing.

The defaults change nothing about a comment but what the scores and the hidden form field say.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

PROFILES = ("observe", "relaxed", "balanced", "strict")
"""`observe` judges as `balanced` does, but approves everything."""

MODES = ("post", "pre", "first", "closed")
"""Publish unless held; hold everything; hold until so many are approved; take nothing."""

DOINGS = ("off", "flag", "hold", "reject")
"""What a check does: nothing, say so in the reasons, hold the comment, reject it."""

RULE_DOINGS = ("reject", "hold", "flag", "approve", "replace")
RULE_KINDS = ("word", "wildcard", "regex")
FIELDS = ("text", "name", "email", "url")

CHECKS = (
    "modes",
    "closing",
    "rules",
    "links",
    "form",
    "duplicates",
    "authors",
    "scores",
    "checker",
)
"""What staff and trusted authors may skip."""

MOST_RULES = 10_000
LONGEST_VALUE = 200
"""Characters a rule's word or pattern may have."""
MOST_EXAMPLES = 500


def _nothing() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Target:
    """A threshold as what it is to achieve: the model's calibration turns it into a number.

    `kind` is `score` (the number itself), `precision` (the share of comments at or above it that
    truly have the label), `share` (the share of ordinary comments at or above it) or `never`.
    """

    kind: str
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Override:
    """One label's thresholds where they differ from the profile's; None leaves the profile's."""

    hold: Target | None = None
    reject: Target | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """When comments are taken; `open` lists `mon-fri 08:00-22:00`; else `outside` is the mode."""

    zone: str
    open: tuple[str, ...]
    outside: str = "pre"


@dataclass(frozen=True, slots=True)
class Mode:
    """How comments are taken, of a site, a section or an article.

    In sections and articles None leaves what the wider place says.
    """

    mode: str | None = None
    approvals: int | None = None
    """How many approved comments end the holding of mode `first`."""
    hours: Hours | None = None
    close_after_days: int | None = None
    """Days after an article's first comment (or `article.published_at`); 0 is never."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A word, a wildcard pattern or a regular expression, and what it does where it is found."""

    kind: str
    value: str
    do: str
    name: str = ""
    fields: tuple[str, ...] = ("text",)
    case: bool = False
    """Whether capitals matter."""
    message: str = ""
    replacement: str = ""
    """What stands in the place of what is found; for `replace` alone."""

    @property
    def key(self) -> str:
        """By what name reasons and hit counts know the rule."""
        return self.name or f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Rate:
    """More than `count` comments in `seconds`."""

    count: int
    seconds: int
    do: str = "hold"


@dataclass(frozen=True, slots=True)
class RecentRecord:
    """Authors of whose last decided comments, at least `least`, this share was rejected."""

    share: float = 0.3
    days: int = 7
    least: int = 3
    do: str = "off"


@dataclass(frozen=True, slots=True)
class Authors:
    """What is asked of who writes."""

    newcomers: int = 0
    """Hold an author's comments until so many are approved; 0 holds none."""
    recent_record: RecentRecord = RecentRecord()
    look_alikes: str = "off"
    """What becomes of accounts that look like one that is banned or suspended."""
    disposable_email: str = "off"
    disposable_domains: tuple[str, ...] = ()
    """Domains of throw-away addresses beside those known anyway."""
    rates: Mapping[str, Rate] = field(default_factory=_nothing)
    """By `author`, `address` and `article`."""
    staff_skips: tuple[str, ...] = CHECKS
    trusted_skips: tuple[str, ...] = ("modes", "links", "duplicates", "authors", "scores")


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The same text, or nearly, again: by whomever, and under whichever article."""

    do: str = "off"
    copies: int = 2
    """From which copy on something is done; the first is 1."""
    similarity: float = 0.85
    """From 0 to 1, by rapidfuzz's ratio of the normalised texts."""
    days: int = 7
    least_characters: int = 30
    """Shorter texts are often the same by chance."""
    follow_hours: int = 24
    """How long later arrivals share what was decided about a campaign."""


@dataclass(frozen=True, slots=True)
class Links:
    """What is done about links in the text and about the author's page."""

    most: int | None = None
    """How many links are let pass; None is any number."""
    too_many: str = "hold"
    new_host: str = "off"
    """A newcomer links to a host that no approved comment of the site links to."""
    shorteners: str = "off"
    only_links: str = "off"
    """A comment that says nothing beside its links."""
    allow: tuple[str, ...] = ()
    """Hosts that no check on links minds; their subdomains too."""
    block: tuple[str, ...] = ()
    blocked: str = "reject"


@dataclass(frozen=True, slots=True)
class Form:
    """What the website's form has seen."""

    honeypot: str = "reject"
    least_ms: int | None = None
    """From which time to submit a person is believed to have typed; None asks for none."""
    too_fast: str = "hold"
    token: str = "off"  # noqa: S105  (what is done about it)
    """What becomes of a comment whose form token is missing, forged, old, or used before."""
    token_minutes: int = 1440


@dataclass(frozen=True, slots=True)
class Nudge:
    """How often an author may ask what would become of a text."""

    count: int = 5
    seconds: int = 600


@dataclass(frozen=True, slots=True)
class Checker:
    """A URL of the site that is asked about each comment."""

    url: str
    timeout_ms: int = 800
    on_failure: str = "hold"
    """`pass` or `hold`."""
    may: str = "escalate"
    """`escalate` (its answer can only be stricter) or `override`."""


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason that moderators may give for a decision."""

    code: str
    title: str = ""
    """What moderators read; the code where there is none."""
    text: str = ""
    """What the site may tell the author."""
    actions: tuple[str, ...] = ("reject", "escalate")
    """For which decisions it is offered."""


REASON_CODES = (
    ReasonCode("spam", "Spam"),
    ReasonCode("abusive", "Abusive"),
    ReasonCode("off-topic", "Off topic"),
    ReasonCode("other", "Something else"),
)


@dataclass(frozen=True, slots=True)
class Review:
    """How people work through what waits."""

    reasons: tuple[ReasonCode, ...] = REASON_CODES
    only_these_reasons: bool = False
    """Whether a decision with any other reason code is refused."""
    reason_required: tuple[str, ...] = ()
    """Decisions that are refused without a reason code."""
    claims: str = "optional"
    """`optional`, or `required`: then nobody decides about what they have not claimed."""
    claim_minutes: int = 10
    two_must_agree: tuple[str, ...] = ()
    """Decisions that are in force when a second person has said the same, not told of the first."""
    recheck: float = 0.0
    """The share of people's decisions that a colleague is asked about, blind."""
    skip_minutes: int = 60
    """How long who has skipped a comment is not asked about it again."""
    doubles_after_hours: int = 6
    """How long a comment waits until it counts for twice as much."""
    within_minutes: int | None = None
    """How soon what waits in the default queue should be decided; None sets no such clock."""


@dataclass(frozen=True, slots=True)
class Dropin:
    """What becomes of comments that come by a foreign protocol."""

    keep_days: int | None = 30
    """How long they are kept, by whatever was decided; None is for ever."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What is learnt of people's decisions, see `api.moderation.learning`."""

    on: bool = True
    """Whether the site's own adapter is trained and used."""
    share: bool = False
    """Whether its decisions also teach what sites without an adapter of their own use."""
    ask: float = 0.0
    """The share of comments that nobody would look at, which people are asked about to learn."""
    ignore: tuple[str, ...] = ("off-topic", "other")
    """Reason codes that say nothing of the words: what was decided for them teaches nothing."""


Curve = tuple[tuple[float, float], ...]
"""Pairs of our score and the score to show for it, both rising; between them it is straight."""


@dataclass(frozen=True, slots=True)
class Example:
    """A comment and what must become of it, or the policy is refused."""

    text: str
    expect: str
    at: datetime | None = None
    """When it comes; without a time, opening hours are as if always open."""
    approved: int = 0
    """How many approved comments its author has."""
    author: Mapping[str, Any] = field(default_factory=_nothing)
    article: Mapping[str, Any] = field(default_factory=_nothing)
    form: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Document:
    """All that a site may say; what it leaves out is as here."""

    note: str = ""
    profile: str = "balanced"
    thresholds: Mapping[str, Override] = field(default_factory=_nothing)
    second_opinion: str = "when_unsure"
    """When a second stage reads comments, too: one of `classifier.cascade.OPINIONS`."""
    mode: Mode = Mode("post", 2, None, 0)
    sections: Mapping[str, Mode] = field(default_factory=_nothing)
    articles: Mapping[str, Mode] = field(default_factory=_nothing)
    rules: tuple[Rule, ...] = ()
    authors: Authors = Authors()
    duplicates: Duplicates = Duplicates()
    links: Links = Links()
    form: Form = Form()
    nudge: Nudge = Nudge()
    checker: Checker | None = None
    audit: float = 0.0
    """The share of automatic decisions that a person is asked to look at."""
    review: Review = Review()
    dropin: Dropin = Dropin()
    learning: Learning = Learning()
    perspective_curve: Mapping[str, Curve] = field(default_factory=_nothing)
    """By attribute, as Perspective names it: how our scores are shown to its clients."""
    examples: tuple[Example, ...] = ()
