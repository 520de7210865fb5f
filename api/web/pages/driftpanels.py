"""The dashboard's panels of whether the site has changed: figures by day, beside their bands.

Where little comes a point is of several days, and says of which.
"""

from collections.abc import Iterable

from api.moderation.learning.driftmeasures import LEAST, LEAST_DECIDED
from api.moderation.learning.driftwindows import ENOUGH, ENOUGH_DECIDED
from api.moderation.stats import sheets
from api.moderation.stats.drifts import Figure
from api.moderation.stats.gathering import Figures
from api.web.pages.charts import lines
from api.web.pages.charts.axes import Series, name_day
from api.web.pages.highlight import name
from api.web.pages.panels import Panel

_MOST_REASONS = 3
"""How many reasons are drawn; the table has them all."""

_NOT_YET = (
    "Days are measured when they have ended, as many together as hold {}, or 28, and compared with"
    " those before: it takes {} at least."
)
_COMMENTS = f"{ENOUGH} comments", f"{LEAST} comments"
_DECISIONS = f"{ENOUGH_DECIDED} decisions", f"{LEAST_DECIDED} decisions"

_WORDS = {
    "volume": "how many comments come",
    "held": "how many are held",
    "overrides": "how often people decide otherwise",
    "words.unseen": "new words",
    "words.distance": "what is talked about",
}


def tell_figure(figure: str) -> str:
    """What a figure that may drift is, in words."""
    kind, _, code = figure.partition(".")
    if kind == "score":
        return f"the scores of {name(code)}"
    if kind == "false_holds":
        return f"how often {name(code)} holds for nothing"
    return _WORDS[figure]


def arrange(found: Figures) -> list[Panel]:
    """All of them, in the order of the page."""
    return [_scores(found), _words(found), _held(found), _overrides(found)]


def _panel(
    found: Figures,
    sheet: str,
    title: str,
    about: str,
    needed: tuple[str, str],
    series: Iterable[Series],
) -> Panel:
    table = sheets.SHEETS[sheet](found)
    told = [one for one in series if any(value is not None for value in one.values)]
    if not told:
        return Panel(sheet, title, _NOT_YET.format(*needed), None, table)
    days = [name_day(day) for day in found.period.days]
    outside = {one.name for one in found.drift.of(*sheets.DRIFTS[sheet]) if one.outside}
    left = ", ".join(sorted(map(tell_figure, outside))) or "nothing"
    said = f"{title}, by day; outside of its band in this time: {left}."
    unit = "" if sheet == "score_drift" else "%"
    chart = lines.draw(said, days, told, unit, whole=False)
    about = f"{about} {_tell_windows(found, sheet)} Outside in this time: {left}."
    return Panel(sheet, title, about, chart, table, told)


def _tell_windows(found: Figures, sheet: str) -> str:
    """How many days the points are of."""
    # How many comments come is always told of one day, and is not drawn.
    drawn = [
        one.found.days for one in found.drift.of(*sheets.DRIFTS[sheet]) if one.name != "volume"
    ]
    least, most = min(drawn), max(drawn)
    if most == 1:
        return "Each point is of one day."
    many = f"{most}" if least == most else f"{least} to {most}"
    return f"Each point is of the {many} days up to its own, for few come on one."


def _scores(found: Figures) -> Panel:
    by_day: dict[str, Figure] = {}
    for one in found.drift.of("score"):
        # The one that is farthest out stands for all seven.
        if one.day not in by_day or _stretch(one) > _stretch(by_day[one.day]):
            by_day[one.day] = one
    about = "How far scores are spread otherwise than before (stability index; the most changed)."
    series = [
        _draw(found, "first", "most changed score", by_day.values()),
        _draw_end(found, "its limit", by_day.values()),
    ]
    return _panel(found, "score_drift", "Scores", about, _COMMENTS, series)


def _stretch(one: Figure) -> float:
    return one.found.value / (one.found.high or 1.0)


def _words(found: Figures) -> Panel:
    named = {"words.unseen": ("first", "new words"), "words.distance": ("second", "distance")}
    told = found.drift.of("words")
    series = [
        _draw(found, kind, said, [one for one in told if one.name == figure])
        for figure, (kind, said) in named.items()
    ]
    about = "What part of the words is new, and how far the rest lies from what was said before."
    return _panel(found, "word_drift", "Words", about, _COMMENTS, series)


def _held(found: Figures) -> Panel:
    told = found.drift.of("held")
    series = [_draw(found, "first", "held", told), _draw_end(found, "upper end of its band", told)]
    about = "The share of comments that the machine holds."
    return _panel(found, "hold_drift", "Share held", about, _COMMENTS, series)


def _overrides(found: Figures) -> Panel:
    told = found.drift.of("overrides", "false_holds")
    much: dict[str, int] = {}
    for one in told:
        much[one.name] = much.get(one.name, 0) + one.found.n
    much.pop("overrides", None)
    drawn = {"overrides": "overridden, of all decided"}
    for figure in sorted(much, key=lambda one: (-much[one], one))[:_MOST_REASONS]:
        drawn[figure] = f"{name(figure.partition('.')[2])}, held for nothing"
    series = [
        _draw(found, kind, said, [one for one in told if one.name == figure])
        for kind, (figure, said) in zip(_KINDS, drawn.items(), strict=False)
    ]
    about = "How often people decide otherwise than the machine, by the day of the decision."
    return _panel(found, "override_drift", "Overridden", about, _DECISIONS, series)


_KINDS = ("first", "second", "third", "fourth")


def _draw(found: Figures, kind: str, said: str, told: Iterable[Figure]) -> Series:
    """A line through what was found, in per cent where it is a share."""
    return _place(found, kind, said, ((one, one.found.value) for one in told))


def _draw_end(found: Figures, said: str, told: Iterable[Figure]) -> Series:
    return _place(found, "limit", said, ((one, one.found.high) for one in told))


def _place(
    found: Figures, kind: str, said: str, points: Iterable[tuple[Figure, float | None]]
) -> Series:
    by_day = {
        one.day: (tell_span(one), value if one.name.startswith("score.") else 100 * value)
        for one, value in points
        if value is not None
    }
    spans, values = zip(*(by_day.get(day, ("", None)) for day in found.period.days), strict=True)
    shown = [None if value is None else round(value, 3) for value in values]
    return Series(kind, said, shown, spans)


def tell_span(one: Figure) -> str:
    """Which days a figure is of."""
    last = name_day(one.day)
    return last if one.since == one.day else f"{name_day(one.since)} to {last}"
