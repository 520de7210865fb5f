"""Emoji as the words they stand for: a tokenizer that was made for words knows none of them."""

import re
from functools import lru_cache
from typing import Final
from unicodedata import name

_SKIN: Final = ("light skin", "fairly light skin", "olive skin", "fairly dark skin", "dark skin")
_FIRST_SKIN: Final = 0x1F3FB
_LETTERS: Final = range(0x1F1E6, 0x1F200)
_JOINERS: Final = "\u200d\ufe0e\ufe0f"
# One emoji again and again says it once, louder; a wall of them would crowd out the words.
_RUN: Final = re.compile(
    rf"((?:[\U0001F1E6-\U0001F1FF]{{2}}|[\U0001F000-\U0001F1E5\U0001F200-\U0001FAFF\u2600-\u27BF\u2B50\u2B55])"
    rf"[{_JOINERS}\U0001F3FB-\U0001F3FF]*)(?:\s*\1)*"
)
# Where the character's own name is not the word that people would use.
_CALLED: Final = {
    "\U0001f52a": "knife",
    "\U0001f52b": "gun",
    "\U0001f4a9": "poop",
    "\U0001f595": "middle finger",
    "\U0001f346": "penis",
    "\u2640": "woman",
    "\u2642": "man",
    "\u26a7": "transgender",
    "\u262a": "islam",
    "\u2721": "star of david jewish",
    "\U0001f54c": "mosque",
    "\U0001f54b": "kaaba islam",
    "\U0001f54d": "synagogue",
}
_LANDS: Final = dict(
    line.split(" ", 1)
    for line in """
AE Emirates,AF Afghanistan,AL Albania,AM Armenia,AR Argentina,AT Austria,AU Australia,BA Bosnia
BD Bangladesh,BE Belgium,BR Brazil,BY Belarus,CA Canada,CD Congo,CH Switzerland,CL Chile
CM Cameroon,CN China,CO Colombia,CU Cuba,CZ Czechia,DE Germany,DK Denmark,DZ Algeria,EG Egypt
ER Eritrea,ES Spain,ET Ethiopia,EU Europe,FI Finland,FR France,GB Britain,GH Ghana,GR Greece
GT Guatemala,HN Honduras,HR Croatia,HT Haiti,HU Hungary,ID Indonesia,IE Ireland,IL Israel
IN India,IQ Iraq,IR Iran,IT Italy,JM Jamaica,JO Jordan,JP Japan,KE Kenya,KP North Korea
KR South Korea,KZ Kazakhstan,LB Lebanon,LK Sri Lanka,LY Libya,MA Morocco,MX Mexico,MY Malaysia
NG Nigeria,NL Netherlands,NO Norway,NP Nepal,NZ New Zealand,PE Peru,PH Philippines,PK Pakistan
PL Poland,PR Puerto Rico,PS Palestine,PT Portugal,QA Qatar,RO Romania,RS Serbia,RU Russia
SA Saudi Arabia,SD Sudan,SE Sweden,SN Senegal,SO Somalia,SV Salvador,SY Syria,TH Thailand
TN Tunisia,TR Turkey,TW Taiwan,UA Ukraine,UG Uganda,US America,UZ Uzbekistan,VE Venezuela
VN Vietnam,YE Yemen,ZA South Africa,ZW Zimbabwe""".replace(",", "\n").split("\n")
    if line
)


def name_emoji(text: str) -> str:
    """Return `text` with every emoji that has a name replaced by it, blanks around, once a run."""
    return text if text.isascii() else _RUN.sub(_name_run, text)


def _name_run(run: re.Match[str]) -> str:
    return f" {_name(run[1])} "


@lru_cache(maxsize=4096)
def _name(emoji: str) -> str:
    """Return the words for one emoji, a flag being two characters; itself where it has none."""
    if ord(emoji[0]) in _LETTERS:
        code = "".join(chr(ord(one) - _LETTERS[0] + ord("A")) for one in emoji[:2])
        return f"flag of {_LANDS.get(code, code)}"
    words = [_name_one(one) for one in emoji if one not in _JOINERS]
    return " ".join(words)


def _name_one(sign: str) -> str:
    if 0 <= (skin := ord(sign) - _FIRST_SKIN) < len(_SKIN):
        return _SKIN[skin]
    return _CALLED.get(sign) or name(sign, sign).lower().removeprefix("emoji component ")
