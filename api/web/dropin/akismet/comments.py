"""From the fields of a check or a report to a comment."""

import re
from datetime import UTC, datetime, timedelta

from api.moderation import dropin
from api.moderation.derivation import derive
from api.moderation.dropin import AKISMET, Check
from api.moderation.policy.subject import Draft
from api.web.dropin.akismet.blogs import Blog
from api.web.dropin.akismet.forms import Form
from api.web.dropin.drafts import make_draft
from api.web.routing import services

_MARKUP = re.compile(
    r"</?[A-Za-z][A-Za-z0-9]*(\s[^<>]*)?/?>|&(#\d+|#[xX][0-9a-fA-F]+|amp|lt|gt|quot|nbsp);"
)
"""What shows that a text is HTML, as WordPress sends it; most other clients send plain text."""

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

STAFF = "administrator"


def read_check(form: Form, blog: Blog, now: datetime, key: str, callback: str | None) -> Check:
    """The comment of a call; `callback` is where its caller may be told of decisions."""
    draft = read_draft(form, blog, now)
    return Check(AKISMET, draft, fingerprint(form, blog), None, blog.name, callback, key)


def fingerprint(form: Form, blog: Blog) -> str:
    """What a check and a later report of the same comment have in common."""
    text = (form.get("comment_content") or "").strip()
    author = (form.get("comment_author") or "").strip()
    email = (form.get("comment_author_email") or "").strip().lower()
    return dropin.fingerprint(blog.host, text, author, email)


def read_draft(form: Form, blog: Blog, now: datetime) -> Draft:
    """The comment, as any other that comes in."""
    text = form.get("comment_content") or ""
    permalink = form.get("permalink") or blog.url
    return make_draft(
        _identify(form, blog),
        text,
        {"id": permalink, "url": permalink},
        door=AKISMET,
        author={
            "name": form.get("comment_author"),
            "email": form.get("comment_author_email"),
            "url": form.get("comment_author_url"),
            "user_agent": form.get("user_agent"),
            "ip": (form.get("user_ip") or "").partition(",")[0],
            "role": "staff" if is_staff(form) else None,
        },
        form={"honeypot": _read_honeypot(form)},
        language=_read_language(form.get("blog_lang")),
        created_at=read_date(form.get("comment_date_gmt"), now),
        html=_MARKUP.search(text) is not None,
        metadata={
            "blog": blog.name,
            "type": read_type(form),
            "parent": form.get("comment_parent"),
            "context": ", ".join(form.list_all("comment_context")),
            "recheck_reason": form.get("recheck_reason"),
        },
    )


def is_staff(form: Form) -> bool:
    """Whether the author runs the site, whose comments are always good."""
    return (form.get("user_role") or "").strip().lower() == STAFF


def read_type(form: Form) -> str | None:
    """What kind of text it is; who copies a word from the documentation copies its hyphens too."""
    kind = form.get("comment_type") or form.get("content_type")
    return kind and kind.replace("\u2011", "-")


def read_date(given: str | None, now: datetime) -> datetime | None:
    """When a comment was written; None where nobody can have meant that.

    >>> read_date("2026-11-26 08:00:00", datetime(2026, 11, 26, tzinfo=UTC)).isoformat()
    '2026-11-26T08:00:00+00:00'
    """
    try:
        found = datetime.fromisoformat((given or "").strip())
        found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if _EARLIEST <= found <= now + timedelta(days=1) else None


def _identify(form: Form, blog: Blog) -> str:
    names = (
        *("permalink", "comment_author", "comment_author_email", "user_ip"),
        *("comment_content", "comment_date_gmt"),
    )
    # The id outlives what is deleted. Without a key whoever has it could try out all addresses.
    key = derive(services().secret_key, "ids of Akismet's comments").hex()
    return dropin.identify(AKISMET, key, blog.host, *(form.get(name) or "" for name in names))


def _read_honeypot(form: Form) -> str | None:
    """What was typed where people see no field; WordPress puts its form's names behind POST_."""
    name = form.get("honeypot_field_name")
    return name and (form.get(name) or form.get(f"POST_{name}"))


def _read_language(given: str | None) -> str | None:
    """The first of a blog's languages, `fr_ca` as `fr-ca`."""
    return given and given.partition(",")[0].strip().replace("_", "-")
