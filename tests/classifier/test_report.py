"""Reports: whole, self-contained, and safe to open whatever a file's names say."""

import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from classifier import LABELS, Threshold
from classifier.evaluation import Evaluation, Labelled, evaluate
from classifier.plots import draw_quality, precision_recall
from classifier.report import section, write_report
from classifier.reporttables import tables
from classifier.tables import Table

THRESHOLDS = {label: Threshold(0.5, 0.9) for label in LABELS}
HOSTILE = '<script>alert(1)</script>|"x"[bold]![x](http://x.example/y)'


def evaluation(name: str = "set", group: str = "north") -> Evaluation:
    chance = np.random.default_rng(0)
    truth = np.full((80, len(LABELS)), np.nan)
    truth[:, 1] = np.arange(80) % 2
    scores = np.clip(truth * 0.4 + chance.random(truth.shape) * 0.6, 0, 1)
    half = np.arange(80) < 40
    labelled = Labelled(name, truth, np.nan_to_num(scores), {group: half, "south": ~half})
    return evaluate(labelled, THRESHOLDS, rounds=20, ordinary=True)


class Page(HTMLParser):
    """Collects tags, attributes and text; knows which tags were left open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "made" / "here"
    both = [section(evaluation()), section(evaluation(HOSTILE, HOSTILE))]
    write_report(folder, both, "linear-test")
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    page = Page()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    return page


def test_the_page_is_whole_and_names_model_and_figures(page: Page) -> None:
    assert page.open == []
    for word in ("linear-test", "average precision", "toxicity", "AUC spread", "south"):
        assert word in page.text


def test_nothing_in_the_page_runs_or_loads(page: Page) -> None:
    assert not {"script", "link", "iframe", "object", "svg", "style"} & set(page.tags) - {"style"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    sources = [value or "" for name, value in page.attributes if name in ("src", "href")]
    assert len(sources) == 2
    assert all(one.startswith("data:image/svg+xml;base64,") for one in sources)
    policy = next(value for name, value in page.attributes if value and "default-src" in value)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy


def test_names_from_files_stay_text(page: Page, folder: Path) -> None:
    assert HOSTILE in page.text
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    assert "<script>" not in markdown
    assert not re.search(r"(?<!\\)\]\(http", markdown)
    assert all("/" not in path.name and "<" not in path.name for path in folder.iterdir())


def test_pictures_have_words(page: Page) -> None:
    words = [value for name, value in page.attributes if name == "alt"]
    assert len(words) == 2
    assert all("toxicity" in (word or "") for word in words)


def test_the_markdown_shows_pictures_that_exist(folder: Path) -> None:
    markdown = (folder / "report.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(([^)]+\.svg)\)", markdown)
    assert len(shown) == 2
    assert all((folder / name).read_bytes().startswith(b"<?xml") for name in shown)
    assert "| toxicity | hold |" in markdown


def test_the_same_figures_give_the_same_picture() -> None:
    one = evaluation().qualities[0]
    assert draw_quality(one) == draw_quality(one)


def test_the_curve_has_a_point_for_each_distinct_score() -> None:
    recall, precision = precision_recall(np.array([0.9, 0.9, 0.5, 0.1]), np.array([1.0, 0, 1, 0]))
    assert recall.tolist() == [0, 0.5, 1, 1]
    assert precision.tolist() == pytest.approx([1, 0.5, 2 / 3, 0.5])


def test_tables_without_a_row_are_left_out() -> None:
    titles = [table.title for table in tables(evaluation())]
    assert len(titles) == 4
    assert not any(table.rows == [] for table in tables(evaluation()))


def test_a_terminal_shows_brackets_as_they_are() -> None:
    file = StringIO()
    Table("[red]title", ("a", "b"), [("[bold]x[/bold]", "1")]).show(Console(file=file, width=80))
    assert "[red]title" in file.getvalue()
    assert "[bold]x[/bold]" in file.getvalue()
