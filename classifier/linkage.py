"""What the links of a text give away, each kind a signal of its own."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log2
from typing import Final

from classifier import hosts
from classifier.links import Link, is_ip, read_url
from classifier.shapes import Shape

# Written by people who think that every comment form speaks their markup.
_BBCODE: Final = re.compile(r"\[(?:url|link)\b[=\]]", re.IGNORECASE)
_ANCHOR: Final = re.compile(r"<a\s[^<>]{0,500}?href\s?=\s?[\"']?([^\s\"'<>]{1,300})", re.IGNORECASE)
_SHOWN: Final = re.compile(r"[^<>]{0,60}>([^<>]{1,200})</a>", re.IGNORECASE)


def find_linkage(text: str, links: Sequence[Link]) -> dict[str, Shape]:
    """Return what the `links` of `text` and the markup around them show, by name."""
    found = _markup(text) if "[" in text or "<" in text else {}
    if not links:
        return found
    sites = [link for link in links if link.kind != "email"]
    mails = [link for link in links if link.kind == "email"]
    if mails:
        found["email_address"] = Shape(1.0, _places(mails))
    if sites:
        found |= _counts(text, sites) | _kinds(sites)
    return found


def _places(links: Sequence[Link]) -> list[tuple[int, int]]:
    return [(link.start, link.end) for link in links]


def _counts(text: str, sites: Sequence[Link]) -> dict[str, Shape]:
    places = _places(sites)
    found = {"link_count": Shape(min(1.0, log2(1 + len(sites)) / 4), places)}
    rest = len(text.strip()) - sum(end - start for start, end in places)
    # "See" and "via" are no comment either.
    if rest <= 5:
        found["link_only"] = Shape(1.0, places)
    host, times = Counter(hosts.domain_of(link.host) for link in sites).most_common(1)[0]
    if times >= 3:
        same = [link for link in sites if hosts.domain_of(link.host) == host]
        found["link_repeated_host"] = Shape(min(1.0, times / 6), _places(same))
    return found


def kinds_of(link: Link) -> list[str]:
    """Return the names of the kinds of suspicious link that `link` is."""
    domain = hosts.domain_of(link.host)
    chat = {link.host, domain, f"{link.host}{link.path[:7]}"} & hosts.MESSENGERS
    found = {
        "link_shortener": domain in hosts.SHORTENERS and not chat,
        "link_messenger": bool(chat),
        "link_ip": is_ip(link.host),
        "link_punycode": link.host.startswith("xn--") or ".xn--" in link.host,
        "link_cheap_ending": link.host.rpartition(".")[2] in hosts.CHEAP_ENDINGS,
        "link_crowded_host": not is_ip(link.host) and hosts.is_crowded(link.host),
        "link_trade_host": hosts.trade_score(link.host) >= 1.0,
    }
    return [name for name, is_so in found.items() if is_so]


def _kinds(sites: Sequence[Link]) -> dict[str, Shape]:
    places: dict[str, list[tuple[int, int]]] = {}
    for link in sites[:200]:
        for kind in kinds_of(link):
            places.setdefault(kind, []).append((link.start, link.end))
    return {kind: Shape(1.0, where) for kind, where in places.items()}


def _markup(text: str) -> dict[str, Shape]:
    found = {}
    if bbcode := [match.span() for match in _BBCODE.finditer(text)]:
        found["bbcode_link"] = Shape(1.0, bbcode)
    if anchors := list(_ANCHOR.finditer(text)) if "<" in text else []:
        found["html_link"] = Shape(1.0, [match.span() for match in anchors])
        if lying := [match.span() for match in anchors if _lies(text, match)]:
            found["link_mismatch"] = Shape(1.0, lying)
    return found


def _lies(text: str, anchor: re.Match[str]) -> bool:
    """Say whether a link shows one host and leads to another."""
    shown = _SHOWN.match(text, anchor.end())
    if not shown or "." not in shown[1]:
        return False
    seen, target = read_url(shown[1]), read_url(anchor[1])
    if not seen or not target or not re.search(r"\.[a-z]{2,}$", seen.host):
        return False
    return hosts.domain_of(seen.host) != hosts.domain_of(target.host)
