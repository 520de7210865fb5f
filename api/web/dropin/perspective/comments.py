"""What a call says of a comment: its text, and the article it stands under."""

from collections.abc import Mapping
from typing import Any

from api.moderation import dropin
from api.web.dropin.drafts import make_draft
from api.web.dropin.perspective.errors import refuse_comment

MOST_BYTES = 20_480
"""How long a comment's text may be, in UTF-8."""


def read_text(given: Mapping[str, Any]) -> str:
    """The text of the comment; raise GoogleError for none, too much, or one of another kind."""
    comment = given.get("comment", {})
    text: str = comment.get("text", "")
    if not text:
        raise refuse_comment("Comment must be non-empty.", "COMMENT_EMPTY")
    size = len(text.encode())
    if size > MOST_BYTES:
        says = f"Comment text was too many bytes. Value ({size}) exceeded limit ({MOST_BYTES})."
        raise refuse_comment(says, "COMMENT_TOO_LONG")
    match comment.get("type", "PLAIN_TEXT"):
        case "PLAIN_TEXT" | "TEXT_TYPE_UNSPECIFIED":
            pass
        case "HTML":
            raise refuse_comment("Currently, only 'PLAIN_TEXT' comments are supported")
        case _:
            raise refuse_comment("Unknown text type")
    _check_context(given.get("context", {}))
    return text


def make_check(given: Mapping[str, Any], text: str) -> dropin.Check:
    """The comment as it comes in: one that a call says the same of is the same one."""
    article, names = _find_article(given), ("clientToken", "sessionId", "communityId")
    token, *others = (given.get(name, "") for name in names)
    draft = make_draft(
        dropin.identify(dropin.PERSPECTIVE, text, token, *others, article.get("title", "")),
        text,
        article,
        door=dropin.PERSPECTIVE,
        language=next(iter(given.get("languages", [])), None),
        metadata={name: given.get(name) for name in names},
    )
    digest = dropin.fingerprint(token) if token else None
    return dropin.Check(dropin.PERSPECTIVE, draft, dropin.fingerprint(text), digest)


def _find_article(given: Mapping[str, Any]) -> dict[str, str]:
    """The article of a comment: of its text no more is known than the context says."""
    both = given.get("context", {}).get("articleAndParentComment", {})
    text: str = both.get("article", {}).get("text", "")
    if not text:
        return {"id": dropin.PERSPECTIVE}
    return {"id": f"{dropin.PERSPECTIVE}-{dropin.fingerprint(text)[:16]}", "title": text}


def _check_context(context: Mapping[str, Any]) -> None:
    if context.get("entries") and "articleAndParentComment" in context:
        raise refuse_comment(
            "Context can have either entries or article_and_parent_comment, "
            "but both fields were populated."
        )
