"""The weights of signals that no labelled set has, or hardly any: set by hand, with reasons.

Cautious on purpose: most people who comment give a home page, and no single one of these
signals, honeypot aside, may hold a comment whose text is otherwise clean. On 5,764 comments
that a blog's author let stand, each given an ordinary home page, together they pass 2 for
less than one in two hundred, and the first of those read like spam that he overlooked.
"""

from collections.abc import Mapping
from typing import Final

# Log-odds of spam for a value of 1. A clean comment stands at about -5 and is held from about
# -1 on, so that it takes two or three of the moderate ones together.
HAND_WEIGHTS: Final[Mapping[str, float]] = {
    # No human sees the field. The policy rejects on it anyway; here it decides nearly alone.
    "honeypot": 6.0,
    # Under three seconds nobody types a sentence, but browsers do resend forms.
    "too_fast": 2.0,
    # Shop words in the host of the writer's page. Some people do run a shop: value 2 at most.
    "author_trade_url": 1.4,
    # A page deep inside a site is what is advertised; a home page is who somebody is.
    "author_deep_url": 0.8,
    # Who hides the target of a home page?
    "author_short_url": 1.5,
    # Cheap endings, stuffed hosts: common among throw-away sites, met among honest ones.
    "author_odd_url": 0.7,
    # Linking to a page of one's own is advertising or a helpful pointer.
    "author_url_in_text": 0.7,
    # "Cheap Running Shoes" is nobody's name; a company's honest account is.
    "author_keyword_name": 1.5,
    "author_link_name": 1.8,
    "author_throwaway_email": 1.0,
    # Strings that others saw in comment spam, in the page or the name. Of 1,650 hosts that readers
    # of a blog linked to 11 have one, most of them rightly.
    "author_blocklist": 1.4,
    # Praise that fits anywhere, in hope of a link. Friends praise too, hence not alone.
    "praise_for_link": 1.2,
    # The text talks trade and the writer leaves an address: each topic also weighs by itself.
    "trade_for_link": 0.6,
    # Strings that others saw in comment spam, less what harmless people wrote; 1 for the first
    # and half for each further one. Not learnt: the harmless texts it was cleaned with, the
    # same that training has, hold none of them.
    "blocklist": 0.8,
    # Written by machines that try every markup on every form; people only do so on forums.
    "bbcode_link": 2.5,
    # A link that lies is a trap, or a redirect of an honest newsletter.
    "link_mismatch": 1.0,
    # Addresses of routers and test machines are pasted by honest people too.
    "link_ip": 0.7,
    # Honest in every language but English, hence less than its looks.
    "link_punycode": 0.5,
    # Trades of blog spam that the sets hardly know. Value 1 is one strong phrase or two or three
    # weak ones, 3 a text that talks of nothing else. News comments mention them in passing.
    "pharma": 0.8,
    "gambling": 0.8,
    "loans": 0.8,
    "search_engine": 1.0,
    "essays": 1.0,
    "sorcery": 0.8,
    # Another language than the site's: guests write their own, so it only tips the scale.
    "other_language": 1.0,
}
