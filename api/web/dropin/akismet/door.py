"""What every call of Akismet has in common: its fields, who calls, and how it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from flask import Blueprint, Response, request

from api.moderation.access import Caller
from api.web import limits
from api.web.dropin.akismet.answers import miss_field, refuse_call, refuse_key, say
from api.web.dropin.akismet.blogs import Blog, read_blog
from api.web.dropin.akismet.forms import Form, read_form
from api.web.dropin.akismet.keys import find_caller
from api.web.dropin.failures import explain
from api.web.routing import services

blp = Blueprint("akismet", __name__)

_PATHS = ("/1.1/", "/1.2/")


@dataclass(frozen=True, slots=True)
class Call:
    """A call by somebody with a good key, which is `key` as they said it."""

    form: Form
    caller: Caller
    key: str


class RefusedError(Exception):
    """A call that names no site or lacks a field; carries what it is answered."""

    def __init__(self, answer: Response) -> None:
        super().__init__("The call was refused.")
        self.answer = answer


def owns(path: str) -> bool:
    """Whether a path is this protocol's."""
    return path.startswith(_PATHS)


def refuse(status: int, detail: str) -> Response:
    """A failure in this protocol's form.

    Only what is no call at all has another status than 200: see `answers.refuse_call`.
    """
    if status in (404, 405):
        return say(detail, status=status)
    if status == 429:
        return refuse_call(detail, detail, status)
    return refuse_call(detail, body=detail)


def serve(
    path: str, *, verifying: bool = False
) -> Callable[[Callable[[Call], Response]], Callable[[], Response]]:
    """Give a call its route, by either method; what calls without a good key is told so."""

    def decorate(view: Callable[[Call], Response]) -> Callable[[], Response]:
        @blp.route(path, methods=["GET", "POST"], strict_slashes=False)
        @wraps(view)
        def respond() -> Response:
            form = read_form(request)
            found = find_caller(services(), request, form, verifying=verifying)
            if found is None:
                limits.admit_stranger()
                return refuse_key()
            limits.admit(found[0])
            return view(Call(form, *found))

        return respond

    return decorate


def find_blog(form: Form, *needed: str) -> Blog:
    """The site that a call is about; raise RefusedError where it is wrong, or a field missing."""
    for name in ("blog", *needed):
        if not form.has(name):
            raise RefusedError(miss_field(name))
    given = form.get("blog")
    if given is None:
        raise RefusedError(refuse_call('Empty "blog" value'))
    blog = read_blog(given)
    if blog is None:
        raise RefusedError(refuse_call("We were unable to parse your blog URI"))
    return blog


@blp.errorhandler(RefusedError)
def _refuse(error: RefusedError) -> Response:
    return error.answer


@blp.errorhandler(Exception)
def _fail(error: Exception) -> Response:
    return refuse(*explain(error))
