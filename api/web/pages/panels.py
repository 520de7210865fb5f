"""The dashboard's panels: each a picture, the table it shows, and what it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.moderation.stats import sheets
from api.moderation.stats.gathering import Figures
from api.moderation.stats.kappas import Kappa
from api.moderation.stats.shares import LEAST, Share
from api.moderation.stats.sheets import Cell, Sheet
from api.web.pages.charts import bars, dots, lines
from api.web.pages.charts.axes import Series, name_day
from api.web.pages.charts.dots import Dot
from api.web.pages.highlight import name

_MOST_DOTS = 10
"""How many reasons, or pairs, are drawn; the table has them all."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture; None where there is nothing to draw, and then `about` says why."""

    sheet: str
    """The table's name in addresses."""
    title: str
    about: str
    chart: Markup | None
    table: Sheet
    keys: Sequence[Series] = ()
    """What the colours mean."""


def arrange(found: Figures) -> list[Panel]:
    """All panels, in the order of the page."""
    return [
        _volumes(found),
        _decisions(found),
        _backlog(found),
        _waiting(found),
        _reasons(found),
        _samples(found),
        _agreement(found),
        _reports(found),
        _hours(found),
        _moderators(found),
    ]


def _table(found: Figures, sheet: str) -> Sheet:
    return sheets.SHEETS[sheet](found)


def _column(table: Sheet, column: str) -> list[float | None]:
    place = table.columns.index(column)
    return [None if row[place] is None else float(row[place] or 0) for row in table.rows]


def _parts(table: Sheet, named: dict[str, str]) -> list[Series]:
    """Columns as series with something in them, each with the words for it."""
    found = [Series(kind, said, _column(table, kind)) for kind, said in named.items()]
    return [one for one in found if any(one.values)]


def _stack(found: Figures, sheet: str, title: str, about: str, none: str, **named: str) -> Panel:
    """A panel of bars for each day."""
    table = _table(found, sheet)
    parts = _parts(table, named)
    days = [name_day(day) for day in found.period.days]
    if not parts:
        return Panel(sheet, title, none, None, table)
    said = ", ".join(f"{part.values[-1] or 0:g} {part.name}" for part in parts)
    chart = bars.draw(f"{title}, by day; today {said}.", days, parts)
    return Panel(sheet, title, about, chart, table, parts)


def _volumes(found: Figures) -> Panel:
    every = found.volumes.every
    about = "What the machine made of each at first."
    if every > 1:
        about += f" One in {every} was looked at, and stands for all."
    kinds = {"approved": "approved", "held": "held for a person", "rejected": "rejected"}
    kinds["undisclosed"] = "open samples: not told"
    none = "No comment came in these days."
    return _stack(found, "volumes", "Comments", about, none, **kinds)


def _decisions(found: Figures) -> Panel:
    kinds = {"approved": "approved", "rejected": "rejected", "escalated": "escalated"}
    kinds["bulk"] = "in bulk"
    none = "Nobody decided in these days."
    return _stack(found, "decisions", "Decisions", "What people said, by day.", none, **kinds)


def _reports(found: Figures) -> Panel:
    kinds = {"upheld": "upheld", "dismissed": "dismissed", "open": "not decided yet"}
    none = "No report came in these days."
    return _stack(found, "reports", "Reports", "What became of those that came in.", none, **kinds)


def _hours(found: Figures) -> Panel:
    table = _table(found, "hours")
    parts = _parts(table, {"decisions": "decisions"})
    if not parts:
        return Panel("hours", "Hours", "Nobody decided in these days.", None, table)
    hours = [f"{hour} h" for hour in range(24)]
    busiest = max(range(24), key=lambda hour: found.work.hours[hour])
    chart = bars.draw(
        f"Decisions by hour of the day; most from {busiest} on.", hours, parts, forward=True
    )
    return Panel("hours", "Hours", "When people decide, by hour of the day (UTC).", chart, table)


def _backlog(found: Figures) -> Panel:
    table = _table(found, "backlog")
    parts = _parts(table, {"waiting": "held comments that wait"})
    if not parts:
        return Panel("backlog", "Backlog", "Nothing waited in these days.", None, table)
    last = table.rows[-1][1]
    days = [name_day(day) for day in found.period.days]
    chart = lines.draw(f"Held comments waiting at the end of each day; now {last}.", days, parts)
    about = "Held comments that waited at the end of each day."
    return Panel("backlog", "Backlog", about, chart, table)


def _waiting(found: Figures) -> Panel:
    table = _table(found, "waiting")
    named = {"median_minutes": "half within", "p90_minutes": "nine in ten within"}
    # Noughts count here: they are decided at once.
    columns = [Series(kind, said, _column(table, kind)) for kind, said in named.items()]
    parts = [one for one in columns if any(value is not None for value in one.values)]
    if not parts:
        about = "No held comment was decided one by one in these days."
        return Panel("waiting", "Waiting time", about, None, table)
    longest = max(value for one in parts for value in one.values if value is not None)
    size, unit = _find_unit(longest)
    scaled = [
        Series(one.kind, one.name, [None if v is None else round(v / size, 2) for v in one.values])
        for one in parts
    ]
    said = f"Waiting time by day; altogether half within {tell_minutes(found.waits.whole.median)}."
    days = [name_day(day) for day in found.period.days]
    chart = lines.draw(said, days, scaled, unit, whole=False)
    about = "How long held comments waited for a person, by the day of the decision."
    if found.waits.within is not None and found.waits.in_time is not None:
        share, sure = tell_share(found.waits.in_time)
        about += f" In time, within {found.waits.within} minutes: {share} ({sure})."
    return Panel("waiting", "Waiting time", about, chart, table, scaled)


