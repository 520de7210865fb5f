"""What pictures of days have in common: a frame with numbers at its left and days below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

WIDTH, HEIGHT = 480, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 474, 14, 188
_MOST_TICKS = 5
_ALL_NAMED, _SOME_NAMED = 7, 5
"""Up to how many days are all named below, and of how many more are some."""


@dataclass(frozen=True, slots=True)
class Series:
    """Some numbers with a name, one for each day; None where nothing is known."""

    kind: str
    """Its CSS class."""
    name: str
    values: Sequence[float | None]
    spans: Sequence[str] = ()
    """What each number is of, in words, where that is more than its day."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where days and numbers lie; `names` are what is written below."""

    names: Sequence[str]
    most: float
    step: float
    unit: str = ""
    forward: bool = False
    """Whether names are counted from the first; days are from the last, which is today."""

    @property
    def wide(self) -> float:
        """How wide a day is."""
        return (RIGHT - LEFT) / len(self.names)

    def x(self, place: float) -> float:
        """Where a day is; a half is its middle."""
        return round(LEFT + place * self.wide, 1)

    def y(self, number: float) -> float:
        """How high a number is."""
        return round(BOTTOM - number / self.most * (BOTTOM - TOP), 1)


def frame(names: Sequence[str], most: float, unit: str = "", whole: bool = True) -> Frame:
    """A frame that holds numbers from 0 up to `most`."""
    step = find_step(most, whole)
    return Frame(names, max(-(-most // step), 1) * step, step, unit)


def find_step(most: float, whole: bool) -> float:
    """How far apart the numbers at the left are: 1, 2, 2.5 or 5 and noughts."""
    power = 1.0 if whole else 0.01
    while True:
        for factor in (1, 2, 5) if whole and power == 1 else (1, 2, 2.5, 5):
            if most <= factor * power * _MOST_TICKS:
                return factor * power
        power *= 10


def name_day(day: str) -> str:
    """A day as people say it, short."""
    found = date.fromisoformat(day)
    return f"{found.day} {found:%b}"


def image(label: str, parts: Iterable[str], height: float = HEIGHT) -> Markup:
    """The picture; `label` says it in a sentence."""
    opening = (
        f'<svg class="chart plot" viewBox="0 0 {WIDTH} {height:g}" role="img"'
        f' aria-label="{escape(label)}">'
    )
    # Of numbers, and of words that are escaped.
    return Markup("\n".join([opening, *parts, "</svg>"]))  # noqa: S704


def draw_frame(within: Frame) -> Iterable[str]:
    """The lines behind, the numbers at the left and the names below."""
    for number in range(round(within.most / within.step) + 1):
        value = number * within.step
        y = within.y(value)
        yield f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}"/>'
        yield text("tick", LEFT - 6, y + 4, f"{value:g}{within.unit}", "end")
    many = len(within.names)
    every = 1 if many <= _ALL_NAMED else -(-many // _SOME_NAMED)
    places = range(0, many, every) if within.forward else range(many - 1, -1, -every)
    for place in places:
        x = within.x(place + 0.5)
        anchor = "end" if x > RIGHT - 20 else "middle"
        yield text(
            "tick", RIGHT if anchor == "end" else x, BOTTOM + 20, within.names[place], anchor
        )


def text(kind: str, x: float, y: float, words: str, anchor: str = "start") -> str:
    """Some words."""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'
