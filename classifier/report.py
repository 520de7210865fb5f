"""A Markdown and an HTML report with tables and pictures."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from classifier.evaluation import Evaluation
from classifier.reporttables import tables
from classifier.tables import Table, plain_markdown

__all__ = ["Picture", "Section", "section", "tables", "write_report"]

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


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture is of, in a word and in words for who does not see it, and its SVG."""

    label: str
    words: str
    svg: bytes


@dataclass(frozen=True, slots=True)
class Section:
    """What a report says of one file."""

    name: str
    rows: int
    notes: Sequence[str]
    tables: Sequence[Table]
    pictures: Sequence[Picture]


def section(evaluation: Evaluation) -> Section:
    """Return what a report says of one model on one file. Needs matplotlib."""
    from classifier.plots import draw_quality

    shown = "precision and recall, calibration, and histogram of the scores; AUC"
    pictures = [
        Picture(one.label, f"{shown} {one.auc}", draw_quality(one)) for one in evaluation.qualities
    ]
    made = tables(evaluation)
    return Section(evaluation.name, evaluation.rows, evaluation.notes, made, pictures)


def write_report(folder: Path, sections: Sequence[Section], model: str) -> list[Path]:
    """Write `report.md`, `report.html` and the pictures to `folder`, made where missing.

    `model` is the model's version. The HTML file needs none of the others and runs no script.
    Returns what was written; raises OSError where it cannot be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        _file(number, one, picture): picture.svg
        for number, one in enumerate(sections, 1)
        for picture in one.pictures
    }
    texts = {"report.md": _markdown(sections, model), "report.html": _html(sections, model)}
    files = pictures | {name: text.encode() for name, text in texts.items()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in (*texts, *pictures)]


def _plain(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "-" for char in name)


def _markdown(sections: Sequence[Section], model: str) -> str:
    parts = [f"# Evaluation of {plain_markdown(model)}\n\n{_METHOD}\n"]
    for number, one in enumerate(sections, 1):
        parts.append(f"## {_plain(one.name)}\n\n{one.rows:,} rows.\n")
        parts += [f"{plain_markdown(note)}\n" for note in one.notes]
        parts += [table.markdown() for table in one.tables]
        parts += [f"![{_alt(one, each)}]({_file(number, one, each)})\n" for each in one.pictures]
    return "\n".join(parts)


def _html(sections: Sequence[Section], model: str) -> str:
    parts = [f"<h1>Evaluation of {escape(model)}</h1>\n<p>{escape(_METHOD)}</p>"]
    for one in sections:
        parts.append(f"<h2>{escape(one.name)}</h2>\n<p>{one.rows:,} rows.</p>")
        parts += [f"<p>{escape(note)}</p>" for note in one.notes]
        parts += [table.html() for table in one.tables]
        parts += [_picture(_alt(one, picture), picture.svg) for picture in one.pictures]
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


def _file(number: int, one: Section, picture: Picture) -> str:
    # Numbered: files of two folders may have one name.
    return f"{number}-{_plain(one.name)}-{picture.label}.svg"


def _alt(one: Section, picture: Picture) -> str:
    return f"{picture.label} on {_plain(one.name)}: {picture.words}"
