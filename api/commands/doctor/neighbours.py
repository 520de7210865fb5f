"""What a server works with besides its database: the worker, and what others run."""

import socket
from collections.abc import Iterator
from importlib.util import find_spec
from urllib.parse import urlsplit

import urllib3

from api.commands.doctor.findings import Finding, ok, problem, warning
from api.commands.doctor.variables import mask_url
from api.moderation import backlog
from api.moderation.services import Services
from api.settings import Settings
from api.store import schema

SECONDS = 3.0

PORTS = {"http": 80, "https": 443}


def check_worker(services: Services) -> Iterator[Finding]:
    """Whether jobs are done."""
    if not schema.is_current(services.database):
        return
    found = backlog.survey(services)
    if found.has_worker:
        yield ok("worker", "A worker does what is to be done every minute.")
    else:
        said = "No worker runs, here or on any host: no webhook is sent, nothing is cleared out."
        advice = "Start `winnow serve` without --no-worker, or `winnow worker`."
        yield warning("worker", said, advice)
    if found.has_worker and found.oldest_due > backlog.LATE:
        said = f"A job has been due for {found.oldest_due.total_seconds():.0f} s."
        yield warning("worker", said, "Start another `winnow worker`, on this host or another.")
    dead = sum(number for (_, state), number in found.jobs.items() if state == "failed")
    if dead:
        said = f"{dead} {'job was' if dead == 1 else 'jobs were'} given up."
        yield warning("worker", said, "`winnow jobs list --failed` says why; `winnow jobs replay`.")
    else:
        yield ok("worker", "No job was given up.")


def check_limits(settings: Settings) -> Iterator[Finding]:
    """The store where all processes count together, if there is to be one."""
    url = settings.limits_url
    if not url:
        if settings.workers > 1:
            yield ok("limits", f"Each of the {settings.workers} processes counts for itself.")
        return
    from api.limiting.shared import connect

    if connect(url, "winnow-doctor").check():
        yield ok("limits", f"The store {mask_url(url)} answers.")
    else:
        said = f"The store {mask_url(url)} does not answer: each process counts for itself."
        yield warning("limits", said, "Start it, or see WINNOW_LIMITS_URL.")


def check_identity(settings: Settings) -> Iterator[Finding]:
    """The provider that people sign in with, if there is one."""
    issuer = str(getattr(settings, "oidc_issuer", "") or "")
    if not issuer:
        return
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        answer = urllib3.request("GET", url, timeout=SECONDS, retries=False, redirect=False)
        named = answer.json().get("issuer") if answer.status == 200 else None
    except (urllib3.exceptions.HTTPError, ValueError, AttributeError):
        named = None
    if named is None:
        said = f"The identity provider {mask_url(issuer)} does not answer: sign in by password."
        yield warning("sign-in", said, "See WINNOW_OIDC_ISSUER, and whether this host may go out.")
    elif str(named).rstrip("/") != issuer.rstrip("/"):
        said = f"The identity provider calls itself {mask_url(str(named))}."
        yield problem("sign-in", said, "Set WINNOW_OIDC_ISSUER to exactly that.")
    else:
        yield ok("sign-in", f"The identity provider {mask_url(issuer)} answers.")


def check_traces(settings: Settings) -> Iterator[Finding]:
    """The collector of traces, if there is one."""
    if not settings.traces:
        return
    if find_spec("opentelemetry") is None:
        said = "WINNOW_TRACES is set, and the packages for it are missing."
        yield problem("traces", said, "pip install 'winnow[traces]'")
        return
    found = urlsplit(settings.traces)
    place = found.hostname or "", found.port or PORTS[found.scheme]
    try:
        socket.create_connection(place, SECONDS).close()
    except OSError:
        said = f"The collector {mask_url(settings.traces)} cannot be reached: traces are dropped."
        yield warning("traces", said, "Start it, or see WINNOW_TRACES.")
    else:
        yield ok("traces", f"The collector {mask_url(settings.traces)} can be reached.")
