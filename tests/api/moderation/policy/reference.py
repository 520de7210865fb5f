"""A policy read aloud: the slow and plain interpreter that the real one must agree with.

It shares no code with the checks. It knows words, modes, links by number, newcomers, standings,
the hidden field, staff and the scores: enough to put every tier against every other.
"""

import re
from typing import Any

from classifier import LABELS

TIERS = ("lists", "rules", "author", "scores")


def interpret(
    document: dict[str, Any],
    comment: dict[str, Any],
    standing: str | None,
    approved: int,
    thresholds: dict[str, tuple[float, float | None]],
) -> str:
    """The action: `approve`, `hold` or `reject`."""
    said = _listen(document, comment, standing, approved, thresholds)
    if document.get("profile") == "observe":
        return "approve"
    return _settle([said[tier] for tier in TIERS])


def _settle(said: list[set[str]]) -> str:
    """What the first tier says, if it has the last word; else what the rest says, or stricter."""
    if not said:
        return "approve"
    first, rest = said[0], said[1:]
    if "approve" in first:
        return "hold" if first & {"reject", "hold"} else "approve"
    if "reject" in first:
        return "reject"
    if "hold" in first:
        return "reject" if _settle(rest) == "reject" else "hold"
    return _settle(rest)


def _listen(
    document: dict[str, Any],
    comment: dict[str, Any],
    standing: str | None,
    approved: int,
    thresholds: dict[str, tuple[float, float | None]],
) -> dict[str, set[str]]:
    lists = {"banned": {"reject"}, "suspended": {"reject"}, "held": {"hold"}}
    newcomers = document.get("authors", {}).get("newcomers", 0)
    said = {
        "modes": _mode(document, comment, approved) - {"reject"},
        "closing": _mode(document, comment, approved) & {"reject"},
        "rules": _words(document, comment),
        "links": _links(document, comment),
        "form": _form(document, comment),
        "authors": {"hold"} if approved < newcomers else set(),
        "scores": {_score(comment["text"], label, *thresholds[label]) for label in LABELS},
    }
    for check in _skipped(document, comment, standing) & set(said):
        said[check] = set()
    asking = {"hold", "reject"}
    return {
        "lists": lists.get(standing or "", set()),
        "rules": (said["modes"] | said["closing"] | said["rules"] | said["links"] | said["form"])
        & (asking | {"approve"}),
        "author": said["authors"],
        "scores": said["scores"] & asking,
    }


def _links(document: dict[str, Any], comment: dict[str, Any]) -> set[str]:
    most = document.get("links", {}).get("most")
    if most is None or comment["text"].count("https://") <= most:
        return set()
    return {document["links"].get("too_many", "hold")}


def _form(document: dict[str, Any], comment: dict[str, Any]) -> set[str]:
    trapped = comment.get("form", {}).get("honeypot")
    return {document.get("form", {}).get("honeypot", "reject")} if trapped else set()


def _skipped(document: dict[str, Any], comment: dict[str, Any], standing: str | None) -> set[str]:
    authors = document.get("authors", {})
    everything = ["modes", "closing", "rules", "links", "form", "authors", "scores"]
    trusted = ["modes", "links", "duplicates", "authors", "scores"]
    if comment["author"].get("role") == "staff":
        return set(authors.get("staff_skips", everything))
    return set(authors.get("trusted_skips", trusted)) if standing == "trusted" else set()


def _mode(document: dict[str, Any], comment: dict[str, Any], approved: int) -> set[str]:
    article = comment["article"]
    places = [
        document.get("articles", {}).get(article["id"], {}),
        document.get("sections", {}).get(article.get("section"), {}),
        document,
    ]
    mode = next((place["mode"] for place in places if "mode" in place), "post")
    if mode == "first":
        needed = next((place["approvals"] for place in places if "approvals" in place), 2)
        return {"hold"} if approved < needed else set()
    return {"pre": {"hold"}, "closed": {"reject"}}.get(mode, set())


def _words(document: dict[str, Any], comment: dict[str, Any]) -> set[str]:
    fields = {"text": comment["text"], **comment["author"]}
    return {
        rule["do"]
        for rule in document.get("rules", ())
        for field in rule.get("in", ["text"])
        if re.search(rf"(?<!\w){re.escape(rule['word'])}(?!\w)", fields.get(field, ""), re.I)
    }


def _score(text: str, label: str, hold: float, reject: float | None) -> str:
    found = re.search(rf"(?<!\w){label}(0\.\d+)", text)
    score = float(found[1]) if found else 0.01
    if reject is not None and score >= reject:
        return "reject"
    return "hold" if score >= hold else "approve"
