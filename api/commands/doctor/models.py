"""The classifier: whether both stages are there, belong together, and say something sensible."""

from collections.abc import Iterator

from api.commands.doctor.findings import Finding, ok, problem, warning
from api.moderation.scoring import Scorer
from api.moderation.secondopinions import GIVEN
from api.settings import Settings
from classifier import Submission

AREA = "classifier"

SPAM = "Cheap pills online, buy now at www.best-pills-4u.example, 90 percent off, click here!!!"
FRIENDLY = "Thank you for this thoughtful article, it helped me to understand the new library."


def check_classifier(scorer: Scorer, settings: Settings) -> Iterator[Finding]:
    """Have both stages, loaded as a server does, score."""
    if scorer.model is None:
        said = f"There is no classifier, all comments are held: {scorer.failure}"
        yield problem(AREA, said, "Unset WINNOW_MODEL, or name a file of this release.")
        return
    yield ok(AREA, f"The model is {scorer.model.version}; its file is whole.")
    found = scorer.score([Submission(SPAM), Submission(FRIENDLY)])
    if found is None:
        yield problem(AREA, f"It cannot score: {scorer.failure}", "Use the shipped model.")
        return
    spam, friendly = (one.scores["spam"] for one in found)
    said = f"It gives {spam:.2f} for a test that is spam, {friendly:.2f} for one that is not."
    if spam <= friendly:
        yield problem(AREA, said, "Such a model is of no use: use the shipped one.")
    else:
        yield ok(AREA, said)
    yield from _check_second(scorer, settings)


def _check_second(scorer: Scorer, settings: Settings) -> Iterator[Finding]:
    second = scorer.second
    if settings.reader is None:
        yield ok(AREA, "No second stage is wanted.")
    elif second.failure is not None:
        said = f"There are no second opinions: {second.failure}"
        yield warning(AREA, said, "pip install 'winnow[read]', or WINNOW_READER=none.")
    else:
        scored = scorer.score([Submission(FRIENDLY)], "always")
        outcome = scored[0].opinion.outcome if scored else "failed"
        if outcome == GIVEN:
            yield ok(AREA, f"The second stage is {second.version}, goes with it, and reads.")
        else:
            said = f"The second stage was asked, and what came of it is: {outcome}."
            yield warning(AREA, said, "This machine may be too slow or too busy for it.")
