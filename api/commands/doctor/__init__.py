"""`winnow doctor`: looks at everything a server needs, and says in plain words what is wrong."""

import json
import os
import platform
from collections.abc import Iterator
from itertools import groupby

import click

from api.commands.doctor import databases, machine, models, neighbours, variables
from api.commands.doctor.findings import OK, PROBLEM, WARNING, Finding, look, ok, problem
from api.errors import StartupError
from api.moderation.scoring import Scorer
from api.moderation.secondstage import SecondStage
from api.moderation.services import Services
from api.settings import Settings
from api.store.database import Database
from api.version import VERSION

COLOURS = {OK: "green", WARNING: "yellow", PROBLEM: "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
def doctor(as_json: bool) -> None:
    """Look at settings, database, classifier, disk, clock and worker, and say what is wrong.

    It changes nothing, shows no secret, and can run beside a server. It ends with 1 where there is
    a problem, and with 0 where there are warnings at most.
    """
    found = list(examine())
    if as_json:
        click.echo(json.dumps(_sum_up(found), indent=1))
    else:
        _tell(found)
    if any(one.state == PROBLEM for one in found):
        raise SystemExit(1)


def examine() -> Iterator[Finding]:
    """Everything, in the order in which it should be mended."""
    yield ok("release", f"This is Winnow {VERSION}, on Python {platform.python_version()}.")
    yield from look("settings", variables.check_names)
    home = variables.find_home(os.environ)
    try:
        settings = variables.read_without_writing()
    except StartupError as error:
        yield problem("settings", str(error), "Mend that first; only the disk was looked at.")
        yield from look("disk", lambda: machine.check_home(home))
        return
    yield from look("settings", lambda: variables.check_values(settings))
    yield from look("disk", lambda: machine.check_home(home))
    scorer = Scorer(settings.model, SecondStage.load(settings.reader))
    yield from _examine_database(settings, scorer)
    yield from look("classifier", lambda: models.check_classifier(scorer, settings))
    yield from look("limits", lambda: neighbours.check_limits(settings))
    yield from look("sign-in", lambda: neighbours.check_identity(settings))
    yield from look("traces", lambda: neighbours.check_traces(settings))


def _examine_database(settings: Settings, scorer: Scorer) -> Iterator[Finding]:
    file = databases.find_file(settings)
    if file is not None:
        yield from look("database", lambda: databases.check_file(file))
        if not file.exists():
            # To open it would make it.
            return
    database = Database(settings.database_url)
    services = Services(database, scorer)
    try:
        answers = list(look("database", lambda: databases.check_server(database)))
        yield from answers
        if not any("refused" in one.said for one in answers):
            yield from look("schema", lambda: databases.check_schema(database))
            yield from look("clock", lambda: databases.check_clock(database, services.now()))
            yield from look("worker", lambda: neighbours.check_worker(services))
    finally:
        database.dispose()


def _count(found: list[Finding], state: str) -> int:
    return sum(one.state == state for one in found)


def _sum_up(found: list[Finding]) -> dict[str, object]:
    return {
        "well": not _count(found, PROBLEM),
        "problems": _count(found, PROBLEM),
        "warnings": _count(found, WARNING),
        "checks": [one.show() for one in found],
    }


def _tell(found: list[Finding]) -> None:
    for area, some in groupby(found, key=lambda one: one.area):
        click.echo(click.style(area, bold=True))
        for one in some:
            state = click.style(f"{one.state:<8}", fg=COLOURS[one.state])
            click.echo(f"  {state} {one.said}")
            if one.advice:
                click.echo(f"           {one.advice}")
    problems, warnings = _count(found, PROBLEM), _count(found, WARNING)
    said = f"{_number(problems, 'problem')}, {_number(warnings, 'warning')}."
    click.echo(f"\n{said.capitalize()}")


def _number(count: int, name: str) -> str:
    return f"{count or 'no'} {name}{'' if count == 1 else 's'}"
