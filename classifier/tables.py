"""One table, shown on a terminal, in Markdown or in HTML."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rich.console import Console
from rich.markup import escape as escape_markup
from rich.table import Table as Terminal


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a head and rows of cells; the first column names the row."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self, console: Console) -> None:
        """Print the table on a terminal; square brackets in names are no markup."""
        shown = Terminal()
        for place, name in enumerate(self.head):
            shown.add_column(name, justify="right" if place and self._numeric(place) else "left")
        for row in self.rows:
            shown.add_row(*(escape_markup(cell) for cell in row))
        console.print(self.title, style="bold", markup=False, highlight=False)
        console.print(shown)

    def _numeric(self, place: int) -> bool:
        return all(row[place][:1].isdigit() or row[place] in ("", "-") for row in self.rows)

    def markdown(self) -> str:
        """Return the table in GitHub's Markdown, title above."""
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        body = "".join(f"| {' | '.join(map(plain_markdown, line))} |\n" for line in lines)
        return f"### {plain_markdown(self.title)}\n\n{body}"

    def html(self) -> str:
        """Return the table as HTML, everything escaped."""
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.head)
        rows = "".join(f"<tr>{_html_row(row)}</tr>\n" for row in self.rows)
        return (
            f'<div class="wide"><table><caption>{escape(self.title)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
        )


def plain_markdown(cell: str) -> str:
    """Return a text that Markdown shows as it is, in one line, in a table or elsewhere."""
    line = escape(" ".join(cell.split()), quote=False)
    # Brackets make links and, with a "!", pictures that a viewer would fetch.
    return re.sub(r"[\\|\[\]`*]", r"\\\g<0>", line)


def _html_row(row: Sequence[str]) -> str:
    first = f'<th scope="row">{escape(row[0])}</th>'
    return first + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
