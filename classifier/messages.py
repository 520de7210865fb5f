"""One sentence for each signal, for the people who read a verdict; also the list of signals."""

from collections.abc import Mapping
from typing import Final

# Their order, less the names with a weight of their own in `handweights.py`, is that of the
# model's columns: after a change it must be trained anew.
TEXT_MESSAGES: Final[Mapping[str, str]] = {
    "link_count": "The text links to other pages: {count}.",
    "link_only": "The text is nothing but a link.",
    "html_link": "The text carries a link as HTML.",
    "bbcode_link": "The text carries a link as BBCode, as machines post it to any form.",
    "link_mismatch": "A link shows one address and leads to another.",
    "link_shortener": "A link hides its target behind a shortener.",
    "link_messenger": "A link opens a chat with a stranger.",
    "link_ip": "A link leads to a bare network address.",
    "link_punycode": "A link is written with letters that can look like others.",
    "link_cheap_ending": "A link's ending is one that throw-away sites use.",
    "link_crowded_host": "A link's host is stuffed with parts, hyphens or digits.",
    "link_trade_host": "A link's host names what is sold there.",
    "link_repeated_host": "The same site is linked {count} times.",
    "email_address": "The text gives an e-mail address.",
    "shouting": "Most letters are capitals.",
    "sign_wall": "Signs or emoji stand in a wall.",
    "emoji_wall": "Emoji make up much of the text.",
    "repeated_text": "The text repeats itself.",
    "money": "Amounts of money are named.",
    "phone_number": "The text gives a telephone number.",
    "script_soup": "Several scripts are mixed.",
    "random_words": "Some words are random letters.",
    "pharma": "The text talks of medicines for sale.",
    "gambling": "The text talks of gambling.",
    "investment": "The text talks of investments or crypto money.",
    "adult": "The text talks of sexual services.",
    "loans": "The text talks of loans or insurance.",
    "search_engine": "The text sells links, traffic or followers.",
    "essays": "The text sells written work.",
    "goods": "The text advertises goods.",
    "earning": "The text promises earnings.",
    "prizes": "The text promises prizes or presses to hurry.",
    "channel": "The text asks to visit a page or channel of its writer.",
    "contact": "The text asks to get in touch elsewhere.",
    "sorcery": "The text offers spells, hacking or the recovery of lost money.",
}

FORM_MESSAGES: Final[Mapping[str, str]] = {
    "honeypot": "A field that no human sees was filled in.",
    "too_fast": "The form was sent faster than anybody types.",
    "author_trade_url": "The writer's page names what is sold there.",
    "author_deep_url": "The writer's page is one page deep inside a site.",
    "author_short_url": "The writer's page is hidden behind a shortener or a chat link.",
    "author_odd_url": "The writer's page has an address of the throw-away kind.",
    "author_url_in_text": "The text links to the writer's own site.",
    "author_keyword_name": "The writer's name is a phrase people search for.",
    "author_link_name": "The writer's name is a web address.",
    "author_throwaway_email": "The writer's e-mail address looks thrown away.",
    "author_blocklist": "The writer's name or page has wordings known from comment spam.",
    "praise_for_link": "Praise that would fit anywhere comes with a link.",
    "trade_for_link": "A text about something for sale comes with a link.",
    "blocklist": "It has wordings known from comment spam: {count}.",
    "other_language": "The text is not in the site's language.",
}

MESSAGES: Final[Mapping[str, str]] = {**TEXT_MESSAGES, **FORM_MESSAGES}
