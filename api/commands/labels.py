"""`winnow learn import` and `winnow learn erase`: what a site knew before it came to Winnow."""

from collections.abc import Iterator
from typing import IO, Any

import click
import marshmallow as ma
from marshmallow import validate

from api.commands.policy import ACTOR, open_site
from api.errors import StartupError
from api.moderation.learning import imports
from api.moderation.learning.imports import ACTIONS, Row
from api.web import fields
from api.web.body import read_json
from api.web.comment_schemas import MAX_TEXT
from api.web.problems import BodyError, validation_problem


class RowIn(ma.Schema):
    """A line of the file."""

    text = fields.text(MAX_TEXT, 1, required=True)
    action = ma.fields.String(required=True, validate=validate.OneOf(ACTIONS))
    reason = fields.text(100, 1, load_default=None, allow_none=True)
    decided_at = fields.Time(required=True)
    author_id = fields.text(256, 1, load_default=None, allow_none=True)

    @ma.post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Row:
        return Row(**data)


_SCHEMA = RowIn()


@click.command("import")
@click.option("--site", "site_name", required=True, help="Whose decisions they were.")
@click.argument("file", type=click.File(encoding="utf-8-sig", errors="surrogateescape"))
def import_labels(site_name: str, file: IO[str]) -> None:
    """Learn of the decisions in FILE, a JSON object a line; - is standard input.

    Each has text, action (approve or reject) and decided_at, and may have reason and author_id.
    What is imported twice is there once. Nothing is kept where any line has a fault.
    """
    services, caller = open_site(site_name)
    rows = list(_read(file))
    kept = imports.import_labels(services, caller.site_id, ACTOR, rows)
    click.echo(f"{len(rows)} decisions read, {kept} of them new.")


@click.command()
@click.option("--site", "site_name", required=True, help="Whose.")
@click.option("--author", "author_id", required=True, help="The author_id they were imported with.")
def erase(site_name: str, author_id: str) -> None:
    """Delete what was imported of an author."""
    services, caller = open_site(site_name)
    click.echo(f"{imports.erase_author(services, caller, author_id)} labels deleted.")


def _read(file: IO[str]) -> Iterator[Row]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield _read_line(number, line)


def _read_line(number: int, line: str) -> Row:
    try:
        row: Row = _SCHEMA.load(read_json(line.encode("utf-8", "surrogateescape")))
    except BodyError as error:
        raise StartupError(f"Line {number}: {error}") from error
    except ma.ValidationError as error:
        wrong = validation_problem({"json": error.messages})["errors"]
        says = " ".join(f"{one['pointer']}: {one['detail']}" for one in wrong)
        raise StartupError(f"Line {number}: {says}") from error
    return row
