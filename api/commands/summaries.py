"""What a draft of a policy would change, on a page of text."""

from collections.abc import Iterator
from typing import Any

from api.moderation.drafts.tallies import ACTIONS

TITLES = {
    "newly_held": "Newly held",
    "newly_passed": "Newly passed",
    "newly_rejected": "Newly rejected",
    "approved_by_people": "Rejected, though people approved",
    "rejected_by_people": "Approved, though people rejected",
}

FEW = 5
"""How many examples of each kind, and how many reasons, are shown."""

WIDTH = 70
"""How many characters of a text are shown."""


def summarise(found: dict[str, Any]) -> str:
    """A preview, as `api.web.previews` shows it, on a page."""
    parts = (_head, _matrix, _people, _review, _reasons, _examples)
    return "\n".join(line for part in parts for line in part(found))


def _head(found: dict[str, Any]) -> Iterator[str]:
    many = f"{found['seen']:,}" + (f" of {found['total']:,}" if found["total"] else "")
    yield f"Preview {found['id']} is {found['state']}: {many} comments."
    if found["unscored"]:
        yield f"{found['unscored']:,} have no scores and are left out."
    if found["other_model"]:
        yield f"{found['other_model']:,} are judged by the scores of another model."
    if found["unseen"]:
        yield f"Says nothing of {', '.join(found['unseen'])}: what is kept tells nothing of it."


def _matrix(found: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"{'now / by the draft':<20}" + "".join(f"{draft:>12}" for draft in ACTIONS)
    for live in ACTIONS:
        row = found["matrix"][live]
        yield f"{live:<20}" + "".join(f"{row[draft]:>12,}" for draft in ACTIONS)
    yield ""
    for name in ("newly_held", "newly_passed", "newly_rejected"):
        yield f"{TITLES[name]:<20}{found[name]:>12,}"
    yield f"{'Unchanged':<20}{found['unchanged']:>12,}"


def _people(found: dict[str, Any]) -> Iterator[str]:
    now, draft = found["people"]["now"], found["people"]["draft"]
    if not sum(now.values()):
        return
    yield ""
    yield f"{'People decided':<20}{'now':>12}{'by the draft':>14}"
    for name, says in (
        ("agreed", "the same"),
        ("held", "left to them"),
        ("approved", "approved wrongly"),
        ("rejected", "rejected wrongly"),
    ):
        yield f"{says:<20}{now[name]:>12,}{draft[name]:>14,}"


def _review(found: dict[str, Any]) -> Iterator[str]:
    review = found["review"]
    minutes, seconds = review["minutes"], review["seconds_per_review"]
    how = f"{seconds:g} s each, " + (
        f"by {review['measured_from']:,} reviews" if review["measured_from"] else "a guess"
    )
    yield ""
    yield (
        f"{abs(minutes):,.0f} minutes of review {'saved' if minutes < 0 else 'added'}:"
        f" {review['held_draft']:,} held instead of {review['held_now']:,} ({how})."
    )


def _reasons(found: dict[str, Any]) -> Iterator[str]:
    for title, counts in (("Reasons", found["codes"]), ("Rules", found["rules"])):
        few = [f"{_clean(name)} {number:,}" for name, number in list(counts.items())[:FEW]]
        more = f" and {len(counts) - FEW} more" if len(counts) > FEW else ""
        if few:
            yield f"{title}: {', '.join(few)}{more}."


def _examples(found: dict[str, Any]) -> Iterator[str]:
    for kind, title in TITLES.items():
        some = found["examples"].get(kind, [])
        if some:
            yield ""
            yield f"{title}, for example:"
        for one in some[:FEW]:
            codes = ", ".join(one["codes"]) or "no reason"
            yield f"  {one['comment']['id']}  {one['now']} -> {one['draft']}  {codes}"
            yield f"      {_clean(one['comment']['text'])}"


def _clean(text: str) -> str:
    """A text that cannot do anything to a terminal."""
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return plain if len(plain) <= WIDTH else f"{plain[: WIDTH - 1]}…"
