"""The store that all processes and hosts count in: Valkey, or Redis, whose protocol it speaks."""

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from limits.errors import ConfigurationError
from limits.storage import RedisStorage

from api.errors import StartupError

SCHEMES = {
    "redis": "redis",
    "rediss": "rediss",
    "valkey": "valkey",
    "valkeys": "valkeys",
    "unix": "redis+unix",
}
"""How the setting calls a way to the store, and how `limits` does."""

SECONDS = 0.2
"""How long the store may take to connect, and to answer: what it is asked takes it microseconds."""


def check_url(url: str) -> None:
    """Raise StartupError for a URL that cannot be used; it is not quoted, for its password."""
    try:
        scheme = urlsplit(url).scheme
        _ = urlsplit(url).port
    except ValueError:
        scheme = ""
    if url and scheme not in SCHEMES:
        known = ", ".join(f"{one}://" for one in SCHEMES)
        raise StartupError(f"WINNOW_LIMITS_URL must begin with one of {known}.")


def connect(url: str, prefix: str) -> RedisStorage:
    """The store at a URL, without asking it anything yet; what it keeps begins with `prefix`.

    Raises StartupError where the URL cannot be read, or what speaks to the store is missing.
    """
    check_url(url)
    scheme, _, rest = url.partition("://")
    package = "valkey" if scheme.startswith("valkey") else "redis"
    try:
        # A store that is away is asked again by `limiter`, and by no request twice.
        never = import_module(f"{package}.backoff").NoBackoff()
        options: dict[str, Any] = {
            "retry": import_module(f"{package}.retry").Retry(never, 0),
            "socket_timeout": SECONDS,
            "socket_connect_timeout": SECONDS,
            "key_prefix": prefix,
        }
        return RedisStorage(f"{SCHEMES[scheme]}://{rest}", **options)
    except (ImportError, ConfigurationError) as error:
        raise StartupError("WINNOW_LIMITS_URL needs more: pip install 'winnow[limits]'.") from error
    except (ValueError, TypeError) as error:
        # Without the reason: it could quote the password.
        raise StartupError("WINNOW_LIMITS_URL is no URL that can be read.") from error
