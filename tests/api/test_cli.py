"""The `winnow` command: what it prints where, and how it fails."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner, Result
from sqlalchemy import select

import api.store.database
from api.cli import main
from api.commands import open_services
from api.moderation import access, foreignkeys, signins
from api.moderation.identity import Account, UnknownPersonError, letting
from api.moderation.services import Services
from api.settings import read_settings
from api.store.database import Database
from api.store.outbox import Event
from classifier import LABELS
from tests.factories import words_scorer

COMMAND = [sys.executable, "-c", "from api.cli import main; main()"]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of its own for each test, and no other setting."""
    for name in [name for name in os.environ if name.startswith("WINNOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("WINNOW_READER", "none")
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scorer that need not be read from a file, but where a test is about the file."""
    monkeypatch.setattr("api.commands.scoring.load_scorer", lambda *_: words_scorer())


def winnow(*given: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, given, input=stdin)


def opened(home: Path) -> Services:
    return Services(Database(f"sqlite:///{home / 'winnow.sqlite3'}"), words_scorer())


def assert_one_sentence(result: Result) -> str:
    """The command failed, and said why in one line and no traceback."""
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.endswith(".\n")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_key_is_printed_alone_and_works(home: Path) -> None:
    winnow("site", "create", "gazette")

    result = winnow("key", "create", "--site", "gazette", "--role", "backend")

    assert (result.exit_code, result.stderr) == (0, "")
    [key] = result.stdout.splitlines()
    caller = access.find_caller(opened(home), key)
    assert caller is not None
    assert caller.role == "backend"


def test_a_key_of_akismets_style_is_printed_alone_and_its_id_beside_it(home: Path) -> None:
    winnow("site", "create", "gazette")

    result = winnow("key", "create", "--site", "gazette", "--style", "akismet")

    assert result.exit_code == 0
    assert re.fullmatch(r"[0-9a-f]{12}\n", result.stdout)
    key = result.stdout.strip()
    services = replace(opened(home), secret_key=read_settings().secret_key)
    assert foreignkeys.find_akismet(services, key) is not None
    listed = winnow("key", "list", "--site", "gazette").stdout
    assert re.fullmatch(r"aks_[0-9a-f]{8}  backend    akismet  made [\d-]+  in use\n", listed)
    [command] = re.findall(r"winnow (key revoke .+)\n", result.stderr)
    assert winnow(*command.split()).exit_code == 0
    assert foreignkeys.find_akismet(services, key) is None


def test_corals_secret_comes_from_standard_input_and_opens_the_phase(home: Path) -> None:
    winnow("site", "create", "gazette")
    made = winnow("key", "create", "--site", "gazette", "--style", "coral")
    name = made.stdout.strip()
    secret = "empsec_0123456789abcdef"

    assert f"winnow key secret --site gazette {name}" in made.stderr
    assert foreignkeys.find_coral(open_services(read_settings()), name) is None
    kept = winnow("key", "secret", "--site", "gazette", name, stdin=f"{secret}\r\n")

    assert kept.exit_code == 0
    assert f"POST /coral/{name}" in kept.stdout
    assert secret not in kept.output
    found = foreignkeys.find_coral(open_services(read_settings()), name)
    assert found is not None
    assert found[1] == secret


def test_keys_are_listed_by_their_first_letters_and_revoked_by_them(home: Path) -> None:
    winnow("site", "create", "gazette")
    key = winnow("key", "create", "--site", "gazette", "--role", "admin").stdout.strip()

    listed = winnow("key", "list", "--site", "gazette").stdout
    revoked = winnow("key", "revoke", "--site", "gazette", key[:12])

    assert listed.startswith(f"{key[:12]}  admin ")
    assert key not in listed
    assert revoked.exit_code == 0
    assert access.find_caller(opened(home), key) is None
    assert "revoked" in winnow("key", "list", "--site", "gazette").stdout


def test_a_moderators_password_comes_from_standard_input(home: Path) -> None:
    winnow("site", "create", "gazette")

    result = winnow(
        "moderator", "create", "--site", "gazette", "Ada@X.example", stdin="correct horse\n"
    )

    assert result.exit_code == 0
    assert "correct horse" not in result.output
    assert signins.sign_in(opened(home), "ada@x.example", "correct horse", 1)


def test_moderators_have_roles_and_are_listed(home: Path) -> None:
    winnow("site", "create", "gazette")
    create = ("moderator", "create", "--site", "gazette")
    winnow(*create, "ada@x.example", stdin="correct horse\n")
    winnow(*create, "--role", "admin", "bob@x.example", stdin="correct horse\n")

    listed = winnow("moderator", "list", "--site", "gazette").stdout

    assert [line.split()[:2] for line in listed.splitlines()] == [
        ["ada@x.example", "moderator"],
        ["bob@x.example", "admin"],
    ]
    for email, role in (("ada@x.example", "moderator"), ("bob@x.example", "admin")):
        token = signins.sign_in(opened(home), email, "correct horse", 1)
        assert access.find_signed_in(opened(home), token).role == role


def test_a_moderators_password_can_be_changed(home: Path) -> None:
    winnow("site", "create", "gazette")
    winnow("moderator", "create", "--site", "gazette", "ada@x.example", stdin="correct horse\n")

    result = winnow("moderator", "password", "ada@x.example", stdin="battery staple\r\n")

    assert result.exit_code == 0
    assert signins.sign_in(opened(home), "ada@x.example", "battery staple", 1)


def test_an_account_elsewhere_can_be_forgotten(home: Path) -> None:
    winnow("site", "create", "gazette")
    winnow("moderator", "create", "--site", "gazette", "ada@x.example", stdin="correct horse\n")
    services = opened(home)
    first, second = (Account(name, "ada@x.example") for name in ("a-1", "a-2"))
    letting.let_in(services, "https://login.example", first, 1)
    with pytest.raises(UnknownPersonError):
        letting.let_in(services, "https://login.example", second, 1)

    result = winnow("moderator", "forget-account", "ada@x.example")

    assert result.exit_code == 0
    assert letting.let_in(services, "https://login.example", second, 1)


def test_what_is_done_about_keys_and_moderators_is_in_the_sites_log(home: Path) -> None:
    winnow("site", "create", "gazette")
    here = ("--site", "gazette")
    key = winnow("key", "create", *here, "--role", "backend").stdout.strip()
    phase = winnow("key", "create", *here, "--style", "coral").stdout.strip()
    winnow("key", "secret", *here, phase, stdin="empv1_0f1e2d3c4b5a6978\n")
    for _ in range(2):
        winnow("key", "revoke", *here, key[:12])
    winnow("moderator", "create", *here, "ada@x.example", stdin="correct horse\n")
    winnow("moderator", "create", *here, "ada@x.example", stdin="correct horse\n")
    winnow("moderator", "password", "ada@x.example", stdin="battery staple\n")
    winnow("moderator", "password", "ada@x.example", stdin="short\n")

    with opened(home).database.reading() as session:
        found = session.scalars(select(Event).order_by(Event.id)).all()
    assert {one.actor for one in found} == {"command line"}
    name = found[-1].data["moderator"]
    assert [(one.type, one.data) for one in found] == [
        ("key.created", {"key": key[:12], "role": "backend", "style": "winnow"}),
        ("key.created", {"key": phase, "role": "backend", "style": "coral"}),
        ("key.secret_set", {"key": phase}),
        ("key.revoked", {"key": key[:12]}),
        ("moderator.created", {"moderator": name, "role": "moderator"}),
        ("moderator.password_changed", {"moderator": name}),
    ]


def test_the_first_site_says_what_it_was_made_with(home: Path) -> None:
    for _ in range(2):
        winnow("init")

    with opened(home).database.reading() as session:
        found = session.scalars(select(Event).order_by(Event.id)).all()
    assert [(one.type, one.data["role"]) for one in found] == [
        ("moderator.created", "admin"),
        ("key.created", "backend"),
    ]


FAILING: dict[str, tuple[list[str], str]] = {
    "unknown site for a key": (["key", "create", "--site", "nope", "--role", "admin"], ""),
    "unknown site to list": (["key", "list", "--site", "nope"], ""),
    "unknown key": (["key", "revoke", "--site", "gazette", "wnw_00000000"], ""),
    "secret for no key": (
        ["key", "secret", "--site", "gazette", "cor_00000000"],
        "empsec_0123456789abcdef\n",
    ),
    "short secret": (["key", "secret", "--site", "gazette", "cor_00000000"], "short\n"),
    "no secret": (["key", "secret", "--site", "gazette", "cor_00000000"], ""),
    "site twice": (["site", "create", "gazette"], ""),
    "unknown site for a moderator": (
        ["moderator", "create", "--site", "nope", "a@b.example"],
        "correct horse\n",
    ),
    "moderator twice": (
        ["moderator", "create", "--site", "gazette", "ADA@x.example"],
        "correct horse\n",
    ),
    "unknown moderator": (["moderator", "password", "eve@x.example"], "correct horse\n"),
    "account of nobody": (["moderator", "forget-account", "eve@x.example"], ""),
    "common password": (
        ["moderator", "create", "--site", "gazette", "b@x.example"],
        "passwordpassword\n",
    ),
    "short password": (["moderator", "create", "--site", "gazette", "b@x.example"], "short\n"),
    "no password": (["moderator", "create", "--site", "gazette", "b@x.example"], ""),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_cannot_be_done_is_said_in_one_sentence(home: Path, name: str) -> None:
    winnow("site", "create", "gazette")
    winnow("moderator", "create", "--site", "gazette", "ada@x.example", stdin="correct horse\n")
    command, stdin = FAILING[name]

    assert_one_sentence(winnow(*command, stdin=stdin))


@pytest.mark.parametrize(
    "command",
    [
        ["key", "create", "--site", "gazette", "--role", "root"],
        ["key", "create", "--site", "gazette"],
        ["key", "create", "--site", "gazette", "--style", "nonsense"],
        ["key", "create", "--site", "gazette", "--style", "akismet", "--role", "admin"],
        ["serve", "--port", "0"],
        ["serve", "--port", "65536"],
        ["serve", "--port", "http"],
        ["score", "--format", "xml"],
        ["score", "no-such-file.csv"],
        ["nonsense"],
    ],
)
def test_a_wrong_command_line_shows_how_it_is_right(command: list[str]) -> None:
    result = winnow(*command)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://u@h/db"),
        ("DATABASE_URL", "sqlite:////no/such/folder/x.sqlite3"),
        ("DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/none"),
        ("DATABASE_URL", "postgresql://u:hunter2@h:port/none"),
        ("WORKERS", "none"),
        ("SECRET_KEY", "hunter2"),
        ("HOME", "/dev/null/home"),
    ],
)
def test_a_broken_setting_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"WINNOW_{name}", value)

    assert "hunter2" not in assert_one_sentence(winnow("init"))


def test_a_file_that_is_no_database_is_one_sentence(home: Path) -> None:
    home.mkdir()
    (home / "winnow.sqlite3").write_text("This is a shopping list, not a database. " * 50)

    assert_one_sentence(winnow("init"))


def test_a_database_of_a_later_release_is_one_sentence(home: Path) -> None:
    winnow("init")
    with sqlite3.connect(home / "winnow.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert_one_sentence(winnow("init"))


def test_a_locked_database_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.store.database, "BUSY_SECONDS", 1)
    winnow("site", "create", "gazette")
    other = sqlite3.connect(home / "winnow.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    result = winnow("key", "create", "--site", "gazette", "--role", "backend")

    other.close()
    assert "locked" in assert_one_sentence(result)


def test_the_first_start_shows_secrets_and_the_second_none() -> None:
    first, second = winnow("init"), winnow("init")

    assert "curl" in first.stdout
    assert "wnw_" in first.stdout
    assert (second.exit_code, second.output) == (0, "")


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


SCORED: dict[str, tuple[str, bytes, list[str]]] = {
    "lines": ("x.txt", b"Fine.\nspam0.60\r\nspam0.97", ["approve", "hold", "reject"]),
    "lines by name": ("x.txt", b"text,other\nFine.\n", ["approve", "approve"]),
    "blank lines": ("x.txt", b"\n\nFine.\n\n", ["approve"]),
    "mark": ("x.txt", b"\xef\xbb\xbfspam0.97\n", ["reject"]),
    "empty": ("x.txt", b"", []),
    "empty without a name for it": ("x", b"", []),
    "CSV": ("x.csv", b'id,text\n1,Fine.\n2,"spam0.97,\nhere"\n', ["approve", "reject"]),
    "CSV by its first line": ("x", b"text\nspam0.60\n", ["hold"]),
    "CSV with a mark": ("x.csv", b"\xef\xbb\xbftext\nspam0.60\n", ["hold"]),
    "JSONL": ("x.jsonl", b'{"text": "Fine."}\n\n{"text": "spam0.97"}', ["approve", "reject"]),
    "JSONL by its first line": ("x", b'{"text": "spam0.60"}\n', ["hold"]),
    "JSONL with a mark": ("x.jsonl", b'\xef\xbb\xbf{"text": "spam0.60"}\n', ["hold"]),
    "whole comments": (
        "x.jsonl",
        b'{"text": "Fine.", "form": {"honeypot": "x"}, "article": {"id": "a"}}\n',
        ["reject"],
    ),
    "HTML": ("x.jsonl", b'{"text": "<b class=spam0.97>Fine</b>", "html": true}\n', ["approve"]),
}


@pytest.mark.parametrize("name", SCORED)
def test_scoring_reads_every_kind_of_file(tmp_path: Path, name: str) -> None:
    file, content, actions = SCORED[name]
    (tmp_path / file).write_bytes(content)

    result = winnow("score", str(tmp_path / file))

    assert (result.exit_code, result.stderr) == (0, "")
    assert [one["action"] for one in lines(result)] == actions
    assert all(set(one) == {"scores", "action", "reasons"} for one in lines(result))
    assert all(set(one["scores"]) == set(LABELS) for one in lines(result))


def test_scoring_reads_standard_input_and_keeps_the_order() -> None:
    given = [f"spam0.{number:04}" for number in range(1000)]

    result = winnow("score", stdin="\n".join(given))

    assert [one["scores"]["spam"] for one in lines(result)] == [n / 10_000 for n in range(1000)]


@pytest.mark.parametrize("form", ["jsonl", "csv", "lines"])
def test_a_format_that_is_named_is_used(form: str) -> None:
    given = {"jsonl": '{"text": "Fine."}', "csv": "text\nFine.", "lines": '{"text": "Fine."}'}

    result = winnow("score", "--format", form, stdin=given[form])

    assert result.exit_code == 0
    assert [one["action"] for one in lines(result)] == ["approve"]


def test_a_line_that_cannot_be_read_is_answered_in_its_place() -> None:
    bad = ["{", "[]", "1", '{"text": ""}', '{"text": 1}', '{"txt": "a"}', '{"text": "a\\u0000"}']
    given = ['{"text": "Fine."}', *bad, '{"text": "spam0.97"}']

    result = winnow("score", stdin="\n".join(given))

    found = lines(result)
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert [one.get("action", "error") for one in found] == [
        "approve",
        *["error"] * len(bad),
        "reject",
    ]
    assert all(set(one) == {"error"} and one["error"] for one in found[1:-1])


@pytest.mark.parametrize(
    "given",
    [
        b"\xff\xfe\x00\x00",
        "Fine.".encode("utf-16"),
        b"\x00\x01\x02",
        b"x" * 1_000_000,
        b"[" * 100_000,
        b'{"text": "' + b"x" * 100_000 + b'"}',
        b'text\n"' + b"x" * 200_000 + b'"\n',
        b'text\n"never closed',
        b"a,text\n1\n",
        b"a,text\n1,2,3,4\n",
        b"text,text\n1,2\n",
        b"\r\r\r",
        b'{"text": "\\ud800"}',
        b'{"text": "a", "text": "b"}',
    ],
)
def test_no_file_breaks_scoring(given: bytes) -> None:
    result = winnow("score", stdin=given)

    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert all({"error"} == set(one) or "action" in one for one in lines(result))
    assert result.stderr.count("\n") == (result.exit_code != 0)


def test_a_table_without_texts_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,comment\n1,Fine.\n")

    assert "text" in assert_one_sentence(winnow("score", str(tmp_path / "x.csv")))


def test_scoring_without_a_model_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WINNOW_MODEL", str(tmp_path / "none"))

    done = real("score", stdin=b"Fine.\n")

    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.startswith(b"Error: ")
    assert done.stderr.count(b"\n") == 1


def real(*given: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command as a process of its own."""
    return subprocess.run(
        [*COMMAND, *given],
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    command = f"{sys.executable} -c 'from api.cli import main; main()' score | head -n 1"

    done = subprocess.run(
        ["sh", "-c", command],
        input=b"Fine.\n" * 3_000,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.stdout.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_a_password_that_is_no_text_is_one_sentence() -> None:
    winnow("site", "create", "gazette")

    done = real(
        "moderator", "create", "--site", "gazette", "a@x.example", stdin=b"\xff\xfe" * 10 + b"\n"
    )

    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: ")
    assert b"Traceback" not in done.stderr


def test_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        done = real("serve", "--port", str(taken.getsockname()[1]))

    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.startswith(b"Error: Cannot serve on 127.0.0.1:")
    assert done.stderr.count(b"\n") == 1


def test_the_first_start_names_the_address_that_others_reach_it_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WINNOW_PUBLIC_URL", "https://winnow.example/")

    assert "https://winnow.example/v1/comments" in winnow("init").stdout


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1", "999.1.1.1", "::ffff"])
def test_an_address_that_is_not_ours_is_one_sentence(host: str) -> None:
    assert "Cannot serve on" in assert_one_sentence(winnow("serve", "--host", host))


def test_of_two_hosts_that_start_at_once_one_makes_the_first_site(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = winnow("init")
    monkeypatch.setattr(access, "has_sites", lambda _services: False)

    second = winnow("init")

    assert "backend key" in first.stdout
    assert (second.exit_code, second.stdout) == (0, "")


@pytest.fixture
def serve() -> Iterator[Callable[[], tuple[subprocess.Popen[bytes], str]]]:
    """Starts servers and waits until they answer."""
    started = []

    def start() -> tuple[subprocess.Popen[bytes], str]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from api.cli import main; main()",
                "serve",
                "--port",
                str(port),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "WINNOW_WORKERS": "1"},
        )
        started.append(process)
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            assert process.poll() is None, process.communicate()
            try:
                urllib3.request("GET", f"{url}/ready", retries=False, timeout=5)
            except urllib3.exceptions.HTTPError:
                time.sleep(0.1)
            else:
                return process, url
        raise AssertionError("the server does not answer")

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_serving_greets_once_and_stops_when_asked(
    serve: Callable[[], tuple[subprocess.Popen[bytes], str]],
) -> None:
    process, url = serve()
    process.send_signal(signal.SIGTERM)
    first, _ = process.communicate(timeout=30)
    key = next(word for word in first.decode().split() if word.startswith("wnw_"))
    assert process.returncode == 0

    process, url = serve()
    answer = urllib3.request(
        "POST",
        f"{url}/v1/comments",
        headers={"Authorization": f"Bearer {key}"},
        json={"article": {"id": "a-1"}, "text": "What a thoughtful article, thank you."},
    )
    process.send_signal(signal.SIGINT)
    second, _ = process.communicate(timeout=30)

    assert answer.status == 201
    assert (process.returncode, second) == (0, b"")