def _find_unit(minutes: float) -> tuple[float, str]:
    """How many minutes a tick's unit has, and what it is called."""
    if minutes <= 120:
        return 1, " min"
    return (60, " h") if minutes <= 60 * 72 else (60 * 24, " d")


def _dots(shares: Iterable[tuple[str, Share | Kappa]]) -> list[Dot]:
    return [
        Dot(title, f"n {share.n:,}", share.value, share.low, share.high)
        for title, share in shares
        if share.value is not None and share.low is not None and share.high is not None
    ][:_MOST_DOTS]


def _reasons(found: Figures) -> Panel:
    title, table = "Precision of each reason", _table(found, "reasons")
    verbs = {"hold": "held", "reject": "rejected"}
    told = _dots((f"{name(r.code)}, {verbs[r.verdict]}", r.precision) for r in found.reasons)
    if not told:
        about = f"It takes {LEAST} decisions about a reason to say how often it is right."
        return Panel("reasons", title, about, None, table)
    about = "Of what was held or rejected with it, the share that people rejected as well."
    said = "; ".join(f"{dot.name} {dot.value:.0%}" for dot in told)
    return Panel("reasons", title, about, dots.draw(f"{title}: {said}.", told), table)


ERRORS = {
    "false_holds": "held, but people approve",
    "false_rejections": "rejected, but people would approve",
    "missed": "approved, but people would reject",
    "agreement": "automatic decisions people would make too",
    "caught": "of what people reject, stopped",
    "stopped": "of what people approve, stopped",
}
"""The machine's errors, in words."""


def _samples(found: Figures) -> Panel:
    title, table = "What the machine gets wrong", _table(found, "samples")
    told = _dots((said, getattr(found.errors, kind)) for kind, said in ERRORS.items())
    if not told:
        about = (
            f"It takes {LEAST} decisions about held comments, or as many about audit samples, to"
            " say it. Samples are drawn when the policy says `audit`."
        )
        return Panel("samples", title, about, None, table)
    about = "By the held comments and audit samples that people decided; 95 % sure within the bar."
    said = "; ".join(f"{dot.name} {dot.value:.0%}" for dot in told)
    return Panel("samples", title, about, dots.draw(f"{title}: {said}.", told), table)


def _agreement(found: Figures) -> Panel:
    title, table = "Agreement", _table(found, "agreement")
    told = found.agreement
    named = [("everybody", told.whole)]
    named += [(" and ".join(map(tell_actor, pair)), kappa) for pair, kappa in told.pairs]
    named += [(f"the reason {name(code)}", kappa) for code, kappa in told.reasons]
    known = _dots(named)
    if not known:
        about = (
            f"It takes {LEAST} comments that two people judged, neither told of the other. They"
            " come about when the policy says `recheck` or `two_must_agree`."
        )
        return Panel("agreement", title, about, None, table)
    about = "Cohen's kappa of two blind opinions: 1 is always, 0 is what chance would do."
    said = "; ".join(f"{dot.name} {dot.value:.2f}" for dot in known)
    least = -0.25 if min(dot.low for dot in known) < 0 else 0.0
    chart = dots.draw(f"{title}: {said}.", known, least, percent=False)
    return Panel("agreement", title, about, chart, table)


def _moderators(found: Figures) -> Panel:
    about = "Who decided how much; seconds are the median between two decisions."
    table = _table(found, "moderators")
    rows = [[tell_actor(str(actor)), *rest] for actor, *rest in table.rows]
    if not rows:
        about = "Nobody decided in these days."
    return Panel("moderators", "People", about, None, Sheet(table.columns, rows))


def tell_actor(actor: str) -> str:
    """Who it is, as people call them."""
    kind, _, who = actor.partition(":")
    return who if kind == "moderator" else f"{kind} {who}"


def tell_share(share: Share) -> tuple[str, str]:
    """A share, and how sure it is, or why it is not told."""
    if share.value is None or share.low is None or share.high is None:
        return "–", f"{share.n} of the {LEAST} it takes"
    return f"{share.value:.0%}", f"{share.low:.0%} to {share.high:.0%}, n {share.n:,}"


def tell_minutes(minutes: float | None) -> str:
    """How long that is."""
    if minutes is None:
        return "–"
    if minutes < 1:
        return "under a minute"
    for size, unit in ((60 * 24, "d"), (60, "h")):
        if minutes >= 2 * size:
            return f"{minutes / size:.0f} {unit}"
    return f"{minutes:.0f} min"


def tell_cell(cell: Cell) -> str:
    """A cell of a table."""
    if cell is None:
        return "–"
    return (
        f"{cell:,}" if isinstance(cell, int) else f"{cell:g}" if isinstance(cell, float) else cell
    )
