"""Shows a problem document to a person."""

from flask import Response, render_template

KIND = "application/problem+json"


def dress(response: Response) -> Response:
    """Turn a page's problem document into a page that says the same."""
    if response.mimetype == KIND:
        response.set_data(render_template("problem.html", problem=response.get_json(force=True)))
        response.mimetype = "text/html"
    return response
