"""Links in the text, and the author's page."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from api.moderation.policy.hostnames import plain_host
from api.moderation.policy.inforce import Policy
from api.moderation.policy.matches import Match, Tier, reason
from api.moderation.policy.scores import show_spans
from api.moderation.policy.subject import Subject
from api.moderation.policy.views import View
from classifier import Span
from classifier.hosts import SHORTENERS
from classifier.links import Link, find_links, read_url

MOST_HOSTS = 50
"""How many hosts of a comment are looked up and kept."""

LONGEST_HOST = 253
"""Characters; what is longer is no host."""

MOST_SPANS = 20

_SAID = re.compile(r"[^\W_]")


class _Target(NamedTuple):
    """Where a link leads, and its place in the text; None for the author's page or mailbox."""

    host: str
    path: str
    kind: str
    place: tuple[int, int] | None


def find(policy: Policy, subject: Subject) -> list[Match]:
    """What is to be said of it."""
    links = policy.document.links
    checks: tuple[tuple[str, bool, _Check], ...] = (
        (links.blocked, bool(links.block), _find_blocked),
        (links.too_many, links.most is not None, _find_too_many),
        (links.new_host, True, _find_new_hosts),
        (links.shorteners, True, _find_shorteners),
        (links.only_links, True, _find_only_links),
    )
    asked = [(do, check) for do, wanted, check in checks if wanted and do != "off"]
    if not asked:
        return []
    targets = list(_find_targets(policy, subject))
    return [match for do, check in asked for match in check(policy, subject, targets, do)]


def find_hosts(policy: Policy, subject: Subject) -> tuple[str, ...]:
    """The hosts that the comment links to, to be looked up and to be kept; () if not asked for."""
    if policy.document.links.new_host == "off":
        return ()
    hosts = dict.fromkeys(one.host for one in _find_targets(policy, subject) if _leads_away(one))
    return tuple(host for host in hosts if len(host) <= LONGEST_HOST)[:MOST_HOSTS]


_Check = Callable[[Policy, Subject, Sequence[_Target], str], Iterable[Match]]


def _find_targets(policy: Policy, subject: Subject) -> Iterator[_Target]:
    """All links that are not allowed, disguised ones too, and the author's page and mailbox."""
    for target in (*_read_text(subject), *_read_author(subject)):
        if not policy.hosts.allows(target.host):
            yield target


def _read_text(subject: Subject) -> Iterator[_Target]:
    yield from (_target(link, (link.start, link.end)) for link in subject.links)
    if subject.normalised.text == subject.text:
        return
    seen = {at for link in subject.links for at in range(link.start, link.end)}
    view = View(subject.text, subject.normalised)
    for link in find_links(view.text):
        place = view.locate((link.start, link.end))
        if seen.isdisjoint(range(*place)):
            yield _target(link, place)


def _read_author(subject: Subject) -> Iterator[_Target]:
    author = subject.draft.author
    page = read_url(author.get("url", ""))
    if page is not None:
        yield _target(page, None)
    domain = author.get("email", "").rpartition("@")[2]
    if domain:
        yield _Target(plain_host(domain.lower()), "", "email", None)


def _target(link: Link, place: tuple[int, int] | None) -> _Target:
    return _Target(plain_host(link.host), link.path, link.kind, place)


def _leads_away(target: _Target) -> bool:
    return target.kind != "email"


def _find_blocked(
    policy: Policy, subject: Subject, targets: Sequence[_Target], do: str
) -> Iterator[Match]:
    by_name: dict[str, list[_Target]] = {}
    for target in targets:
        name = policy.hosts.find_blocked(target.host)
        if name is not None:
            by_name.setdefault(name, []).append(target)
    for name, found in by_name.items():
        message = f"Links to {name} are not wanted here."
        yield _match(subject, "blocked_host", message, do, f"host:{name}", found)


def _find_too_many(
    policy: Policy, subject: Subject, targets: Sequence[_Target], do: str
) -> Iterator[Match]:
    most = policy.document.links.most or 0
    found = [one for one in targets if one.place is not None and _leads_away(one)]
    # In HTML an address often stands twice: where it leads, and to be read.
    places = {(one.host, one.path) for one in found} if subject.draft.html else found
    if len(places) > most:
        message = f"It has {len(places)} links, and more than {most} are too many."
        yield _match(subject, "too_many_links", message, do, "links:most", found)


def _find_new_hosts(
    policy: Policy, subject: Subject, targets: Sequence[_Target], do: str
) -> Iterator[Match]:
    facts = subject.facts
    if facts.approved >= max(policy.document.authors.newcomers, 1):
        return
    found = [one for one in targets if _leads_away(one) and one.host not in facts.known_hosts]
    if found:
        message = f"A newcomer links to {found[0].host}, which no approved comment links to."
        yield _match(subject, "new_host", message, do, "links:new_host", found)


def _find_shorteners(
    policy: Policy, subject: Subject, targets: Sequence[_Target], do: str
) -> Iterator[Match]:
    found = [one for one in targets if _leads_away(one) and one.host in SHORTENERS]
    if found:
        message = f"A link of {found[0].host} does not say where it leads."
        yield _match(subject, "shortener", message, do, "links:shorteners", found)


def _find_only_links(
    policy: Policy, subject: Subject, targets: Sequence[_Target], do: str
) -> Iterator[Match]:
    found = [one for one in targets if one.place is not None and _leads_away(one)]
    if not found:
        return
    rest = list(subject.text)
    for start, end in [(link.start, link.end) for link in subject.links] + [
        one.place for one in found if one.place is not None
    ]:
        rest[start:end] = " " * (end - start)
    if _SAID.search("".join(rest)) is None:
        message = "It says nothing beside its links."
        yield _match(subject, "only_links", message, do, "links:only_links", found)


def _match(
    subject: Subject, code: str, message: str, do: str, rule: str, found: Sequence[_Target]
) -> Match:
    places = sorted({one.place for one in found if one.place is not None})
    spans = show_spans(subject.text, [Span(*place, 1.0) for place in places[:MOST_SPANS]])
    return Match("links", Tier.RULES, reason(code, message, do, rule=rule, spans=spans))
