"""Evaluations as tables, and as a Markdown and an HTML report with pictures."""

import base64
import hashlib
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Final

from classifier.evaluation import Evaluation, Quality
from classifier.intervals import Figure
from classifier.tables import Table, plain_markdown

_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #8886; }
td { white-space: nowrap; }
img { max-width: 100%; background: #fff; }
"""
_METHOD: Final = (
    "AUC and average precision: 95 % intervals of a bootstrap stratified by label. Shares: "
    "Wilson's 95 % intervals. Calibration error: expected, 15 equal bins. In groups, false "
    "positives are the share of rows without the label at or above the hold threshold."
)


def tables(evaluation: Evaluation) -> list[Table]:
    """Return the tables that say what was measured; those without a row are left out."""
    name = evaluation.name
    made = [
        Table(f"{name}: ranking and calibration", _RANKING, _ranking(evaluation)),
        Table(f"{name}: at the thresholds", _VERDICTS, _verdicts(evaluation)),
        Table(f"{name}: ordinary comments", _TOUCHED, _touched(evaluation)),
        *(_groups(name, quality) for quality in evaluation.qualities),
    ]
    return [table for table in made if table.rows]


_RANKING: Final = ("label", "AUC", "average precision", "calibration error", "positives", "rows")
_VERDICTS: Final = (
    *("label", "action", "at", "precision", "recall", "false positives"),
    *("hits", "wrong", "missed", "right"),
)
_TOUCHED: Final = ("rows", "held", "rejected")
_GROUPS: Final = ("group", "rows", "positives", "AUC", "false positives", "from the mean")


def _ranking(evaluation: Evaluation) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for one in evaluation.qualities:
        figures = (str(one.auc), str(one.average_precision), f"{one.calibration_error:.4f}")
        rows.append((one.label, *figures, f"{one.truth.sum():,.0f}", f"{len(one.truth):,}"))
    return rows


def _verdicts(evaluation: Evaluation) -> list[tuple[str, ...]]:
    rows = []
    for quality in evaluation.qualities:
        for one in quality.verdicts:
            shares = (one.precision, one.recall, one.false_positive_rate)
            named = (one.true_positives, one.false_positives)
            counts = (*named, one.false_negatives, one.true_negatives)
            cells = (*map(_percent, shares), *(f"{count:,}" for count in counts))
            rows.append((quality.label, one.action, f"{one.at:.4g}", *cells))
    return rows


def _touched(evaluation: Evaluation) -> list[tuple[str, ...]]:
    one = evaluation.touched
    return [(f"{one.rows:,}", _percent(one.held), _percent(one.rejected))] if one else []


def _groups(name: str, quality: Quality) -> Table:
    rates = [one.false_positive_rate.value for one in quality.groups if one.false_positive_rate]
    mean = sum(rates) / len(rates) if rates else 0.0
    rows = []
    for one in quality.groups:
        rate = one.false_positive_rate
        auc = "-" if one.auc is None else f"{one.auc:.3f}"
        apart = f"{rate.value - mean:+.1%}" if rate else "-"
        counts = f"{one.rows:,}", f"{one.positives:,}"
        rows.append((one.name, *counts, auc, _percent(rate), apart))
    spread = "" if quality.auc_spread is None else f", AUC spread {quality.auc_spread:.3f}"
    return Table(f"{name}: {quality.label} by group{spread}", _GROUPS, rows)


def _percent(share: Figure | None) -> str:
    if share is None:
        return "-"
    low, high = share.low * 100, share.high * 100
    return f"{share.value:.2%} ({low:.2f} to {high:.2f})"


def write_report(folder: Path, evaluations: Sequence[Evaluation], model: str) -> list[Path]:
    """Write `report.md`, `report.html` and the pictures to `folder`, made where missing.

    `model` is the model's version. The HTML file needs none of the others and runs no script.
    Needs matplotlib. Returns what was written; raises OSError where it cannot be.
    """
    from classifier.plots import draw_quality

    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        _file(number, evaluation, quality): draw_quality(quality)
        for number, evaluation in enumerate(evaluations, 1)
        for quality in evaluation.qualities
    }
    texts = {
        "report.md": _markdown(evaluations, model),
        "report.html": _html(evaluations, model, pictures),
    }
    files = pictures | {name: text.encode() for name, text in texts.items()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in (*texts, *pictures)]


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "-" for char in name)


def _markdown(evaluations: Sequence[Evaluation], model: str) -> str:
    parts = [f"# Evaluation of {plain_markdown(model)}\n\n{_METHOD}\n"]
    for number, one in enumerate(evaluations, 1):
        parts.append(f"## {_plain(one.name)}\n\n{one.rows:,} rows.\n")
        parts += [f"{note}\n" for note in one.notes]
        parts += [table.markdown() for table in tables(one)]
        parts += [f"![{_alt(one, each)}]({_file(number, one, each)})\n" for each in one.qualities]
    return "\n".join(parts)


def _html(evaluations: Sequence[Evaluation], model: str, pictures: dict[str, bytes]) -> str:
    parts = [f"<h1>Evaluation of {escape(model)}</h1>\n<p>{escape(_METHOD)}</p>"]
    for number, one in enumerate(evaluations, 1):
        parts.append(f"<h2>{escape(one.name)}</h2>\n<p>{one.rows:,} rows.</p>")
        parts += [f"<p>{escape(note)}</p>" for note in one.notes]
        parts += [table.html() for table in tables(one)]
        for quality in one.qualities:
            parts.append(_picture(_alt(one, quality), pictures[_file(number, one, quality)]))
    return page(f"Evaluation of {model}", "\n".join(parts))


def page(title: str, body: str) -> str:
    """Return a whole HTML page that may show its own pictures and style, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _picture(words: str, svg: bytes) -> str:
    # As an image, not inline: a browser runs nothing inside of one and loads nothing for it.
    data = base64.b64encode(svg).decode()
    return f'<p><img alt="{escape(words)}" src="data:image/svg+xml;base64,{data}"></p>'


def _file(number: int, evaluation: Evaluation, quality: Quality) -> str:
    # Numbered: files of two folders may have one name.
    return f"{number}-{_plain(evaluation.name)}-{quality.label}.svg"


def _alt(evaluation: Evaluation, quality: Quality) -> str:
    return (
        f"{quality.label} on {_plain(evaluation.name)}: precision and recall, calibration, and "
        f"histogram of the scores; AUC {quality.auc}"
    )
