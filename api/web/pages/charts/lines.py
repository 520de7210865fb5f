"""Lines over days, with gaps where nothing is known."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from api.web.pages.charts.axes import Frame, Series, draw_frame, frame, image


def draw(
    label: str,
    names: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    whole: bool = True,
) -> Markup:
    """A line for each series; `unit` follows the numbers at the left."""
    values = [value for one in series for value in one.values if value is not None]
    within = frame(names, max(values, default=0), unit, whole)
    parts = [*draw_frame(within)]
    for one in series:
        parts += _draw_line(within, one)
    return image(label, parts)


def _draw_line(within: Frame, series: Series) -> Iterable[str]:
    for run in _find_runs(series.values):
        points = "L".join(f"{within.x(place + 0.5)} {within.y(value)}" for place, value in run)
        if len(run) > 1:
            yield f'<path class="{series.kind}" d="M{points}"/>'
    # Where there are few, each is a point: else a day between two gaps would not be seen.
    big = 3 if len(series.values) <= 31 else 1.5
    for place, value in enumerate(series.values):
        if value is not None:
            of = (series.spans or within.names)[place]
            said = f"{of}: {series.name} {value:g}{within.unit}"
            at = f'cx="{within.x(place + 0.5)}" cy="{within.y(value)}"'
            yield (
                f'<circle class="{series.kind}" {at} r="{big:g}"><title>{escape(said)}</title>'
                "</circle>"
            )


def _find_runs(values: Sequence[float | None]) -> Iterable[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if value is not None:
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run
