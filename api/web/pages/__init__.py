"""The pages for people: the documentation of the API, and the moderators' queue."""

from flask import Blueprint, current_app, render_template

blp = Blueprint(
    "pages", __name__, template_folder="templates", static_folder="static", url_prefix="/"
)


@blp.route("/docs")
def docs() -> str:
    """The OpenAPI document as a page, without any outside asset."""
    return render_template("docs.html", spec=current_app.extensions["winnow-openapi"])
