"""The settings: which are set, which are spelt wrongly, which do not go together."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from api.commands.doctor.findings import Finding, ok, problem, warning
from api.settings import Settings, read_settings

AREA = "settings"

PREFIX = "WINNOW_"

KNOWN = frozenset(f"{PREFIX}{one.name.upper()}" for one in fields(Settings))

OTHERS = ("WINNOW_TEST_",)
"""Variables with our prefix that are not the server's."""

SECRET = ("secret", "token")
"""Parts of names of settings that are not shown; in URLs more is left out."""

TOLD = ("home", "database_url")
"""Settings that are told even where nobody has set them."""

EVERYBODY = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def find_home(environ: Mapping[str, str]) -> Path:
    """Where WINNOW_HOME is, whether it is there or not."""
    return Path(environ.get("WINNOW_HOME") or "winnow-data").absolute()


def read_without_writing() -> Settings:
    """The settings as a server would read them, which would make a secret key besides."""
    with _some_key(find_home(os.environ)):
        return read_settings()


@contextmanager
def _some_key(home: Path) -> Iterator[None]:
    if os.environ.get("WINNOW_SECRET_KEY") or (home / "secret-key").exists():
        yield
        return
    before = os.environ.get("WINNOW_SECRET_KEY")
    os.environ["WINNOW_SECRET_KEY"] = "-" * 32
    try:
        yield
    finally:
        del os.environ["WINNOW_SECRET_KEY"]
        if before is not None:
            os.environ["WINNOW_SECRET_KEY"] = before


def check_names() -> Iterator[Finding]:
    """Variables that nothing reads."""
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith("WINNOW_") and name not in KNOWN and not name.startswith(OTHERS)
    )
    for name in unknown:
        near = get_close_matches(name[len(PREFIX) :], [one[len(PREFIX) :] for one in KNOWN], 1)
        advice = (
            f"Did you mean {PREFIX}{near[0]}?" if near else "Remove it, or see docs/operations.md."
        )
        yield warning(AREA, f"{name} is no setting; nothing reads it.", advice)
    if not unknown:
        yield ok(AREA, "Every WINNOW_ variable that is set is known.")


def check_values(settings: Settings) -> Iterator[Finding]:
    """What is not as it would be by itself, and what does not go together."""
    for one in fields(Settings):
        value = getattr(settings, one.name)
        if f"WINNOW_{one.name.upper()}" in os.environ or one.name in TOLD:
            yield ok(AREA, f"WINNOW_{one.name.upper()} is {mask(one.name, value)}.")
    yield from _check_proxies(settings)
    yield from _check_networks(settings)


def mask(name: str, value: Any) -> str:
    """A setting's value for people, without what is secret in it."""
    if any(word in name for word in SECRET):
        return "set" if value else "not set"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if value is None:
        return "the shipped one" if name == "model" else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return mask_url(str(value)) if "://" in str(value) else str(value) or "none"


def mask_url(url: str) -> str:
    """A URL without user, password and query."""
    try:
        found = urlsplit(url)
        place = found.netloc.rpartition("@")
        host = f"…@{place[2]}" if place[1] else place[2]
        shown = urlunsplit((found.scheme, host, found.path, "…" if found.query else "", ""))
        # A path of a file begins with a third slash, which this leaves out.
        return shown if place[2] or "///" not in url else f"{found.scheme}://{found.path}"
    except ValueError:
        return "a URL that cannot be read"


def _check_proxies(settings: Settings) -> Iterator[Finding]:
    is_https = settings.public_url.startswith("https://")
    if is_https and not settings.trusted_proxies:
        said = "WINNOW_PUBLIC_URL is https, and no proxy is trusted: all clients look like one."
        yield warning(AREA, said, "Set WINNOW_TRUSTED_PROXIES to how many proxies are in front.")
    if settings.trusted_proxies and not settings.public_url:
        said = "Proxies are in front, and WINNOW_PUBLIC_URL is not set."
        yield warning(AREA, said, "Set it to what callers reach this server by.")
    if settings.trusted_proxies and _is_for_everybody(settings.proxy_networks):
        said = "WINNOW_PROXY_NETWORKS is everybody: anyone can claim any address."
        yield problem(AREA, said, "Set it to the networks where your own proxies are.")


def _check_networks(settings: Settings) -> Iterator[Finding]:
    if _is_for_everybody(settings.webhook_networks):
        said = "WINNOW_WEBHOOK_NETWORKS is everywhere: webhooks can reach this machine's own doors."
        yield problem(AREA, said, "Name only the networks where your receivers are.")


def _is_for_everybody(networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(one in EVERYBODY for one in networks)
