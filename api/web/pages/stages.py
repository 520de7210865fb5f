"""Which of the two stages has judged a comment, in words."""

from api.store.tables import Verdict

TOLD = {
    "given": "Read closely by the second stage.",
    "not_needed": "The first stage decided; the second was not needed.",
    "off": "The first stage decided alone; nobody wants the second asked.",
    "absent": "The first stage decided alone; there is no second that can be used.",
    "late": "The second stage was asked and did not answer in time; the first decided alone.",
    "failed": "The second stage was asked and failed; the first decided alone.",
}
"""What came of asking a second stage, by `Verdict.second_opinion`."""

ASKED = {
    "never": "never",
    "when_unsure": "about what the model is not sure of",
    "always": "about everything",
}
"""When a policy has it asked, by `second_opinion`."""

WORTH_TELLING = ("given", "late", "failed")
"""What is told in the queue, too, where there is little room."""


def tell(verdict: Verdict) -> str | None:
    """Which stage has judged; None where no release has said so, or nothing was scored."""
    return TOLD.get(verdict.second_opinion or "")


def tell_briefly(verdict: Verdict) -> str | None:
    """The same where it is out of the ordinary; None otherwise."""
    return tell(verdict) if verdict.second_opinion in WORTH_TELLING else None
