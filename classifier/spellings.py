"""Short lists of words and signs that tell a disguise from ordinary writing."""

from collections.abc import Mapping
from typing import Final


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Signs and digits put for a letter inside a word. 1, | and ! stand for i or l, see `disguises`.
LEET: Final[Mapping[str, str]] = {
    "@": "a", "4": "a", "3": "e", "0": "o", "$": "s", "5": "s", "7": "t", "+": "t", "8": "b",
    "6": "g", "9": "g", "(": "c", "1": "i", "!": "i", "|": "i", "€": "e", "£": "l",
    "¥": "y", "¢": "c", "§": "s", "©": "c", "®": "r", "†": "t", "‡": "t", "¡": "i", "×": "x",
    "¶": "p", "µ": "u", "°": "o", "∂": "a", "∆": "a", "∑": "e", "√": "v", "∩": "n", "∪": "u",
    "ß": "b", "¤": "o", "☺": "o", "ツ": "o",
}  # fmt: skip
# Letters drawn with two or three signs.
DRAWN: Final[Mapping[str, str]] = {
    "|_|": "u", "|-|": "h", "|)": "d", "()": "o", "[]": "o", "/\\/\\": "m", "|\\/|": "m",
    "|\\|": "n", "/\\/": "n", "/\\": "a", "\\/\\/": "w", "\\/": "v", "|<": "k", "|{": "k",
    "><": "x", "|3": "b", "|>": "p", "|=": "f", "|2": "r", "|_": "l", "}{": "h",
}  # fmt: skip

# Fragments of at most three letters that stand beside a hyphen, a full stop or a slash in
# ordinary writing: words, prefixes, and endings of names. Anything else there is half a word.
SHORT_WORDS: Final = _words(
    "a about ad add age ago aid aim air al all am an and any app are arm art as ask at aux b back "
    "bad bag bar bat bay be bed bi big bit box boy bus but buy by bye c can car cat co com con "
    "cop cow cry cup cut d da dad day de des di did die dis do dog don dr dry du due e ear eat "
    "eco el en end era et euro ex eye f fan far fat few fit fix fly for fox fun g gas gay get go "
    "god got gun gut guy h had has hat he her hi him hip his hit hop hot how hub i ice ill im in "
    "ing ion is isn it its j jam jet job joy jr k key kid l la law le led leg let lid lie life "
    "lit log los lot low m ma mac mad man map may me mega men met mid min mini mix mom mr ms mud "
    "multi my n nan neo net new nil no non nor not now nut o odd of off oh ok old on one or our "
    "out over own p pan pay per pet phd pie pin pit plug pm pop post pre pro pub put q qua r ran "
    "raw re red rip roll row rt run s sad sat saw say sea see self semi set she shy sir sit six "
    "sky so son st sub sum sun sur t tag tap tax tea ten the tie to toe too top tri try tv two u "
    "uh uk ultra um un up us use v van vs w war was way we web wet who why win wise won x y ya "
    "yes yet yo you z zip zoo"
)
# What follows the last full stop of an address or of a file's name.
ENDINGS: Final = _words(
    "com net org edu gov mil int info biz name pro mobi app dev xyz top site club shop store "
    "online live icu win bid loan work click link vip fun tk ml ga cf gq io ai co me tv cc ly gl "
    "gd to ws in us uk de fr es it nl be ch at pl ru ua by kz se no fi dk cz sk hu ro bg gr pt "
    "ie eu ca au nz br mx ar cl jp cn kr tw hk sg id my th vn ph pk ir il tr za ng ke eg sa ae "
    "py js ts rb go rs cpp hpp cs php html htm css json xml yml yaml toml md txt csv pdf doc docx "
    "xls xlsx ppt zip gz tar exe dll jpg jpeg png gif svg mp3 mp4 avi mov log ini cfg sh bat sql "
    "am pm eg ie etc vs"
)
# Names a reader takes for the end of an address when they follow a spoken "dot".
DOMAINS: Final = "com|net|org|info|biz|ru|io|co|xyz|site|shop|store|online|club|top|me|uk|de|tk|cc"

_DOUBLED: Final = _words(
    "ass asshole asses cool good too soon see seen need feel free freedom three been keep sleep "
    "sweet street weekend look book food fool foolish loot room moon kill killed killing killer "
    "will well tell sell hell hello all call ball fall full pull bullshit bull dull still really "
    "silly bully belly smell spell small wall hill bill dollar dollars jelly yellow follow week "
    "follower followers off stuff fluff coffee offer offers suffer happy apple app apps stopped "
    "pretty better butt butthole letter little bitter twitter shitty slutty putty pussy piss "
    "pissed pissing boss loss lesson less useless worthless hopeless miss missed kiss class pass "
    "mass mess press stress success access possible passion summer funny sunny running toon "
    "winner winning sorry worry hurry carry marry horrible terrible correct crappy goddamn "
    "dammit gross cheers agree degree address add adding egg bigger suggest account accept "
    "occur booty boob boobs tool drool stool proof roof poop poor door yeet weed creep creepy "
    "dumbass jackass fatass scammer scammers spammer spammers"
)


def _single(word: str) -> str:
    """Return `word` with each run of one letter cut to one: the shape long runs come down to."""
    return "".join(c for place, c in enumerate(word) if not place or word[place - 1] != c)


# The shape of a word with a double letter, and the word: "cooool" is "cool", not "col".
DOUBLED: Final[Mapping[str, str]] = {_single(word): word for word in _DOUBLED}

# Elements that stand in the middle of a word without parting it, and those that part words.
INLINE: Final = _words(
    "a abbr b bdi bdo big center cite code del em font i ins kbd mark q s samp small span strike "
    "strong sub sup tt u var wbr color colour size spoiler left right url email"
)
BLOCKS: Final = _words(
    "article aside blockquote body br button caption dd div dl dt fieldset figure footer form h1 "
    "h2 h3 h4 h5 h6 head header hr html iframe img input label li main nav ol option p pre quote "
    "script section select style table tbody td textarea th thead title tr ul video list"
)

# The accented letters of languages that accent more than a third of their words or nearly so.
# A text whose accents fit none of them and stand on every other word is dressed up.
ALPHABETS: Final = (
    "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áàâãçéêíóôõúü", "äöüß", "åäöé", "æøåé", "ąćęłńóśźż",
    "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșțşţ", "çğıİöşüâîû", "čćđšž",
    "áðéíóúýþæö", "āčēģīķļņšūž", "ąčęėįšųūž", "ñáéíóúàèìòù", "àèéìíîòóùú", "äõöüšž", "ëçé",
    "ẹọṣáàéèíìóòúù", "ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ",
)  # fmt: skip
