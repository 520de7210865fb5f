"""What servers and workers write down: one line for each record, whatever is in it.

All loggers of the standard library lead here, gunicorn's too. A record is a line of plain words,
or a JSON object; either way what was sent by strangers can neither end the line, nor colour the
terminal, nor pass for another record. Keys and passwords are struck out, should any come so far.
"""

import json
import logging
import re
import sys
import threading
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars
from structlog.stdlib import ProcessorFormatter

from api.errors import StartupError, where_it_broke

OURS = ("api", "classifier", "gunicorn.error", "winnow")
"""Loggers that the setting is for. Others may tell URLs and bodies at their lower levels."""

_SECRETS = (
    (re.compile(r"(wnw_[0-9a-f]{8})_[\w-]+"), r"\1_…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^/\s@]+@"), r"\1…@"),
    (re.compile(r"(?i)([?&](?:api_?key|key|token|password|secret|code|state)=)[^&\s\"']+"), r"\1…"),
)

Event = dict[str, Any]

log = logging.getLogger("winnow")


class _Stderr(logging.StreamHandler[Any]):
    """Writes to what standard error is at the time."""

    def __init__(self, form: str) -> None:
        logging.Handler.__init__(self)
        self.is_json = form == "json"
        self.setFormatter(make_formatter(form))

    @property
    def stream(self) -> Any:
        """Where it writes."""
        return sys.stderr

    @stream.setter
    def stream(self, _: Any) -> None:
        """It is not to be set."""


def configure(form: str, level: str) -> None:
    """Have all that is logged in this process written to standard error, `plain` or `json`."""
    # A message that cannot be made would be printed with all that was to be in it.
    logging.raiseExceptions = False
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(old)
    root.addHandler(_Stderr(form))
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("api.access").setLevel(logging.INFO)
    logging.captureWarnings(True)
    _catch_what_nobody_catches()


def make_formatter(form: str) -> logging.Formatter:
    """What makes a line of a record."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=_MORE),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_failure,
    ]
    after: list[Any] = [
        ProcessorFormatter.remove_processors_meta,
        _strike_out,
        _write_json if form == "json" else _write_plain,
    ]
    return ProcessorFormatter(foreign_pre_chain=before, processors=after)


def announce(message: str) -> None:
    """Tell whoever starts it what it does, at whatever level; in plain form the sentence alone."""
    if any(isinstance(one, _Stderr) and one.is_json for one in logging.getLogger().handlers):
        log.handle(log.makeRecord(log.name, logging.INFO, "", 0, message, (), None))
    else:
        print(_show(message), file=sys.stderr, flush=True)


def begin_request(request_id: str) -> None:
    """All that this thread logs from now on is about this request."""
    clear_contextvars()
    bind_contextvars(request_id=request_id)


def find_request() -> str | None:
    """The id of the request that this thread answers, if any."""
    return get_contextvars().get("request_id")


_MORE = ("access",)
"""What records may bring besides words: `extra={"access": {…}}`."""


def _tell_failure(_: Any, __: str, event: Event) -> Event:
    """Which process, and where it broke, without words: they could quote what somebody wrote."""
    event["process"] = event["_record"].process
    info = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = info[1] if isinstance(info, tuple) else None
    if isinstance(error, StartupError):
        event["failure"] = str(error)
    elif error is not None:
        event["failure"] = where_it_broke(error)
    event.update(event.pop("access", None) or {})
    return event


def _strike_out(_: Any, __: str, event: Event) -> Event:
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for secret, instead in _SECRETS:
        value = secret.sub(instead, value)
    return value


def _write_json(_: Any, __: str, event: Event) -> str:
    first = {name: event.pop(name) for name in ("timestamp", "level", "logger", "event")}
    return json.dumps({**first, **event}, default=str)


def _write_plain(_: Any, __: str, event: Event) -> str:
    first = (event.pop(name) for name in ("timestamp", "level", "logger", "event"))
    words = [*map(str, first), *(f"{name}={value}" for name, value in event.items())]
    return _show(" ".join(words))


def _show(text: str) -> str:
    """The text with everything spelt out that is no visible character or space."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def _catch_what_nobody_catches() -> None:
    """Write down in one line what Python would print with all its words."""

    def of_thread(args: threading.ExceptHookArgs) -> None:
        info = (args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
        log.error("a thread has died", exc_info=info)

    def unraisable(args: Any) -> None:
        info = (args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback)
        log.error("something could not be tidied up", exc_info=info)

    threading.excepthook = of_thread
    sys.unraisablehook = unraisable
