"""Named evidence of spam in a submission, each piece with its places and a sentence.

Signals of the text that the training sets know (`signal_names`) get learnt weights: training
appends `signal_vector` to the n-grams. Those of the writer and the form, and some of the text
that no set has, have weights set by hand (`HAND_WEIGHTS`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from classifier.authorship import find_authorship
from classifier.blocklist import Hashes, find_blocked
from classifier.glance import LINKED, MARKED_UP, PHRASED, STRANGE, glance
from classifier.handweights import HAND_WEIGHTS
from classifier.linkage import find_linkage
from classifier.links import Link, find_links
from classifier.messages import MESSAGES, TEXT_MESSAGES
from classifier.phrases import find_phrases, split_words, weigh_topics
from classifier.shapes import SHAPED, SHAPES, Shape, find_shapes
from classifier.submission import Submission, as_submission

signal_names: Final[tuple[str, ...]] = tuple(n for n in TEXT_MESSAGES if n not in HAND_WEIGHTS)
_PLACE: Final = {name: place for place, name in enumerate(signal_names)}


class View(Protocol):
    """A second reading of a text, as `normalise` gives it."""

    @property
    def text(self) -> str:
        """The text as a reader sees through its disguise."""

    @property
    def origin(self) -> Sequence[int] | NDArray[np.int64]:
        """The raw offset of each code point of `text`."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One piece of evidence.

    `name` is in `signal_names` (a learnt weight) or in `HAND_WEIGHTS`; `value` is above 0 and
    at most 3; `spans` are its places in the raw text, code points, end exclusive, none where
    it is not about a place; `message` is a sentence for a moderator.
    """

    name: str
    value: float
    spans: tuple[tuple[int, int], ...]
    message: str


def find_signals(
    item: str | Submission,
    view: View | None = None,
    *,
    blocklist: Hashes | None = None,
    other_language: bool = False,
) -> list[Signal]:
    """Return the signals that `item` gives, in a fixed order. Never raises for any string.

    `view` is the normalised text where it differs from the raw one: what is only readable
    there counts as if it were written plainly, the disguise itself counts nothing.
    `blocklist` is what `build_blocklist` made, looked up where there is a link;
    `other_language` says that the text is known to be in another language than the site's.
    """
    text = item if isinstance(item, str) else item.text
    found, links, praise = _read(text)
    if view is not None and view.text != text:
        found, seen, seen_praise = _joined(found, view, len(text))
        links, praise = [*links, *seen], max(praise, seen_praise)
    # Nothing else is known of a bare text, but its links may say something of its writer.
    whole = as_submission(item) if links or not isinstance(item, str) else None
    fields = find_authorship(whole, found, links, praise) if whole else {}
    if other_language:
        fields["other_language"] = Shape(1.0)
    # What is listed was written for the sake of a link; without one it is somebody's wording,
    # and the look-up would be a third of the cost of the whole.
    if blocklist is not None and (links or (whole and whole.author_url)):
        fields |= _listed(text, blocklist)
    if blocklist is not None and whole and whole.author_url:
        fields |= _listed_writer(whole, blocklist)
    fields |= found
    if not fields:
        return []
    return [_signal(name, fields[name]) for name in MESSAGES if name in fields]


def signal_vector(item: str | Submission, view: View | None = None) -> NDArray[np.float32]:
    """Return the values of the text's signals in the order of `signal_names`, shape (n,)."""
    return vector_of(find_signals(item, view))


def vector_of(signals: Iterable[Signal]) -> NDArray[np.float32]:
    """Return the learnt ones of `signals` as an array in the order of `signal_names`, (n,)."""
    vector = np.zeros(len(signal_names), dtype=np.float32)
    for signal in signals:
        if (place := _PLACE.get(signal.name)) is not None:
            vector[place] = signal.value
    return vector


def hand_log_odds(signals: Iterable[Signal]) -> float:
    """Return what the signals with weights of `HAND_WEIGHTS` add to the log-odds of spam."""
    return sum(HAND_WEIGHTS.get(signal.name, 0.0) * signal.value for signal in signals)


def _signal(name: str, shape: Shape) -> Signal:
    places = tuple(shape.places[:50])
    return Signal(name, shape.value, places, MESSAGES[name].format(count=len(shape.places)))


_TELLING: Final = SHAPED | LINKED | MARKED_UP | PHRASED


def _read(text: str) -> tuple[dict[str, Shape], list[Link], float]:
    """Return what one reading of the text shows, its links, and how much it praises."""
    marks = glance(text)
    # Most texts end here.
    if not marks & _TELLING:
        return {}, [], 0.0
    links = find_links(text) if marks & (LINKED | STRANGE) else []
    words = split_words(text, plain=not marks & STRANGE)
    found = find_shapes(text, words.words, marks)
    if links or marks & (MARKED_UP | STRANGE):
        found |= find_linkage(text, links)
    hits = list(find_phrases(words.words)) if marks & (PHRASED | STRANGE) else []
    if not hits:
        return found, links, 0.0
    topics = weigh_topics(hits, words.words)
    # Praise in a few words is nothing but praise; in a long answer it is politeness.
    said = sum(hit.last - hit.first for hit in hits if hit.topic == "praise")
    praise = topics.pop("praise", 0.0) * min(1.0, 5.0 * said / max(len(words.words), 1))
    if topics:
        places = words.places()
        for topic, value in topics.items():
            where = [(places[h.first][0], places[h.last - 1][1]) for h in hits if h.topic == topic]
            found[topic] = Shape(value, where)
    return found, links, praise


def _listed(text: str, blocklist: Hashes) -> dict[str, Shape]:
    runs = find_blocked(text, blocklist)
    if not runs:
        return {}
    words = split_words(text)
    distinct = {tuple(words.words[first:last]) for first, last in runs}
    places = words.places()
    spans = [(places[first][0], places[last - 1][1]) for first, last in runs]
    return {"blocklist": Shape(min(3.0, 0.5 + 0.5 * len(distinct)), spans)}


def _listed_writer(item: Submission, blocklist: Hashes) -> dict[str, Shape]:
    """Look up the writer's page and name, where spam that says little says what it sells."""
    page = item.author_url.removeprefix("https://").removeprefix("http://")
    found = set()
    for field in (item.author_name, page):
        runs = find_blocked(field[:200], blocklist)
        words = split_words(field[:200]).words if runs else ()
        found |= {tuple(words[first:last]) for first, last in runs}
    return {"author_blocklist": Shape(min(2.0, 0.5 + 0.5 * len(found)))} if found else {}


def _joined(
    raw: dict[str, Shape], view: View, length: int
) -> tuple[dict[str, Shape], list[Link], float]:
    """Add to what the raw text shows what only the second view shows."""
    seen, links, praise = _read(view.text)
    joined = dict(raw)
    for name, shape in seen.items():
        if name in _DISGUISES or (name in raw and raw[name].value >= shape.value):
            continue
        joined[name] = Shape(shape.value, [_mapped(view, place, length) for place in shape.places])
    return joined, links, praise


# Signs that the second view may itself bring about; there only the raw text is asked.
_DISGUISES: Final = frozenset(SHAPES) - {"phone_number"}


def _mapped(view: View, place: tuple[int, int], length: int) -> tuple[int, int]:
    start, end = int(view.origin[place[0]]), int(view.origin[place[1] - 1]) + 1
    return min(start, length), min(max(start, end), length)
