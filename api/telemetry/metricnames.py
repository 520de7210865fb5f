"""Every metric that Winnow has: its name, its meaning and its labels, here and nowhere else.

What counts is in `counters`, what is looked up when somebody asks in `api.web.metrics`; both
take their names from here. `docs/operations.md` lists them, and the dashboard and the alerts in
`docs/deploy/` name no others: tests hold that. No label has anything that a client may choose.
"""

from dataclasses import dataclass

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Whatever else a request calls itself is told as `other`: no client makes up new series."""


@dataclass(frozen=True, slots=True)
class Name:
    """A metric as Prometheus knows it; `kind` is counter, gauge or histogram."""

    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def series(self) -> tuple[str, ...]:
        """The names that its samples have."""
        if self.kind == "counter":
            return (f"{self.name}_total",)
        if self.kind == "histogram":
            return tuple(f"{self.name}_{part}" for part in ("bucket", "count", "sum"))
        return (self.name,)


def _name(kind: str, name: str, meaning: str, *labels: str) -> Name:
    return Name(f"winnow_{name}", kind, meaning, labels)


REQUESTS = _name("counter", "http_requests", "Requests answered.", "endpoint", "method", "status")
SECONDS = _name(
    "histogram",
    "http_request_duration_seconds",
    "How long requests took, from when they were read.",
    "endpoint",
)
SHED = _name(
    "counter",
    "requests_shed",
    "Requests refused because there was more to do than could be done in time.",
    "why",
)
LIMITER_FALLBACK = _name(
    "gauge",
    "limiter_fallback",
    "How many processes count limits by themselves, because their common store is away.",
    "process",
)
VERDICTS = _name("counter", "verdicts", "Verdicts on comments that were kept, by action.", "action")
DECISIONS = _name(
    "counter",
    "decisions",
    "Decisions about comments, by action, those of bulk decisions and campaigns too.",
    "action",
)
DELIVERIES = _name(
    "counter",
    "webhook_deliveries",
    "Tries to deliver a message to a webhook: delivered, retried, given up, or wanted no more.",
    "outcome",
)
SIGN_IN_FAILURES = _name(
    "counter", "sign_in_failures", "Sign-ins to the moderators' pages that were refused.", "why"
)
FAILURES = _name(
    "counter",
    "scoring_failures",
    "Texts that the classifier could not score; they are held.",
    "process",
)
OPINIONS = _name(
    "counter",
    "second_opinions",
    "Comments by what came of having the second stage read them.",
    "outcome",
)
SECOND_STAGE = _name("gauge", "second_stage_usable", "Whether the second stage can be used.")
CLASSIFIER = _name("gauge", "classifier_usable", "Whether the classifier gives scores.")
POOL = _name(
    "gauge",
    "database_connections_in_use",
    "Connections to the database that are in use, of all processes of this server.",
    "process",
)
DATABASE = _name("gauge", "database_up", "Whether the database answers.")
JOBS = _name(
    "gauge",
    "jobs",
    "Jobs: due, running, to be done later, or failed (dead letters).",
    "kind",
    "state",
)
OLDEST_DUE = _name("gauge", "oldest_due_job_seconds", "For how long a job has been due.")
DEAD_LETTERS = _name("gauge", "dead_letters", "Jobs that were given up.")
UNDELIVERED = _name(
    "gauge", "deliveries_pending", "Messages to webhooks that are still to be sent."
)
UNSEALED = _name("gauge", "events_unsealed", "Events that are not in their site's chain yet.")
PENDING = _name("gauge", "comments_pending", "Comments that wait for a person.")
WAITING = _name("gauge", "waiting", "Comments that wait for a person, by queue.", "queue")
OLDEST_WAITING = _name(
    "gauge",
    "oldest_waiting_seconds",
    "For how long a comment has waited, by queue.",
    "queue",
)
WORKER = _name(
    "gauge",
    "worker_alive",
    "Whether any worker, on whichever host, has done what it does every minute.",
)
DISK_FREE = _name("gauge", "disk_free_bytes", "Room left where WINNOW_HOME is.")
BUILD = _name(
    "gauge",
    "build_info",
    "Always 1: the release, the model, Python and the kind of database.",
    "version",
    "model",
    "python",
    "database",
)

NAMES: tuple[Name, ...] = tuple(one for one in globals().values() if isinstance(one, Name))
"""All of them, in the order above."""
