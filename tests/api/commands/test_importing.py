"""`winnow import` as an operator types it, on both databases; and what the API then says."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlalchemy import select

import api.commands
from api.cli import main
from api.moderation.events import seal
from api.moderation.events.proof import one_moment, verify
from api.moderation.learning import labels
from api.moderation.moving import taking
from api.moderation.services import Services
from api.moving import batching
from api.store.imports import ImportRun
from api.store.outbox import Delivery, Event
from api.store.tables import Comment, Site
from tests.api.moving import files
from tests.conftest import ON_SQLITE
from tests.factories import comment, count, decide, put_policy, rows, submit, walk

SITE = ("import", "--site", "gazette")


@pytest.fixture
def winnow(
    services: Services, site: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Result]:
    """The command, on the test's database and with its clock."""
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(api.commands, "create_services", lambda _: services)
    return lambda *given: CliRunner().invoke(main, [*SITE, *map(str, given)])


def write(folder: Path, text: str, name: str = "export.xml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def write_lines(folder: Path, *lines: dict[str, Any], name: str = "comments.jsonl") -> Path:
    """A file of comments, each with what differs."""
    made = ({**comment(), "id": f"c-{n}", **one} for n, one in enumerate(lines, 1))
    return write(folder, "".join(json.dumps(one) + "\n" for one in made), name)


def get(client: FlaskClient, id_: str) -> dict[str, Any]:
    answer = client.get(f"/v1/comments/{id_}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


STATES = [
    {"comment_id": "1"},
    {"comment_id": "2", "comment_approved": "0", "comment_parent": "1"},
    {"comment_id": "3", "comment_approved": "spam", "comment_content": "Buy spam0.97 now"},
    {"comment_id": "4", "comment_approved": "trash"},
    {"comment_id": "5", "comment_type": "pingback"},
    {"comment_id": "6", "comment_approved": "1", "comment_content": "Fine, insult0.95"},
]


def test_old_states_become_decisions(
    winnow: Callable[..., Result], moderator: FlaskClient, tmp_path: Path
) -> None:
    result = winnow("--prefix", "wp-", write(tmp_path, files.wxr(*STATES)))
    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "6 comments read, 5 taken in.",
        "          2 approved",
        "          1 pending",
        "          2 rejected",
        "1 were skipped:",
        "          1 a pingback",
    ]
    one, two, three, four, six = (get(moderator, f"wp-{n}") for n in (1, 2, 3, 4, 6))
    assert (one["status"], one["created_at"]) == ("approved", "2015-03-02T08:30:00Z")
    assert one["received_at"] == one["updated_at"] == one["created_at"]
    assert one["decision"] == {
        "action": "approve",
        "reason": None,
        "queue": None,
        "note": None,
        "actor": "import:wordpress",
        "version": 2,
        "created_at": "2015-03-02T08:30:00Z",
        "undone_at": None,
    }
    assert (two["status"], two["decision"], two["parent_id"]) == ("pending", None, "wp-1")
    assert (three["status"], three["decision"]["reason"]) == ("rejected", "spam")
    assert (four["status"], four["decision"]["reason"]) == ("rejected", "other")
    # What was published stays so, and the verdict of today says what it thinks.
    assert (six["status"], six["verdict"]["action"]) == ("approved", "reject")
    assert six["verdict"]["reasons"][0]["spans"][0]["text"] == "insult0.95"


def test_what_waited_waits_and_is_decided_as_ever(
    winnow: Callable[..., Result], moderator: FlaskClient, tmp_path: Path
) -> None:
    winnow(write(tmp_path, files.wxr(*STATES)))
    [waiting] = moderator.get("/v1/queue").json["items"]
    assert waiting["id"] == "2"
    assert [one["code"] for one in waiting["verdict"]["reasons"]] == ["waited_elsewhere"]
    # Since it came here, not for eleven years.
    assert waiting["waiting_since"] == waiting["received_at"] == "2026-11-22T12:00:00Z"
    found = decide(moderator, "2", "approve")
    assert (found["status"], found["decision"]["actor"][:4]) == ("approved", "key:")
    undone = moderator.delete("/v1/comments/1/decision").json
    assert (undone["status"], undone["decision"]) == ("approved", None)
    history = moderator.get("/v1/comments/2/history").json
    assert [one["type"] for one in history["events"]] == ["comment.decided"]


def test_they_are_found_and_their_authors_known(
    winnow: Callable[..., Result],
    moderator: FlaskClient,
    backend: FlaskClient,
    services: Services,
    site: int,
    tmp_path: Path,
) -> None:
    lines = [{"author": {"id": "u-1", "name": "Zoë"}, "status": "approved"} for _ in range(3)]
    rejected = [{"author": {"id": "u-2"}, "status": "rejected"} for _ in range(9)]
    result = winnow(write_lines(tmp_path, *lines, *rejected))
    assert result.exit_code == 0, result.output
    found = walk(moderator, "/v1/comments", q="zoe")
    assert {one["id"] for one in found} == {"c-1", "c-2", "c-3"}
    author = moderator.get("/v1/authors?id=u-1").json
    assert author["comments"]["approved"] == 3
    put_policy(services, site, {"authors": {"newcomers": 3}})
    assert submit(backend, author={"id": "u-1"})["status"] == "approved"
    assert submit(backend, author={"id": "u-2"})["status"] == "pending"


def test_history_is_judged_by_what_it_says(
    winnow: Callable[..., Result],
    moderator: FlaskClient,
    backend: FlaskClient,
    services: Services,
    site: int,
    tmp_path: Path,
) -> None:
    """Not by rates, by who was new, by the hour, nor by forms that were never seen."""
    policy = {
        "mode": "pre",
        "authors": {"newcomers": 5, "rates": {"author": {"count": 2, "seconds": 3600}}},
        "duplicates": {"do": "hold", "copies": 2},
        "form": {"token": "hold"},
        "rules": [{"word": "fnord", "do": "hold"}],
    }
    put_policy(services, site, policy)
    plain = {"text": "The very same text, again and again.", "author": {"id": "u-1"}}
    lines = [{**plain, "created_at": "2026-11-22T11:59:00Z"} for _ in range(6)]
    winnow(write_lines(tmp_path, *lines, {"text": "A fnord."}))
    found = [get(moderator, f"c-{n}") for n in range(1, 7)]
    assert {one["status"] for one in found} == {"approved"}
    assert [one["verdict"]["reasons"] for one in found] == [[]] * 6
    assert get(moderator, "c-7")["status"] == "pending"
    # And a comment of today is, by all of it.
    codes = {one["code"] for one in submit(backend, "Hello.")["verdict"]["reasons"]}
    assert "newcomer" in codes


def test_the_same_again_changes_nothing(
    winnow: Callable[..., Result], services: Services, site: int, tmp_path: Path
) -> None:
    path = write(tmp_path, files.wxr(*STATES))
    first = winnow(path).output
    before = rows(services.database)
    again = winnow(path)
    assert again.exit_code == 0
    assert again.output.splitlines()[0] == "This file was taken in on 2026-11-22."
    assert first.splitlines() == again.output.splitlines()[1:]
    assert rows(services.database) == before
    anew = winnow("--again", path)
    assert anew.output.splitlines()[0] == "6 comments read, 0 taken in."
    assert "5 were there already and are as they were." in anew.output
    for table, kept in rows(services.database).items():
        if table not in ("import_runs", "events"):
            assert kept == before[table], table


def test_what_moderators_did_since_stands(
    winnow: Callable[..., Result], moderator: FlaskClient, backend: FlaskClient, tmp_path: Path
) -> None:
    winnow(write(tmp_path, files.wxr(*STATES)))
    decide(moderator, "1", "reject", reason="abusive")
    assert backend.patch("/v1/comments/3", json={"text": "Another text."}).status_code == 200
    moderator.delete("/v1/comments/6")
    more = write(tmp_path, files.wxr(*STATES, {"comment_id": "7"}), "later.xml")
    result = winnow("--report", tmp_path / "report.jsonl", more)
    assert "7 comments read, 2 taken in." in result.output
    assert get(moderator, "1")["status"] == "rejected"
    assert get(moderator, "3")["text"] == "Another text."
    assert get(moderator, "7")["status"] == "approved"
    lines = [json.loads(one) for one in (tmp_path / "report.jsonl").read_text().splitlines()]
    known = [one["id"] for one in lines if one["outcome"] == "known"]
    assert known == ["1", "2", "3", "4"]


def test_an_id_that_comes_twice_is_of_the_first(
    winnow: Callable[..., Result],
    moderator: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(batching, "BATCH", 2)
    lines = [{"id": "a"}, {"id": "a", "text": "B."}, {"id": "b"}, {"id": "a", "text": "C."}]
    found = winnow("--json", write_lines(tmp_path, *lines))
    told = json.loads(found.stdout)
    assert (told["read"], told["known"], told["taken"]) == (4, 2, {"approved": 2})
    assert get(moderator, "a")["text"] == "A fine day."


def test_the_report_says_which_and_why_and_quotes_nothing(
    winnow: Callable[..., Result], tmp_path: Path
) -> None:
    report = tmp_path / "report.jsonl"
    lines = [
        {"author": {"email": "secret at example", "name": "Zoë Secret"}},
        {"text": "secret" * 4000},
        {"text": "\t"},
        {"secret": 1},
    ]
    result = winnow("--report", report, "--prefix", "x-", write_lines(tmp_path, *lines))
    assert result.exit_code == 0, result.output
    told = [json.loads(one) for one in report.read_text().splitlines()]
    assert told == [
        {"number": 1, "outcome": "left out", "id": "x-c-1", "why": "author.email"},
        {
            "number": 2,
            "outcome": "skipped",
            "id": "x-c-2",
            "why": "a text of more than 20,000 characters",
        },
        {"number": 3, "outcome": "skipped", "id": "x-c-3", "why": "no text"},
        {"number": 4, "outcome": "left out", "id": "x-c-4", "why": "a field that is not known"},
    ]
    assert "secret" not in (result.output + report.read_text()).lower()
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_dry_run_keeps_nothing(
    winnow: Callable[..., Result], services: Services, tmp_path: Path
) -> None:
    before = rows(services.database)
    result = winnow("--dry-run", write(tmp_path, files.wxr(*STATES)))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "6 comments read, 5 would be taken in.",
        "          2 approved",
        "          1 pending",
        "          2 rejected",
        "1 were skipped:",
        "          1 a pingback",
    ]
    assert rows(services.database) == before


def test_it_is_no_news(
    winnow: Callable[..., Result],
    connect: Callable[..., FlaskClient],
    services: Services,
    site: int,
    tmp_path: Path,
) -> None:
    """Two events, so two messages, however many comments; and the chain is whole."""
    admin = connect("admin")
    hook = {"url": "https://gazette.example/hook"}
    assert admin.post("/v1/webhooks", json=hook).status_code == 201
    winnow(write_lines(tmp_path, *({"status": "approved"} for _ in range(300))))
    while seal(services):
        pass
    found = walk(admin, "/v1/events")
    assert [one["type"] for one in found] == ["import.started", "import.finished"]
    assert {one["actor"] for one in found} == {"import:jsonl"}
    assert found[1]["data"]["counts"]["taken"] == {"approved": 300}
    assert found[1]["data"]["format"] == "jsonl"
    with one_moment(services) as session:
        assert verify(session, session.get_one(Site, site)).problems == []
        assert len(session.scalars(select(Delivery)).all()) == 2
        assert all(one.comment_id is None for one in session.scalars(select(Event)))


def test_old_decisions_teach_once(
    winnow: Callable[..., Result], services: Services, site: int, tmp_path: Path
) -> None:
    lines = [
        {"status": "approved", "text": "One, insult0.95"},
        {"status": "rejected", "text": "Two", "reason": "abusive"},
        {"status": "rejected", "text": "Three", "reason": "other"},
        {"status": "pending", "text": "Four"},
        {"status": "approved", "text": "Five", "decision": None},
        {"status": "rejected", "text": "Six", "decision": None},
    ]
    winnow(write_lines(tmp_path, *lines))
    found = [
        (one.item.text, one.rejected, one.weight, one.actor)
        for one in labels.gather(services, site)
    ]
    # What nobody decided teaches nothing, and nobody here has overturned a verdict.
    assert found == [
        ("One, insult0.95", False, 1.0, "import:jsonl"),
        ("Two", True, 1.0, "import:jsonl"),
    ]


def test_they_are_nobodys_work_here(
    winnow: Callable[..., Result],
    moderator: FlaskClient,
    backend: FlaskClient,
    services: Services,
    tmp_path: Path,
) -> None:
    submit(backend, "insult0.6", id="own")
    decide(moderator, "own", "approve")
    now = services.now().isoformat()
    lines = [{"status": "approved", "text": "insult0.6", "created_at": now} for _ in range(30)]
    winnow(write_lines(tmp_path, *lines, name="late.jsonl"))
    told = moderator.get("/v1/stats?days=7").json
    assert [(one["actor"][:4], one["decisions"]) for one in told["moderators"]] == [("key:", 1)]


def test_what_came_long_ago_did_not_come_today(
    winnow: Callable[..., Result],
    moderator: FlaskClient,
    backend: FlaskClient,
    tmp_path: Path,
) -> None:
    """And what came today before the import is not taken for old."""
    for _ in range(5):
        submit(backend)
    old = {"status": "approved", "created_at": "2015-03-02T08:30:00Z"}
    winnow(write_lines(tmp_path, *([old] * 40)))
    submit(backend)
    told = moderator.get("/v1/stats?days=7").json
    assert [one["came"] for one in told["volumes"]["by_day"]] == [0, 0, 0, 0, 0, 0, 6]


def test_corals_bans_become_standings(
    winnow: Callable[..., Result], moderator: FlaskClient, backend: FlaskClient, tmp_path: Path
) -> None:
    users = [files.coral_user("u-1"), files.coral_user("u-2", ban={"active": True})]
    folder = files.coral(tmp_path / "dump", [files.coral_comment("c-1")], users)
    told = json.loads(winnow("--json", folder).stdout)
    assert (told["taken"], told["bans"]) == ({"approved": 1}, 1)
    [standing] = moderator.get("/v1/authors?id=u-2").json["standings"]
    assert (standing["standing"], standing["actor"]) == ("banned", "import:coral")
    assert submit(backend, author={"id": "u-2"})["status"] == "rejected"
    # Somebody here knows better, and is not overruled by the same once more.
    assert moderator.delete(f"/v1/standings/{standing['id']}").status_code == 204
    assert json.loads(winnow("--json", "--again", folder).stdout)["bans"] == 0
    assert submit(backend, author={"id": "u-2"})["status"] == "approved"


class StoppedError(Exception):
    """Stands for whatever ends a process."""


def test_it_goes_on_where_it_was(
    winnow: Callable[..., Result],
    services: Services,
    site: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(batching, "BATCH", 10)
    statuses = ["approved", "rejected", "pending", None]
    lines = [
        {"text": "" if n % 7 == 0 else f"Number {n}.", "status": statuses[n % 4]} for n in range(95)
    ]
    path, report = write_lines(tmp_path, *lines), tmp_path / "report.jsonl"
    taken, kept = taking.Taker.take, 0

    def interrupt(self: taking.Taker, batch: taking.Batch) -> list[str]:
        nonlocal kept
        kept += 1
        if kept % 4 == 0:
            raise StoppedError
        return taken(self, batch)

    monkeypatch.setattr(taking.Taker, "take", interrupt)
    runs = 0
    while (result := winnow("--json", "--report", report, path)).exception:
        assert isinstance(result.exception, StoppedError)
        runs += 1
    assert runs == 3
    assert "Going on after 90 comments." in result.stderr
    told = json.loads(result.stdout)
    skipped = sum(n % 7 == 0 for n in range(95))
    assert (told["read"], told["known"], told["skipped"]) == (95, 0, {"no text": skipped})
    assert sum(told["taken"].values()) == count(services.database)["comments"] == 95 - skipped
    numbers = [json.loads(one)["number"] for one in report.read_text().splitlines()]
    assert numbers == [n + 1 for n in range(95) if n % 7 == 0]
    with services.database.reading() as session:
        [run] = session.scalars(select(ImportRun))
        assert (run.position, run.finished_at is not None) == (95, True)
        found = Counter(session.scalars(select(Comment.status)))
    assert told["taken"] == found


def test_a_broken_file_keeps_what_was_whole_and_is_mended(
    winnow: Callable[..., Result], moderator: FlaskClient, tmp_path: Path
) -> None:
    whole = files.wxr(*STATES)
    broken = winnow(write(tmp_path, whole[: whole.index("<wp:comment_id>4")]))
    assert broken.exit_code == 1
    assert "is no XML any more: no element found" in broken.output
    assert "3 comments read, 3 taken in." in broken.output
    mended = json.loads(winnow("--json", write(tmp_path, whole)).stdout)
    assert (mended["known"], mended["taken"]) == (3, {"approved": 1, "rejected": 1})
    assert get(moderator, "6")["status"] == "approved"


@ON_SQLITE
@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--prefix", "a/b"], "Invalid value for '--prefix'"),
        (["--format", "isso"], "It is no database of Isso's"),
        (["--site", "nowhere"], "There is no site called 'nowhere'."),
    ],
)
def test_what_cannot_be(
    winnow: Callable[..., Result], tmp_path: Path, given: list[str], says: str
) -> None:
    result = winnow(*given, write(tmp_path, files.wxr({})))
    assert result.exit_code != 0
    assert says in result.output


@ON_SQLITE
def test_nothing_is_taken_in_unread(
    winnow: Callable[..., Result], services: Services, tmp_path: Path
) -> None:
    """A verdict can always be explained, so without a classifier there is none."""
    path = write(tmp_path, files.wxr({}))
    services.scorer.failure = "There is no model."
    assert "There is no model." in winnow(path).output
    services.scorer.model, services.scorer.failure = None, None
    result = winnow(path)
    assert result.exit_code == 1
    assert "what is not judged is not taken in" in result.output
    assert count(services.database)["comments"] == 0
