"""The model in use, for people: which one it is, what it was measured to do, and where it holds."""

from api.moderation import policies
from api.telemetry.counters import count_opinions
from api.web.model_schemas import show_second_stage
from api.web.pages import console, stages
from api.web.pages.highlight import name
from api.web.routing import caller, services
from classifier import LABELS


def show() -> str:
    """The model in use, or why there is none."""
    scorer = services().scorer
    when = policies.find(services(), caller().site_id).document.second_opinion
    model, measured = scorer.model, scorer.measured(when)
    if model is None or measured is None:
        return console.render("model.html", model=None)
    row = policies.show(services(), caller())
    resolved = policies.resolve(services(), caller().site_id, row.document)
    profiles = {
        title: {label: thresholds.get(label) for label in LABELS}
        for title, thresholds in measured.profiles.items()
    }
    second = show_second_stage(scorer.second, count_opinions())
    # A model of a test has none.
    manifest = getattr(model, "manifest", {})
    return console.render(
        "model.html",
        model=model,
        manifest=manifest,
        labels={label: name(label) for label in LABELS},
        profile=row.document.get("profile", "balanced"),
        in_force=resolved.thresholds if resolved else {},
        profiles=profiles,
        second=second,
        asked=stages.ASKED[when],
        came_to=[
            (stages.TOLD[outcome], count) for outcome, count in second["outcomes"].items() if count
        ],
        learnt_from=sorted(manifest.get("training", {}).items()),
    )
