"""Every setting: its environment variable, type, default and meaning, read once."""

import os
import secrets
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from environs import Env, EnvError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from api.errors import StartupError
from api.store.engines import POOLER, TRANSACTION
from classifier.reader import SHIPPED

PRIVATE = tuple(
    ip_network(one)
    for one in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)
"""Loopback, private and link-local networks: no packet from the open internet is from there."""

LIMITS = {"key": "60000/minute", "address": "300/minute", "author": "60/minute"}
"""What nobody honest comes near: `docs/limits.md` says why."""

_PLAIN_ISSUERS = {("http", name) for name in ("localhost", "127.0.0.1", "::1")}

LOG_FORMS = ("plain", "json")
LOG_LEVELS = ("warning", "debug", "info", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator may choose; each field is the variable `WINNOW_<NAME>`."""

    home: Path
    """WINNOW_HOME: folder for what Winnow writes (database, secret key)."""
    database_url: str
    """WINNOW_DATABASE_URL: an SQLAlchemy URL, `sqlite:///…` or `postgresql://…`; the latter ends in
    `?pooler=transaction` where a pooler such as pgbouncer is between."""
    model: Path | None
    """WINNOW_MODEL: a model file; None is the shipped one."""
    secret_key: str
    """WINNOW_SECRET_KEY: at least 32 characters; signs form tokens and what is sent to
    outside checkers."""
    workers: int
    """WINNOW_WORKERS: server processes (2)."""
    threads: int
    """WINNOW_THREADS: requests a process handles at once (4)."""
    max_body: int
    """WINNOW_MAX_BODY: largest request body in bytes (1 MiB); a batch may have eight times that."""
    trusted_proxies: int
    """WINNOW_TRUSTED_PROXIES: how many reverse proxies in front set X-Forwarded-* (0); with 0
    nobody's are believed."""
    session_hours: int
    """WINNOW_SESSION_HOURS: how long a moderator stays signed in (12)."""
    drain_seconds: int = 1
    """WINNOW_DRAIN_SECONDS: how long a server told to stop serves on, not ready any more (1)."""
    worker: bool = True
    """WINNOW_WORKER: whether `winnow serve` starts a worker beside the server (yes)."""
    streams: int = 8
    """WINNOW_STREAMS: moderators' pages that a process tells at once what others do (8), each with
    a thread of its own; beyond that, and with 0, pages ask every few seconds."""
    public_url: str = ""
    """WINNOW_PUBLIC_URL: what callers reach this server by, https://winnow.example/; without it
    the discovery document names the scheme and host of the request."""
    reader: Path | None = None
    """WINNOW_READER: a file of the second stage, the shipped one unless set; `none`, here None, is
    no second stage."""
    webhook_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """WINNOW_WEBHOOK_NETWORKS: networks, with commas between, that webhooks and outside checkers
    may be in although they are not on the open internet, by http too (none)."""

    proxy_networks: tuple[IPv4Network | IPv6Network, ...] = PRIVATE
    """WINNOW_PROXY_NETWORKS: networks, with commas between, from which those proxies connect;
    what anybody else says in X-Forwarded-* is not believed (loopback and private networks)."""
    request_seconds: int = 20
    """WINNOW_REQUEST_SECONDS: how long a client may take to send a request, and to read what is
    too long for the system to keep for it (20)."""
    idle_minutes: int = 120
    """WINNOW_IDLE_MINUTES: after how long without a click a moderator is signed out (120); with 0
    that is no reason."""
    passwords: bool = True
    """WINNOW_PASSWORDS: whether people may sign in with a password (yes)."""
    oidc_issuer: str = ""
    """WINNOW_OIDC_ISSUER: the OpenID Connect provider that people may sign in at, by the name it
    calls itself, https://login.example/ (none); it takes `winnow[oidc]`."""
    oidc_client_id: str = ""
    """WINNOW_OIDC_CLIENT_ID: what that provider calls Winnow."""
    oidc_client_secret: str = field(default="", repr=False)
    """WINNOW_OIDC_CLIENT_SECRET: how Winnow shows it who it is; none for a public client."""
    oidc_name: str = ""
    """WINNOW_OIDC_NAME: what people call that provider, for the button (its host)."""
    queue_ms: int = 500
    """WINNOW_QUEUE_MS: how long a request may have to wait before it is begun; what would wait
    longer is answered 503 at once (500); with 0 everything waits."""
    limits_url: str = ""
    """WINNOW_LIMITS_URL: where all processes and hosts count together, redis://, rediss://,
    valkey://, valkeys:// or unix://; without it each process counts in its own memory."""
    limit_key: str = LIMITS["key"]
    """WINNOW_LIMIT_KEY: requests of one key, as 60000/minute, or several rates with semicolons
    between; `none` is no limit (60000/minute)."""
    limit_address: str = LIMITS["address"]
    """WINNOW_LIMIT_ADDRESS: requests without a valid key from one address (300/minute)."""
    limit_author: str = LIMITS["author"]
    """WINNOW_LIMIT_AUTHOR: new comments of one author of a site (60/minute)."""
    log: str = "plain"
    """WINNOW_LOG: how servers and workers write what they log, `plain` or `json` (plain)."""
    log_level: str = "warning"
    """WINNOW_LOG_LEVEL: from which level on, `debug`, `info`, `warning` or `error` (warning)."""
    access_log: bool = False
    """WINNOW_ACCESS_LOG: whether a line is written for each request, without addresses (no)."""
    traces: str = ""
    """WINNOW_TRACES: the OTLP endpoint, over HTTP, that traces are sent to (none); it takes
    `winnow[traces]`."""


def read_settings() -> Settings:
    """Read the environment; raise StartupError with one sentence for what cannot work."""
    env = Env(prefix="WINNOW_")
    try:
        home = Path(env.str("HOME", "") or "winnow-data").absolute()
        return Settings(
            home=home,
            database_url=_database_url(env.str("DATABASE_URL", ""), home),
            model=read_model_path(),
            secret_key=_secret_key(env.str("SECRET_KEY", ""), home),
            workers=_number(env, "WORKERS", 2),
            threads=_number(env, "THREADS", 4),
            max_body=_number(env, "MAX_BODY", 1024 * 1024),
            trusted_proxies=_number(env, "TRUSTED_PROXIES", 0, least=0),
            session_hours=_number(env, "SESSION_HOURS", 12),
            idle_minutes=_number(env, "IDLE_MINUTES", 120, least=0),
            passwords=env.bool("PASSWORDS", True),
            **_oidc(env),
            drain_seconds=_number(env, "DRAIN_SECONDS", 1, least=0),
            worker=env.bool("WORKER", True),
            streams=_number(env, "STREAMS", 8, least=0),
            reader=read_reader_path(),
            public_url=_public_url(env.str("PUBLIC_URL", "")),
            webhook_networks=_networks(env, "WEBHOOK_NETWORKS"),
            proxy_networks=_networks(env, "PROXY_NETWORKS") or PRIVATE,
            request_seconds=_number(env, "REQUEST_SECONDS", 20),
            queue_ms=_number(env, "QUEUE_MS", 500, least=0),
            limits_url=_limits_url(env.str("LIMITS_URL", "")),
            limit_key=_rates(env, "LIMIT_KEY", LIMITS["key"]),
            limit_address=_rates(env, "LIMIT_ADDRESS", LIMITS["address"]),
            limit_author=_rates(env, "LIMIT_AUTHOR", LIMITS["author"]),
            log=_one_of(env, "LOG", LOG_FORMS),
            log_level=_one_of(env, "LOG_LEVEL", LOG_LEVELS),
            access_log=env.bool("ACCESS_LOG", False),
            traces=_traces(env.str("TRACES", "")),
        )
    except EnvError as error:
        raise StartupError(f"A WINNOW_ setting cannot be used: {error}") from error


def read_model_path() -> Path | None:
    """The model that WINNOW_MODEL names; None is the shipped one."""
    given = os.environ.get("WINNOW_MODEL")
    return Path(given) if given else None


def read_reader_path() -> Path | None:
    """The second stage that WINNOW_READER names; None is none."""
    given = os.environ.get("WINNOW_READER", "")
    if given.lower() == "none":
        return None
    return Path(given) if given else SHIPPED


def _number(env: Env, name: str, default: int, least: int = 1) -> int:
    value: int = env.int(name, default)
    if value < least:
        raise StartupError(f"WINNOW_{name} must be at least {least}, not {value}.")
    return value


def _one_of(env: Env, name: str, allowed: tuple[str, ...]) -> str:
    """One of some words, of which the first is the default."""
    given = (env.str(name, "") or allowed[0]).lower()
    if given not in allowed:
        raise StartupError(f"WINNOW_{name} must be one of {', '.join(sorted(allowed))}.")
    return given


def _traces(given: str) -> str:
    found = urlsplit(given)
    if given and (found.scheme not in ("http", "https") or not found.hostname):
        raise StartupError("WINNOW_TRACES must be like http://127.0.0.1:4318/v1/traces.")
    return given


def _oidc(env: Env) -> dict[str, str]:
    """Who vouches for people, if anybody."""
    names = ("issuer", "client_id", "client_secret", "name")
    found = {f"oidc_{name}": env.str(f"OIDC_{name.upper()}", "") for name in names}
    issuer = urlsplit(found["oidc_issuer"])
    if not issuer.netloc:
        if found["oidc_issuer"] or not env.bool("PASSWORDS", True):
            raise StartupError("WINNOW_OIDC_ISSUER must be like https://login.example/.")
        return found
    if issuer.scheme != "https" and (issuer.scheme, issuer.hostname) not in _PLAIN_ISSUERS:
        raise StartupError("WINNOW_OIDC_ISSUER must be https, except on this machine.")
    if issuer.query or issuer.fragment or not found["oidc_client_id"]:
        raise StartupError("WINNOW_OIDC_ISSUER needs a plain URL and a WINNOW_OIDC_CLIENT_ID.")
    if find_spec("authlib") is None:
        raise StartupError("WINNOW_OIDC_ISSUER takes more packages: pip install 'winnow[oidc]'.")
    return {**found, "oidc_name": found["oidc_name"] or issuer.hostname or ""}


def _networks(env: Env, name: str) -> tuple[IPv4Network | IPv6Network, ...]:
    given = env.str(name, "")
    try:
        return tuple(ip_network(one.strip()) for one in given.split(",") if one.strip())
    except ValueError as error:
        raise StartupError(f"WINNOW_{name} must be networks like 10.1.0.0/16: {error}.") from error


def _rates(env: Env, name: str, default: str) -> str:
    # Here, as it takes a tenth of a second to load.
    from api.limiting.rates import read_rates

    given: str = env.str(name, default)
    try:
        read_rates(given)
    except ValueError as error:
        raise StartupError(
            f"WINNOW_{name} must be none, or rates like 60/minute;500/hour: {error}."
        ) from error
    return given


def _limits_url(given: str) -> str:
    from api.limiting.shared import check_url

    check_url(given)
    return given


def _public_url(given: str) -> str:
    """The URL, ending in a slash; empty where there is none."""
    found = urlsplit(given)
    if given and (found.scheme not in ("http", "https") or not found.netloc or found.query):
        raise StartupError("WINNOW_PUBLIC_URL must be like https://winnow.example/.")
    return given and given.rstrip("/") + "/"


def _database_url(url: str, home: Path) -> str:
    if not url:
        return f"sqlite:///{home / 'winnow.sqlite3'}"
    try:
        pooler = make_url(url).query.get(POOLER, TRANSACTION)
    except (ArgumentError, ValueError) as error:
        # Without the reason: it could quote the password.
        raise StartupError("WINNOW_DATABASE_URL is no URL that can be read.") from error
    if pooler != TRANSACTION:
        raise StartupError(f"WINNOW_DATABASE_URL may say {POOLER}={TRANSACTION}, nothing else.")
    # Plain postgresql:// would pick a driver we do not install.
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise StartupError("WINNOW_DATABASE_URL must begin with sqlite:/// or postgresql://.")
    return url


def _secret_key(given: str, home: Path) -> str:
    if given:
        return _long_enough(given, "WINNOW_SECRET_KEY")
    path = home / "secret-key"
    try:
        make_home(home)
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(48))
        return _long_enough(path.read_text().strip(), f"The secret key in {path}")
    except OSError as error:
        raise StartupError(f"Cannot keep the secret key in {path}: {error.strerror}.") from error


def _long_enough(key: str, name: str) -> str:
    if len(key) < 32:
        raise StartupError(f"{name} must have at least 32 characters.")
    return key


def make_home(home: Path) -> None:
    """Create the folder Winnow writes to, readable by its owner alone."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartupError(f"Cannot create the folder {home}: {error.strerror}.") from error
