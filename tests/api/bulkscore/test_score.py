"""`winnow score --out`, with processes: whole files, stopped runs, changed inputs, dead workers."""

import contextlib
import csv
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from click.testing import CliRunner

from api.bulkscore.manifest import read_done
from api.bulkscore.parts import name_part
from api.cli import main
from classifier import LABELS
from tests.api.bulkscore.commands import ROOT, read_rows, score, start, write_lines
from tests.bench.comments import make_comments

BULK = ("--out", "out", "--processes", "2", "--piece-mib")


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + 120
    while not what():
        assert time.monotonic() < until, "it does not happen"
        time.sleep(0.01)


def test_files_of_every_kind_in_the_order_of_their_rows(tmp_path: Path) -> None:
    texts = [f"{one}\nNumber {n}." for n, one in enumerate(make_comments(90))]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "text"), *enumerate(texts[:30])])
    lines = [json.dumps({"text": one}) for one in (*texts[30:60], "")]
    (tmp_path / "b.jsonl").write_text("\n".join(lines))
    table = pyarrow.table({"id": range(60, 90), "text": texts[60:]})
    pyarrow.parquet.write_table(table, tmp_path / "c.parquet", row_group_size=20)

    done = score(tmp_path, "c.parquet", "a.csv", "b.jsonl", *BULK, "0.002")
    (tmp_path / "plain.jsonl").write_text("\n".join(json.dumps({"text": t}) for t in texts))
    same = score(tmp_path, "plain.jsonl")

    rows = read_rows(tmp_path / "out")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "91 rows judged into out, 1 with an error" in done.stderr
    assert done.stderr.endswith("their lines hold an error.\n")
    assert len(list((tmp_path / "out").glob("part-*.parquet"))) > 6
    assert [(row["file"], row["row"], row["id"]) for row in rows] == [
        *(("c.parquet", n - 59, f"{n}") for n in range(60, 90)),
        *(("a.csv", n + 1, f"{n}") for n in range(30)),
        *(("b.jsonl", n - 29, None) for n in range(30, 61)),
    ]
    assert "/text" in rows[90]["error"]
    found = [*rows[30:90], *rows[:30]]
    expected = [json.loads(line) for line in same.stdout.splitlines()]
    assert [(one["action"], one["scores"], json.loads(one["reasons"])) for one in found] == [
        (one["action"], one["scores"], one["reasons"]) for one in expected
    ]
    assert set(found[0]["scores"]) == set(LABELS)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_one_file_where_that_is_asked_for(tmp_path: Path, form: str) -> None:
    write_lines(tmp_path / "a.jsonl", 40)
    target = tmp_path / f"x.{form}"

    done = score(tmp_path, "a.jsonl", "--out", target.name, "--piece-mib", "0.001")
    again = score(tmp_path, "a.jsonl", "--out", target.name)

    assert done.returncode == 0, done.stderr
    if form == "parquet":
        rows = pyarrow.parquet.read_table(target).to_pylist()
    else:
        rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert [row["id"] for row in rows] == [f"n-{n}" for n in range(40)]
    assert [row["row"] for row in rows] == [*range(1, 41)]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.jsonl", target.name]
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


def test_a_run_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 3_000)
    out = tmp_path / "out"
    with start(tmp_path, "a.jsonl", *BULK, "0.1", "--out-format", "jsonl") as process:
        # A part that nobody has noted yet is written again.
        wait_for(lambda: read_done(out, "jsonl"))
        kill_all(process.pid)
        process.communicate()
    first = out / name_part(min(read_done(out, "jsonl")), "jsonl")
    before = first.stat()
    (out / ".writing-old").mkdir()

    done = score(tmp_path, "a.jsonl", *BULK, "0.1", "--out-format", "jsonl")

    assert done.returncode == 0, done.stderr
    assert "of them earlier" in done.stderr
    assert [row["id"] for row in read_rows(out)] == [f"n-{n}" for n in range(3_000)]
    after = first.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not list(out.glob(".writing-*"))


def kill_all(pid: int) -> None:
    """Kill a process and those it started, at once and without a chance to say anything."""
    tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
    children = [int(one) for task in tasks for one in task.read_text().split()]
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    for child in children:
        kill_all(child)


def test_ctrl_c_stops_in_a_sentence(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 3_000)
    # Long enough that it is not done before it hears of it.
    (tmp_path / "a.jsonl").write_text(((tmp_path / "a.jsonl").read_text() + "\n") * 20)
    with start(tmp_path, "a.jsonl", *BULK, "0.1") as process:
        wait_for(lambda: list((tmp_path / "out").glob("part-*")))
        # As a terminal does: to all processes at once.
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=120)

    assert process.returncode == 130, err
    assert err.endswith("Stopped. To go on, run the same command again.\n")
    assert "Traceback" not in err
    assert not list((tmp_path / "out").glob(".writing-*"))


