"""What the fields beside the text give away: the writer's name, page and address, the form.

No labelled set has these fields; see `handweights.py` for what they weigh.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from classifier import hosts
from classifier.linkage import kinds_of
from classifier.links import Link, find_links, read_url
from classifier.phrases import find_phrases, split_words, weigh_topics
from classifier.shapes import Shape
from classifier.submission import Submission


def _names(lines: str) -> frozenset[str]:
    return frozenset(lines.split())


TRADE_TOPICS: Final = _names("""
    pharma gambling investment adult loans search_engine essays goods earning sorcery
""")
_THROWAWAY: Final = re.compile(
    r"mailinator|guerrillamail|10minute|tempmail|temp-mail|throwaway|yopmail|trashmail|sharklasers"
    r"|getnada|dispostable|maildrop|fakeinbox|spamgourmet|mohmal|discard"
)
# The name part of an address that a machine drew: many digits, or no vowel in a long run.
_DRAWN: Final = re.compile(r"\d{5}|[bcdfghjklmnpqrstvwxz]{7}|(?:[a-z]\.){4}", re.IGNORECASE)
_TRADE_NAME: Final = _names("""
    cheap buy sale best online service services company agency seo casino poker slots loan loans
    insurance lawyer attorney dentist plumber plumbing roofing repair cleaning movers shoes bags
    handbags watches replica outlet jerseys jordan nike viagra cialis pills pharmacy supplement
    diet weight loss essay writing writer hosting website web design marketing software download
    free hack hacks cheats generator escort escorts dating porn sex cam girls tickets hotel
    hotels travel tours rental rentals rent homes estate furniture mattress jewelry wedding
    reviews review coupon coupons discount deals promo trading forex bitcoin crypto investment
    abercrombie adidas burberry chanel gucci hermes hollister longchamp louboutin louis moncler
    oakley pandora prada rolex timberland ugg uggs vuitton boots jackets sneakers sunglasses
    credit debt mortgage kitchen garage carpet pest towing locksmith taxi limo vape cbd ecig
    cigarettes ringtones mp3 movies torrent iptv apk game games backlinks traffic followers likes
""")
LONG_TEXT: Final = 60
FAST_MS: Final = 3000


def find_authorship(
    item: Submission, text: Mapping[str, Shape], links: Sequence[Link], praise: float
) -> dict[str, Shape]:
    """Return what the fields of `item` show, by name.

    `text` is what was found in the text, `links` its links and `praise` how much it praises.
    """
    page = read_url(item.author_url) if item.author_url else None
    found = _form(item)
    if item.author_name or item.author_email:
        found |= _name(item.author_name) | _email(item.author_email)
    if page:
        found |= _page(page, links)
    if page or "link_count" in text or "author_link_name" in found:
        trade = sum(shape.value for name, shape in text.items() if name in TRADE_TOPICS)
        found |= {"praise_for_link": Shape(praise), "trade_for_link": Shape(min(trade, 3.0))}
    return {name: shape for name, shape in found.items() if shape.value > 0}


def _form(item: Submission) -> dict[str, Shape]:
    found = {"honeypot": Shape(1.0)} if item.honeypot.strip() else {}
    fast = item.elapsed_ms is not None and 0 <= item.elapsed_ms < FAST_MS
    if fast and len(item.text) >= LONG_TEXT:
        found["too_fast"] = Shape(1.0)
    return found


def _page(page: Link, links: Sequence[Link]) -> dict[str, Shape]:
    kinds = kinds_of(page)
    odd = {"link_ip", "link_punycode", "link_cheap_ending", "link_crowded_host"} & set(kinds)
    own = any(hosts.domain_of(link.host) == hosts.domain_of(page.host) for link in links)
    shared = hosts.domain_of(page.host) in hosts.FREE_HOMES
    return {
        "author_trade_url": Shape(hosts.trade_score(page.host, page.path)),
        "author_deep_url": Shape(float(_is_deep(page.path))),
        "author_short_url": Shape(float("link_shortener" in kinds or "link_messenger" in kinds)),
        "author_odd_url": Shape(min(2.0, len(odd))),
        "author_url_in_text": Shape(float(own and not shared)),
    }


def _is_deep(path: str) -> bool:
    """Say whether a path leads to one page among many, not to somebody's corner of a site."""
    steps = [step for step in path.partition("?")[0].split("/") if step]
    last = steps[-1] if steps else ""
    return len(steps) >= 3 or last.count("-") + last.count("_") >= 2 or "=" in path


def _name(name: str) -> dict[str, Shape]:
    if not name.strip():
        return {}
    if any(link.kind != "email" for link in find_links(name)):
        return {"author_link_name": Shape(1.0)}
    words = split_words(name[:200]).words
    topics = weigh_topics(list(find_phrases(words)), words)
    trade = len(_TRADE_NAME.intersection(words))
    # One word of trade can be a surname: Baker, Best, Price. Two in a name are an advertisement.
    value = 1.0 if topics.keys() & TRADE_TOPICS or trade >= 2 else 0.5 * trade * (len(words) > 2)
    if not value and len(words) >= 6:
        value = 0.5
    return {"author_keyword_name": Shape(value)}


def _email(address: str) -> dict[str, Shape]:
    name, _, host = address.strip().lower().rpartition("@")
    if not name:
        return {}
    drawn = _DRAWN.search(name[:64]) is not None
    return {"author_throwaway_email": Shape(1.0 if _THROWAWAY.search(host[:253]) else 0.5 * drawn)}
