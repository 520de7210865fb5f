"""The site's models over HTTP: what it has taught, what is in force of it, what is on trial."""

from typing import Any

import marshmallow as ma
from flask import Response, jsonify

from api.moderation import inforce
from api.moderation.errors import ConflictError, ForcibleError
from api.moderation.inforce import InForce
from api.moderation.learning import trials, versions
from api.telemetry.counters import count_opinions
from api.web.body import OptionalBodyParser
from api.web.fields import Flag, PageQuery
from api.web.model_schemas import (
    ModelOut,
    ModelPage,
    RolledBackOut,
    TrialOut,
    show_model,
    show_second_stage,
    show_trial,
)
from api.web.repeats import once, shown
from api.web.routing import Blueprint, caller, services

FORCE = 'To put it in force all the same, send {"force": true}.'


class ModelsBlueprint(Blueprint):
    """Routes whose bodies may be left out."""

    ARGUMENTS_PARSER = OptionalBodyParser()


class ModelPromoteIn(ma.Schema):
    """How a model is put in force."""

    force = Flag(
        load_default=False,
        metadata={"description": "although the gate refused it, or it was taken back"},
    )


blp = ModelsBlueprint("models", __name__, url_prefix="/v1")


@blp.route("/learning/models", methods=["GET"])
@blp.arguments(PageQuery(), location="query")
@blp.response(200, ModelPage)
def list_models(query: dict[str, Any]) -> Response:
    """What the site has taught at any time, newest first; those refused have the reason.

    Also whether there is a second stage that can be used, and what has come of asking it.
    """
    page = versions.list_versions(services(), caller(), **query)
    here = _find_in_force()
    return jsonify(
        {
            "items": [show_model(one, here) for one in page.items],
            "next": page.next,
            "second_stage": show_second_stage(services().scorer.second, count_opinions()),
        }
    )


@blp.route("/learning/models/<model_id:model_id>", methods=["GET"])
@blp.response(200, ModelOut)
def get(model_id: str) -> Response:
    """One of them."""
    found = versions.show(services(), caller(), model_id)
    return jsonify(show_model(found, _find_in_force()))


@blp.route("/learning/models/<model_id:model_id>/promote", methods=["POST"])
@blp.arguments(ModelPromoteIn(), required=False)
@blp.response(200, ModelOut)
@blp.alt_response(409, description="The gate refused it, or it corrects another model.")
def promote(given: dict[str, Any], model_id: str) -> Response:
    """Put a model in force: it judges the next comment, in every process.

    The one that was in force is kept, and `POST /v1/learning/rollback` brings it back. One that
    the gate refused, or that was taken back, takes `force`; the event `model.promoted` then says
    `forced`, and why it had been refused. What corrects another model cannot be forced.
    """
    try:
        return once(
            lambda who: versions.promote(services(), who, model_id, given["force"]),
            lambda row: shown(show_model(row, InForce(adapter=row.id))),
        )
    except ForcibleError as error:
        raise ConflictError(f"{error} {FORCE}") from error


@blp.route("/learning/rollback", methods=["POST"])
@blp.response(200, RolledBackOut)
@blp.alt_response(409, description="Nothing that was taught is in force.")
def rollback() -> Response:
    """Take back what is in force: what was before it judges the next comment."""
    return once(
        lambda who: versions.rollback(services(), who),
        lambda row: shown({"in_force": row and show_model(row, InForce(adapter=row.id))}),
    )


@blp.route("/models/<model_id:model_id>/shadow", methods=["GET"])
@blp.response(200, TrialOut)
def show_shadow(model_id: str) -> Response:
    """What a model has found on trial: where it differs, who was right, what it would cost."""
    return jsonify(show_trial(trials.report(services(), caller(), model_id), _find_in_force()))


@blp.route("/models/<model_id:model_id>/shadow", methods=["PUT"])
@blp.response(200, TrialOut)
@blp.alt_response(409, description="It is in force already, or it corrects another model.")
def start_shadow(model_id: str) -> Response:
    """Have a model judge every new comment beside what is in force, without a say.

    It takes the place of the one that was on trial; what either has found is kept. Whatever
    becomes of it, no comment waits for it.
    """
    found = trials.start(services(), caller(), model_id)
    return jsonify(show_trial(found, _find_in_force()))


@blp.route("/models/<model_id:model_id>/shadow", methods=["DELETE"])
@blp.response(204)
def stop_shadow(model_id: str) -> tuple[str, int]:
    """Have a model on trial no more; 404 where it is not. What it has found is kept."""
    trials.stop(services(), caller(), model_id)
    return "", 204


def _find_in_force() -> InForce:
    return inforce.find(services(), caller().site_id)
