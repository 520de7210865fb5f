"""How long the worst texts take: 20,000 characters of what fixes and signals look for.

With `--length 2000` it says what the server may wait for without a time limit.

`python -m tests.bench.worst` scores texts made of one repeated piece each, then `--search`
random mixtures of pieces, and prints the slowest of each kind.
"""

import argparse
import random
import time
from collections.abc import Iterable
from statistics import median

from classifier import Model, load

LENGTH = 20_000
PIECES = (
    *("a", "a ", "<", "<a ", "&amp;", "&#38;", "[b]", "a*", "$", "1a", ".", "a.", "(dot) ", "a@b."),
    *("\u0301", "\u200d", "\u200b", "аa ", "🅸", "🇮", "h t t p ", " . ", "|_|", "aaab", "é", "ａ"),
    *("a[.]", "- a ", "@$", "a@", "a@a ", "sh1t ", "1d10t ", "f.u.c.k ", "f_u_c_k ", "i d i o t "),
    *("hxxp://a[.]b ", "http://a.com/", "www.", "a.b ", "%61", "\\u0061", "coool ", "сорe ", "ﬁ"),
    *("st*pid ", "s*", "gar bage ", "stu pid ", "phukk ", "asshule ", "stupid "),
    *("!?", "$9 ", "+1 555 555 5555 ", "😀", "A", "free casino bonus ", "\n", "İ", "(", "\u0456"),
)


def main() -> None:
    """Print the slowest texts, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--search", type=int, default=500, help="random mixtures to try")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--length", type=int, default=LENGTH, help="characters of a text")
    options = parser.parse_args()
    model = load()
    chance = random.Random(options.seed)
    mixtures = {
        "".join(chance.choices(PIECES, k=chance.choice((2, 2, 3)))) for _ in range(options.search)
    }
    for title, pieces in (("one piece", PIECES), ("a mixture", sorted(mixtures))):
        print(f"{options.length:,} characters of {title}, scored: median of {options.rounds}")
        # Once each, then the slowest again: what the machine did meanwhile weighs less.
        slowest = sorted(pieces, key=lambda piece: -measure(model, [piece], 1, options.length)[0])
        slowest = slowest[:8]
        times = measure(model, slowest, options.rounds, options.length)
        for taken, piece in sorted(zip(times, slowest, strict=True), reverse=True):
            print(f"  {taken:6.1f} ms  {piece!a}")


def measure(model: Model, pieces: Iterable[str], rounds: int, length: int) -> list[float]:
    """Return the median milliseconds that a text of each piece takes."""
    return [
        median(_time(model, piece, number, length) for number in range(rounds)) for piece in pieces
    ]


def _time(model: Model, piece: str, number: int, length: int) -> float:
    # Another text each time: a model remembers what it has just looked at.
    text = (f"{number} " + piece * length)[:length]
    begin = time.perf_counter()
    model.score([text])
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    main()
