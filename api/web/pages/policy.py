"""The policy's pages: reading it, changing it as text, trying it out, and going back."""

from dataclasses import dataclass, field
from difflib import unified_diff

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from api.moderation import policies
from api.moderation.drafts import previews
from api.moderation.drafts.candidates import Checked
from api.moderation.errors import ConflictError, StalePolicyError
from api.moderation.policy.examples import Tried
from api.moderation.policy.inforce import FIRST
from api.moderation.policy.reading import Written, read_policy
from api.moderation.policy.reading.faults import DoubtfulError, Fault, PolicyError
from api.store.policies import PolicyVersion
from api.web.pages import console
from api.web.pages.cards import tell_age
from api.web.pages.highlight import name
from api.web.routing import caller, services

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the editor, the version it began from, and what is to be said of it."""

    text: str
    version: int
    faults: list[Fault] = field(default_factory=list)
    examples: list[Tried] | None = None
    forcible: bool = False
    trouble: str = ""


def show() -> str:
    """The policy in force, ready to be changed."""
    row = policies.show(services(), caller())
    return _render(row, Draft(row.text, row.version))


def act() -> ResponseReturnValue:
    """Check what stands in the editor, preview it, or put it in force."""
    acts = {"check": _check, "preview": _preview, "save": _save}
    chosen = acts.get(request.form.get("act", ""))
    version = request.form.get("version", type=int)
    if chosen is None or version is None or not FIRST <= version < 2**31:
        abort(422, "The form was not filled in as we made it.")
    # Browsers send the lines of a form with a carriage return.
    text = request.form.get("text", "").replace("\r\n", "\n")
    try:
        return chosen(read_policy(text), version)
    except PolicyError as error:
        forcible = isinstance(error, DoubtfulError)
        # To have been told what is wrong is what checking is for.
        status = 200 if chosen is _check else 422
        return _again(Draft(text, version, error.faults, forcible=forcible), status)
    except StalePolicyError as error:
        says = (
            f"Somebody has put version {error.version} in force meanwhile, and nothing of yours"
            " was saved. Compare it with theirs under Versions; saving again replaces it."
        )
        return _again(Draft(text, error.version, trouble=says), 409)
    except ConflictError as error:
        return _again(Draft(text, version, trouble=str(error)), 409)


def show_versions() -> str:
    """The versions there were, newest first."""
    page = policies.list_versions(services(), caller(), PAGE_SIZE, request.args.get("cursor"))
    now = services().now()
    return console.render(
        "versions.html",
        present=policies.show(services(), caller()).version,
        versions=[(one, tell_age(one.created_at, now)) for one in page.items],
        next=page.next and url_for("pages.policy_versions", cursor=page.next),
    )


def show_version(version: int) -> str:
    """One version, and what it changed of the one before."""
    row = policies.show(services(), caller(), version)
    before = policies.show(services(), caller(), version - 1) if version > FIRST else None
    return console.render(
        "version.html",
        row=row,
        present=policies.show(services(), caller()).version,
        age=tell_age(row.created_at, services().now()),
        changes=_compare(before.text, row.text) if before else None,
    )


def restore(version: int) -> ResponseReturnValue:
    """Put an earlier version in force again."""
    seen = request.form.get("version", type=int)
    if seen is None:
        abort(422, "The form's version is missing.")
    policies.restore(services(), caller(), version, seen)
    return redirect(url_for("pages.policy"), 303)


def _check(written: Written, version: int) -> ResponseReturnValue:
    checked: Checked = policies.check(services(), caller(), written)
    draft = Draft(written.text, version, checked.doubts, checked.examples, bool(checked.doubts))
    return _again(draft, 200)


def _preview(written: Written, _version: int) -> ResponseReturnValue:
    preview = previews.begin(services(), caller(), written)
    return redirect(url_for("pages.preview", preview=preview.draft.public_id), 303)


def _save(written: Written, version: int) -> ResponseReturnValue:
    policies.put(services(), caller(), written, version, force="force" in request.form)
    return redirect(url_for("pages.policy", saved=1), 303)


def _again(draft: Draft, status: int) -> ResponseReturnValue:
    return _render(policies.show(services(), caller()), draft), status


def _render(row: PolicyVersion, draft: Draft) -> str:
    resolved = policies.resolve(services(), caller().site_id, row.document)
    return console.render(
        "policy.html",
        row=row,
        age=tell_age(row.created_at, services().now()),
        profile=row.document.get("profile", "balanced"),
        thresholds={name(label): one for label, one in resolved.thresholds.items()}
        if resolved
        else {},
        raised=resolved.raised if resolved else (),
        draft=draft,
        saved="saved" in request.args,
    )


def _compare(before: str, after: str) -> list[tuple[str, str]]:
    """The lines that differ, with some around them: what became of each, and the line."""
    kinds: dict[str, str] = {"+": "added", "-": "gone", " ": "same", "@": "place"}
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    # The first two name the files.
    return [(kinds[line[0]], line if line[0] == "@" else line[1:]) for line in list(lines)[2:]]