def test_what_has_changed_is_refused_and_can_be_begun_again(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 20)
    (tmp_path / "policy.yaml").write_text("profile: strict\n")
    first = score(tmp_path, "a.jsonl", *BULK, "1")
    nothing = score(tmp_path, "a.jsonl", *BULK, "1")
    policy = score(tmp_path, "a.jsonl", *BULK, "1", "--policy", "policy.yaml")
    (tmp_path / "a.jsonl").write_text('{"id": "new", "text": "Fine."}\n')
    changed = score(tmp_path, "a.jsonl", *BULK, "1")
    before = read_rows(tmp_path / "out")
    restarted = score(tmp_path, "a.jsonl", *BULK, "1", "--restart")

    assert [one.returncode for one in (first, nothing, policy, changed, restarted)] == [
        *(0, 0, 1, 1, 0)
    ]
    assert "1 of 1 parts are done, 1 of them earlier" in nothing.stderr
    assert "was begun with the policy" in policy.stderr
    assert "a.jsonl as it was before it changed; --restart" in changed.stderr
    assert len(before) == 20
    assert [row["id"] for row in read_rows(tmp_path / "out")] == ["new"]


DYING = """
import os, signal, sys

DEATHS = {"part-000000": 1, "part-000001": 9}

def die(event, given):
    if event == "open" and given[1] == "x":
        part = os.path.basename(str(given[0]))[:11]
        before = [one for one in os.listdir("deaths") if one.startswith(part)]
        if len(before) < DEATHS.get(part, 0):
            os.mkdir(f"deaths/{part}-{os.getpid()}")
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(die)
"""
"""Has whatever process begins to write a part die, so often."""


def test_a_process_that_dies_costs_a_try_and_three_cost_the_piece(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 1_200)
    (tmp_path / "sitecustomize.py").write_text(DYING)
    (tmp_path / "deaths").mkdir()

    done = score(tmp_path, "a.jsonl", *BULK, "0.1", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")

    parts = sorted(one.name for one in (tmp_path / "out").glob("part-*"))
    deaths = [one.name.partition("-0000")[2][:2] for one in (tmp_path / "deaths").iterdir()]
    assert done.returncode == 1
    assert "Part 1 (a.jsonl): 3 processes died of it" in done.stderr
    assert done.stderr.endswith("To try them again, run the same command again.\n")
    assert parts[:2] == ["part-000000.parquet", "part-000002.parquet"]
    assert sorted(deaths) == ["00", "01", "01", "01"]
    again = score(tmp_path, "a.jsonl", *BULK, "0.1")
    assert again.returncode == 0, again.stderr
    assert [row["id"] for row in read_rows(tmp_path / "out")] == [f"n-{n}" for n in range(1_200)]


def test_a_file_that_is_broken_inside_costs_its_own_rows_alone(tmp_path: Path) -> None:
    table = pyarrow.table({"text": make_comments(2_000)})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet", row_group_size=500)
    content = bytearray((tmp_path / "a.parquet").read_bytes())
    content[4:100] = bytes(96)
    (tmp_path / "a.parquet").write_bytes(content)
    write_lines(tmp_path / "b.jsonl", 30)

    done = score(tmp_path, "a.parquet", "b.jsonl", *BULK, "0.1")

    assert done.returncode == 1
    assert "Part 0 (a.parquet): a.parquet cannot be read" in done.stderr
    rows = read_rows(tmp_path / "out")
    assert [row["id"] for row in rows[-30:]] == [f"n-{n}" for n in range(30)]
    assert len(rows) > 1_000


SENTENCES: dict[str, tuple[list[str], str]] = {
    "no such file": (["none.csv", "--out", "out"], "There is no file none.csv."),
    "another's folder": (["a.jsonl", "--out", "theirs"], "theirs holds x, which is no run's"),
    "a file for a folder": (["a.jsonl", "--out", "bad.csv"], "bad.csv cannot be written"),
    "its own output": (["theirs/x.csv", "--out", "theirs"], "is what would be written"),
    "no address": (["a.jsonl", "--out", "out", "--scheduler", "x:8786"], "begins with tcp://"),
    "out in plain": (["a.jsonl", "--processes", "2"], "--processes is for judging in bulk"),
    "Parquet in plain": (["a.parquet"], "add --out"),
    "standard input": (["--out", "out"], "reads files twice"),
    "half of TLS": (["a.jsonl", "--out", "out", "--tls-ca", "a.jsonl"], "go together"),
    "both": (
        ["a.jsonl", "--out", "out", "--processes", "2", "--scheduler", "tcp://127.0.0.1:1"],
        "Either --processes",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_cannot_be_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    given, sentence = SENTENCES[name]
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "a.jsonl", 1)
    (tmp_path / "bad.csv").write_text("id\n1\n")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/x").touch()
    (tmp_path / "theirs/x.csv").write_text("text\nFine.\n")

    done = CliRunner().invoke(main, ["score", *given])

    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert sentence in done.stderr


def test_a_table_without_texts_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("id\n1\n")

    done = score(tmp_path, "bad.csv", "--out", "out")

    assert (done.returncode, done.stderr) == (1, "Error: bad.csv has no column named text.\n")
    assert read_rows(tmp_path / "out") == []


def test_without_dask_it_says_what_to_install(tmp_path: Path) -> None:
    write_lines(tmp_path / "a.jsonl", 1)
    # A module that is None is not to be found.
    hiding = "import sys; sys.modules.update(dask=None, distributed=None)"
    (tmp_path / "sitecustomize.py").write_text(hiding)
    path = f"{tmp_path}{os.pathsep}{ROOT}"

    plain = score(tmp_path, "a.jsonl", PYTHONPATH=path)
    bulk = score(tmp_path, "a.jsonl", "--out", "out", PYTHONPATH=path)

    assert plain.returncode == 0
    assert bulk.returncode == 1
    assert "pip install 'winnow[bulk]'" in bulk.stderr
