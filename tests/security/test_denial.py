"""No text makes a pattern of ours take more than in proportion to its length."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import api
import classifier

SHORT, LONG = 2_000, 8_000
ROUNDS = 5
UNNOTICED = 0.004
"""Seconds of processor for a long text below which its growth cannot be told from noise."""

MOST = 9.0
"""What a text four times as long may cost: 4 is linear, 16 is quadratic."""

WORDS = """
a A 0 . , ! ? - _ / \\ : @ # & % $ ( ) [ ] < > = ' " ` * ~ ^ | + ; a. a- a@ a/ 0. 0, $0 a1 aA
w.w. a.b/ http:// www. a.com http://a.b <a> </ <!-- &# &#x &amp; [.] (dot) hxxp @a.b a@b.c %20
\\u \\x {{ }} [a]( ]( !!!??? ...--- 0-0-0- é ß \u0301 \u200b \u202e 😀 👩\u200d ﬁ １ а 漢
"""
PIECES = (
    *WORDS.split(),
    *(
        " ",
        "\n",
        "\t",
        "\u3000",
        "\xa0",
        "a ",
        "<a ",
        "0 $",
        "a.com ",
        " dot ",
        "one two ",
        "A B C ",
    ),
)
ENDS = ("", "\x00")

BOUNDED = {
    # Of what it is given, only the first few hundred characters are read.
    "api.web.dropin.perspective.masks._TOKEN",
    # YAML holds it against the beginning of a value alone.
    "api.moderation.policy.reading.writing._NUMBER",
}


class Ours(NamedTuple):
    """A pattern that a module of ours has compiled.

    `whole` where it is only held against whole texts: it need not bear to be looked for.
    """

    pattern: re.Pattern[str]
    whole: bool

    def cost(self, text: str) -> float:
        """Seconds of this thread's processor that it takes as it is used."""
        began = time.thread_time()
        if self.whole:
            self.pattern.fullmatch(text)
            self.pattern.match(text)
        else:
            for _ in self.pattern.finditer(text):
                pass
        return time.thread_time() - began


def modules() -> Iterator[Any]:
    """All that are shipped and can be imported here."""
    for package in (api, classifier):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                try:
                    yield importlib.import_module(module.name)
                except ModuleNotFoundError:
                    continue  # what an extra brings


def patterns() -> dict[str, Ours]:
    """All of them, by where they are."""
    found: dict[re.Pattern[str], tuple[str, bool]] = {}
    for module in modules():
        # The compiled one has no source, and no patterns.
        path = Path(module.__file__)
        source = path.read_text() if path.suffix == ".py" else ""
        for name, value in vars(module).items():
            if f"{module.__name__}.{name}" in BOUNDED:
                continue
            used = set(re.findall(rf"\b{name}\.(\w+)\(", source))
            whole = bool(used) and used <= {"match", "fullmatch"}
            whole |= f"validate.Regexp({name}" in source or f"Regexp({name}," in source
            for one in inside(value):
                where, before = found.get(one, (f"{module.__name__}.{name}", True))
                # Imported elsewhere, it may be looked for there.
                found[one] = (where, before and whole)
    return {
        f"{where} {one.pattern[:40]!r}": Ours(one, all_) for one, (where, all_) in found.items()
    }


def inside(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    """The patterns of text in a value, as in a table of them."""
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif depth < 3 and isinstance(value, dict):
        for one in value.values():
            yield from inside(one, depth + 1)
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from inside(one, depth + 1)


def grows_too_fast(ours: Ours, piece: str, end: str) -> bool:
    """Whether a text four times as long costs more than linear growth would, again and again."""

    def made(length: int) -> str:
        return piece * (length // len(piece)) + end

    short, long = made(SHORT), made(LONG)
    if ours.cost(long) < UNNOTICED:
        return False
    least = [min(ours.cost(text) for _ in range(ROUNDS)) for text in (short, long)]
    return least[1] >= UNNOTICED and least[1] > MOST * least[0]


PATTERNS = patterns()


@pytest.mark.parametrize("where", PATTERNS)
def test_a_pattern_takes_time_in_proportion(where: str) -> None:
    ours = PATTERNS[where]

    bad = [(piece, end) for piece in PIECES for end in ENDS if grows_too_fast(ours, piece, end)]

    assert bad == []


@pytest.mark.parametrize("bad", [r"\s*,", r"[a-z]+@[a-z]+\.", r"<[^>]*>x", r"\d+a"])
def test_the_test_would_notice(bad: str) -> None:
    ours = Ours(re.compile(bad), whole=False)

    assert any(grows_too_fast(ours, piece, end) for piece in PIECES for end in ENDS)


def test_there_are_patterns_to_look_at() -> None:
    assert len(PATTERNS) > 50
