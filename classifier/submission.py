"""What a comment form sends: the text, and what is known of its writer and of the form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Submission:
    """A comment with what came along with it. Everything but the text may be left out.

    Attributes:
        text: the comment as it was written, raw.
        author_name: the name its writer gave.
        author_url: the home page its writer gave, as typed, with or without a scheme.
        author_email: the writer's address; only its shape is looked at.
        honeypot: what was typed into a field no human sees. Anything but blank is a machine.
        elapsed_ms: milliseconds from showing the form to sending it; None when not measured.
        language: ISO 639-1 code the writer or the page declared; None when nobody did.
        site_language: ISO 639-1 code of the language the site is written in; None if unknown.

    """

    text: str
    author_name: str = ""
    author_url: str = ""
    author_email: str = ""
    honeypot: str = ""
    elapsed_ms: int | None = None
    language: str | None = None
    site_language: str | None = None


def as_submission(item: "str | Submission") -> Submission:
    """Return `item` itself, or a bare text as a submission of which nothing else is known."""
    return Submission(item) if isinstance(item, str) else item
