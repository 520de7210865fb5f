"""Comments to measure speed on: made of a small grammar, so that no data set is needed."""

import csv
import gzip
import random
from collections.abc import Iterator
from pathlib import Path

OPENINGS = (
    "I think", "Honestly,", "As someone who lives here,", "Not sure I agree:", "Thank you, but",
    "With respect,", "My neighbour says", "Let me add that", "It seems", "Last year", "In my view",
    "Years ago", "To be fair,", "For once", "Every winter", "If you ask me,",
)  # fmt: skip
SUBJECTS = (
    "the council", "our mayor", "this article", "the ferry company", "the new bridge", "my doctor",
    "the second chart", "that referee", "the school", "the hospital", "the author", "a friend",
    "the last government", "the bakery on the corner", "your newspaper", "the bus driver",
    "whoever planned this", "the minister for transport", "the old library", "nobody",
)  # fmt: skip
VERBS = (
    "ignored", "explained", "closed", "promised", "repaired", "forgot", "defends", "understands",
    "will never finish", "has always supported", "could have warned us about", "paid for",
    "keeps talking about", "should be ashamed of", "deserves credit for", "lied about", "missed",
)  # fmt: skip
OBJECTS = (
    "the timetable", "every single complaint", "the playground", "our taxes", "the floods of 2013",
    "the people waiting in the rain", "those figures", "a decent summary", "the appointment",
    "the state of the roads", "what was written on page 4", "the garden behind the station",
    "thirty years of work", "the vote", "the price of bread", "all of it", "the real problem",
)  # fmt: skip
ENDINGS = (
    ".", ".", ".", "!", "?", "...", ", and that is that.", ", which surprised me.", " :-)", "!!!",
    ", as usual.", " 🙂", ", see https://news.example/a/1187 for the details.", " (twice).", "!?",
    ", you absolute clown.", ", what a load of rubbish.", " - thanks for writing it down.",
)  # fmt: skip


SYLLABLES = """
    ba be bi bo bra cal can car che cor da del den di dor du el en er fa fen fi flo gar gen gra ha
    hin ho in is ja ka ker la len li lo lum ma men mi mor na nel no nu ol or pa per pi pol qua ra
    ren ri ro sa sen shi sol ster ta ten thi tion tor tri un ur va ven vi wa wen wi yor za zen
"""


def make_comments(count: int, seed: int = 0) -> list[str]:
    """Return `count` comments, always the same; lengths spread as on news sites.

    The number of sentences is drawn so that the mean is near 280 characters, with many short
    comments and few very long ones. Four in ten nouns come from 20,000 made-up words of which
    few are frequent, or the n-grams would all be old acquaintances of the processor's cache.
    """
    chance = random.Random(seed)
    syllables = SYLLABLES.split()
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(20_000)]
    return [_comment(chance, words) for _ in range(count)]


def _comment(chance: random.Random, words: list[str]) -> str:
    sentences = max(1, min(40, round(chance.lognormvariate(1.0, 0.75))))
    return " ".join(_sentence(chance, words) for _ in range(sentences))


def _sentence(chance: random.Random, words: list[str]) -> str:
    parts = [chance.choice(part) for part in (OPENINGS, SUBJECTS, VERBS, OBJECTS)]
    for place in (1, 3):
        if chance.random() < 0.4:
            # The smaller of three draws: a few words often, most words hardly ever.
            rank = int(len(words) * min(chance.random() for _ in range(3)) ** 2)
            parts[place] = f"the {words[rank]} {parts[place].split()[-1]}"
    return " ".join(parts) + chance.choice(ENDINGS)


def read_comments(folder: Path, count: int, seed: int = 0) -> list[str]:
    """Return `count` texts drawn from the `text` columns of the CSV files in `folder`, or of one.

    Raises ValueError where there is none.
    """
    paths = [folder] if folder.is_file() else sorted(folder.glob("*.csv*"))
    texts = [text for path in paths for text in _texts(path)]
    if not texts:
        raise ValueError(f"There is no CSV with a column named text in {folder}.")
    return random.Random(seed).choices(texts, k=count)


def _texts(path: Path) -> Iterator[str]:
    csv.field_size_limit(10**8)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        yield from (row["text"] for row in csv.DictReader(file) if row.get("text"))
