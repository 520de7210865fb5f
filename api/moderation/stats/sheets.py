"""The figures as tables of plain cells: for a file, and beside each picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.moderation.stats.gathering import Figures
from api.moderation.stats.kappas import Kappa
from api.moderation.stats.shares import Share

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: what its columns are called, and its rows; None where nothing is known."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


_ENDS = ("n", "value", "low", "high")


def _show(share: Share | Kappa) -> list[Cell]:
    return [share.n, *(_round(end) for end in (share.value, share.low, share.high))]


def _round(number: float | None, places: int = 4) -> float | None:
    return None if number is None else round(number, places)


def _volumes(found: Figures) -> Sheet:
    names = ("day", "came", "approved", "held", "rejected", "undisclosed")
    return Sheet(names, [[getattr(day, name) for name in names] for day in found.volumes.days])


def _backlog(found: Figures) -> Sheet:
    return Sheet(("day", "waiting"), [list(row) for row in found.backlog.days])


def _queues(found: Figures) -> Sheet:
    return Sheet(("queue", "waiting"), [list(row) for row in sorted(found.backlog.now.items())])


def _waiting(found: Figures) -> Sheet:
    rows = [[one.day, one.n, _round(one.median, 1), _round(one.p90, 1)] for one in found.waits.days]
    return Sheet(("day", "n", "median_minutes", "p90_minutes"), rows)


def _decisions(found: Figures) -> Sheet:
    names = ("day", "decisions", "approved", "rejected", "escalated", "bulk")
    return Sheet(names, [[getattr(day, name) for name in names] for day in found.work.days])


def _hours(found: Figures) -> Sheet:
    return Sheet(("hour", "decisions"), list(enumerate(found.work.hours)))


def _moderators(found: Figures) -> Sheet:
    rows: list[list[Cell]] = [
        [
            *(one.actor, one.decisions, one.bulk, one.opinions),
            *(_round(one.seconds, 1), one.spacings, one.undone.hits),
            *_show(one.undone)[1:],
        ]
        for one in found.work.workers
    ]
    names = ("actor", "decisions", "bulk", "opinions", "median_seconds", "spacings", "undone")
    return Sheet((*names, "undone_value", "undone_low", "undone_high"), rows)


def _reasons(found: Figures) -> Sheet:
    rows: list[list[Cell]] = [
        [
            *(one.code, one.verdict, one.precision.n),
            *(one.precision.hits, one.overridden.hits),
            *_show(one.precision)[1:],
            *_show(one.overridden)[1:],
        ]
        for one in found.reasons
    ]
    names = [f"{kind}_{end}" for kind in ("precision", "overridden") for end in _ENDS[1:]]
    return Sheet(("reason", "verdict", "n", "rejected", "approved", *names), rows)


ERRORS = ("false_holds", "false_rejections", "missed", "agreement", "caught", "stopped")
"""What is told of the machine's errors: see `samples.Errors`."""


def _samples(found: Figures) -> Sheet:
    shares = {name: getattr(found.errors, name) for name in ERRORS}
    rows: list[list[Cell]] = [[name, share.hits, *_show(share)] for name, share in shares.items()]
    return Sheet(("figure", "hits", *_ENDS), rows)


def _agreement(found: Figures) -> Sheet:
    told = found.agreement
    rows: list[list[Cell]] = [["all", None, None, told.whole.agreed, *_show(told.whole)]]
    rows += [["pair", *pair, kappa.agreed, *_show(kappa)] for pair, kappa in told.pairs]
    rows += [["reason", code, None, kappa.agreed, *_show(kappa)] for code, kappa in told.reasons]
    return Sheet(("of", "one", "other", "agreed", "n", "kappa", "low", "high"), rows)


def _reports(found: Figures) -> Sheet:
    names = ("day", "came", "upheld", "dismissed", "open")
    return Sheet(names, [[getattr(day, name) for name in names] for day in found.notices])


DRIFTS = {
    "score_drift": ("score",),
    "word_drift": ("words",),
    "hold_drift": ("held", "volume"),
    "override_drift": ("overrides", "false_holds"),
}
"""Which kinds of figures that may drift are told in which table."""


def _drift(sheet: str) -> Callable[[Figures], Sheet]:
    names = ("day", "since", "figure", "n", "hits", "value", "low", "high")

    def tell(found: Figures) -> Sheet:
        rows: list[list[Cell]] = [
            [
                *(
                    one.day,
                    one.since,
                    one.name,
                    one.found.n,
                    one.found.hits,
                    _round(one.found.value),
                ),
                *(_round(end) for end in _find_ends(one.share)),
                *(_round(end) for end in (one.found.low, one.found.high)),
                "yes" if one.outside else "no",
            ]
            for one in found.drift.of(*DRIFTS[sheet])
        ]
        return Sheet((*names, "band_low", "band_high", "outside"), rows)

    return tell


def _find_ends(share: Share | None) -> tuple[float | None, float | None]:
    return (None, None) if share is None else (share.low, share.high)


SHEETS: dict[str, Callable[[Figures], Sheet]] = {
    "volumes": _volumes,
    "queues": _queues,
    "backlog": _backlog,
    "waiting": _waiting,
    "decisions": _decisions,
    "hours": _hours,
    "moderators": _moderators,
    "reasons": _reasons,
    "samples": _samples,
    "agreement": _agreement,
    "reports": _reports,
    **{name: _drift(name) for name in DRIFTS},
}
"""What there is, by name."""
