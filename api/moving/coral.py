"""Coral's collections as `mongoexport` writes them: a folder with `comments.json` at least.

`stories.json` beside it names the articles, `users.json` the authors and whom Coral has banned,
`commentModerationActions.json` who decided what, and when. Coral keeps them as
`server/src/core/server/models/` has it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from api.moving.items import (
    Ban,
    Content,
    FileError,
    Item,
    Read,
    Said,
    Skip,
    filled,
    read_epoch,
    read_utc,
)
from api.moving.lines import read_documents
from api.moving.opening import open_plain
from api.moving.shelf import Shelf

COMMENTS = "comments.json"
_ENDINGS = ("", ".gz", ".zip")

_STATES = {
    "APPROVED": "approved",
    "NONE": "approved",
    "REJECTED": "rejected",
    "PREMOD": "pending",
    "SYSTEM_WITHHELD": "pending",
}
_ACTIONS = {"APPROVED": "approve", "REJECTED": "reject"}


def find_beside(folder: Path, name: str) -> Path | None:
    """The collection of that name in a folder, packed or not."""
    paths = (folder / f"{name}{ending}" for ending in _ENDINGS)
    return next((path for path in paths if path.is_file()), None)


def read(stream: IO[bytes], folder: Path, now: datetime) -> Content:
    """The comments of an export whose other collections lie in `folder`; who is banned `now`."""
    bans: list[Ban] = []
    stories, users, acts = Shelf(), Shelf(), Shelf()
    _keep(folder, "stories.json", lambda one: stories.put(_id(one), _describe_story(one)))

    def keep_user(one: dict[str, Any]) -> None:
        users.put(_id(one), _describe_user(one))
        ban = _find_ban(one, now)
        if ban is not None:
            bans.append(ban)

    _keep(folder, "users.json", keep_user)
    _keep(folder, "commentModerationActions.json", lambda one: _keep_act(acts, one))
    return Content(_read(stream, stories, users, acts), bans)


def _keep(folder: Path, name: str, keep: Callable[[dict[str, Any]], None]) -> None:
    path = find_beside(folder, name)
    if path is None:
        return
    with ExitStack() as stack:
        opened = stack.enter_context(open_plain(path))
        for found in read_documents(opened.stream):
            if isinstance(found, dict) and _id(found):
                keep(found)


def _read(stream: IO[bytes], stories: Shelf, users: Shelf, acts: Shelf) -> Iterator[Read]:
    try:
        for found in read_documents(stream):
            yield found if isinstance(found, Skip) else _understand(found, stories, users, acts)
    finally:
        for shelf in (stories, users, acts):
            shelf.close()


def _understand(one: dict[str, Any], stories: Shelf, users: Shelf, acts: Shelf) -> Read:
    id_, status = _id(one) or None, one.get("status")
    if one.get("deletedAt"):
        return Skip("deleted there", id_)
    revisions = one.get("revisions")
    if not isinstance(revisions, list) or not revisions or not isinstance(revisions[-1], dict):
        return Skip("no text", id_)
    if status not in _STATES:
        return Skip("a status that Coral does not have", id_)
    story = one.get("storyID")
    given = filled(
        id=id_,
        article={**stories.get(story), **filled(id=story, section=one.get("section"))},
        parent_id=one.get("parentID"),
        text=revisions[-1].get("body"),
        html=True,
        created_at=_time(one.get("createdAt")),
        author={**users.get(one.get("authorID")), **filled(id=one.get("authorID"))},
    )
    return Item(given, _STATES[status], _find_said(status, acts.get(id_)))


def _find_said(status: str, act: dict[str, Any]) -> Said | None:
    """What a person decided: Coral publishes as NONE what nobody has looked at."""
    if status not in _ACTIONS:
        return None
    return Said(_ACTIONS[status], at=act.get("at") if act.get("status") == status else None)


def _keep_act(acts: Shelf, one: dict[str, Any]) -> None:
    comment, at = one.get("commentID"), _time(one.get("createdAt"))
    if isinstance(comment, str) and at and at >= acts.get(comment).get("at", ""):
        acts.put(comment, {"status": one.get("status"), "at": at})


def _describe_story(one: dict[str, Any]) -> dict[str, Any]:
    about = one.get("metadata")
    about = about if isinstance(about, dict) else {}
    return filled(
        url=one.get("url"),
        title=about.get("title"),
        section=about.get("section"),
        published_at=_time(about.get("publishedAt")),
    )


def _describe_user(one: dict[str, Any]) -> dict[str, Any]:
    staff = one.get("role") in ("STAFF", "MODERATOR", "ADMIN")
    return filled(
        name=one.get("username"),
        email=one.get("email"),
        created_at=_time(one.get("createdAt")),
        role="staff" if staff else None,
    )


def _find_ban(one: dict[str, Any], now: datetime) -> Ban | None:
    if _dig(one, "status", "ban", "active") is True:
        return Ban(_id(one), "banned")
    history = _dig(one, "status", "suspension", "history")
    ends = [_time(_dig(each, "from", "finish")) for each in history or () if _dig(each, "from")]
    until = [datetime.fromisoformat(end) for end in ends if end]
    if until and max(until) > now:
        return Ban(_id(one), "suspended", max(until))
    return Ban(_id(one), "held") if _dig(one, "status", "premod", "active") is True else None


def _dig(found: Any, *names: str) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _id(one: dict[str, Any]) -> str:
    found = one.get("id")
    return found if isinstance(found, str) else ""


def _time(given: Any) -> str | None:
    """A time of MongoDB's extended JSON, version 1 or 2, as RFC 3339; None for anything else."""
    inner = given.get("$date") if isinstance(given, dict) else given
    if isinstance(inner, dict):
        inner = inner.get("$numberLong")
        inner = int(inner) if isinstance(inner, str) and inner.lstrip("-").isdigit() else None
    if isinstance(inner, int):
        return read_epoch(inner / 1000)
    if not isinstance(inner, str):
        return None
    found = read_utc(inner)
    try:
        datetime.fromisoformat(found or "")
    except ValueError:
        return None
    return found


def check_folder(folder: Path) -> Path:
    """The file of comments in a folder; raises FileError where there is none."""
    found = find_beside(folder, COMMENTS)
    if found is None:
        raise FileError(f"There is no {COMMENTS} in {folder}.")
    return found
