"""`docs/security.md` names tests that exist, and every item of the lists once."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOC = ROOT / "docs" / "security.md"
STATES = ("yes", "partly", "no", "n/a", "operator")

LEVELS_1_AND_2 = 253
"""How many requirements of ASVS 5.0.0 are of level 1 or 2."""

TEXT = DOC.read_text(encoding="utf-8")


def expand(ids: str) -> Iterator[str]:
    """The ids that are meant: `1.2.6-1.2.8, 1.3.1` are four."""
    for one in re.split(r"[\s,]+", ids.strip()):
        first, _, last = one.partition("-")
        section, _, begin = first.rpartition(".")
        end = last.rpartition(".")[2] or begin
        assert not last or last.rpartition(".")[0] == section, one
        yield from (f"{section}.{number}" for number in range(int(begin), int(end) + 1))


def rows() -> list[tuple[list[str], str, str]]:
    """The rows of the chapters' tables: ids, state, and what is said of them."""
    found = re.findall(r"^\| (\d[\d., -]*) \| [^|]+ \| ([^|]*) \| (.*) \|$", TEXT, re.MULTILINE)
    return [(list(expand(ids)), state, said) for ids, state, said in found]


def named(text: str) -> list[tuple[str, str]]:
    """The tests that a text names: file, and function if it says one."""
    return re.findall(r"`([\w/]+\.py)(?:::(\w+))?`", text)


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


def test_every_requirement_of_level_1_and_2_is_there_once() -> None:
    listed = (Path(__file__).parent / "asvs_ids.txt").read_text(encoding="utf-8")
    wanted = list(expand(listed))
    assert len(wanted) == len(set(wanted)) == LEVELS_1_AND_2

    assert sorted(one for ids, _, _ in rows() for one in ids) == sorted(wanted)


def test_every_risk_of_the_api_top_10_is_there_once() -> None:
    found = re.findall(r"^\| API(\d+) ", TEXT, re.MULTILINE)

    assert found == [str(number) for number in range(1, 11)]


def test_every_test_that_is_named_exists() -> None:
    lost = []
    for file, name in named(TEXT):
        path = ROOT / "tests" / file.removeprefix("tests/")
        if file.startswith("api/web/auth"):
            path = ROOT / file
        if not path.is_file() or (name and name not in functions(path)):
            lost.append((file, name))

    assert lost == []
    assert len(named(TEXT)) > 150


@pytest.mark.parametrize(("ids", "state", "said"), rows(), ids=lambda one: str(one)[:20])
def test_what_is_said_to_be_so_says_where_that_is_seen(
    ids: list[str], state: str, said: str
) -> None:
    assert state in STATES
    assert len(said) > 3
    if state == "yes":
        assert named(said) or "](" in said, ids


def test_every_document_that_is_linked_exists_with_its_heading() -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXT):
        if target.startswith("https://"):
            continue
        file, _, heading = target.partition("#")
        path = DOC.parent / file if file else DOC
        assert path.is_file(), target
        assert not heading or heading in headings(path), target


def headings(path: Path) -> set[str]:
    """The names by which a document's headings can be linked to."""
    titles = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [
        ("1.2.3", ["1.2.3"]),
        ("1.2.3, 1.2.5", ["1.2.3", "1.2.5"]),
        ("10.4.9-10.4.11", ["10.4.9", "10.4.10", "10.4.11"]),
    ],
)
def test_ids_are_read_as_they_are_meant(ids: str, wanted: list[str]) -> None:
    assert list(expand(ids)) == wanted
